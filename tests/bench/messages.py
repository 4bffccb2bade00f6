"""What travels in the echo measurements: the same to everybody."""

from typing import Any

import eventlet
from nameko.extensions import DependencyProvider

from services.contracts.base import Schema, text
from tests.bench.control import Acts, serve

NOTE = {"note": "认领事项：社区活动室冬季供暖管线检修，请于本周内确认。" * 2}


class Note(Schema):
    note = text(most=1000)


class Control(DependencyProvider):  # type: ignore[misc]
    """Lets the benchmark ask a nameko service's process for things."""

    def acts(self) -> Acts:
        return {}

    def start(self) -> None:
        eventlet.spawn(serve, {"ready": self.ready, **self.acts()})

    def ready(self) -> bool:
        """Once all its links to the broker are up."""
        links = self.container.__dict__.get("links", {})
        with eventlet.Timeout(20):
            while not all(is_up() for is_up in list(links.values())):
                eventlet.sleep(0.05)
        return True

    def get_dependency(self, worker_ctx: Any) -> None:
        return None
