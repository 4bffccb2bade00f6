"""Shifts: loaded whole under their lock, listed by the hour at which they start."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.enrolment import BOUND
from services.claims.domain.shift import Shift
from services.claims.storage.tables import claim_parties, claims, enrolments, shifts
from services.contracts.claims.errors import ShiftNotFound
from services.contracts.claims.terms import ClaimStatus
from services.contracts.claims.volunteer_terms import ShiftStatus


def find_shift(session: orm.Session, shift_id: UUID) -> Shift | None:
    return session.get(Shift, shift_id)


def shift_for_update(session: orm.Session, shift_id: UUID) -> Shift:
    """The shift as it is once everybody before us has finished; its enrolments are read after its lock."""
    wanted = sa.select(Shift).where(shifts.c.shift_id == shift_id).with_for_update(of=shifts)
    shift = session.scalars(wanted).one_or_none()
    if shift is None:
        raise ShiftNotFound("没有这个班次。")
    return shift


def find_overlapping(
    session: orm.Session,
    volunteer_id: UUID,
    *,
    starts_at: datetime,
    ends_at: datetime,
    but: UUID | None = None,
) -> Shift | None:
    """Another shift to which the volunteer is bound at that time; ask with the volunteer locked."""
    wanted = (
        sa.select(Shift)
        .join(enrolments, enrolments.c.shift_id == shifts.c.shift_id)
        .where(
            enrolments.c.volunteer_id == volunteer_id,
            enrolments.c.status.in_(BOUND),
            enrolments.c.starts_at < ends_at,
            enrolments.c.ends_at > starts_at,
            shifts.c.shift_id != but,
        )
        .options(orm.lazyload("*"))
        .limit(1)
    )
    return session.scalars(wanted).one_or_none()


def count_bound(session: orm.Session, volunteer_id: UUID) -> int:
    """In how many shifts the volunteer is still expected."""
    wanted = sa.select(sa.func.count()).where(
        enrolments.c.volunteer_id == volunteer_id, enrolments.c.status.in_(BOUND)
    )
    return session.execute(wanted).scalar_one()


@dataclass(frozen=True, kw_only=True)
class WantedShifts:
    """`community_ids` None: everywhere. `unit_id`: only those of items at which that unit works."""

    now: datetime
    is_past: bool = False
    community_ids: Collection[UUID] | None = None
    unit_id: UUID | None = None
    item_id: UUID | None = None
    status: ShiftStatus | None = None


def list_shifts(
    session: orm.Session, wanted: WantedShifts, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Shift]:
    """Without their enrolments."""
    place = sa.tuple_(shifts.c.starts_at, shifts.c.shift_id)
    query = sa.select(Shift).options(orm.lazyload("*")).limit(limit)
    if wanted.is_past:
        query = query.where(shifts.c.ends_at <= wanted.now)
        query = query.order_by(shifts.c.starts_at.desc(), shifts.c.shift_id.desc())
    else:
        query = query.where(shifts.c.ends_at > wanted.now)
        query = query.order_by(shifts.c.starts_at, shifts.c.shift_id)
    if wanted.community_ids is not None:
        query = query.where(shifts.c.community_id.in_(wanted.community_ids))
    if wanted.unit_id is not None:
        query = query.where(shifts.c.item_id.in_(_items_of_unit(wanted.unit_id)))
    if wanted.item_id is not None:
        query = query.where(shifts.c.item_id == wanted.item_id)
    if wanted.status is not None:
        query = query.where(shifts.c.status == wanted.status)
    if after is not None:
        query = query.where(place < after if wanted.is_past else place > after)
    return list(session.scalars(query))


def is_of_unit(session: orm.Session, item_id: UUID, unit_id: UUID) -> bool:
    """Whether that unit works at the item."""
    found = _items_of_unit(unit_id).where(claims.c.item_id == item_id)
    return session.execute(sa.select(found.exists())).scalar_one()


def _items_of_unit(unit_id: UUID) -> sa.Select[tuple[UUID]]:
    return (
        sa.select(claims.c.item_id)
        .join(claim_parties, claim_parties.c.claim_id == claims.c.claim_id)
        .where(claim_parties.c.unit_id == unit_id, claims.c.status != ClaimStatus.RELEASED)
    )
