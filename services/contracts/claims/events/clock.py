"""What claims tells of its clocks."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.clocks import ClockStage


@dataclass(frozen=True, kw_only=True)
class ClockTurned(Event):
    """A clock came nearer to its last day, or passed it; `owner` is `community`, `city` or `unit:<id>`."""

    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "clock_id"

    clock_id: UUID
    kind: ClockKind
    record_id: UUID
    community_id: UUID | None
    owner: str
    code: str
    stage: ClockStage
    due_on: date
