"""What claims tells of residents' needs; never the text, the place or the reference."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event
from services.contracts.claims.need_terms import NeedPriority, NeedSource
from services.contracts.claims.terms import Category, ServiceClass


@dataclass(frozen=True, kw_only=True)
class NeedEvent(Event):
    """What every event of a need says about it; the class is null until triage."""

    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "need_id"

    need_id: UUID
    community_id: UUID
    code: str
    service_class: ServiceClass | None


@dataclass(frozen=True, kw_only=True)
class NeedReceived(NeedEvent):
    came_by: NeedSource


@dataclass(frozen=True, kw_only=True)
class NeedTriaged(NeedEvent):
    category: Category
    priority: NeedPriority


@dataclass(frozen=True, kw_only=True)
class NeedAnswered(NeedEvent):
    """The author has a reply; declined ones have one, too."""

    is_declined: bool


@dataclass(frozen=True, kw_only=True)
class NeedBecameItem(NeedEvent):
    item_id: UUID


@dataclass(frozen=True, kw_only=True)
class NeedBecameMatter(NeedEvent):
    category: Category


@dataclass(frozen=True, kw_only=True)
class NeedReferred(NeedEvent): ...


@dataclass(frozen=True, kw_only=True)
class NeedMerged(NeedEvent):
    into_need_id: UUID
