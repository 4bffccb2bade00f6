"""The contracts of two small services on which the chassis is tried."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marshmallow import fields

from services.contracts.base import Conflict, Event, Schema, Whole, between, text


@dataclass(frozen=True, kw_only=True)
class Served(Event):
    """`number` counts per rally; `spell` tells the receiver how to behave."""

    source: ClassVar[str] = "ping"
    aggregate: ClassVar[str] = "rally_id"
    readers: ClassVar[tuple[str, ...]] = ("pong",)

    rally_id: UUID
    number: int
    spell: str = ""


@dataclass(frozen=True, kw_only=True)
class Returned(Event):
    """Public: nobody here reads it."""

    source: ClassVar[str] = "pong"
    aggregate: ClassVar[str] = "rally_id"

    rally_id: UUID
    number: int
    cry: str = ""


class OutOfBounds(Conflict): ...


class Serve(Schema):
    rally_id = fields.UUID(required=True)
    number = Whole(required=True, validate=between(0, 10**9))
    spell = text(required=False)
    sleep = fields.Float(load_default=0.0)


class Count(Schema):
    rally_id = fields.UUID(required=True)


class Echo(Schema):
    note = text(most=100)
    sleep = fields.Float(load_default=0.0)


class Roar(Schema):
    megabytes = Whole(required=True, validate=between(1, 20))
