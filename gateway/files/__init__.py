"""Photos and documents that people hand in, outside the databases.

storage.py    where the bytes lie: a folder, or a bucket of an S3-compatible store
cleaning.py   what may be kept at all, and without which traces of its author
"""
