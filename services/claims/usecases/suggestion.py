"""Which units to ask for an item, and why."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.suggestion import suggest, weights_on
from services.contracts.base import Actor
from services.contracts.claims.errors import ItemNotFound


def suggest_units(
    tx: Transaction, *, item_id: UUID, limit: int, actor: Actor, now: datetime
) -> dict[str, Any]:
    """For the staff of the item's community; the weights of the day come along."""
    item = storage.find_item(tx.session, item_id)
    if item is None or not item.may_be_seen_by(actor):
        raise ItemNotFound("没有这个事项。")
    actor.require_staff_of(item.community_id)
    weights = weights_on(local_date(now))
    found = suggest(
        item, storage.candidates_of(tx.session, item.community_id, item.category), weights=weights
    )
    return {
        "items": [
            {
                "unit_id": one.unit.unit_id,
                "unit_name": one.unit.unit_name,
                "points": one.points,
                "reasons": one.reasons,
            }
            for one in found[:limit]
        ],
        "weights_since_on": weights.effective_on,
    }
