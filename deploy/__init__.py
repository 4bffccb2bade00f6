"""Running the platform: private servers for development, the command line, and everything for operators.

This is the top layer: it may import everything, and nothing imports it.
"""
