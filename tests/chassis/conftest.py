"""Ping and pong for the tests of the chassis."""

from tests.chassis.fixtures import caller, court, ping, pong, rally_id

__all__ = ["caller", "court", "ping", "pong", "rally_id"]
