"""What follows a score."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.contracts.claims.events.item import ItemEvent


@dataclass(frozen=True, kw_only=True)
class CommendationObjected(ItemEvent):
    objection_id: UUID


@dataclass(frozen=True, kw_only=True)
class ObjectionSettled(ItemEvent):
    """An objection that was upheld is followed by `CommendationRevoked`."""

    objection_id: UUID
    is_upheld: bool


@dataclass(frozen=True, kw_only=True)
class CommendationRevoked(ItemEvent):
    readers: ClassVar[tuple[str, ...]] = ("notifications",)

    commendation_id: UUID
    unit_names: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class RectificationOpened(ItemEvent):
    rectification_id: UUID
    due_on: date
    unit_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RectificationReported(ItemEvent):
    rectification_id: UUID


@dataclass(frozen=True, kw_only=True)
class RectificationClosed(ItemEvent):
    """`rounds`: how often it was found wanting before."""

    rectification_id: UUID
    rounds: int
