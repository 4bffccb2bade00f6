"""The doors into claims beside its main loop, a file per noun; `service.py` puts them together."""
