"""Work that would hold up the event loop: a queue in the gateway's database, and the process that empties it.

desk.py     hands work in and looks after it (in the gateway)
worker.py   takes it up (the process `jobs`, without eventlet)
child.py    does one piece of it, in a process of its own with bounded memory and time
table_file.py finds the columns of a table in a file
claim_list_file.py, needs_file.py, items_sheet.py, list_sheet.py, agreement.py, template.py   what there is to do
"""
