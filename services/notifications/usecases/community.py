"""Keeping the copy of the communities."""

from services.chassis.db import Transaction
from services.contracts.staffing.events import CommunityFacts
from services.notifications.storage import community as storage


def hear_of_community(tx: Transaction, event: CommunityFacts) -> None:
    """Events of one community may arrive twice or late: what happened last counts."""
    storage.keep_newest_community(
        tx.session,
        community_id=event.community_id,
        community_name=event.community_name,
        known_at=event.occurred_at,
    )
