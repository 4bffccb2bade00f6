"""For the tests that break something: ping and pong on servers of their own, and the platform whole."""

from collections.abc import Iterator

import pytest

from deploy.local.stack import LocalStack
from tests.chassis.court import Court
from tests.chassis.fixtures import caller, ping, pong, rally_id
from tests.faults.drill import Drill
from tests.platform import Platform

__all__ = ["caller", "ping", "pong", "rally_id"]


@pytest.fixture(scope="package")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    """On servers of its own, which are killed and started again as the tests please."""
    servers = LocalStack.on_free_ports(tmp_path_factory.mktemp("servers"))
    try:
        servers.start()
        made = Court(servers, tmp_path_factory.mktemp("court"))
        try:
            yield made
        finally:
            made.close()
    finally:
        servers.remove()


@pytest.fixture(scope="session")
def practised(platform: Platform) -> Iterator[Drill]:
    drill = Drill(platform)
    yield drill
    drill.close()


@pytest.fixture
def drill(practised: Drill) -> Iterator[Drill]:
    """The platform, healthy before and after."""
    practised.until_healthy()
    yield practised
    practised.until_healthy()
