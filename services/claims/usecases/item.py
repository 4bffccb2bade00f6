"""Items are written, published, read and counted."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.item import Item, objections, require_sound
from services.claims.usecases.clock import follow_claim, follow_item
from services.claims.usecases.history import record, recorded
from services.claims.usecases.scheme_in_force import scheme_of
from services.claims.usecases.showing import item_line, item_shown
from services.contracts.base import Actor, invalid_field
from services.contracts.claims.dashboard_terms import days_of
from services.contracts.claims.errors import ItemNotFound
from services.contracts.claims.sheet import cells_of
from services.contracts.claims.terms import ItemStatus


def create_item(tx: Transaction, *, actor: Actor, now: datetime, **fields: Any) -> Item:
    """A draft written by hand, with the next free code of the year."""
    actor.require_staff_of(fields["community_id"])
    community = storage.find_community(tx.session, fields["community_id"])
    if community is None:
        raise invalid_field("community_id", "所选社区不存在。")
    today = local_date(now)
    require_sound(
        objections(
            due_on=fields["due_on"],
            grid_code=fields["grid_code"],
            community_code=community.code,
            today=today,
        )
    )
    storage.lock_codes(tx.session)
    [code] = storage.take_codes(tx.session, today.year, count=1)
    item = Item(item_id=new_id(), code=code, **fields)
    tx.session.add(item)
    record(tx, item.item_id, "create_item", f"新建事项 {code}。", actor=actor, now=now)
    tx.audited(record_id=item.item_id, community_id=item.community_id)
    return item


def publish_item(
    tx: Transaction,
    *,
    item_id: UUID,
    party_study_on: date,
    claim_until_on: date,
    due_on: date | None = None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    item.require_version(expected_version)
    summary = f"发布事项，{party_study_on} 经党组织研究，认领期至 {claim_until_on}。"
    with recorded(tx, item, "publish_item", summary, actor=actor, now=now):
        tx.emit(
            item.publish(
                party_study_on=party_study_on,
                claim_until_on=claim_until_on,
                due_on=due_on,
                actor=actor,
                today=local_date(now),
                now=now,
            )
        )
    for claim in item.claims:
        follow_claim(tx, item, claim)
    follow_item(tx, item)
    return item


def get_item(tx: Transaction, *, item_id: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    item = storage.find_item(tx.session, item_id)
    if item is None or not item.may_be_seen_by(actor):
        raise ItemNotFound("没有这个事项。")
    return show_item(tx, item, actor=actor, now=now)


def show_item(tx: Transaction, item: Item, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The item whole, as this reader may see it and with what this reader may do."""
    tx.session.flush()
    storage.load_evidence(tx.session, item)
    community = storage.find_community(tx.session, item.community_id)
    return item_shown(
        item,
        community_name=community.community_name if community else "",
        history=storage.history_of(tx.session, item.item_id),
        own_unit=storage.find_unit(tx.session, actor.unit_id),
        scheme=scheme_of(tx, item),
        reader=actor,
        today=local_date(now),
    )


def list_items(
    tx: Transaction, *, cursor: str | None, limit: int, actor: Actor, now: datetime, **wanted: Any
) -> dict[str, Any]:
    """A page of items, newest code first, with how many there are in all."""
    lines, more = _page(tx, wanted, cursor=cursor, limit=limit, actor=actor, now=now)
    today = local_date(now)
    return {
        "items": [item_line(line, today=today) for line in lines],
        "next": more,
        "total": storage.count_items(tx.session, wanted_items(wanted, actor=actor, now=now)),
    }


def export_items(
    tx: Transaction, *, cursor: str | None, limit: int, actor: Actor, now: datetime, **wanted: Any
) -> dict[str, Any]:
    """The same items as rows of the sheet that can be imported again."""
    lines, more = _page(tx, wanted, cursor=cursor, limit=limit, actor=actor, now=now)
    return {"items": [cells_of(line) for line in lines], "next": more}


def count_items(tx: Transaction, *, actor: Actor, now: datetime, **wanted: Any) -> dict[str, Any]:
    counted = storage.count_by_status(tx.session, wanted_items(wanted, actor=actor, now=now))
    return {
        "total": sum(count for count, _ in counted.values()),
        "overdue": sum(late for _, late in counted.values()),
        "by_status": {status: counted.get(status, (0, 0))[0] for status in ItemStatus},
    }


def visible_item_for_update(
    tx: Transaction, item_id: UUID, *, actor: Actor, held: Item | None = None
) -> Item:
    """The item under its lock (or as it is `held` already); whoever may not see it is not told that it exists."""
    item = held or storage.item_for_update(tx.session, item_id)
    if not item.may_be_seen_by(actor):
        raise ItemNotFound("没有这个事项。")
    return item


def drafts_shown_to(actor: Actor) -> Collection[UUID] | None:
    """The communities whose drafts this reader may see; None means all."""
    if not actor.is_staff:
        return ()
    return None if actor.reaches_whole_city else actor.community_ids


def wanted_items(wanted: dict[str, Any], *, actor: Actor, now: datetime) -> storage.WantedItems:
    """A list's filters as storage knows them; what they leave out is not narrowed."""
    narrowed = dict(wanted)
    period = narrowed.pop("period", None)
    first, last = days_of(period) if period else (None, None)
    return storage.WantedItems(
        **narrowed,
        published_from_on=first,
        published_to_on=last,
        today=local_date(now),
        drafts_of=drafts_shown_to(actor),
    )


def _page(
    tx: Transaction,
    wanted: dict[str, Any],
    *,
    cursor: str | None,
    limit: int,
    actor: Actor,
    now: datetime,
) -> tuple[list[Any], str | None]:
    after = decode_cursor(cursor, int, int)
    found = storage.list_item_lines(
        tx.session,
        wanted_items(wanted, actor=actor, now=now),
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    page = list(found[:limit])
    more = encode_cursor(page[-1]["code_year"], page[-1]["code_number"]) if len(found) > limit else None
    return page, more
