"""The sample city: fifteen communities of Heihe, their units, residents and claim list, all made up.

`source/*.csv` is written by hand; `generate.py` makes every other file out of it, byte for byte the same each time.
Identity numbers carry the birth year 1900, so that they belong to nobody alive; every other code is made up too.
"""
