"""What can go wrong with a private server, said in one sentence."""


class LocalServerError(Exception):
    """Its message is shown to a person as it is: what is wrong, and what to do."""
