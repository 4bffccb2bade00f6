"""The rules of claims in plain Python: standard library and the contracts' terms, events and errors only.

Methods that change something return the event that tells of it and refuse with a contract's error.
"""
