"""What is written of an item is revised; what it said before stays in its history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis import clocks
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.item import Item, objections, require_sound
from services.claims.usecases.clock import follow_claim, follow_item
from services.claims.usecases.history import recorded_of
from services.claims.usecases.item import visible_item_for_update
from services.contracts.base import Actor
from services.contracts.claims.sheet import COLUMNS


@dataclass(frozen=True)
class Wording:
    """What people wrote of an item, under the headers of the claim list."""

    item: Item

    def facts(self) -> dict[str, str]:
        return {
            column.header: column.write(getattr(self.item, column.attribute))
            for column in COLUMNS
            if hasattr(self.item, column.attribute)
        }


def revise_item(
    tx: Transaction,
    *,
    item_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
    **written: Any,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    item.require_version(expected_version)
    today = local_date(now)
    changed = {name: value for name, value in written.items() if value != getattr(item, name)}
    _require_sound(tx, item, changed, now=now)
    summary = f"修订事项：{reason}" if reason else "修订草稿。"
    with recorded_of(
        tx,
        item.item_id,
        Wording(item),
        "revise_item",
        summary,
        community_id=item.community_id,
        actor=actor,
        now=now,
        reason=reason,
    ):
        if event := item.revise(changed, reason=reason, actor=actor, today=today, now=now):
            tx.emit(event)
    clocks.rename(tx, item.item_id, title=item.title)
    for claim in item.claims:
        follow_claim(tx, item, claim)
    follow_item(tx, item)
    return item


def _require_sound(tx: Transaction, item: Item, changed: dict[str, Any], *, now: datetime) -> None:
    community = storage.find_community(tx.session, item.community_id)
    today = local_date(now)
    require_sound(
        objections(
            due_on=changed.get("due_on", today),
            grid_code=changed.get("grid_code", ""),
            community_code=community.code if community else "",
            today=today,
        )
    )
