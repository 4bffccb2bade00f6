"""Doors of claims, a file per noun; `service.py` is made of them."""
