"""What consultation tells others."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event


@dataclass(frozen=True, kw_only=True)
class PollOpened(Event):
    readers: ClassVar[tuple[str, ...]] = ("notifications",)
    source: ClassVar[str] = "consultation"
    aggregate: ClassVar[str] = "poll_id"

    poll_id: UUID
    item_id: UUID
    community_id: UUID
    title: str
    sampled: int
    closes_at: datetime


@dataclass(frozen=True, kw_only=True)
class PollClosed(Event):
    """The result; `satisfaction_percent` and `score` are null when nobody answered.

    Rate, score and least sample by domain rules 2.3.
    """

    readers: ClassVar[tuple[str, ...]] = ("claims", "notifications")
    source: ClassVar[str] = "consultation"
    aggregate: ClassVar[str] = "poll_id"

    poll_id: UUID
    item_id: UUID
    community_id: UUID
    title: str
    sampled: int
    answered: int
    satisfaction_percent: Decimal | None
    score: Decimal | None
    is_sample_sufficient: bool
