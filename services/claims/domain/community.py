"""Communities: a copy of the facts that claims needs, fed by staffing's events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(eq=False, kw_only=True)
class Community:
    """`as_of` is when the facts were true where they are owned; older news never replaces newer."""

    community_id: UUID
    code: str
    community_name: str
    street: str
    as_of: datetime
