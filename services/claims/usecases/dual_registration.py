"""Units' organisations and members report to a community, serve there, and are evaluated once a year."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.dual_registration import (
    DualRegistration,
    DualService,
    Evaluation,
    registration_code,
    require_reader,
)
from services.claims.usecases.history import record, recorded_of
from services.claims.usecases.showing import line_shown
from services.contracts.base import Actor, invalid_field
from services.contracts.claims.dual_registration_terms import EvaluationGrade, RegistrationKind

_NOT_HERE = "本社区没有这一项。"
_SHOWN = (
    "registration_id",
    "code",
    "kind",
    "status",
    "community_id",
    "unit_id",
    "unit_name",
    "organisation_title",
    "headcount",
    "member_name",
    "reported_on",
    "minutes",
    "version",
    "skills",
    "ended_on",
    "end_reason",
    "evaluations",
)


def open_dual_registration(
    tx: Transaction,
    *,
    unit_id: UUID,
    community_id: UUID,
    reported_on: date,
    actor: Actor,
    now: datetime,
    **fields: Any,
) -> DualRegistration:
    if storage.find_community(tx.session, community_id) is None:
        raise invalid_field("community_id", "所选社区不存在。")
    unit = storage.get_unit(tx.session, unit_id)
    unit.require_seen_by(actor)
    number = storage.take_registration_number(tx.session)
    registration, opened = DualRegistration.open(
        unit=unit,
        registration_id=new_id(),
        number=number,
        code=registration_code(reported_on.year, number),
        community_id=community_id,
        reported_on=reported_on,
        actor=actor,
        today=local_date(now),
        now=now,
        **fields,
    )
    storage.save_dual_registration(tx.session, registration)
    tx.emit(opened)
    said = f"{registration.kind.label}报到，编号 {registration.code}。"
    record(tx, registration.registration_id, "open_dual_registration", said, actor=actor, now=now)
    tx.audited(record_id=registration.registration_id, community_id=community_id, after=registration.facts())
    return registration


def record_dual_service(
    tx: Transaction,
    *,
    registration_id: UUID,
    task_id: UUID | None,
    item_id: UUID | None,
    shift_id: UUID | None,
    title: str,
    served_on: date,
    minutes: int,
    people: int,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> DualRegistration:
    """What it was for gives the title when nobody wrote one."""
    registration = _locked(tx, registration_id, expected_version, actor=actor)
    ids: dict[str, Any] = {"task_id": task_id, "item_id": item_id, "shift_id": shift_id}
    if sum(one is not None for one in ids.values()) > 1:
        raise invalid_field("title", "任务、事项、班次只能选择一个。")
    served_for = _title_of(tx, registration.community_id, actor=actor, **ids)
    service = DualService(
        service_id=new_id(),
        **ids,
        title=title or served_for,
        served_on=served_on,
        minutes=minutes,
        people=people,
    )
    summary = f"服务：{service.title}，{people} 人，每人 {minutes} 分钟。"
    with _acting(tx, registration, "record_dual_service", summary, actor=actor, now=now):
        registration.record_service(service, actor=actor, today=local_date(now))
    return registration


def withdraw_dual_service(
    tx: Transaction,
    *,
    registration_id: UUID,
    service_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> DualRegistration:
    registration = _locked(tx, registration_id, expected_version, actor=actor)
    summary = f"撤销服务记录：{reason}"
    with _acting(tx, registration, "withdraw_dual_service", summary, actor=actor, now=now, reason=reason):
        registration.withdraw_service(service_id, reason=reason, actor=actor)
    return registration


def evaluate_dual_registration(
    tx: Transaction,
    *,
    registration_id: UUID,
    year: int,
    grade: EvaluationGrade,
    comment: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> DualRegistration:
    """Fed back to the unit by an event; its liaison reads grade and words on its page."""
    registration = _locked(tx, registration_id, expected_version, actor=actor)
    evaluation = Evaluation(year=year, grade=grade, comment=comment, evaluated_at=now)
    summary = f"{year} 年度评议：{grade.label}。"
    with _acting(tx, registration, "evaluate_dual_registration", summary, actor=actor, now=now):
        tx.emit(registration.evaluate(evaluation, actor=actor, today=local_date(now)))
    return registration


def end_dual_registration(
    tx: Transaction,
    *,
    registration_id: UUID,
    reason: str,
    is_anonymised: bool,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> DualRegistration:
    registration = _locked(tx, registration_id, expected_version, actor=actor)
    summary = f"转出：{reason}"
    with _acting(tx, registration, "end_dual_registration", summary, actor=actor, now=now, reason=reason):
        registration.end(reason=reason, is_anonymised=is_anonymised, actor=actor, today=local_date(now))
    return registration


def get_dual_registration(tx: Transaction, *, registration_id: UUID, actor: Actor) -> dict[str, Any]:
    registration = storage.get_dual_registration(tx.session, registration_id)
    registration.require_seen_by(actor)
    return show_dual_registration(tx, registration, actor=actor)


def show_dual_registration(
    tx: Transaction, registration: DualRegistration, *, actor: Actor
) -> dict[str, Any]:
    tx.session.flush()
    community = storage.find_community(tx.session, registration.community_id)
    last = registration.evaluations[-1] if registration.evaluations else None
    return {
        **{name: getattr(registration, name) for name in _SHOWN},
        "community_name": community.community_name if community else "",
        "services": sum(one.stands for one in registration.services),
        "service_records": sorted(registration.services, key=lambda one: one.served_on, reverse=True),
        "last_year": last and last.year,
        "last_grade": last and last.grade,
        "history": [
            line_shown(line, actor) for line in storage.history_of(tx.session, registration.registration_id)
        ],
        "possible_acts": registration.possible_acts(actor),
    }


def list_dual_registrations(
    tx: Transaction, *, cursor: str | None, limit: int, actor: Actor, **wanted: Any
) -> dict[str, Any]:
    """A liaison sees the own unit's; staff those of the communities they work for."""
    require_reader(actor)
    after = decode_cursor(cursor, int)
    if not actor.is_staff:
        # Nothing is of no unit at all.
        wanted["unit_id"] = actor.unit_id or UUID(int=0)
    narrowed = storage.WantedRegistrations(**wanted, seen_by=seen_by_staff(actor))
    found = storage.list_registration_lines(
        tx.session, narrowed, after=after[0] if after else None, limit=limit + 1
    )
    page = found[:limit]
    return {"items": page, "next": encode_cursor(page[-1]["number"]) if len(found) > limit else None}


