"""Periods of assessment are opened and closed; closing settles every unit's result."""

from collections.abc import Sequence
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
from services.claims.domain.period import (
    CLOSE_WORKING_DAYS,
    AssessedItem,
    AssessmentPeriod,
    bounds_of,
    item_weight,
    period_label,
)
from services.claims.domain.scheme import Scheme
from services.claims.domain.unit_assessment import UnitAssessment
from services.claims.usecases.admission import known_community, reached_communities, values_of
from services.claims.usecases.history import record, recorded
from services.claims.usecases.scheme_in_force import scheme_in_force
from services.claims.usecases.showing import line_shown
from services.claims.usecases.unit_showing import result_line
from services.contracts.base import Actor, Forbidden, Role, invalid_field
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.errors import PeriodNotFound, ScoringIncomplete
from services.contracts.claims.scheme_terms import PeriodKind

Found = dict[UUID, list[AssessedItem]]


def open_period(
    tx: Transaction,
    *,
    community_id: UUID,
    kind: PeriodKind,
    year: int,
    quarter: int | None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """From its first day on; every unit that serves the community is in it."""
    actor.require_staff_of(community_id)
    known_community(tx, community_id)
    start_on, end_on = bounds_of(kind, year=year, quarter=quarter)
    if start_on > local_date(now):
        raise invalid_field("year", f"{period_label(kind, start_on)}还没有开始。")
    period = AssessmentPeriod(
        period_id=new_id(),
        community_id=community_id,
        kind=kind,
        start_on=start_on,
        end_on=end_on,
        scheme_number=scheme_in_force(tx, start_on).number,
        opened_at=now,
    )
    storage.add_period(tx.session, period)
    for unit in storage.units_serving(tx.session, community_id):
        _add_unit(tx, period, unit.unit_id)
    record(tx, period.period_id, "open_period", f"开始{period.label}考核。", actor=actor, now=now)
    tx.audited(record_id=period.period_id, community_id=community_id)
    clocks.start(
        tx,
        ClockKind.CLOSE_PERIOD,
        period.period_id,
        on=local_date(now),
        due_on=calendar_of(tx.session, end_on).end_of_period(end_on, working_days=CLOSE_WORKING_DAYS),
        community_id=community_id,
        title=f"{period.label}考核",
    )
    return show_period(tx, period, actor=actor, now=now)


def close_period(
    tx: Transaction,
    *,
    period_id: UUID,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """All results or none; units that came to the community meanwhile are in it too."""
    period = storage.period_for_update(tx.session, period_id)
    if not actor.reaches(period.community_id):
        raise PeriodNotFound("没有这一期考核。")
    period.require_version(expected_version)
    today = local_date(now)
    with recorded(
        tx, period, "close_period", f"结束{period.label}考核，评定结果公示。", actor=actor, now=now
    ):
        period.close(actor=actor, today=today, now=now)
        scheme, calendar = (
            storage.scheme_of_number(tx.session, period.scheme_number),
            calendar_of(tx.session, today),
        )
        found = items_of(tx, period, scheme)
        results = storage.assessments_of_period(tx.session, period_id, for_update=True)
        for unit_id in found.keys() - {one.unit_id for one in results}:
            results.append(_add_unit(tx, period, unit_id))
        _require_complete(results, found, scheme)
        for result in results:
            scored = result.freeze(
                found.get(result.unit_id, []), scheme=scheme, calendar=calendar, today=today, now=now
            )
            said = f"{period.label}评定 {result.total:.2f} 分。" if scored else f"{period.label}没有评定。"
            record(tx, result.assessment_id, "close_period", said, actor=actor, now=now)
            if scored:
                tx.emit(scored)
    clocks.stop(tx, ClockKind.CLOSE_PERIOD, period_id)
    return show_period(tx, period, actor=actor, now=now)


def get_period(tx: Transaction, *, period_id: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    period = storage.get_period(tx.session, period_id)
    if period.community_id not in _watched(actor, period.community_id):
        raise PeriodNotFound("没有这一期考核。")
    return show_period(tx, period, actor=actor, now=now)


def list_periods(
    tx: Transaction, *, community_id: UUID | None, cursor: str | None, limit: int, actor: Actor
) -> dict[str, Any]:
    """Those of the communities that the reader watches, the latest first."""
    after = decode_cursor(cursor, date, UUID)
    found = storage.list_periods(
        tx.session,
        community_ids=reached_communities(actor, community_id),
        before=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    page = found[:limit]
    counted = storage.count_units_of_periods(tx.session, [one.period_id for one in page])
    names = {one.community_id: one.community_name for one in storage.list_communities(tx.session)}
    return {
        "items": [
            _period_line(one, names.get(one.community_id, ""), counted.get(one.period_id, 0)) for one in page
        ],
        "next": encode_cursor(page[-1].start_on, page[-1].period_id) if len(found) > limit else None,
    }


def show_period(tx: Transaction, period: AssessmentPeriod, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """While it runs, every unit's figures are what they would be if it ended now."""
    tx.session.flush()
    today = local_date(now)
    scheme = storage.scheme_of_number(tx.session, period.scheme_number)
    results = storage.assessments_of_period(tx.session, period.period_id)
    running = {} if period.is_closed else items_of(tx, period, scheme)
    name = known_community(tx, period.community_id).community_name
    return {
        **_period_line(period, name, len(results)),
        "results": [
            result_line(one, running.get(one.unit_id, []), scheme=scheme, community_name=name, today=today)
            for one in results
        ],
        "history": [line_shown(line, actor) for line in storage.history_of(tx.session, period.period_id)],
        "possible_acts": period.possible_acts(actor=actor, today=today),
    }


def items_of(
    tx: Transaction, period: AssessmentPeriod, scheme: Scheme, *, unit_id: UUID | None = None
) -> Found:
    """What each unit did in the period, as it stands now."""
    rows = storage.items_verified(
        tx.session,
        community_id=period.community_id,
        start_on=period.start_on,
        end_on=period.end_on,
        unit_ids=None if unit_id is None else [unit_id],
    )
    found: Found = {}
    for row in rows:
        found.setdefault(row["unit_id"], []).append(
            AssessedItem(
                item_id=row["item_id"],
                code=row["code"],
                title=row["title"],
                score_total=row["score_total"],
                weight=item_weight(scheme.item_weighting, beneficiaries=row["beneficiaries"]),
                is_sample_sufficient=row["is_sample_sufficient"],
            )
        )
    return found


def _period_line(period: AssessmentPeriod, community_name: str, units: int) -> dict[str, Any]:
    return {
        **values_of(period),
        "label": period.label,
        "community_name": community_name,
        "units": units,
    }


def _add_unit(tx: Transaction, period: AssessmentPeriod, unit_id: UUID) -> UnitAssessment:
    result = UnitAssessment(
        assessment_id=new_id(),
        period_id=period.period_id,
        community_id=period.community_id,
        unit_id=unit_id,
        period=period,
        unit=storage.get_unit(tx.session, unit_id),
    )
    tx.session.add(result)
    return result


def _require_complete(results: Sequence[UnitAssessment], found: Found, scheme: Scheme) -> None:
    """Everything that is missing is said at once."""
    lacking = [
        f"「{one.unit.unit_name}」缺{'、'.join(kind.label for kind in missing)}的评分"
        for one in results
        if (missing := one.missing(found.get(one.unit_id, []), scheme))
    ]
    if lacking:
        more = f"等 {len(lacking)} 个单位" if len(lacking) > 5 else ""
        raise ScoringIncomplete(f"周期评分还没有齐备：{'；'.join(lacking[:5])}{more}。")


def _watched(actor: Actor, community_id: UUID) -> tuple[UUID, ...]:
    if not (actor.is_staff or actor.has_role(Role.SUPERVISOR)):
        raise Forbidden("只有工作人员和居务监督委员会可以查看。")
    return (community_id,) if actor.reaches(community_id) else ()
