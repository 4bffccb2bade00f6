"""Units join the alliance and are found again."""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from pypinyin import lazy_pinyin

from services.chassis import calendar, clocks
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.need import without_numbers
from services.claims.domain.unit import Unit, UnitContact
from services.claims.domain.unit_acts import DECIDE_WITHIN
from services.claims.domain.uscc import normal_uscc
from services.claims.domain.volunteer import name_of_volunteer
from services.claims.usecases.history import record
from services.claims.usecases.need import hash_of
from services.claims.usecases.showing import line_shown
from services.contracts.base import Actor, Forbidden, invalid_field
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.commands import REFERENCE_LENGTH, REFERENCE_SIGNS
from services.contracts.claims.errors import UnitAlreadyRegistered
from services.contracts.claims.terms import Category, UnitKind, UnitStatus

OFFICE_OF_APPLICANT = "申请单位"
# Lines that tell an applicant how the application fares; what else happened to the unit is not theirs.
FOLLOWED = ("apply_unit", "enter_application", "approve_unit", "refuse_unit")
_OF_THE_UNIT = (
    "unit_id",
    "uscc",
    "unit_name",
    "kind",
    "functions",
    "community_ids",
    "status",
    "version",
    "introduction",
    "reason",
    "applied_at",
    "joined_on",
)


def register_unit(
    tx: Transaction,
    *,
    uscc: str,
    unit_name: str,
    kind: UnitKind,
    functions: list[Category],
    community_ids: list[UUID],
    actor: Actor,
    now: datetime,
) -> Unit:
    """Staff of one of the communities that the unit serves register it; that is application and approval."""
    _require_staff_of_any(actor, community_ids)
    require_known(tx, community_ids)
    unit, registered = Unit.register(
        unit_id=new_id(),
        uscc=uscc,
        unit_name=unit_name,
        sort_key=sounding(unit_name),
        kind=kind,
        functions=functions,
        community_ids=community_ids,
        today=local_date(now),
        now=now,
    )
    storage.add_unit(tx.session, unit)
    tx.emit(registered)
    record(tx, unit.unit_id, "register_unit", f"登记单位「{unit.unit_name}」。", actor=actor, now=now)
    tx.audited(record_id=unit.unit_id, community_id=unit.community_of(actor), after=unit.facts())
    return unit


def apply_unit(tx: Transaction, *, actor: Actor, now: datetime, **fields: Any) -> dict[str, Any]:
    """By the unit itself, without an account."""
    return _applied(tx, "apply_unit", actor=actor, now=now, **fields)


def enter_application(tx: Transaction, *, actor: Actor, now: datetime, **fields: Any) -> dict[str, Any]:
    """By staff, for a unit that applied on paper; they give it the reference."""
    _require_staff_of_any(actor, fields["community_ids"])
    return _applied(tx, "enter_application", actor=actor, now=now, **fields)


def follow_application(tx: Transaction, *, reference: str) -> dict[str, Any]:
    unit = storage.unit_of_reference(tx.session, hash_of(reference))
    clock = clocks.find(tx.session, ClockKind.UNIT_DECISION, unit.unit_id)
    lines = storage.history_of(tx.session, unit.unit_id)
    return {
        "unit_name": unit.unit_name,
        "status": unit.status,
        "reason": unit.reason,
        "applied_at": unit.applied_at,
        "due_on": clock and clock.due_on,
        "community_names": _community_names(tx, unit.community_ids),
        "steps": [
            {"at": line.at, "office": line.actor_office, "summary": line.summary}
            for line in lines
            if line.act in FOLLOWED and unit.applied_at is not None and line.at >= unit.applied_at
        ],
    }


def get_unit(tx: Transaction, *, unit_id: UUID, actor: Actor) -> dict[str, Any]:
    unit = storage.get_unit(tx.session, unit_id)
    unit.require_seen_by(actor)
    return show_unit(tx, unit, actor=actor)


def show_unit(tx: Transaction, unit: Unit, *, actor: Actor) -> dict[str, Any]:
    tx.session.flush()
    is_open = unit.is_open_to(actor)
    history = storage.history_of(tx.session, unit.unit_id) if is_open else []
    return {
        **{name: getattr(unit, name) for name in _OF_THE_UNIT},
        "community_names": _community_names(tx, unit.community_ids),
        "contacts": storage.contacts_of(tx.session, unit.unit_id) if is_open else [],
        "history": [line_shown(line, actor) for line in history],
        "possible_acts": unit.possible_acts(actor),
    }


