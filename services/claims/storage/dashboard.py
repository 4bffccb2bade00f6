"""Figures for the dashboard: a handful of sums per community and status."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.storage.item import overdue, visible_items
from services.claims.storage.tables import claims, items, poll_results
from services.contracts.claims.terms import ClaimStatus, ItemStatus

WAITING_CLAIMS = (ClaimStatus.CLAIMED, ClaimStatus.SUBMITTED)


def sums_by_community_and_status(
    session: orm.Session,
    *,
    community_id: UUID | None,
    drafts_of: Collection[UUID] | None,
    today: date,
) -> Sequence[sa.Row[tuple[UUID, ItemStatus, int, int, int, int, int]]]:
    """Items, overdue ones, ones finished in time, poll answers, and answers times percent satisfied."""
    answered = sa.func.coalesce(sa.func.sum(poll_results.c.answered), 0)
    satisfied = sa.func.coalesce(
        sa.func.sum(poll_results.c.answered * poll_results.c.satisfaction_percent), 0
    )
    sums = (
        sa.select(
            items.c.community_id,
            items.c.status,
            sa.func.count().label("items"),
            sa.func.count().filter(overdue(today)).label("overdue"),
            sa.func.count().filter(items.c.finished_on <= items.c.due_on).label("in_time"),
            answered.label("answered"),
            satisfied.label("satisfied"),
        )
        .outerjoin(poll_results, poll_results.c.item_id == items.c.item_id)
        .where(visible_items(drafts_of))
        .group_by(items.c.community_id, items.c.status)
    )
    if community_id is not None:
        sums = sums.where(items.c.community_id == community_id)
    return session.execute(sums).all()


def count_waiting_for_staff(
    session: orm.Session, *, community_id: UUID | None, staff_of: Collection[UUID] | None
) -> int:
    """Claims to confirm or verify and items to assess, in communities the reader works for (None: all)."""
    here: list[sa.ColumnElement[bool]] = []
    if staff_of is not None:
        here.append(items.c.community_id.in_(staff_of))
    if community_id is not None:
        here.append(items.c.community_id == community_id)
    to_decide = (
        sa.select(sa.func.count())
        .select_from(claims.join(items, items.c.item_id == claims.c.item_id))
        .where(claims.c.status.in_(WAITING_CLAIMS), *here)
    )
    to_assess = (
        sa.select(sa.func.count())
        .select_from(items)
        .where(items.c.status == ItemStatus.VERIFIED, items.c.assessment.is_(None), *here)
    )
    both = sa.select(to_decide.scalar_subquery(), to_assess.scalar_subquery())
    claims_waiting, items_waiting = session.execute(both).one()
    return int(claims_waiting) + int(items_waiting)
