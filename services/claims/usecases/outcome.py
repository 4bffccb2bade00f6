"""What follows a score: objections, revocation, rectification; each with its clock."""

from datetime import datetime
from uuid import UUID

from services.chassis import clocks
from services.chassis.calendar import calendar_of
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims.domain import objection, rectification
from services.claims.domain.item import Item
from services.claims.usecases.history import recorded
from services.claims.usecases.item import visible_item_for_update
from services.claims.usecases.purchase_following import hear_rectified
from services.contracts.base import Actor
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.terms import RectificationStatus


def raise_objection(tx: Transaction, *, item_id: UUID, content: str, actor: Actor, now: datetime) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    objection_id = new_id()
    with recorded(tx, item, "raise_objection", "对通报表扬提出异议。", actor=actor, now=now):
        tx.emit(
            item.raise_objection(
                objection_id=objection_id, content=content, actor=actor, today=local_date(now), now=now
            )
        )
    _start(tx, item, ClockKind.ANSWER_OBJECTION, objection_id, working_days=objection.ANSWER_WORKING_DAYS)
    return item


def answer_objection(
    tx: Transaction,
    *,
    item_id: UUID,
    objection_id: UUID,
    is_upheld: bool,
    answer: str,
    actor: Actor,
    now: datetime,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    summary = f"异议{'成立，撤销表扬' if is_upheld else '不成立'}：{answer}"
    with recorded(tx, item, "answer_objection", summary, actor=actor, now=now, reason=answer):
        tx.emit(item.answer_objection(objection_id, is_upheld=is_upheld, answer=answer, actor=actor, now=now))
        if is_upheld and item.commendation is not None and not item.commendation.is_revoked:
            tx.emit(item.revoke_commendation(reason=answer, actor=actor, now=now))
    clocks.stop(tx, ClockKind.ANSWER_OBJECTION, objection_id)
    return item


def revoke_commendation(
    tx: Transaction,
    *,
    item_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    item.require_version(expected_version)
    with recorded(
        tx, item, "revoke_commendation", f"撤销表扬：{reason}", actor=actor, now=now, reason=reason
    ):
        tx.emit(item.revoke_commendation(reason=reason, actor=actor, now=now))
    return item


def open_rectification_if_needed(tx: Transaction, item: Item, *, now: datetime) -> None:
    """In the transaction of the score that asks for it."""
    today = local_date(now)
    opened = item.open_rectification(
        rectification_id=new_id(), calendar=calendar_of(tx.session, today), today=today, now=now
    )
    if opened:
        tx.emit(opened)
        follow_rectification(tx, item)


def report_rectification(tx: Transaction, *, item_id: UUID, report: str, actor: Actor, now: datetime) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    with recorded(
        tx,
        item,
        "report_rectification",
        "提交整改报告。",
        actor=actor,
        now=now,
        on_behalf_of=item.units[0].unit_id if actor.is_staff and item.units else None,
    ):
        tx.emit(item.report_rectification(report=report, actor=actor, now=now))
    follow_rectification(tx, item)
    return item


def check_rectification(
    tx: Transaction, *, item_id: UUID, is_passed: bool, call_back: str, actor: Actor, now: datetime
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    today = local_date(now)
    summary = "回访核查：整改通过。" if is_passed else "回访核查：整改未通过，重新整改。"
    with recorded(tx, item, "check_rectification", summary, actor=actor, now=now):
        closed = item.check_rectification(
            is_passed=is_passed,
            call_back=call_back,
            calendar=calendar_of(tx.session, today),
            actor=actor,
            today=today,
            now=now,
        )
        if closed:
            tx.emit(closed)
            hear_rectified(tx, item, now=now)
    follow_rectification(tx, item)
    return item


def follow_rectification(tx: Transaction, item: Item) -> None:
    """The units have fifteen working days, then staff have to call back."""
    found = item.rectification
    if found is None:
        return
    clocks.stop_others(tx, found.rectification_id, but=None)
    if found.status is RectificationStatus.OPEN:
        owner = clocks.unit_owner(item.units[0].unit_id) if item.units else clocks.COMMUNITY
        days = rectification.WORKING_DAYS
        _start(tx, item, ClockKind.RECTIFY, found.rectification_id, working_days=days, owner=owner)
    elif found.status is RectificationStatus.REPORTED:
        days = rectification.CHECK_WORKING_DAYS
        _start(tx, item, ClockKind.CHECK_RECTIFICATION, found.rectification_id, working_days=days)


def _start(
    tx: Transaction,
    item: Item,
    kind: ClockKind,
    subject_id: UUID,
    *,
    working_days: int,
    owner: str = clocks.COMMUNITY,
) -> None:
    clocks.start(
        tx,
        kind,
        subject_id,
        on=local_date(tx.now),
        working_days=working_days,
        record_id=item.item_id,
        community_id=item.community_id,
        owner=owner,
        code=item.code,
        title=item.title,
    )
