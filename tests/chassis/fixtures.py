"""The fixtures of the tests that run ping and pong; the folders that want them name them in their conftest."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from deploy.local.stack import LocalStack
from tests.chassis.calling import Caller
from tests.chassis.court import Court
from tests.chassis.processes import Process


@pytest.fixture(scope="package")
def court(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    made = Court(stack, tmp_path_factory.mktemp("court"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def ping(court: Court) -> Process:
    return court.run("ping")


@pytest.fixture
def pong(court: Court) -> Process:
    return court.run("pong")


@pytest.fixture
def caller(court: Court) -> Caller:
    return court.caller


@pytest.fixture
def rally_id() -> UUID:
    """A new aggregate: what other tests did to theirs does not matter."""
    return uuid4()
