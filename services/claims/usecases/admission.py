"""Departments apply to hand tasks to communities; offices give opinions, the city decides, the day ends it."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis import clocks
from services.chassis.calendar import calendar_of
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.admission import Admission, Opinion, require_in_time
from services.claims.domain.admission_rules import gate_rules_on, tidy_name, title_key
from services.claims.domain.community import Community
from services.claims.domain.uscc import normal_uscc
from services.claims.usecases.history import record, recorded_of
from services.claims.usecases.showing import line_shown
from services.contracts.base import SYSTEM, Actor, Forbidden, Role, invalid_field
from services.contracts.claims.admission_terms import AdmissionStatus
from services.contracts.claims.clock_terms import ClockKind

SERIES = "ZR"
BATCH = 50
_LISTED = (
    "admission_id", "code", "department", "task_title", "kind", "from_on", "until_on", "community_ids",
    "applied_at", "decide_by_on", "is_by_rule", "version",
)  # fmt: skip


def apply_admission(tx: Transaction, *, actor: Actor, now: datetime, **fields: Any) -> Admission:
    """Entered by the city for a department; a task on one of the lists is decided at once, by rule."""
    actor.require_city()
    today = local_date(now)
    rules, calendar = gate_rules_on(today), calendar_of(tx.session, today)
    require_period(fields["from_on"], fields["until_on"])
    require_in_time(
        from_on=fields["from_on"],
        earliest_on=calendar.end_of_period(today, working_days=rules.lead_working_days),
        rules=rules,
    )
    require_known(tx, fields["community_ids"])
    admission = Admission(
        **{
            **fields,
            "department": tidy_name(fields["department"]),
            "uscc": normal_uscc(fields["uscc"]) if fields["uscc"] else "",
            "community_ids": list(dict.fromkeys(fields["community_ids"])),
        },
        admission_id=new_id(),
        code=storage.take_gate_code(tx.session, SERIES, today.year),
        title_key=title_key(fields["task_title"]),
        applied_on=today,
        applied_at=now,
        opinions_needed=rules.opinions_needed,
    )
    for event in admission.apply(
        decide_by_on=calendar.end_of_period(today, working_days=rules.decision_working_days),
        entries=storage.gate_entries_naming(tx.session, admission.task_title, on=admission.from_on),
    ):
        tx.emit(event)
    tx.session.add(admission)
    if admission.status is AdmissionStatus.APPLIED:
        clocks.start(
            tx,
            ClockKind.ADMISSION_DECISION,
            admission.admission_id,
            on=today,
            working_days=rules.decision_working_days,
            owner=clocks.CITY,
            code=admission.code,
            title=admission.task_title,
        )
    summary = f"「{admission.department}」申请{admission.kind.label}「{admission.task_title}」准入。"
    if admission.is_by_rule:
        summary += f"按清单{admission.status.label}：{admission.decision_reason}"
    record(tx, admission.admission_id, "apply_admission", summary, actor=actor, now=now)
    tx.audited(record_id=admission.admission_id, after=admission.facts())
    return admission


def record_opinion(
    tx: Transaction,
    *,
    admission_id: UUID,
    office: str,
    agrees: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Admission:
    admission = storage.admission_for_update(tx.session, admission_id)
    opinion = Opinion(
        opinion_id=new_id(), office=tidy_name(office), agrees=agrees, reason=reason, recorded_at=now
    )
    summary = f"「{opinion.office}」{'同意' if agrees else '不同意'}：{reason}"
    with _recorded(tx, admission, "record_opinion", summary, actor=actor, now=now):
        admission.record_opinion(opinion, actor=actor, today=local_date(now))
    return admission


def decide_admission(
    tx: Transaction,
    *,
    admission_id: UUID,
    is_admitted: bool,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Admission:
    admission = storage.admission_for_update(tx.session, admission_id)
    admission.require_version(expected_version)
    today = local_date(now)
    agreeing = sum(opinion.agrees for opinion in admission.opinions)
    summary = (
        f"会商{'准入' if is_admitted else '不予准入'}"
        f"（{agreeing} 个单位同意，{len(admission.opinions) - agreeing} 个不同意）：{reason}"
    )
    _take_over_clock(tx, admission)
    with _recorded(tx, admission, "decide_admission", summary, actor=actor, now=now, reason=reason):
        tx.emit(admission.decide(is_admitted=is_admitted, reason=reason, actor=actor, today=today, now=now))
    clocks.stop(tx, ClockKind.ADMISSION_DECISION, admission_id)
    return admission


def revoke_admission(
    tx: Transaction,
    *,
    admission_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Admission:
    admission = storage.admission_for_update(tx.session, admission_id)
    admission.require_version(expected_version)
    with _recorded(
        tx, admission, "revoke_admission", f"撤销准入：{reason}", actor=actor, now=now, reason=reason
    ):
        tx.emit(admission.revoke(reason=reason, actor=actor, today=local_date(now), now=now))
    return admission


def expire_admissions(tx: Transaction, *, now: datetime) -> bool:
    """The automatic exit of those whose last day is over; whether more may be waiting."""
    today = local_date(now)
    ended = storage.ended_admissions_for_update(tx.session, today, limit=BATCH)
    for admission in ended:
        summary = f"准入期限 {admission.until_on} 已满，自动退出。"
        with _recorded(tx, admission, "expire_admissions", summary, actor=SYSTEM, now=now):
            tx.emit(admission.expire(today=today, now=now))
    return len(ended) == BATCH


def get_admission(tx: Transaction, *, admission_id: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    require_reader(actor)
    return show_admission(tx, storage.get_admission(tx.session, admission_id), actor=actor, now=now)


def show_admission(tx: Transaction, admission: Admission, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The application whole, with what this reader may do."""
    _take_over_clock(tx, admission)
    tx.session.flush()
    today = local_date(now)
    names = {one.community_id: one.community_name for one in storage.list_communities(tx.session)}
    return {
        **values_of(admission),
        **_of_the_day(admission, today),
        "community_names": [names[one] for one in admission.community_ids if one in names],
        "history": [
            line_shown(line, actor) for line in storage.history_of(tx.session, admission.admission_id)
        ],
        "possible_acts": admission.possible_acts(actor=actor, today=today),
    }


