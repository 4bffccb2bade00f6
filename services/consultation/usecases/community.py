"""The copy of the communities."""

from datetime import datetime
from uuid import UUID

from services.chassis.db import Transaction
from services.consultation import storage
from services.consultation.domain import Community


def hear_of_community(
    tx: Transaction, *, community_id: UUID, code: str, community_name: str, facts_at: datetime
) -> None:
    storage.upsert_community(
        tx.session,
        Community(community_id=community_id, code=code, community_name=community_name, facts_at=facts_at),
    )