def export_dual_registrations(tx: Transaction, **wanted: Any) -> dict[str, Any]:
    """报到一览表: the same as the list, as texts by column; names are masked as on the page."""
    page = list_dual_registrations(tx, **wanted)
    return {"items": [_row(line) for line in page["items"]], "next": page["next"]}


def _row(line: dict[str, Any]) -> dict[str, str]:
    grade: EvaluationGrade | None = line["last_grade"]
    who = line["member_name"][:1] + "*" if line["kind"] is RegistrationKind.MEMBER else ""
    hours, minutes = divmod(line["minutes"], 60)
    return {
        "编号": line["code"],
        "类型": line["kind"].label,
        "社区": line["community_name"],
        "单位": line["unit_name"],
        "党组织": line["organisation_title"],
        "姓名": who,
        "党员人数": str(line["headcount"] or ""),
        "报到日期": str(line["reported_on"]),
        "状态": line["status"].label,
        "服务次数": str(line["services"]),
        "服务时长": f"{hours} 小时 {minutes} 分",
        "最近评议": f"{line['last_year']} {grade.label}" if grade else "",
    }


def seen_by_staff(actor: Actor) -> Collection[UUID] | None:
    return actor.community_ids if actor.is_staff and not actor.reaches_whole_city else None


def _locked(
    tx: Transaction, registration_id: UUID, expected_version: int | None, *, actor: Actor
) -> DualRegistration:
    registration = storage.get_dual_registration(tx.session, registration_id, is_locked=True)
    registration.require_seen_by(actor)
    registration.require_version(expected_version)
    return registration


@contextmanager
def _acting(
    tx: Transaction,
    registration: DualRegistration,
    act: str,
    summary: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Iterator[None]:
    with recorded_of(
        tx,
        registration.registration_id,
        registration,
        act,
        summary,
        community_id=registration.community_id,
        actor=actor,
        now=now,
        reason=reason,
    ):
        yield
    storage.save_dual_registration(tx.session, registration)


def _title_of(
    tx: Transaction,
    community_id: UUID,
    *,
    task_id: UUID | None,
    item_id: UUID | None,
    shift_id: UUID | None,
    actor: Actor,
) -> str:
    """Tasks, items and shifts of another community are none for this one."""
    if task_id is not None:
        task = storage.get_task(tx.session, task_id)
        if task.community_id != community_id:
            raise invalid_field("task_id", _NOT_HERE)
        task.require_open()
        return task.title
    if item_id is not None:
        item = storage.find_item(tx.session, item_id)
        if item is None or item.community_id != community_id:
            raise invalid_field("item_id", _NOT_HERE)
        return str(item.title)
    if shift_id is not None:
        shift = storage.find_shift(tx.session, shift_id)
        if shift is None or shift.community_id != community_id:
            raise invalid_field("shift_id", _NOT_HERE)
        return str(shift.title)
    return ""
