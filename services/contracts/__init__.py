"""What the outside may know of a service: events, errors, commands and views.

Data only, no I/O; standard library and marshmallow.
A service's domain may import its events, errors and terms from here, and nothing else of the machinery.
"""
