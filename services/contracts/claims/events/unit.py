"""What claims tells of the units of the alliance; who applied or spoke for a unit is not told."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event


@dataclass(frozen=True, kw_only=True)
class UnitEvent(Event):
    """What every event of a unit says about it."""

    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "unit_id"

    unit_id: UUID
    unit_name: str


@dataclass(frozen=True, kw_only=True)
class UnitApplied(UnitEvent):
    community_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class UnitApproved(UnitEvent): ...


@dataclass(frozen=True, kw_only=True)
class UnitRefused(UnitEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnitSuspended(UnitEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnitReinstated(UnitEvent): ...


@dataclass(frozen=True, kw_only=True)
class UnitLeft(UnitEvent):
    reason: str
