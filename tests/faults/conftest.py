"""Ping and pong for the tests that break something."""

from tests.chassis.fixtures import caller, court, ping, pong, rally_id

__all__ = ["caller", "court", "ping", "pong", "rally_id"]
