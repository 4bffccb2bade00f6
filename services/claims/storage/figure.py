"""What each figure of the dashboard counts, as a condition on items."""

from collections.abc import Collection
from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa

from services.chassis.clock import LOCAL
from services.claims.domain.item_record import RUNNING
from services.claims.storage.tables import claims, items, poll_results
from services.contracts.claims.dashboard_terms import Figure
from services.contracts.claims.terms import ClaimStatus, ItemStatus

# What no unit has taken on; items done another way are not claimed either.
OPEN = (
    ItemStatus.DRAFT,
    ItemStatus.PUBLISHED,
    ItemStatus.EXPIRED,
    ItemStatus.PURCHASED,
    ItemStatus.FUNDED,
    ItemStatus.WITHDRAWN,
)
DONE = (ItemStatus.VERIFIED, ItemStatus.SCORED, ItemStatus.COMMENDED)
WAITING_CLAIMS = (ClaimStatus.CLAIMED, ClaimStatus.SUBMITTED)


def first_moment(day: date) -> datetime:
    """Midnight here."""
    return datetime.combine(day, time(), LOCAL)


def overdue(today: date) -> sa.ColumnElement[bool]:
    """`Item.days_left` below nought, for many at once."""
    return items.c.status.in_(RUNNING) & (items.c.due_on < today)


def figure_condition(
    figure: Figure, *, today: date, staff_of: Collection[UUID] | None
) -> sa.ColumnElement[bool]:
    """`staff_of`: the communities that the reader works for (None: all); work waits for nobody else."""
    is_done = items.c.status.in_(DONE)
    match figure:
        case Figure.PUBLISHED:
            return items.c.status != ItemStatus.DRAFT
        case Figure.CLAIMED:
            return items.c.status.not_in(OPEN)
        case Figure.DONE:
            return is_done
        case Figure.IN_TIME:
            return is_done & (items.c.finished_on <= items.c.due_on)
        case Figure.LATE:
            return is_done & (items.c.finished_on > items.c.due_on)
        case Figure.OVERDUE:
            return overdue(today)
        case Figure.POLLED:
            # Under another name: a count beside the poll's sums must not take theirs for its own.
            poll = poll_results.alias()
            return sa.exists().where(poll.c.item_id == items.c.item_id, poll.c.answered > 0)
        case Figure.WAITING:
            return _waiting(staff_of)


def _waiting(staff_of: Collection[UUID] | None) -> sa.ColumnElement[bool]:
    """A claim to confirm or to verify, or an item to assess."""
    to_decide = sa.exists().where(claims.c.item_id == items.c.item_id, claims.c.status.in_(WAITING_CLAIMS))
    to_assess = (items.c.status == ItemStatus.VERIFIED) & items.c.assessment.is_(None)
    here = sa.true() if staff_of is None else items.c.community_id.in_(staff_of)
    return here & (to_decide | to_assess)
