"""Items: loaded whole under their lock, and listed line by line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.claims.domain.claim import Claim, Party
from services.claims.domain.claim_list import free_codes
from services.claims.domain.item import Item
from services.claims.domain.item_claims import TakenItem
from services.claims.storage.figure import figure_condition, first_moment, overdue
from services.claims.storage.tables import (
    claim_parties,
    claims,
    communities,
    item_numbers,
    items,
    poll_results,
    units,
)
from services.claims.storage.words import mentions
from services.contracts.claims.dashboard_terms import Figure
from services.contracts.claims.errors import ItemNotFound
from services.contracts.claims.terms import Category, ClaimStatus, ItemStatus, ServiceClass

# The advisory lock of those who give out codes ("RL" in ASCII).
CODES_LOCK = 0x524C
# An act needs the claims and who stands behind them; the rest is read where it is asked for.
# The types are those of the plain classes; that they are mapped, mypy cannot know.
_FOR_UPDATE = (
    sa.select(Item)
    .where(items.c.item_id == sa.bindparam("item_id"))
    .options(
        orm.selectinload(Item.claims).options(  # type: ignore[arg-type]
            orm.joinedload(Claim.parties).joinedload(Party.unit),  # type: ignore[arg-type,misc]
            orm.lazyload(Claim.milestones),  # type: ignore[arg-type]
        )
    )
    .with_for_update(of=items)
)
_OPEN_FOR_UPDATE = _FOR_UPDATE.where(items.c.claimed_quantity < items.c.quantity)
_TAKEN = sa.select(
    items.c.code,
    items.c.community_id,
    items.c.status,
    sa.func.array(
        sa.select(units.c.unit_name)
        .join(claim_parties, claim_parties.c.unit_id == units.c.unit_id)
        .join(claims, claims.c.claim_id == claim_parties.c.claim_id)
        .where(claims.c.item_id == items.c.item_id, claims.c.status != ClaimStatus.RELEASED)
        .order_by(claims.c.claim_id, claim_parties.c.position)
        .correlate(items)
        .scalar_subquery(),
        type_=pg.ARRAY(sa.Text),
    ).label("unit_names"),
).where(
    items.c.item_id == sa.bindparam("item_id"),
    items.c.status != ItemStatus.DRAFT,
    items.c.claimed_quantity >= items.c.quantity,
)


def find_item(session: orm.Session, item_id: UUID) -> Item | None:
    return session.get(Item, item_id)


def load_evidence(session: orm.Session, item: Item) -> None:
    """That of all its claims at once; a claim that was just made has none."""
    wanted = [claim.claim_id for claim in item.claims if claim.status is not ClaimStatus.CLAIMED]
    if len(wanted) > 1:
        evidence = orm.selectinload(Claim.evidence)  # type: ignore[arg-type]
        session.execute(sa.select(Claim).where(claims.c.claim_id.in_(wanted)).options(evidence)).all()


def item_for_update(session: orm.Session, item_id: UUID) -> Item:
    """The item as it is once everybody before us has finished.

    Its own row is read anew after the wait for its lock; its claims by the statements that follow.
    """
    item = session.scalars(_FOR_UPDATE, {"item_id": item_id}).one_or_none()
    if item is None:
        raise ItemNotFound("没有这个事项。")
    return item


def open_item_for_update(session: orm.Session, item_id: UUID) -> Item | None:
    """The item, if some of it is not promised yet; one that is taken is not waited for."""
    return session.scalars(_OPEN_FOR_UPDATE, {"item_id": item_id}).one_or_none()


def find_taken_item(session: orm.Session, item_id: UUID) -> TakenItem | None:
    """The item if all of it is promised already; read without its lock."""
    row = session.execute(_TAKEN, {"item_id": item_id}).mappings().one_or_none()
    return TakenItem(**row) if row else None


def expired_items_for_update(session: orm.Session, today: date, *, limit: int) -> Sequence[Item]:
    """Those whose claim period is over with something left, and that nobody else holds at this moment."""
    wanted = (
        sa.select(Item)
        .where(items.c.status == ItemStatus.PUBLISHED, items.c.claim_until_on < today)
        .order_by(items.c.claim_until_on, items.c.item_id)
        .limit(limit)
        .with_for_update(of=items, skip_locked=True)
    )
    return session.scalars(wanted).all()


def drafts_of_list_for_update(session: orm.Session, claim_list_id: UUID) -> list[Item]:
    """Locked in one order everywhere, so that two who lock many never wait for each other in a circle."""
    wanted = (
        sa.select(Item)
        .where(items.c.claim_list_id == claim_list_id, items.c.status == ItemStatus.DRAFT)
        .order_by(items.c.item_id)
        .with_for_update(of=items)
    )
    return list(session.scalars(wanted))


def items_by_code(
    session: orm.Session, codes: Collection[str], *, for_update: bool = False
) -> dict[str, Item]:
    """Without their claims; for comparing and rewriting drafts."""
    wanted = sa.select(Item).where(items.c.code.in_(codes)).options(orm.lazyload("*"))
    if for_update:
        wanted = wanted.order_by(items.c.item_id).with_for_update(of=items)
    return {item.code: item for item in session.scalars(wanted)}


# ---- codes --------------------------------------------------------------------------------------


def lock_codes(session: orm.Session) -> None:
    """From here to the end of the transaction nobody else adds codes."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(CODES_LOCK)))


