"""Items that nobody claimed in time expire, and the community decides what becomes of them."""

from datetime import datetime
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.fund_ledger import yuan
from services.claims.domain.item import Item
from services.claims.usecases.clock import follow_item
from services.claims.usecases.fund import earmark_money
from services.claims.usecases.history import recorded
from services.claims.usecases.item import visible_item_for_update
from services.contracts.base import SYSTEM, Actor

BATCH = 100


def expire_items(tx: Transaction, *, now: datetime) -> bool:
    """The end of the claim period of those with something left; whether more may be waiting."""
    today = local_date(now)
    ended = storage.expired_items_for_update(tx.session, today, limit=BATCH)
    for item in ended:
        summary = f"认领期 {item.claim_until_on} 已满，余 {item.remaining} {item.measure}无人认领。"
        with recorded(tx, item, "expire_items", summary, actor=SYSTEM, now=now):
            tx.emit(item.expire(today=today, now=now))
        follow_item(tx, item)
    return len(ended) == BATCH


def close_item_short(
    tx: Transaction,
    *,
    item_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    item = _held(tx, item_id, expected_version, actor=actor)
    summary = f"按已认领部分结清，余 {item.remaining} {item.measure}不再认领：{reason}"
    with recorded(tx, item, "close_item_short", summary, actor=actor, now=now, reason=reason):
        for event in item.close_short(reason=reason, actor=actor, now=now):
            tx.emit(event)
    follow_item(tx, item)
    return item


def fund_item(
    tx: Transaction,
    *,
    item_id: UUID,
    fund_id: UUID,
    amount_fen: int,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    """The item's lock first, then the fund's: the order in which everybody takes these two."""
    item = _held(tx, item_id, expected_version, actor=actor)
    summary = f"转为资金项目，预留 {yuan(amount_fen)}。"
    with recorded(tx, item, "fund_item", summary, actor=actor, now=now):
        funded = item.fund(fund_id=fund_id, amount_fen=amount_fen, actor=actor, now=now)
        earmark_money(
            tx,
            fund_id=fund_id,
            item_id=item_id,
            amount_fen=amount_fen,
            note="无人认领的事项转为资金项目。",
            posted_on=None,
            actor=actor,
            now=now,
        )
        tx.emit(funded)
    follow_item(tx, item)
    return item


def finish_item(
    tx: Transaction,
    *,
    item_id: UUID,
    summary: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    item = _held(tx, item_id, expected_version, actor=actor)
    with recorded(tx, item, "finish_item", f"资金项目办结：{summary}", actor=actor, now=now):
        tx.emit(item.finish(actor=actor, today=local_date(now), now=now))
    follow_item(tx, item)
    return item


def withdraw_item(
    tx: Transaction,
    *,
    item_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    item = _held(tx, item_id, expected_version, actor=actor)
    with recorded(tx, item, "withdraw_item", f"撤回事项：{reason}", actor=actor, now=now, reason=reason):
        tx.emit(item.withdraw(reason=reason, actor=actor, now=now))
    follow_item(tx, item)
    return item


def _held(tx: Transaction, item_id: UUID, expected_version: int | None, *, actor: Actor) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    item.require_version(expected_version)
    return item