def list_admissions(
    tx: Transaction, *, cursor: str | None, limit: int, actor: Actor, now: datetime, **wanted: Any
) -> dict[str, Any]:
    """Newest first, with how many there are in all."""
    require_reader(actor)
    today = local_date(now)
    narrowed = storage.WantedAdmissions(today=today, **wanted)
    page, more = paged(
        lambda after, most: storage.list_admissions(tx.session, narrowed, after=after, limit=most),
        cursor=cursor,
        limit=limit,
        key="admission_id",
    )
    return {
        "items": [
            {**{name: getattr(one, name) for name in _LISTED}, **_of_the_day(one, today)} for one in page
        ],
        "next": more,
        "total": sum(storage.count_admissions(tx.session, narrowed).values()),
    }


def count_admissions(tx: Transaction, *, actor: Actor, now: datetime, **wanted: Any) -> dict[str, Any]:
    require_reader(actor)
    counted = storage.count_admissions(tx.session, storage.WantedAdmissions(today=local_date(now), **wanted))
    return {
        "total": sum(counted.values()),
        "by_status": {status: counted.get(status, 0) for status in AdmissionStatus},
    }


# ---- what the other parts of the gate need, too ------------------------------------------------


def require_reader(actor: Actor) -> None:
    """The gate is open to all who work for the communities and to those who watch over them."""
    if not actor.is_staff and not actor.has_role(Role.SUPERVISOR):
        raise Forbidden("只有社区、市级工作人员和居务监督委员会可以查看。")


def reached_communities(actor: Actor, community_id: UUID | None) -> Collection[UUID] | None:
    """Whose records this reader may see, narrowed to one community if he asks for it; None means all."""
    require_reader(actor)
    if community_id is not None:
        if not actor.reaches(community_id):
            raise Forbidden("您没有这个社区的权限。")
        return (community_id,)
    return None if actor.reaches_whole_city else actor.community_ids


def require_period(from_on: date, until_on: date) -> None:
    if until_on < from_on:
        raise invalid_field("until_on", "结束日期不能早于开始日期。")


def require_known(tx: Transaction, community_ids: Collection[UUID]) -> None:
    if set(community_ids) - storage.known_communities(tx.session, community_ids):
        raise invalid_field("community_ids", "所选社区不存在。")


def paged(read: Any, *, cursor: str | None, limit: int, key: str) -> tuple[list[Any], str | None]:
    """A page of what `read(after, limit)` gives, and where the next one begins; `key` names the id."""
    after = decode_cursor(cursor, UUID)
    found = read(after[0] if after else None, limit + 1)
    page = found[:limit]
    last = page[-1] if page else None
    record_ = last[0] if isinstance(last, tuple) else last
    return page, encode_cursor(getattr(record_, key)) if len(found) > limit else None


def known_community(tx: Transaction, community_id: UUID) -> Community:
    community = storage.find_community(tx.session, community_id)
    if community is None:
        raise invalid_field("community_id", "所选社区不存在。")
    return community


def values_of(record_: Any) -> dict[str, Any]:
    return {name: getattr(record_, name) for name in type(record_).__dataclass_fields__}


def _take_over_clock(tx: Transaction, admission: Admission) -> None:
    """A notice of working days that came meanwhile may have moved the last day for the decision."""
    if clock := clocks.find(tx.session, ClockKind.ADMISSION_DECISION, admission.admission_id):
        admission.decide_by_on = clock.due_on


def _of_the_day(admission: Admission, today: date) -> dict[str, Any]:
    return {"status": admission.status_on(today), "is_late": admission.is_late(today)}


def _recorded(tx: Transaction, admission: Admission, act: str, summary: str, **rest: Any) -> Any:
    return recorded_of(tx, admission.admission_id, admission, act, summary, community_id=None, **rest)
