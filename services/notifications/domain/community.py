"""This service's copy of a community's public facts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(eq=False, kw_only=True)
class Community:
    """`known_at` is when the newest fact heard so far happened; older news are ignored."""

    community_id: UUID
    community_name: str
    known_at: datetime
