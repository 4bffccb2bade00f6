"""What every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import processes
from deploy.local.stack import LocalStack

VAR = Path(__file__).parents[1] / "var"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the servers carries their markers."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")
            item.add_marker("rabbitmq")


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """PostgreSQL and RabbitMQ of this test session, on free ports; gone with their data at its end."""
    for folder in VAR.glob("test-*"):
        if not processes.is_alive(int(folder.name.split("-")[1])):  # left by a session that was killed
            LocalStack(folder).remove()
    servers = LocalStack.on_free_ports(VAR / f"test-{os.getpid()}")
    try:
        servers.start()
        yield servers
    finally:
        servers.remove()
