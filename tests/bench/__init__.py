"""The benchmark: what a call, a claim and an event cost, beside what they could cost at best.

    gongzhi bench [--quick] [--only a|b|rpc|memory] [--json FILE] [--profile]

It starts servers and processes of its own on free ports, measures, and leaves nothing behind.
Every figure is the median of several runs, and what is compared is measured in turns, so that a
busy machine slows all of it alike: the ratios count, the absolute numbers belong to the machine.
It is not a test and fails nothing.

ground.py      the private servers, databases and processes      control.py   how processes are asked
sections.py    which runs make which figures                     figures.py   medians, targets, the table
rpc            stock_service.py stock_client.py (f2)  echo_service.py echo_client.py (f3)  door.py (f5)
database       recorder.py replay.py database_floor.py (f1): statements recorded from the services
broker         broker_floor.py (f4)  relaying.py  rally.py ping.py pong.py (commit to effect)
HTTP           http_load.py  claims_city.py (claim or refuse)
looking inside memory.py profiling.py
"""
