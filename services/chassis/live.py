"""The live feed: events as they pass, for pages that refresh themselves.

A queue of this process's own that goes when the process goes; nothing is stored, and whoever
missed something reads the page again (`subscribe` first gives `hello`, also after a lost connection).
"""

from collections.abc import Iterator
from typing import Any

import amqp
import eventlet
import eventlet.queue
import msgspec
from nameko.extensions import DependencyProvider

from services.chassis.broker import Link
from services.chassis.config import load
from services.chassis.logs import get_logger
from services.chassis.topology import exchange_name
from services.chassis.wire import Unreadable, read_envelope
from services.contracts.base import Event

MOST_BEHIND = 200
log = get_logger(__name__)

Message = tuple[str, dict[str, Any]]


class LiveFeed(DependencyProvider):  # type: ignore[misc]
    """`feed.subscribe()` yields (event name, payload) for ever; ("", {}) every 15 s of silence."""

    def __init__(self, *event_classes: type[Event]) -> None:
        self.event_classes = event_classes
        self.subscribers: set[eventlet.queue.LightQueue] = set()

    def setup(self) -> None:
        self.link = Link(load(), purpose="live", on_up=self._on_up)
        links = self.container.__dict__.setdefault("links", {})
        links["live"] = lambda: self.link.channel is not None

    def start(self) -> None:
        self._thread = eventlet.spawn(self.link.run)

    def stop(self) -> None:
        self.link.stop()
        self._thread.kill()

    def get_dependency(self, worker_ctx: Any) -> "LiveFeed":
        return self

    def subscribe(self) -> Iterator[Message]:
        queue = eventlet.queue.LightQueue(MOST_BEHIND)
        self.subscribers.add(queue)
        try:
            yield "hello", {}
            while True:
                try:
                    yield queue.get(timeout=15)
                except eventlet.queue.Empty:
                    yield "", {}
        finally:
            self.subscribers.discard(queue)

    def publish(self, name: str, payload: dict[str, Any]) -> None:
        """To every subscriber; one that has fallen far behind is told to start afresh."""
        for queue in list(self.subscribers):
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(("hello", {}))
            else:
                queue.put_nowait((name, payload))

    def _on_up(self, channel: amqp.Channel) -> None:
        queue = channel.queue_declare(exclusive=True, auto_delete=True, durable=False).queue
        for event in self.event_classes:
            channel.exchange_declare(exchange_name(event.source), "topic", durable=True, auto_delete=False)
            channel.queue_bind(queue, exchange_name(event.source), event.name())
        channel.basic_consume(queue, no_ack=True, callback=self._on_message)
        self.publish("hello", {})

    def _on_message(self, message: amqp.Message) -> None:
        properties = message.properties
        try:
            envelope = read_envelope(
                properties.get("application_headers"), properties.get("content_type"), message.body
            )
            payload = msgspec.json.decode(envelope.body)
        except (Unreadable, msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            log.warning("unreadable event passed by", error=str(error)[:200])
            return
        self.publish(envelope.name, payload if isinstance(payload, dict) else {})
