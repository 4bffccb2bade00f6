"""What departments asked of communities is recorded, and added up to the index of a month."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.admission_rules import tidy_name, title_key
from services.claims.domain.burden import (
    Burden,
    Counted,
    burden_index,
    burden_rules_on,
    first_day,
    first_day_after,
    formula,
)
from services.claims.usecases.admission import known_community, reached_communities, values_of
from services.claims.usecases.history import record, recorded_of
from services.contracts.base import Actor, invalid_field
from services.contracts.claims.admission_terms import BurdenBasis, BurdenKind, GateList
from services.contracts.claims.errors import AdmissionNotInForce, BurdenNotFound, EmergencyNotRunning


def record_burden(
    tx: Transaction,
    *,
    community_id: UUID,
    department: str,
    title: str,
    kind: BurdenKind,
    quantity: int,
    happened_on: date,
    admission_id: UUID | None,
    emergency_id: UUID | None,
    note: str,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """On what ground it came is looked up, not believed: an admission or emergency must cover that day."""
    actor.require_staff_of(community_id)
    known_community(tx, community_id)
    if happened_on > local_date(now):
        raise invalid_field("happened_on", "发生日期不能晚于今天。")
    if admission_id is not None and emergency_id is not None:
        raise invalid_field("emergency_id", "准入事项和应急只能选择一项。")
    burden = Burden(
        burden_id=new_id(),
        community_id=community_id,
        department=tidy_name(department),
        title=title,
        kind=kind,
        basis=BurdenBasis.UNADMITTED,
        quantity=quantity,
        happened_on=happened_on,
        note=note,
        recorded_at=now,
    )
    if admission_id is not None:
        _under_admission(tx, burden, admission_id)
    elif emergency_id is not None:
        _under_emergency(tx, burden, emergency_id)
    elif not burden.department:
        raise invalid_field("department", "必填。")
    else:
        _under_what_names_it(tx, burden)
    tx.session.add(burden)
    summary = f"登记「{burden.department}」{kind.label}「{title}」{quantity} 次（{burden.basis.label}）。"
    record(tx, burden.burden_id, "record_burden", summary, actor=actor, now=now)
    tx.audited(record_id=burden.burden_id, community_id=community_id)
    return show_burden(tx, burden, actor=actor)


def _under_admission(tx: Transaction, burden: Burden, admission_id: UUID) -> None:
    admission = storage.get_admission(tx.session, admission_id)
    if not admission.covers(burden.community_id, burden.happened_on):
        raise AdmissionNotInForce(
            f"准入事项 {admission.code} 在 {burden.happened_on} 对该社区没有效力，请按未准入登记或退回。"
        )
    burden.admission_id, burden.basis = admission_id, BurdenBasis.ADMITTED
    burden.department = admission.department


def _under_emergency(tx: Transaction, burden: Burden, emergency_id: UUID) -> None:
    emergency = storage.get_emergency(tx.session, emergency_id)
    if not emergency.covers(burden.community_id, burden.happened_on):
        raise EmergencyNotRunning(f"应急 {emergency.code} 不包括该社区在 {burden.happened_on} 的工作。")
    burden.emergency_id, burden.basis = emergency_id, BurdenBasis.EMERGENCY
    burden.department = emergency.department


def _under_what_names_it(tx: Transaction, burden: Burden) -> None:
    """Nobody said on what ground: a running emergency, an admission or a list that names the task is found."""
    wanted: dict[str, Any] = {
        "key": title_key(burden.title),
        "department": burden.department,
        "community_id": burden.community_id,
        "day": burden.happened_on,
    }
    if emergency := storage.covering_emergency(tx.session, **wanted):
        burden.emergency_id, burden.basis = emergency.emergency_id, BurdenBasis.EMERGENCY
        return
    entries = storage.gate_entries_naming(tx.session, burden.title, on=burden.happened_on)
    if any(entry.gate_list is GateList.NEGATIVE for entry in entries):
        return
    if entries:
        burden.entry_id, burden.basis = entries[0].entry_id, BurdenBasis.ADMITTED
    elif admission := storage.covering_admission(tx.session, **wanted):
        burden.admission_id, burden.basis = admission.admission_id, BurdenBasis.ADMITTED


def withdraw_burden(
    tx: Transaction,
    *,
    burden_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    burden = storage.burden_for_update(tx.session, burden_id)
    if not actor.reaches(burden.community_id):
        raise BurdenNotFound("没有这条负担记录。")
    burden.require_version(expected_version)
    with recorded_of(
        tx,
        burden_id,
        burden,
        "withdraw_burden",
        f"撤回记录：{reason}",
        community_id=burden.community_id,
        actor=actor,
        now=now,
        reason=reason,
    ):
        burden.withdraw(reason=reason, actor=actor, now=now)
    return show_burden(tx, burden, actor=actor)


def list_burdens(
    tx: Transaction,
    *,
    community_id: UUID | None,
    department: str,
    kind: BurdenKind | None,
    basis: BurdenBasis | None,
    month: str | None,
    with_withdrawn: bool,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> dict[str, Any]:
    """The rows behind a number, latest first."""
    wanted = storage.WantedBurdens(
        community_ids=reached_communities(actor, community_id),
        department=tidy_name(department),
        kind=kind,
        basis=basis,
        start=first_day(month) if month else None,
        end=first_day_after(month) if month else None,
        with_withdrawn=with_withdrawn,
    )
    after = decode_cursor(cursor, date, UUID)
    found = storage.list_burdens(
        tx.session, wanted, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    page = found[:limit]
    more = encode_cursor(page[-1][0].happened_on, page[-1][0].burden_id) if len(found) > limit else None
    return {
        "items": [
            {**values_of(one), "community_name": name, "possible_acts": one.possible_acts(actor)}
            for one, name in page
        ],
        "next": more,
    }


def get_burden_meter(
    tx: Transaction, *, month: str, community_id: UUID | None, actor: Actor
) -> dict[str, Any]:
    """Every community that the reader reaches has its line, also one without any burden."""
    there = reached_communities(actor, community_id)
    start, end = first_day(month), first_day_after(month)
    rules = burden_rules_on(start)
    rows = storage.burdens_counted(
        tx.session, storage.WantedBurdens(community_ids=there, start=start, end=end)
    )
    refused = storage.sent_back_counted(tx.session, community_ids=there, start=start, end=end)

    counted: dict[UUID | str, list[Counted]] = {}
    sent_back: Counter[UUID | str] = Counter()
    for where, department, one in rows:
        counted.setdefault(where, []).append(one)
        counted.setdefault(department, []).append(one)
    for where, department, count in refused:
        sent_back[where] += count
        sent_back[department] += count

    def figures(key: UUID | str) -> dict[str, Any]:
        return vars(burden_index(counted.get(key, ()), sent_back=sent_back[key], rules=rules))

    departments = {department for _, department, *_ in [*rows, *refused]}
    total = burden_index(
        (one for *_, one in rows), sent_back=sum(count for *_, count in refused), rules=rules
    )
    by_community = [
        {
            "community_id": one.community_id,
            "community_name": one.community_name,
            **figures(one.community_id),
        }
        for one in storage.list_communities(tx.session)
        if there is None or one.community_id in there
    ]
    by_department = [{"department": name, **figures(name)} for name in sorted(departments)]
    return {
        "month": month,
        "formula": formula(rules),
        "total": total,
        "communities": sorted(by_community, key=_heaviest_first),
        "departments": sorted(by_department, key=_heaviest_first),
    }


def _heaviest_first(line: dict[str, Any]) -> int:
    index: int = line["index"]
    return -index


def show_burden(tx: Transaction, burden: Burden, *, actor: Actor) -> dict[str, Any]:
    return {
        **values_of(burden),
        "community_name": known_community(tx, burden.community_id).community_name,
        "possible_acts": burden.possible_acts(actor),
    }
