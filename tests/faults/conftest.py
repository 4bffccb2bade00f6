"""Ping and pong for the tests that break something, on servers that nobody else stands on."""

from collections.abc import Iterator

import pytest

from deploy.local.stack import LocalStack
from tests.chassis.fixtures import caller, court, ping, pong, rally_id

__all__ = ["caller", "court", "ping", "pong", "rally_id"]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """In place of the session's own: killed and started again as the tests please."""
    servers = LocalStack.on_free_ports(tmp_path_factory.mktemp("servers"))
    try:
        servers.start()
        yield servers
    finally:
        servers.remove()
