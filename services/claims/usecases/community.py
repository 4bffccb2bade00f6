"""Keeping the copy of the communities in step with staffing."""

from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.community import Community
from services.contracts.staffing.events import CommunityFacts


def keep_community(tx: Transaction, event: CommunityFacts) -> None:
    """Older news than what is stored changes nothing."""
    community = Community(
        community_id=event.community_id,
        code=event.code,
        community_name=event.community_name,
        street=event.street,
        as_of=event.occurred_at,
    )
    storage.keep_community(tx.session, community)
