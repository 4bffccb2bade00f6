"""The real services inside the test's own process: real doors, use cases and databases, without a broker.

What a changing call does is taken back at its end, unless `keeps` is set; events that are kept are
handed to their readers at once.
"""

import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from services.chassis import wire
from services.chassis.db import Database
from services.chassis.ids import new_id
from services.contracts.base import Actor, Event, shape
from services.contracts.personal import reader

NAMES = {
    "claims": "ClaimsService",
    "consultation": "ConsultationService",
    "staffing": "StaffingService",
    "notifications": "NotificationsService",
}


@contextmanager
def _read_by(actor: Actor) -> Iterator[None]:
    """As the chassis does for every call: views are written for whoever asks."""
    before = reader.set(actor)
    try:
        yield
    finally:
        reader.reset(before)


class TakenBack(Exception):
    """Ends a transaction whose outcome was only to be seen."""


@dataclass
class RealServices:
    database_of: Callable[[str], Database]
    keeps: bool = False
    services: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, cls in NAMES.items():
            service = getattr(importlib.import_module(f"services.{name}.service"), cls)()
            service.db = self.database_of(name)
            self.services[name] = service

    def call(self, service: str, method: str, data: dict[str, Any], *, actor: Actor, **_: Any) -> Any:
        asked = self.services[service]
        door = getattr(type(asked), method)
        fields = shape(door.schema).load(data)
        told: list[Event] = []
        with suppress(TakenBack), asked.db.transaction(actor=actor) as tx, _read_by(actor):
            answer = json.loads(wire.dumps(door.__wrapped__(asked, tx, **fields)))
            tx.session.flush()
            if not self.keeps:
                raise TakenBack
            told = [event for event, _ in tx.emitted]
        for event in told:
            self._tell(event)
        return answer

    def _tell(self, event: Event) -> None:
        for name in event.readers:
            hearing = self.services[name]
            told: list[Event] = []
            with hearing.db.transaction(event_id=new_id()) as tx:
                getattr(hearing, f"on_{event.name()}")(tx, event)
                tx.session.flush()
                told = [further for further, _ in tx.emitted]
            for further in told:
                self._tell(further)
