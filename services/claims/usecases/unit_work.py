"""A unit's record of work: what it claimed, finished and earned."""

from typing import Any
from uuid import UUID

from services.chassis.db import Transaction
from services.claims import storage
from services.contracts.base import Actor


def get_unit_work(tx: Transaction, *, unit_id: UUID, actor: Actor) -> dict[str, Any]:
    """For every reader of the unit: claims, scores and commendations are public."""
    unit = storage.get_unit(tx.session, unit_id)
    unit.require_seen_by(actor)
    return {"unit_id": unit_id, **storage.sums_of_unit(tx.session, unit_id)}
