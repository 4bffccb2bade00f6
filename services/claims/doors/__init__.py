"""The doors of claims, a file per noun; `service.py` mixes them into one service."""
