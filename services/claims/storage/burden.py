"""Burdens: recorded one by one, added up by month."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.burden import Burden, Counted
from services.claims.storage.admission import reached
from services.claims.storage.tables import burdens, communities, sent_back_tasks
from services.contracts.claims.admission_terms import BurdenBasis, BurdenKind
from services.contracts.claims.errors import BurdenNotFound


def burden_for_update(session: orm.Session, burden_id: UUID) -> Burden:
    wanted = sa.select(Burden).where(burdens.c.burden_id == burden_id).with_for_update()
    burden = session.scalars(wanted).one_or_none()
    if burden is None:
        raise BurdenNotFound("没有这条负担记录。")
    return burden


@dataclass(frozen=True, kw_only=True)
class WantedBurdens:
    """`community_ids`: those that the reader reaches (None: all); days from `start` until before `end`."""

    community_ids: Collection[UUID] | None
    department: str = ""
    kind: BurdenKind | None = None
    basis: BurdenBasis | None = None
    start: date | None = None
    end: date | None = None
    with_withdrawn: bool = False

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        equal: dict[sa.Column[Any], Any] = {
            burdens.c.department: self.department or None,
            burdens.c.kind: self.kind,
            burdens.c.basis: self.basis,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        found += reached(burdens.c.community_id, self.community_ids)
        if self.start is not None:
            found.append(burdens.c.happened_on >= self.start)
        if self.end is not None:
            found.append(burdens.c.happened_on < self.end)
        if not self.with_withdrawn:
            found.append(burdens.c.withdrawn_at.is_(None))
        return found


def list_burdens(
    session: orm.Session, wanted: WantedBurdens, *, after: tuple[date, UUID] | None, limit: int
) -> list[tuple[Burden, str]]:
    """Latest first, with the name of the community."""
    query = (
        sa.select(Burden, communities.c.community_name)
        .join(communities, communities.c.community_id == burdens.c.community_id)
        .where(*wanted.conditions())
        .order_by(burdens.c.happened_on.desc(), burdens.c.burden_id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(burdens.c.happened_on, burdens.c.burden_id) < sa.tuple_(*after))
    return [(burden, name) for burden, name in session.execute(query)]


def burdens_counted(session: orm.Session, wanted: WantedBurdens) -> list[tuple[UUID, str, Counted]]:
    """(community, department, so much of a kind on a ground) of a month."""
    columns = (burdens.c.community_id, burdens.c.department, burdens.c.kind, burdens.c.basis)
    rows = session.execute(
        sa.select(*columns, sa.func.sum(burdens.c.quantity)).where(*wanted.conditions()).group_by(*columns)
    )
    return [
        (community_id, department, Counted(kind=kind, basis=basis, quantity=quantity))
        for community_id, department, kind, basis, quantity in rows
    ]


def sent_back_counted(
    session: orm.Session, *, community_ids: Collection[UUID] | None, start: date, end: date
) -> list[tuple[UUID, str, int]]:
    """(community, department, tasks sent back) of a month."""
    columns = (sent_back_tasks.c.community_id, sent_back_tasks.c.department)
    rows = session.execute(
        sa.select(*columns, sa.func.count())
        .where(
            sent_back_tasks.c.sent_back_on >= start,
            sent_back_tasks.c.sent_back_on < end,
            *reached(sent_back_tasks.c.community_id, community_ids),
        )
        .group_by(*columns)
    )
    return [(community_id, department, count) for community_id, department, count in rows]
