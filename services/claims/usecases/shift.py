"""Shifts are opened, filled in order, signed in to and out of, and their hours confirmed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.enrolment import Enrolment
from services.claims.domain.public_code import VOLUNTEER_CODE, read_code
from services.claims.domain.shift import Shift
from services.claims.domain.sign_in_token import read_token, write_token
from services.claims.domain.volunteer import Volunteer
from services.claims.usecases.history import record, recorded
from services.claims.usecases.shift_showing import shift_row, show_shift
from services.claims.usecases.volunteer import visible_volunteer_for_update
from services.contracts.base import Actor, Role, invalid_field
from services.contracts.claims.errors import ShiftNotFound, ShiftsOverlap, VolunteerNotFound
from services.contracts.claims.volunteer_terms import ShiftStatus, Signing


def open_shift(
    tx: Transaction, *, community_id: UUID, item_id: UUID | None, actor: Actor, now: datetime, **fields: Any
) -> Shift:
    if storage.find_community(tx.session, community_id) is None:
        raise invalid_field("community_id", "所选社区不存在。")
    if item_id is not None:
        item = storage.find_item(tx.session, item_id)
        if item is None or item.community_id != community_id:
            raise invalid_field("item_id", "所选事项不存在，或不属于这个社区。")
    shift, opened = Shift.open(
        shift_id=new_id(), community_id=community_id, item_id=item_id, actor=actor, now=now, **fields
    )
    tx.session.add(shift)
    tx.emit(opened)
    record(tx, shift.shift_id, "open_shift", f"发布班次「{shift.title}」。", actor=actor, now=now)
    tx.audited(record_id=shift.shift_id, community_id=community_id, after=shift.facts())
    return shift


def enrol_volunteer(
    tx: Transaction, *, shift_id: UUID, volunteer_id: UUID, actor: Actor, now: datetime
) -> Shift:
    """The shift's lock puts those who come into an order; the volunteer's, the shifts that one person takes."""
    shift = visible_shift_for_update(tx, shift_id, actor=actor)
    volunteer = visible_volunteer_for_update(tx, volunteer_id, actor=actor)
    with _recorded(tx, shift, "enrol_volunteer", f"志愿者 {volunteer.code} 报名。", actor=actor, now=now):
        event = shift.enrol(
            volunteer, enrolment_id=new_id(), day=local_date(shift.starts_at), actor=actor, now=now
        )
        with tx.session.no_autoflush:
            _require_free(tx, shift, volunteer)
        if event is not None:
            tx.emit(event)
    return shift


def withdraw_from_shift(
    tx: Transaction, *, shift_id: UUID, volunteer_id: UUID, actor: Actor, now: datetime
) -> Shift:
    shift = visible_shift_for_update(tx, shift_id, actor=actor)
    volunteer = storage.get_volunteer(tx.session, volunteer_id)
    volunteer.require_seen_by(actor)
    with _recorded(tx, shift, "withdraw_from_shift", f"志愿者 {volunteer.code} 退出。", actor=actor, now=now):
        promoted = shift.withdraw(volunteer, actor=actor, now=now)
        if promoted is not None:
            tx.emit(promoted)
    return shift


def cancel_shift(
    tx: Transaction,
    *,
    shift_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Shift:
    shift = visible_shift_for_update(tx, shift_id, actor=actor)
    shift.require_version(expected_version)
    with _recorded(
        tx, shift, "cancel_shift", f"取消班次，原因：{reason}", actor=actor, now=now, reason=reason
    ):
        tx.emit(shift.cancel(reason=reason, actor=actor, now=now))
    return shift


def confirm_hours(
    tx: Transaction,
    *,
    shift_id: UUID,
    corrections: Sequence[dict[str, Any]],
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Shift:
    shift = visible_shift_for_update(tx, shift_id, actor=actor)
    shift.require_version(expected_version)
    corrected = {one["volunteer_id"]: one["minutes"] for one in corrections}
    summary = "确认服务时长" + (f"，其中 {len(corrected)} 人按现场情况更正。" if corrected else "。")
    with _recorded(tx, shift, "confirm_hours", summary, actor=actor, now=now):
        tx.emit(shift.confirm_hours(corrected, actor=actor, now=now))
    return shift


# ---- signing in and out ---------------------------------------------------------------------


def sign_in_volunteer(
    tx: Transaction, *, shift_id: UUID, volunteer_code: str, actor: Actor, now: datetime
) -> Shift:
    shift = visible_shift_for_update(tx, shift_id, actor=actor)
    actor.require_staff_of(shift.community_id)
    _sign(tx, shift, volunteer_code, Signing.IN, "在服务台", actor=actor, now=now)
    return shift


def sign_out_volunteer(
    tx: Transaction, *, shift_id: UUID, volunteer_code: str, actor: Actor, now: datetime
) -> Shift:
    shift = visible_shift_for_update(tx, shift_id, actor=actor)
    actor.require_staff_of(shift.community_id)
    _sign(tx, shift, volunteer_code, Signing.OUT, "在服务台", actor=actor, now=now)
    return shift


def get_sign_in_token(tx: Transaction, *, shift_id: UUID, key: bytes, actor: Actor) -> dict[str, Any]:
    shift = _visible(tx, storage.find_shift(tx.session, shift_id), actor)
    actor.require_staff_of(shift.community_id)
    expires_at = shift.token_expires_at
    return {"token": write_token(shift.shift_id, expires_at=expires_at, key=key), "expires_at": expires_at}


def open_sign_in(tx: Transaction, *, token: str, key: bytes, now: datetime) -> dict[str, Any]:
    shift = storage.find_shift(tx.session, read_token(token, now=now, key=key))
    if shift is None:
        raise ShiftNotFound("没有这个班次。")
    row = shift_row(shift, storage.find_community(tx.session, shift.community_id))
    return {**row, "possible_acts": shift.possible_signings(now)}


def sign_by_token(
    tx: Transaction,
    *,
    token: str,
    volunteer_code: str,
    signing: Signing,
    key: bytes,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Whoever holds the shift's QR code and a volunteer's code signs; hours count only when staff confirm them."""
    shift = storage.shift_for_update(tx.session, read_token(token, now=now, key=key))
    enrolment, volunteer = _sign(tx, shift, volunteer_code, signing, "扫码", actor=actor, now=now)
    return {
        "volunteer_name": volunteer.volunteer_name,
        "title": shift.title,
        "status": enrolment.status,
        "signed_in_at": enrolment.signed_in_at,
        "signed_out_at": enrolment.signed_out_at,
        "minutes": enrolment.minutes_by_signatures,
    }


