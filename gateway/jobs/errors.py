"""How a job refuses."""


class FileRefused(Exception):
    """One Chinese sentence for the person who uploaded the file; trying again would not help."""
