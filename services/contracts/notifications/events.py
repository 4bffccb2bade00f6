"""What notifications tells others."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event


@dataclass(frozen=True, kw_only=True)
class NoticePublished(Event):
    """A notice stands on the public board."""

    source: ClassVar[str] = "notifications"
    aggregate: ClassVar[str] = "notice_id"
    notice_id: UUID
    community_id: UUID | None
    item_id: UUID | None
    title: str
