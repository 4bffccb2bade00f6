"""Evidence (佐证材料): photos and documents that show the work of a claim."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# Our own measure: enough for before, during and after, and little enough to be looked through.
MOST_OF_A_CLAIM = 20


@dataclass(eq=False, kw_only=True)
class Evidence:
    """What a kept file is; its bytes lie with the gateway under `evidence_id`. `size` in bytes."""

    evidence_id: UUID
    milestone_id: UUID | None
    file_name: str
    media_type: str
    size: int
    sha256: str
    attached_at: datetime
    is_public: bool = False
