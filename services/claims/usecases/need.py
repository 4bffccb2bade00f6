"""Residents' needs are taken in from staff, the public page and the 12345 hotline, and are read."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.need import Need, need_code, title_of, without_numbers
from services.claims.usecases.history import record
from services.claims.usecases.need_clock import answer_days, answer_due_on, start_clock
from services.claims.usecases.need_showing import need_followed, need_line, need_shown
from services.contracts.base import Actor, Forbidden, Role, invalid_field
from services.contracts.claims.commands import REFERENCE_LENGTH, REFERENCE_SIGNS
from services.contracts.claims.errors import NeedNotFound, OrderElsewhere
from services.contracts.claims.need_terms import NeedSource, NeedStatus
from services.contracts.claims.terms import Category


def register_need(tx: Transaction, *, actor: Actor, now: datetime, **fields: Any) -> dict[str, Any]:
    """By staff for a resident, who is given the reference to take home."""
    actor.require_staff_of(fields["community_id"])
    return _taken(tx, NeedSource.STAFF, actor=actor, now=now, **fields)


def submit_need(tx: Transaction, *, actor: Actor, now: datetime, **fields: Any) -> dict[str, Any]:
    """By a resident, without an account; nothing is kept of who it was."""
    return _taken(tx, NeedSource.PUBLIC, actor=actor, now=now, **fields)


def receive_order(
    tx: Transaction,
    *,
    order_number: str,
    community_id: UUID | None,
    community_code: str | None,
    title: str,
    content: str,
    place: str,
    received_at: datetime,
    working_days: int | None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """An order of the hotline is one need, however often and from however many sides it is sent."""
    community_id = _community_of_order(tx, community_id, community_code)
    actor.require_staff_of(community_id)
    if received_at > now:
        raise invalid_field("received_at", "收到时间不能晚于现在。")
    known = storage.find_order(tx.session, order_number)
    if known is None:
        need = new_need(
            tx,
            NeedSource.HOTLINE,
            number=storage.take_need_numbers(tx.session)[0],
            community_id=community_id,
            title=title,
            description=content,
            place=place,
            order_number=order_number,
            received_at=received_at,
            working_days=working_days,
        )
        known = storage.add_order(tx.session, need)
        if known is None:
            said = "由 12345 热线工单转来。"
            begin(tx, need, "receive_order", said, actor=actor, now=now, working_days=working_days)
            return show_need(tx, need, actor=actor, now=now)
    if known.community_id != community_id:
        raise OrderElsewhere(f"工单 {order_number} 已由其他社区登记。")
    tx.audited(record_id=known.need_id, community_id=known.community_id)
    return show_need(tx, known, actor=actor, now=now)


def get_need(tx: Transaction, *, need_id: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    return show_need(tx, visible(storage.find_need(tx.session, need_id), actor), actor=actor, now=now)


def show_need(tx: Transaction, need: Need, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The need whole, as this reader may see it and with what this reader may do."""
    tx.session.flush()
    community = storage.find_community(tx.session, need.community_id)
    into = storage.get_need(tx.session, need.merged_into_id) if need.merged_into_id else None
    return need_shown(
        need,
        community_name=community.community_name if community else "",
        item=storage.item_of_need(tx.session, need.need_id),
        merged_into=into,
        merged_from=storage.merged_into(tx.session, need.need_id),
        duplicates=storage.similar_needs(tx.session, need) if need.is_waiting else [],
        history=storage.history_of(tx.session, need.need_id),
        reader=actor,
        today=local_date(now),
    )


def follow_need(tx: Transaction, *, reference: str) -> dict[str, Any]:
    """For whoever has the reference: what became of the need, through mergers to where it ended up."""
    own = storage.need_of_reference(tx.session, hash_of(reference))
    lines = list(storage.history_of(tx.session, own.need_id))
    need, item = own, None
    while need.merged_into_id is not None:
        merger = lines[-1].history_id
        need = storage.get_need(tx.session, need.merged_into_id)
        lines += [line for line in storage.history_of(tx.session, need.need_id) if line.history_id > merger]
    if need.status is NeedStatus.ITEM:
        item = storage.item_of_need(tx.session, need.need_id)
    community = storage.find_community(tx.session, own.community_id)
    return need_followed(
        own, need, item=item, lines=lines, community_name=community.community_name if community else ""
    )