def list_units(
    tx: Transaction,
    *,
    q: str,
    community_id: UUID | None,
    status: UnitStatus | None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> tuple[list[Unit], str | None]:
    """A page of units by the sound of their names, and where the next page begins."""
    after = decode_cursor(cursor, str, UUID)
    is_of_city = actor.is_staff and actor.reaches_whole_city
    found = storage.list_units(
        tx.session,
        q=q,
        community_id=community_id,
        status=status,
        staffed=None if is_of_city else actor.community_ids if actor.is_staff else (),
        own_id=actor.unit_id,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    page = found[:limit]
    more = encode_cursor(page[-1].sort_key, page[-1].unit_id) if len(found) > limit else None
    return page, more


def sounding(name: str) -> str:
    """How a name is read (黑河学院 → hei he xue yuan), which is how people look for it in a list."""
    return " ".join(lazy_pinyin(name)).lower()


def _applied(
    tx: Transaction,
    act: str,
    *,
    uscc: str,
    unit_name: str,
    kind: UnitKind,
    functions: list[Category],
    community_ids: list[UUID],
    introduction: str,
    contact_name: str,
    post: str,
    contact_phone: str,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    require_known(tx, community_ids)
    reference = "".join(secrets.choice(REFERENCE_SIGNS) for _ in range(REFERENCE_LENGTH))
    said: dict[str, Any] = {
        "functions": functions,
        "community_ids": community_ids,
        "introduction": without_numbers(introduction),
        "reference_hash": hash_of(reference),
    }
    unit = storage.unit_of_code_for_update(tx.session, normal_uscc(uscc))
    if unit is None:
        unit, applied = Unit.apply(
            unit_id=new_id(),
            uscc=uscc,
            unit_name=unit_name,
            sort_key=sounding(unit_name),
            kind=kind,
            today=local_date(now),
            now=now,
            **said,
        )
        storage.add_unit(tx.session, unit)
    elif unit.status in (UnitStatus.REFUSED, UnitStatus.LEFT):
        applied = unit.apply_again(**said, actor=actor, now=now)
    else:
        raise UnitAlreadyRegistered(f"统一社会信用代码 {unit.uscc} 已登记或正在审核，不必再次申请。")
    tx.emit(applied)
    add_contact(tx, unit, contact_name=contact_name, post=post, contact_phone=contact_phone)
    line = record(tx, unit.unit_id, act, f"「{unit.unit_name}」申请加入党建联盟。", actor=actor, now=now)
    if actor.is_anonymous:
        line.actor_office = OFFICE_OF_APPLICANT
    tx.audited(record_id=unit.unit_id, community_id=unit.community_of(actor), after=unit.facts())
    return {"unit_id": unit.unit_id, "reference": reference, "due_on": _start_clock(tx, unit, now)}


def _start_clock(tx: Transaction, unit: Unit, now: datetime) -> Any:
    """In the inbox of the first community named; whoever works for another of them may decide as well."""
    today = local_date(now)
    clocks.start(
        tx,
        ClockKind.UNIT_DECISION,
        unit.unit_id,
        on=today,
        working_days=DECIDE_WITHIN,
        community_id=unit.community_ids[0],
        title=unit.unit_name,
    )
    return calendar.calendar_of(tx.session, today).end_of_period(today, working_days=DECIDE_WITHIN)


def add_contact(tx: Transaction, unit: Unit, *, contact_name: str, post: str, contact_phone: str) -> None:
    contact = UnitContact(
        contact_id=new_id(),
        unit_id=unit.unit_id,
        contact_name=name_of_volunteer(contact_name, path="contact_name"),
        post=post,
        contact_phone=contact_phone,
    )
    storage.save_unit_contact(tx.session, contact)


def _community_names(tx: Transaction, community_ids: Collection[UUID]) -> list[str]:
    names = {one.community_id: one.community_name for one in storage.list_communities(tx.session)}
    return [names[one] for one in community_ids if one in names]


def _require_staff_of_any(actor: Actor, community_ids: Collection[UUID]) -> None:
    if not actor.is_staff or not any(actor.reaches(community_id) for community_id in community_ids):
        raise Forbidden("只有所服务社区的工作人员或市级工作人员可以登记单位。")


def require_known(tx: Transaction, community_ids: Collection[UUID]) -> None:
    if set(community_ids) - storage.known_communities(tx.session, community_ids):
        raise invalid_field("community_ids", "所选社区不存在。")
