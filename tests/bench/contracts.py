"""The contracts of the benchmark's own services; ping and pong speak as in the chassis' tests."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event


@dataclass(frozen=True, kw_only=True)
class Stocked(Event):
    """What the relay publishes when it is measured alone: a real queue takes it, and nobody reads it."""

    source: ClassVar[str] = "stock"
    aggregate: ClassVar[str] = "shelf_id"
    readers: ClassVar[tuple[str, ...]] = ("shelf",)

    shelf_id: UUID
    number: int
    spell: str = ""