def list_needs(
    tx: Transaction, *, cursor: str | None, limit: int, actor: Actor, now: datetime, **wanted: Any
) -> dict[str, Any]:
    """A page of needs, newest first, with how many there are in all."""
    narrowed = _wanted(wanted, actor=actor, now=now)
    after = decode_cursor(cursor, int)
    found = storage.list_need_lines(tx.session, narrowed, after=after[0] if after else None, limit=limit + 1)
    page = found[:limit]
    today = local_date(now)
    counted = storage.count_needs_by_status(tx.session, narrowed)
    return {
        "items": [need_line(dict(line), today=today) for line in page],
        "next": encode_cursor(page[-1]["number"]) if len(found) > limit else None,
        "total": sum(count for count, _ in counted.values()),
    }


def count_needs(tx: Transaction, *, actor: Actor, now: datetime, **wanted: Any) -> dict[str, Any]:
    counted = storage.count_needs_by_status(tx.session, _wanted(wanted, actor=actor, now=now))
    return {
        "total": sum(count for count, _ in counted.values()),
        "overdue": sum(late for _, late in counted.values()),
        "by_status": {status: counted.get(status, (0, 0))[0] for status in NeedStatus},
    }


def visible(need: Need | None, actor: Actor) -> Need:
    """Whoever may not see it is not told that it exists."""
    if need is None or not need.may_be_seen_by(actor):
        raise NeedNotFound("没有这件需求。")
    return need


def new_need(
    tx: Transaction,
    source: NeedSource,
    *,
    number: int,
    community_id: UUID,
    title: str,
    description: str,
    received_at: datetime,
    place: str = "",
    category: Category | None = None,
    order_number: str | None = None,
    need_import_id: UUID | None = None,
    reference: str | None = None,
    working_days: int | None = None,
) -> Need:
    """Not yet stored; without the numbers that people are reached by."""
    described = without_numbers(description)
    return Need(
        need_id=new_id(),
        number=number,
        code=need_code(local_date(received_at).year, number),
        community_id=community_id,
        source=source,
        title=title_of(without_numbers(title), described),
        description=described,
        place=without_numbers(place),
        category=category,
        order_number=order_number,
        need_import_id=need_import_id,
        reference_hash=hash_of(reference) if reference else None,
        received_at=received_at,
        due_on=answer_due_on(
            tx,
            received_at=received_at,
            working_days=answer_days(source, received_at=received_at, own=working_days),
        ),
    )


def begin(
    tx: Transaction,
    need: Need,
    act: str,
    summary: str,
    *,
    actor: Actor,
    now: datetime,
    working_days: int | None = None,
) -> None:
    """The first line of its history, its clock and the news of it."""
    tx.emit(need.received(now))
    start_clock(tx, need, working_days=working_days)
    record(tx, need.need_id, act, summary, actor=actor, now=now)
    tx.audited(record_id=need.need_id, community_id=need.community_id, after=need.facts())


def _taken(
    tx: Transaction, source: NeedSource, *, actor: Actor, now: datetime, **fields: Any
) -> dict[str, Any]:
    if storage.find_community(tx.session, fields["community_id"]) is None:
        raise invalid_field("community_id", "所选社区不存在。")
    reference = "".join(secrets.choice(REFERENCE_SIGNS) for _ in range(REFERENCE_LENGTH))
    [number] = storage.take_need_numbers(tx.session)
    need = new_need(tx, source, number=number, received_at=now, reference=reference, **fields)
    tx.session.add(need)
    act = "register_need" if source is NeedSource.STAFF else "submit_need"
    begin(tx, need, act, f"需求 {need.code} 已收到（{source.label}）。", actor=actor, now=now)
    return {"need_id": need.need_id, "code": need.code, "reference": reference, "due_on": need.due_on}


def _community_of_order(tx: Transaction, community_id: UUID | None, code: str | None) -> UUID:
    if (community_id is None) == (code is None):
        raise invalid_field("community_code", "请填写社区代码或 community_id 中的一项。")
    for community in storage.list_communities(tx.session):
        if community_id == community.community_id or code == community.code:
            return community.community_id
    raise invalid_field("community_code" if code else "community_id", "没有这个社区。")


def hash_of(reference: str) -> str:
    """Twelve random signs cannot be guessed back from it, so no key is needed."""
    plain = "".join(sign for sign in reference.upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _wanted(wanted: dict[str, Any], *, actor: Actor, now: datetime) -> storage.WantedNeeds:
    if not (actor.is_staff or actor.has_role(Role.SUPERVISOR)):
        raise Forbidden("只有社区、市级工作人员和居务监督委员会可以查看需求。")
    seen_by: Collection[UUID] | None = None if actor.reaches_whole_city else actor.community_ids
    return storage.WantedNeeds(**wanted, today=local_date(now), seen_by=seen_by)
