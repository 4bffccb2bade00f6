"""Loading the sample city and playing the stories, both through the public API of a running platform.

Nothing here reaches round the gateway, except for making accounts: those are an installation's own, not the API's.
"""
