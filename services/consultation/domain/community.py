"""What consultation knows of a community: its copy of staffing's public facts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(eq=False, kw_only=True)
class Community:
    """`facts_at`: when staffing stated these facts; what was stated earlier and comes later changes nothing."""

    community_id: UUID
    code: str
    community_name: str
    facts_at: datetime
