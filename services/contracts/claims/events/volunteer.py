"""What claims tells about volunteers and linked parties: ids, never names."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event
from services.contracts.claims.events.item import ItemEvent
from services.contracts.claims.volunteer_terms import PartyKind


@dataclass(frozen=True, kw_only=True)
class ShiftEvent(Event):
    """What every event of a shift says about it."""

    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "shift_id"

    shift_id: UUID
    community_id: UUID
    item_id: UUID | None
    title: str
    starts_at: datetime


@dataclass(frozen=True, kw_only=True)
class ShiftOpened(ShiftEvent):
    place: str
    ends_at: datetime
    slots: int
    is_risky: bool


@dataclass(frozen=True, kw_only=True)
class ShiftCancelled(ShiftEvent):
    """`volunteer_ids`: who had a slot or waited for one."""

    reason: str
    volunteer_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class VolunteerEnrolled(ShiftEvent):
    """Somebody has a slot; `has_waited` when it became free after the volunteer had waited for it."""

    volunteer_id: UUID
    has_waited: bool


@dataclass(frozen=True, kw_only=True)
class HoursConfirmed(ShiftEvent):
    minutes: int
    volunteers: int


@dataclass(frozen=True, kw_only=True)
class PartyLinked(ItemEvent):
    link_id: UUID
    kind: PartyKind
    unit_id: UUID | None
    minutes: int
    money_fen: int
