"""What staffing tells others."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event
from services.contracts.staffing.terms import CommunityGrade, Post


@dataclass(frozen=True, kw_only=True)
class CommunityFacts(Event):
    """The public facts of a community; every service keeps its own copy of them."""

    source: ClassVar[str] = "staffing"
    aggregate: ClassVar[str] = "community_id"

    community_id: UUID
    code: str
    community_name: str
    street: str
    grade: CommunityGrade
    households: int
    population: int


@dataclass(frozen=True, kw_only=True)
class CommunityRegistered(CommunityFacts):
    readers: ClassVar[tuple[str, ...]] = ("claims", "consultation", "notifications")


@dataclass(frozen=True, kw_only=True)
class CommunityChanged(CommunityFacts):
    readers: ClassVar[tuple[str, ...]] = ("claims", "consultation", "notifications")


@dataclass(frozen=True, kw_only=True)
class WorkerAppointed(Event):
    source: ClassVar[str] = "staffing"
    aggregate: ClassVar[str] = "worker_id"
    worker_id: UUID
    community_id: UUID
    post: Post
    since_on: date
