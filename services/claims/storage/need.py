"""Needs: taken in once, changed under their lock, listed, and compared with those that read alike."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.chassis.clocks import clocks
from services.claims.domain.item import Item
from services.claims.domain.need import Need, NeedImport
from services.claims.domain.need_acts import WAITING
from services.claims.storage.tables import communities, items, need_imports, need_numbers, needs
from services.claims.storage.words import mentions
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.errors import NeedNotFound, NeedsAlreadyImported, OrderElsewhere
from services.contracts.claims.need_terms import NeedPriority, NeedSource, NeedStatus
from services.contracts.claims.terms import Category, ServiceClass

MOST_SIMILAR = 5
_NOT_THERE = "没有这件需求。"


def take_need_numbers(session: orm.Session, count: int = 1) -> list[int]:
    """Each is given out once; numbers of what is then refused stay unused."""
    one_each = sa.select(need_numbers.next_value()).select_from(sa.func.generate_series(1, count))
    return list(session.scalars(one_each))


def add_order(session: orm.Session, need: Need) -> Need | None:
    """None when it is new; the need of that order number, also when somebody adds it at this very moment."""
    try:
        with session.begin_nested():
            session.add(need)
    except sa.exc.IntegrityError:
        return find_order(session, need.order_number or "")
    return None


def add_imported_needs(session: orm.Session, added: Sequence[Need]) -> None:
    try:
        with session.begin_nested():
            session.add_all(added)
    except sa.exc.IntegrityError as error:
        raise OrderElsewhere("文件中有工单刚刚由他人登记，没有导入任何一行，请重新预览。") from error


def add_need_import(session: orm.Session, added: NeedImport) -> None:
    """Refused when the same file is there, also when somebody imports it at this very moment."""
    try:
        with session.begin_nested():
            session.add(added)
    except sa.exc.IntegrityError as error:
        same = need_imports.c.file_hash == added.file_hash
        first = session.scalars(sa.select(NeedImport).where(same)).one()
        raise NeedsAlreadyImported(f"这个文件已导入过（{first.file_name}，{first.imported} 件）。") from error


def find_order(session: orm.Session, order_number: str) -> Need | None:
    return session.scalars(sa.select(Need).where(needs.c.order_number == order_number)).one_or_none()


def communities_of_orders(session: orm.Session, order_numbers: Collection[str]) -> dict[str, UUID]:
    """Order number -> community, for those that are needs already."""
    known = sa.select(needs.c.order_number, needs.c.community_id).where(
        needs.c.order_number.in_(order_numbers)
    )
    return {str(number): community_id for number, community_id in session.execute(known)}


def find_need(session: orm.Session, need_id: UUID) -> Need | None:
    return session.get(Need, need_id)


def get_need(session: orm.Session, need_id: UUID) -> Need:
    need = find_need(session, need_id)
    if need is None:
        raise NeedNotFound(_NOT_THERE)
    return need


def needs_for_update(session: orm.Session, *need_ids: UUID) -> list[Need]:
    """In the order asked for; locked in one order everywhere, so that nobody waits in a circle."""
    locked = session.scalars(
        sa.select(Need).where(needs.c.need_id.in_(need_ids)).order_by(needs.c.need_id).with_for_update()
    )
    by_id = {need.need_id: need for need in locked}
    if len(by_id) < len(set(need_ids)):
        raise NeedNotFound(_NOT_THERE)
    return [by_id[need_id] for need_id in need_ids]


def need_of_reference(session: orm.Session, reference_hash: str) -> Need:
    found = session.scalars(sa.select(Need).where(needs.c.reference_hash == reference_hash)).one_or_none()
    if found is None:
        raise NeedNotFound("没有这个查询号，请核对后再输入。")
    return found


def item_of_need(session: orm.Session, need_id: UUID) -> Item | None:
    return session.scalars(sa.select(Item).where(items.c.need_id == need_id)).one_or_none()


def merged_into(session: orm.Session, need_id: UUID) -> list[Need]:
    found = sa.select(Need).where(needs.c.merged_into_id == need_id).order_by(needs.c.number)
    return list(session.scalars(found))


def similar_needs(session: orm.Session, need: Need) -> list[dict[str, Any]]:
    """Those of the same community that read alike, as pg_trgm counts it, the most alike first."""
    wording = f"{need.title} {need.description} {need.place}"
    score = sa.func.similarity(needs.c.wording, wording)
    alike = (
        sa.select(needs, score.label("similarity"))
        .where(
            needs.c.wording.op("%", is_comparison=True)(wording),
            needs.c.community_id == need.community_id,
            needs.c.need_id != need.need_id,
            needs.c.status != NeedStatus.MERGED,
        )
        .order_by(score.desc(), needs.c.number)
        .limit(MOST_SIMILAR)
    )
    return [
        {**row, "score": round(row["similarity"] * 100)} for row in session.execute(alike).mappings().all()
    ]


def follow_answer_clocks(session: orm.Session) -> None:
    """A notice on working days moves clocks that run; the needs show the same last day."""
    session.execute(
        sa.update(needs)
        .where(
            needs.c.need_id == clocks.c.subject_id,
            clocks.c.kind == ClockKind.NEED_ANSWER,
            clocks.c.stopped_on.is_(None),
            clocks.c.due_on != needs.c.due_on,
        )
        .values(due_on=clocks.c.due_on)
    )


# ---- lists --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WantedNeeds:
    """What a list is narrowed to; `seen_by` are the communities the reader may see (None: all)."""

    today: date
    seen_by: Collection[UUID] | None
    community_id: UUID | None = None
    category: Category | None = None
    service_class: ServiceClass | None = None
    source: NeedSource | None = None
    priority: NeedPriority | None = None
    q: str = ""
    status: NeedStatus | None = None
    is_overdue: bool = False

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        equal: dict[sa.Column[Any], Any] = {
            needs.c.community_id: self.community_id,
            needs.c.category: self.category,
            needs.c.service_class: self.service_class,
            needs.c.source: self.source,
            needs.c.priority: self.priority,
            needs.c.status: self.status,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        if self.seen_by is not None:
            found.append(needs.c.community_id.in_(self.seen_by))
        if self.q:
            found.append(
                mentions(self.q, needs.c.wording)
                | (needs.c.code == self.q.upper())
                | (needs.c.order_number == self.q)
            )
        if self.is_overdue:
            found.append(_overdue(self.today))
        return found


def _overdue(today: date) -> sa.ColumnElement[bool]:
    """`Need.days_left` below nought, for many at once."""
    return needs.c.status.in_(WAITING) & (needs.c.due_on < today)


def list_need_lines(
    session: orm.Session, wanted: WantedNeeds, *, after: int | None, limit: int
) -> Sequence[sa.RowMapping]:
    """One row per need with all that a list shows of it, newest first, in one statement."""
    lines = (
        sa.select(needs, communities.c.community_name)
        .join(communities, communities.c.community_id == needs.c.community_id)
        .where(*wanted.conditions())
        .order_by(needs.c.number.desc())
        .limit(limit)
    )
    if after is not None:
        lines = lines.where(needs.c.number < after)
    return session.execute(lines).mappings().all()


def count_needs_by_status(session: orm.Session, wanted: WantedNeeds) -> dict[NeedStatus, tuple[int, int]]:
    """How many needs are in each status, and how many of them are overdue."""
    late = sa.func.count().filter(_overdue(wanted.today))
    rows = session.execute(
        sa.select(needs.c.status, sa.func.count(), late).where(*wanted.conditions()).group_by(needs.c.status)
    )
    return {status: (count, late) for status, count, late in rows}
