"""The doors of a service: what can be asked of it and what it listens to.

These are nameko entrypoints; each opens the transaction, so a door itself is two or three lines.
"""

import functools
from collections.abc import Callable
from typing import Any

import marshmallow
from nameko.extensions import Entrypoint
from nameko.timer import timer

from services.chassis.calls import Call, answer, reply_to
from services.chassis.consumer import Calls, Events
from services.chassis.inbox import Handler
from services.chassis.logs import get_logger
from services.contracts.base import Event, Unavailable

Function = Callable[..., Any]
log = get_logger(__name__)


class CallDoor(Entrypoint):  # type: ignore[misc]
    """Answers calls of its method's name."""

    calls = Calls()

    def setup(self) -> None:
        self.calls.register_provider(self)

    def stop(self) -> None:
        self.calls.unregister_provider(self)


class EventDoor(Entrypoint):  # type: ignore[misc]
    """Hears one event class."""

    events = Events()

    def __init__(self, event_class: type[Event], **kwargs: Any) -> None:
        self.event_class = event_class
        super().__init__(**kwargs)

    def setup(self) -> None:
        self.events.register_provider(self)

    def stop(self) -> None:
        self.events.unregister_provider(self)

    @property
    def handler(self) -> Handler:
        return Handler(name=f"{self.container.service_name}.{self.method_name}", event_class=self.event_class)


def command(
    schema: type[marshmallow.Schema], *, private: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """A changing call: `method(self, tx, **fields)` in one transaction with its idempotency key.

    With the key a hash of the body is stored, to refuse the same key on another body.
    Fields whose few values that hash could betray (a ballot) are named in `private` and left out of it.
    """
    return _call_door(schema, changes=True, private=private)


def query(schema: type[marshmallow.Schema]) -> Callable[[Function], Function]:
    """A reading call: `method(self, tx, **fields)`; whatever it writes is rolled back."""
    return _call_door(schema, changes=False)


def _call_door(
    schema: type[marshmallow.Schema], *, changes: bool, private: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    def decorate(method: Function) -> Function:
        @functools.wraps(method)
        def door(service: Any, call: Call) -> bytes | None:
            act = functools.partial(method, service)
            return reply_to(
                call,
                lambda: answer(service.db, call, schema, act, changes=changes, private=private),
                service=service.name,
            )

        door.schema, door.changes = schema, changes  # type: ignore[attr-defined]
        return CallDoor.decorator(door)  # type: ignore[no-any-return]

    return decorate


def consumes(event_class: type[Event]) -> Callable[[Function], Function]:
    """Hears an event: `method(self, tx, event)`, once per event, in the transaction of its inbox row."""

    def decorate(method: Function) -> Function:
        method.event_class = event_class  # type: ignore[attr-defined]
        return EventDoor.decorator(event_class)(method)  # type: ignore[no-any-return]

    return decorate


def every(*, seconds: float) -> Callable[[Function], Function]:
    """Runs a method again and again, in every process of the service; never two at once in one process.

    One that meets an absent database is a line in the log, and has its next turn.
    """

    def decorate(method: Function) -> Function:
        @functools.wraps(method)
        def act(service: Any) -> None:
            try:
                method(service)
            except Unavailable as away:
                log.warning("timer waits", timer=method.__name__, reason=away.message)

        return timer(interval=seconds)(act)  # type: ignore[no-any-return]

    return decorate