def take_codes(session: orm.Session, year: int, *, count: int, given: Collection[str] = ()) -> list[str]:
    """The next free codes of a year; `given` are about to be used too. Needs `lock_codes`."""
    this_year = sa.select(item_numbers.c.last).where(item_numbers.c.year == year)
    last = session.execute(this_year).scalar_one_or_none() or 0
    ahead = sa.select(items.c.code).where(items.c.code_year == year, items.c.code_number > last)
    taken = {*session.scalars(ahead), *given}
    free = list(islice(free_codes(year=year, last=last, taken=taken), count))
    if free:
        last, _ = free[-1]
        session.execute(
            pg.insert(item_numbers)
            .values(year=year, last=last)
            .on_conflict_do_update(index_elements=["year"], set_={"last": last})
        )
    return [code for _, code in free]


# ---- lists --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WantedItems:
    """What a list is narrowed to; `drafts_of` are the communities whose drafts the reader may see (None: all)."""

    today: date
    drafts_of: Collection[UUID] | None
    community_id: UUID | None = None
    category: Category | None = None
    service_class: ServiceClass | None = None
    unit_id: UUID | None = None
    claim_list_id: UUID | None = None
    q: str = ""
    due_from_on: date | None = None
    due_to_on: date | None = None
    status: ItemStatus | None = None
    is_overdue: bool = False
    published_from_on: date | None = None
    published_to_on: date | None = None
    figure: Figure | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        equal: dict[sa.Column[Any], Any] = {
            items.c.community_id: self.community_id,
            items.c.category: self.category,
            items.c.service_class: self.service_class,
            items.c.claim_list_id: self.claim_list_id,
            items.c.status: self.status,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        found.append(visible_items(self.drafts_of))
        if self.unit_id is not None:
            found.append(items.c.item_id.in_(_items_of_unit(self.unit_id)))
        if self.q:
            found.append(mentions(self.q, items.c.title, code=items.c.code))
        if self.due_from_on is not None:
            found.append(items.c.due_on >= self.due_from_on)
        if self.due_to_on is not None:
            found.append(items.c.due_on <= self.due_to_on)
        if self.is_overdue:
            found.append(overdue(self.today))
        if self.published_from_on is not None:
            found.append(items.c.published_at >= first_moment(self.published_from_on))
        if self.published_to_on is not None:
            found.append(items.c.published_at < first_moment(self.published_to_on + timedelta(days=1)))
        if self.figure is not None:
            found.append(figure_condition(self.figure, today=self.today, staff_of=self.drafts_of))
        return found


def visible_items(drafts_of: Collection[UUID] | None) -> sa.ColumnElement[bool]:
    """`Item.may_be_seen_by` for many at once."""
    if drafts_of is None:
        return sa.true()
    return (items.c.status != ItemStatus.DRAFT) | items.c.community_id.in_(drafts_of)


def _items_of_unit(unit_id: UUID) -> sa.Select[Any]:
    return (
        sa.select(claims.c.item_id)
        .join(claim_parties, claim_parties.c.claim_id == claims.c.claim_id)
        .where(claim_parties.c.unit_id == unit_id, claims.c.status != ClaimStatus.RELEASED)
    )


def list_item_lines(
    session: orm.Session, wanted: WantedItems, *, after: tuple[int, int] | None, limit: int
) -> Sequence[sa.RowMapping]:
    """One row per item with all that a list shows of it, newest code first, in one statement."""
    unit_names = (
        sa.select(units.c.unit_name)
        .join(claim_parties, claim_parties.c.unit_id == units.c.unit_id)
        .join(claims, claims.c.claim_id == claim_parties.c.claim_id)
        .where(claims.c.item_id == items.c.item_id, claims.c.status != ClaimStatus.RELEASED)
        .order_by(claims.c.claimed_at, claims.c.claim_id, claim_parties.c.position)
        .correlate(items)
        .scalar_subquery()
    )
    lines = (
        sa.select(
            items,
            communities.c.community_name,
            poll_results.c.score.label("poll_score"),
            sa.func.array(unit_names, type_=pg.ARRAY(sa.Text)).label("unit_names"),
        )
        .join(communities, communities.c.community_id == items.c.community_id)
        .outerjoin(poll_results, poll_results.c.item_id == items.c.item_id)
        .where(*wanted.conditions())
        .order_by(items.c.code_year.desc(), items.c.code_number.desc())
        .limit(limit)
    )
    if after is not None:
        lines = lines.where(sa.tuple_(items.c.code_year, items.c.code_number) < sa.tuple_(*after))
    return session.execute(lines).mappings().all()


def count_items(session: orm.Session, wanted: WantedItems) -> int:
    return session.execute(
        sa.select(sa.func.count()).select_from(items).where(*wanted.conditions())
    ).scalar_one()


def count_by_status(session: orm.Session, wanted: WantedItems) -> dict[ItemStatus, tuple[int, int]]:
    """How many items are in each status, and how many of them are overdue."""
    late = sa.func.count().filter(overdue(wanted.today))
    rows = session.execute(
        sa.select(items.c.status, sa.func.count(), late).where(*wanted.conditions()).group_by(items.c.status)
    )
    return {status: (count, late) for status, count, late in rows}
