"""Periods and units' results of them, and the items that results are made of."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.period import AssessmentPeriod
from services.claims.domain.unit import Unit
from services.claims.domain.unit_assessment import UnitAssessment
from services.claims.storage.figure import first_moment
from services.claims.storage.tables import (
    assessment_periods,
    claim_parties,
    claims,
    items,
    poll_results,
    unit_assessments,
    units,
)
from services.contracts.claims.errors import (
    PeriodAlreadyOpened,
    PeriodNotFound,
    UnitAssessmentNotFound,
)
from services.contracts.claims.scheme_terms import ResultStatus
from services.contracts.claims.terms import ClaimStatus

SETTLED = (ResultStatus.FROZEN, ResultStatus.COMMENDED)


def add_period(session: orm.Session, period: AssessmentPeriod) -> None:
    """Refused when it is open already, also by somebody who opens it at this very moment."""
    try:
        with session.begin_nested():
            session.add(period)
    except sa.exc.IntegrityError as error:
        raise PeriodAlreadyOpened(f"{period.label}考核已经开始，不能重复开始。") from error


def get_period(session: orm.Session, period_id: UUID) -> AssessmentPeriod:
    found = session.get(AssessmentPeriod, period_id)
    if found is None:
        raise PeriodNotFound("没有这一期考核。")
    return found


def period_for_update(session: orm.Session, period_id: UUID) -> AssessmentPeriod:
    wanted = sa.select(AssessmentPeriod).where(assessment_periods.c.period_id == period_id)
    found = session.scalars(wanted.with_for_update()).one_or_none()
    if found is None:
        raise PeriodNotFound("没有这一期考核。")
    return found


def list_periods(
    session: orm.Session,
    *,
    community_ids: Collection[UUID] | None,
    before: tuple[date, UUID] | None,
    limit: int,
) -> list[AssessmentPeriod]:
    """The latest first."""
    wanted = sa.select(AssessmentPeriod)
    if community_ids is not None:
        wanted = wanted.where(assessment_periods.c.community_id.in_(community_ids))
    order = (assessment_periods.c.start_on, assessment_periods.c.period_id)
    if before is not None:
        wanted = wanted.where(sa.tuple_(*order) < sa.tuple_(*before))
    return list(session.scalars(wanted.order_by(*(one.desc() for one in order)).limit(limit)))


def count_units_of_periods(session: orm.Session, period_ids: Collection[UUID]) -> dict[UUID, int]:
    counted = (
        sa.select(unit_assessments.c.period_id, sa.func.count().label("units"))
        .where(unit_assessments.c.period_id.in_(period_ids))
        .group_by(unit_assessments.c.period_id)
    )
    return {row.period_id: row.units for row in session.execute(counted)}


def units_serving(session: orm.Session, community_id: UUID) -> list[Unit]:
    return list(session.scalars(sa.select(Unit).where(units.c.community_ids.contains([community_id]))))


def assessments_of_period(
    session: orm.Session, period_id: UUID, *, for_update: bool = False
) -> list[UnitAssessment]:
    """In the order of the units' names; locked in one order everywhere."""
    wanted = sa.select(UnitAssessment).where(unit_assessments.c.period_id == period_id)
    if for_update:
        wanted = wanted.order_by(unit_assessments.c.assessment_id).with_for_update(of=unit_assessments)
        return list(session.scalars(wanted).unique())
    wanted = wanted.join(units, units.c.unit_id == unit_assessments.c.unit_id)
    return list(session.scalars(wanted.order_by(units.c.sort_key, units.c.unit_id)).unique())


def find_unit_assessment(session: orm.Session, assessment_id: UUID) -> UnitAssessment | None:
    return session.get(UnitAssessment, assessment_id)


def unit_assessment_for_update(session: orm.Session, assessment_id: UUID) -> UnitAssessment:
    wanted = sa.select(UnitAssessment).where(unit_assessments.c.assessment_id == assessment_id)
    found = session.scalars(wanted.with_for_update(of=unit_assessments)).unique().one_or_none()
    if found is None:
        raise UnitAssessmentNotFound("没有这份考核结果。")
    return found


def list_unit_assessments(
    session: orm.Session,
    *,
    community_id: UUID | None,
    unit_id: UUID | None,
    before: tuple[date, UUID] | None,
    limit: int,
) -> list[UnitAssessment]:
    """Settled ones with a total, the latest notice first."""
    wanted = sa.select(UnitAssessment).where(
        unit_assessments.c.status.in_(SETTLED), unit_assessments.c.total.is_not(None)
    )
    if community_id is not None:
        wanted = wanted.where(unit_assessments.c.community_id == community_id)
    if unit_id is not None:
        wanted = wanted.where(unit_assessments.c.unit_id == unit_id)
    order = (unit_assessments.c.notice_until_on, unit_assessments.c.assessment_id)
    if before is not None:
        wanted = wanted.where(sa.tuple_(*order) < sa.tuple_(*before))
    return list(session.scalars(wanted.order_by(*(one.desc() for one in order)).limit(limit)).unique())


def items_verified(
    session: orm.Session,
    *,
    community_id: UUID,
    start_on: date,
    end_on: date,
    unit_ids: Iterable[UUID] | None = None,
) -> Sequence[sa.RowMapping]:
    """A row for each unit at work on an item that was verified in these days, by code."""
    wanted = (
        sa.select(
            claim_parties.c.unit_id,
            items.c.item_id,
            items.c.code,
            items.c.title,
            items.c.score_total,
            items.c.beneficiaries,
            sa.func.coalesce(poll_results.c.is_sample_sufficient, sa.false()).label("is_sample_sufficient"),
        )
        .distinct()
        .join(claims, claims.c.item_id == items.c.item_id)
        .join(claim_parties, claim_parties.c.claim_id == claims.c.claim_id)
        .outerjoin(poll_results, poll_results.c.item_id == items.c.item_id)
        .where(
            items.c.community_id == community_id,
            items.c.verified_at >= first_moment(start_on),
            items.c.verified_at < first_moment(end_on + timedelta(days=1)),
            claims.c.status != ClaimStatus.RELEASED,
        )
        .order_by(items.c.code)
    )
    if unit_ids is not None:
        wanted = wanted.where(claim_parties.c.unit_id.in_(list(unit_ids)))
    found: Any = session.execute(wanted).mappings().all()
    return found  # type: ignore[no-any-return]
