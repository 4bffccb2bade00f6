"""Units claim items, work on them and hand them in; staff confirm, verify or send back."""

from datetime import datetime
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.claim import Milestone
from services.claims.domain.item import Item
from services.claims.usecases.clock import follow_claim, follow_item
from services.claims.usecases.history import recorded
from services.claims.usecases.item import visible_item_for_update
from services.contracts.base import Actor
from services.contracts.claims.terms import ClaimKind


def claim_item(
    tx: Transaction,
    *,
    item_id: UUID,
    kind: ClaimKind,
    quantity: int | None,
    unit_id: UUID,
    supporting_unit_ids: list[UUID],
    note: str,
    actor: Actor,
    now: datetime,
) -> Item:
    """Whoever gets the item's lock first claims it; everybody after sees what then remains.

    Most of those who race for one item come too late; they are told so without queueing for its lock.
    """
    item = storage.open_item_for_update(tx.session, item_id)
    if item is None and (taken := storage.find_taken_item(tx.session, item_id)):
        raise taken.refuse(actor=actor, unit_id=unit_id)
    item = visible_item_for_update(tx, item_id, actor=actor, held=item)
    units = storage.get_units(tx.session, [unit_id, *supporting_unit_ids], is_kept=True)
    names = "、".join(f"「{unit.unit_name}」" for unit in units)
    on_behalf = "（社区代办）" if actor.is_staff else ""
    with recorded(
        tx,
        item,
        "claim_item",
        f"{names}{kind.label}{on_behalf}。",
        actor=actor,
        now=now,
        on_behalf_of=unit_id if actor.is_staff else None,
    ):
        tx.emit(
            item.claim(
                claim_id=new_id(),
                kind=kind,
                quantity=quantity,
                units=units,
                note=note,
                actor=actor,
                today=local_date(now),
                now=now,
            )
        )
    follow_claim(tx, item, item.claims[-1])
    return item


def confirm_claim(
    tx: Transaction, *, item_id: UUID, claim_id: UUID, agreement: str, actor: Actor, now: datetime
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    summary = f"确认{_whose(item, claim_id)}" + (f"，协议：{agreement}。" if agreement else "。")
    with recorded(tx, item, "confirm_claim", summary, actor=actor, now=now):
        tx.emit(item.confirm_claim(claim_id, agreement=agreement, actor=actor, now=now))
    follow_claim(tx, item, item.get_claim(claim_id))
    return item


def report_milestone(
    tx: Transaction,
    *,
    item_id: UUID,
    claim_id: UUID,
    milestone_title: str,
    percent: int,
    note: str,
    actor: Actor,
    now: datetime,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    milestone = Milestone(
        milestone_id=new_id(),
        milestone_title=milestone_title,
        percent=percent,
        note=note,
        reported_at=now,
    )
    summary = f"{_whose(item, claim_id)}进度 {percent}%：{milestone_title}"
    with recorded(tx, item, "report_milestone", summary, actor=actor, now=now):
        tx.emit(item.report_milestone(claim_id, milestone=milestone, actor=actor, now=now))
    follow_claim(tx, item, item.get_claim(claim_id))
    return item


def submit_claim(
    tx: Transaction, *, item_id: UUID, claim_id: UUID, summary: str, actor: Actor, now: datetime
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    with recorded(tx, item, "submit_claim", f"{_whose(item, claim_id)}提交办结。", actor=actor, now=now):
        tx.emit(item.submit_claim(claim_id, summary=summary, actor=actor, today=local_date(now), now=now))
    follow_claim(tx, item, item.get_claim(claim_id))
    return item


def send_back_claim(
    tx: Transaction, *, item_id: UUID, claim_id: UUID, reason: str, actor: Actor, now: datetime
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    summary = f"退回{_whose(item, claim_id)}，原因：{reason}"
    with recorded(tx, item, "send_back_claim", summary, actor=actor, now=now, reason=reason):
        tx.emit(item.send_back_claim(claim_id, reason=reason, actor=actor, now=now))
    follow_claim(tx, item, item.get_claim(claim_id))
    return item


def verify_claim(
    tx: Transaction, *, item_id: UUID, claim_id: UUID, note: str, actor: Actor, now: datetime
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    summary = f"核验通过{_whose(item, claim_id)}" + (f"：{note}" if note else "。")
    with recorded(tx, item, "verify_claim", summary, actor=actor, now=now):
        if verified := item.verify_claim(claim_id, actor=actor, now=now):
            tx.emit(verified)
    follow_claim(tx, item, item.get_claim(claim_id))
    follow_item(tx, item)
    return item


def release_claim(
    tx: Transaction, *, item_id: UUID, claim_id: UUID, reason: str, actor: Actor, now: datetime
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    summary = f"{_whose(item, claim_id)}退领，原因：{reason}"
    with recorded(tx, item, "release_claim", summary, actor=actor, now=now, reason=reason):
        tx.emit(item.release_claim(claim_id, reason=reason, actor=actor, now=now))
    follow_claim(tx, item, item.get_claim(claim_id))
    return item


def _whose(item: Item, claim_id: UUID) -> str:
    claim = item.get_claim(claim_id)
    return f"「{claim.lead.unit_name}」的{claim.kind.label}"
