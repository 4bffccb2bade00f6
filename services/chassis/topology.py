"""Exchanges and queues: one durable topic exchange per producer, one quorum queue per consumer.

A single active consumer takes a service's inbox however many processes the service has; that is
what keeps the order of each aggregate, and another process takes over when it goes.
"""

import importlib
from collections.abc import Iterable
from contextlib import suppress

from kombu import Exchange, Queue

from services.contracts.base import Event


def exchange_name(source: str) -> str:
    return f"{source}.events"


def inbox_name(reader: str) -> str:
    return f"{reader}.inbox"


def call_queue_name(service: str) -> str:
    return f"{service}.calls"


def _exchange(source: str) -> Exchange:
    return Exchange(exchange_name(source), type="topic", durable=True, auto_delete=False)


def _quorum(name: str, **arguments: object) -> Queue:
    return Queue(
        name, durable=True, auto_delete=False, queue_arguments={"x-queue-type": "quorum", **arguments}
    )


def declare_inbox(channel: object, reader: str, events: Iterable[type[Event]]) -> None:
    """The inbox of `reader`, bound to exactly these events; declaring again changes nothing."""
    queue = _quorum(inbox_name(reader), **{"x-single-active-consumer": True}).bind(channel)
    queue.declare()
    for event in events:
        _exchange(event.source).bind(channel).declare()
        queue.bind_to(exchange_name(event.source), routing_key=event.name())


def declare_outlet(channel: object, source: str, events: Iterable[type[Event]]) -> None:
    """The exchange of `source`, and the inbox of everybody who reads from it.

    A producer declares its readers' queues too: a reader that starts later finds its events there.
    """
    _exchange(source).bind(channel).declare()
    by_reader: dict[str, list[type[Event]]] = {}
    for event in events:
        for reader in event.readers:
            by_reader.setdefault(reader, []).append(event)
    for reader, read in by_reader.items():
        declare_inbox(channel, reader, read)


def declare_calls(channel: object, service: str) -> str:
    queue = _quorum(call_queue_name(service)).bind(channel)
    queue.declare()
    return call_queue_name(service)


def work_queue_name(process: str) -> str:
    return f"{process}.work"


def declare_work(channel: object, process: str) -> str:
    queue = _quorum(work_queue_name(process)).bind(channel)
    queue.declare()
    return work_queue_name(process)


def events_of(source: str) -> list[type[Event]]:
    """Every event class of a source that its contract module defines, by name."""
    with suppress(ModuleNotFoundError):
        importlib.import_module(f"services.contracts.{source}.events")
    return sorted(
        {cls for cls in _leaves(Event) if getattr(cls, "source", None) == source}, key=lambda cls: cls.name()
    )


def _leaves(cls: type[Event]) -> list[type[Event]]:
    subs = cls.__subclasses__()
    return [leaf for sub in subs for leaf in _leaves(sub)] if subs else [cls]