def _sign(
    tx: Transaction, shift: Shift, typed: str, signing: Signing, how: str, *, actor: Actor, now: datetime
) -> tuple[Enrolment, Volunteer]:
    volunteer = storage.get_volunteer_by_code(tx.session, read_code(typed, length=VOLUNTEER_CODE))
    if volunteer.community_id != shift.community_id:
        raise VolunteerNotFound("没有这位志愿者。")
    sign: Callable[..., Enrolment] = shift.sign_in if signing is Signing.IN else shift.sign_out
    act = "sign_in_volunteer" if signing is Signing.IN else "sign_out_volunteer"
    with _recorded(tx, shift, act, f"志愿者 {volunteer.code} {how}{signing.label}。", actor=actor, now=now):
        return sign(volunteer, now=now), volunteer


# ---- reading --------------------------------------------------------------------------------


def get_shift(tx: Transaction, *, shift_id: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    shift = _visible(tx, storage.find_shift(tx.session, shift_id), actor)
    return show_shift(tx, shift, actor=actor, now=now)


def list_shifts(
    tx: Transaction,
    *,
    community_id: UUID | None,
    item_id: UUID | None,
    status: ShiftStatus | None,
    is_past: bool,
    cursor: str | None,
    limit: int,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Staff and supervisors see their communities' shifts, a unit's liaison those of the items it works at."""
    communities = None if actor.reaches_whole_city else actor.community_ids
    unit_id = None
    if actor.has_role(Role.UNIT_LIAISON) and not actor.is_staff:
        communities, unit_id = None, actor.unit_id or UUID(int=0)
    if community_id is not None:
        has_it = communities is None or community_id in communities
        communities = (community_id,) if has_it else ()
    wanted = storage.WantedShifts(
        now=now, is_past=is_past, community_ids=communities, unit_id=unit_id, item_id=item_id, status=status
    )
    return _page(tx, wanted, cursor=cursor, limit=limit)


def list_open_shifts(
    tx: Transaction, *, community_id: UUID | None, cursor: str | None, limit: int, now: datetime
) -> dict[str, Any]:
    """For everybody: where hands are wanted."""
    communities = None if community_id is None else (community_id,)
    wanted = storage.WantedShifts(now=now, community_ids=communities, status=ShiftStatus.OPEN)
    return _page(tx, wanted, cursor=cursor, limit=limit)


def visible_shift_for_update(tx: Transaction, shift_id: UUID, *, actor: Actor) -> Shift:
    return _visible(tx, storage.shift_for_update(tx.session, shift_id), actor)


def _visible(tx: Transaction, shift: Shift | None, actor: Actor) -> Shift:
    if shift is None or not may_see(tx, shift, actor):
        raise ShiftNotFound("没有这个班次。")
    return shift


def may_see(tx: Transaction, shift: Shift, actor: Actor) -> bool:
    if actor.reaches_whole_city:
        return True
    if actor.is_staff or actor.has_role(Role.SUPERVISOR):
        return actor.reaches(shift.community_id)
    if actor.has_role(Role.UNIT_LIAISON) and actor.unit_id is not None and shift.item_id is not None:
        return storage.is_of_unit(tx.session, shift.item_id, actor.unit_id)
    return False


def _require_free(tx: Transaction, shift: Shift, volunteer: Volunteer) -> None:
    other = storage.find_overlapping(
        tx.session,
        volunteer.volunteer_id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        but=shift.shift_id,
    )
    if other is not None:
        raise ShiftsOverlap(f"志愿者 {volunteer.code} 同一时间已报名班次「{other.title}」。")


def _page(tx: Transaction, wanted: storage.WantedShifts, *, cursor: str | None, limit: int) -> dict[str, Any]:
    after = decode_cursor(cursor, datetime, UUID)
    found = storage.list_shifts(
        tx.session, wanted, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    page = found[:limit]
    communities = {one.community_id: one for one in storage.list_communities(tx.session)}
    return {
        "items": [shift_row(one, communities.get(one.community_id)) for one in page],
        "next": encode_cursor(page[-1].starts_at, page[-1].shift_id) if len(found) > limit else None,
    }


def _recorded(
    tx: Transaction, shift: Shift, act: str, summary: str, *, actor: Actor, now: datetime, reason: str = ""
) -> Any:
    return recorded(
        tx,
        shift,
        act,
        summary,
        actor=actor,
        now=now,
        reason=reason,
    )
