"""What every process stands on: configuration, database, events, RPC, health, metrics, logs, time.

Admission test: would a service about an entirely different subject need this file unchanged?
If not, it does not belong here; the chassis knows no business word.
"""
