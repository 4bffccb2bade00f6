"""未准入—退回, and the emergencies that are exempt from admission."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.admission_rules import (
    gate_rules_on,
    on_list_basis,
    tidy_name,
    title_key,
    unadmitted_basis,
)
from services.claims.domain.burden import first_day, first_day_after
from services.claims.domain.gate_list import GateEntry
from services.claims.domain.sent_back import Emergency, SentBackTask
from services.claims.usecases.admission import (
    known_community,
    paged,
    reached_communities,
    require_known,
    require_reader,
    values_of,
)
from services.claims.usecases.history import record
from services.contracts.base import Actor, invalid_field
from services.contracts.claims.admission_terms import EmergencyKind, GateList, TaskKind
from services.contracts.claims.errors import SentBackTaskNotFound, TaskIsAdmitted

SENT_BACK_SERIES, EMERGENCY_SERIES = "TH", "YJ"


def send_back_task(
    tx: Transaction,
    *,
    community_id: UUID,
    admission_id: UUID | None,
    department: str,
    task_title: str,
    kind: TaskKind | None,
    note: str,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """One click: refused only when the task is listed, admitted or an emergency that very day."""
    actor.require_staff_of(community_id)
    community = known_community(tx, community_id)
    today = local_date(now)
    applied = None if admission_id is None else storage.get_admission(tx.session, admission_id)
    if applied is not None:
        department, task_title, kind = applied.department, applied.task_title, applied.kind
    department = tidy_name(department)
    for path, value in (("department", department), ("task_title", task_title), ("kind", kind)):
        if not value:
            raise invalid_field(path, "必填。")
    assert kind is not None
    entry = _refuse_admitted(
        tx, department=department, task_title=task_title, community_id=community_id, day=today
    )
    basis = (
        on_list_basis(entry.gate_list.label, entry.title, entry.basis) if entry else unadmitted_basis(today)
    )
    # Whoever has the code counts alone, so two letters of one moment do not bear one number.
    code = storage.take_gate_code(tx.session, SENT_BACK_SERIES, today.year)
    before = storage.count_sent_back(
        tx.session, department=department, community_id=community_id, year=today.year
    )
    task, event = SentBackTask.send_back(
        sent_back_id=new_id(),
        code=code,
        community_id=community_id,
        community_name=community.community_name,
        department=department,
        task_title=task_title,
        kind=kind,
        admission_id=admission_id,
        entry_id=entry.entry_id if entry else None,
        basis=basis,
        note=note,
        counted=before.one_more(),
        today=today,
        now=now,
    )
    tx.session.add(task)
    tx.emit(event)
    summary = f"{community.community_name}退回「{department}」的{kind.label}「{task_title}」（{code}）。"
    record(tx, task.sent_back_id, "send_back_task", summary, actor=actor, now=now)
    if admission_id is not None:
        record(tx, admission_id, "send_back_task", summary, actor=actor, now=now)
    tx.audited(record_id=task.sent_back_id, community_id=community_id, after=task.letter)
    return {**values_of(task), "community_name": community.community_name}


def _refuse_admitted(
    tx: Transaction, *, department: str, task_title: str, community_id: UUID, day: date
) -> GateEntry | None:
    """The negative entry that names the task, if one does; a task that has its place is not sent back."""
    wanted: dict[str, Any] = {
        "key": title_key(task_title),
        "department": department,
        "community_id": community_id,
        "day": day,
    }
    if emergency := storage.covering_emergency(tx.session, **wanted):
        raise TaskIsAdmitted(
            f"「{task_title}」属于应急（{emergency.code}，至 {emergency.until_on}），免于准入，不能退回。"
        )
    entries = storage.gate_entries_naming(tx.session, task_title, on=day)
    for entry in entries:
        if entry.gate_list is GateList.NEGATIVE:
            return entry
    for entry in entries:
        raise TaskIsAdmitted(f"「{task_title}」列入{entry.gate_list.label}清单，不能退回。")
    if admission := storage.covering_admission(tx.session, **wanted):
        raise TaskIsAdmitted(
            f"「{task_title}」已准入（{admission.code}，至 {admission.until_on}），不能退回。"
        )
    return None


def get_sent_back_task(tx: Transaction, *, sent_back_id: UUID, actor: Actor) -> dict[str, Any]:
    require_reader(actor)
    task = storage.get_sent_back_task(tx.session, sent_back_id)
    if not actor.reaches(task.community_id):
        raise SentBackTaskNotFound("没有这份退回单。")
    return {**values_of(task), "community_name": known_community(tx, task.community_id).community_name}


def list_sent_back_tasks(
    tx: Transaction,
    *,
    community_id: UUID | None,
    department: str,
    month: str | None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> dict[str, Any]:
    there = reached_communities(actor, community_id)
    tasks, more = paged(
        lambda after, most: storage.list_sent_back_tasks(
            tx.session,
            community_ids=there,
            department=tidy_name(department),
            start=first_day(month) if month else None,
            end=first_day_after(month) if month else None,
            after=after,
            limit=most,
        ),
        cursor=cursor,
        limit=limit,
        key="sent_back_id",
    )
    return {"items": [{**values_of(one), "community_name": name} for one, name in tasks], "next": more}


# ---- emergencies --------------------------------------------------------------------------------


def declare_emergency(
    tx: Transaction,
    *,
    department: str,
    title: str,
    kind: EmergencyKind,
    reason: str,
    from_on: date,
    until_on: date,
    community_ids: list[UUID],
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Exempt from admission, but counted."""
    actor.require_city()
    require_known(tx, community_ids)
    today = local_date(now)
    emergency = Emergency(
        emergency_id=new_id(),
        code="",
        department=tidy_name(department),
        title=title,
        title_key=title_key(title),
        kind=kind,
        reason=reason,
        from_on=from_on,
        until_on=until_on,
        community_ids=list(dict.fromkeys(community_ids)),
        declared_at=now,
    )
    emergency.code = storage.take_gate_code(tx.session, EMERGENCY_SERIES, today.year)
    tx.emit(emergency.declare(today=today, rules=gate_rules_on(today)))
    tx.session.add(emergency)
    summary = f"宣布应急「{title}」（{kind.label}），{from_on} 至 {until_on}：{reason}"
    record(tx, emergency.emergency_id, "declare_emergency", summary, actor=actor, now=now)
    tx.audited(record_id=emergency.emergency_id, reason=reason)
    return show_emergency(emergency, today=today)


def list_emergencies(
    tx: Transaction,
    *,
    community_id: UUID | None,
    is_running: bool,
    cursor: str | None,
    limit: int,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    require_reader(actor)
    today = local_date(now)
    found, more = paged(
        lambda after, most: storage.list_emergencies(
            tx.session,
            community_id=community_id,
            running_on=today if is_running else None,
            after=after,
            limit=most,
        ),
        cursor=cursor,
        limit=limit,
        key="emergency_id",
    )
    return {"items": [show_emergency(one, today=today) for one in found], "next": more}


def show_emergency(emergency: Emergency, *, today: date) -> dict[str, Any]:
    return {**values_of(emergency), "is_running": emergency.from_on <= today <= emergency.until_on}
