"""Claim lists as they were imported."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.claim_list import ClaimList, ImportedItem
from services.claims.domain.item import Item
from services.claims.storage.tables import claim_lists, imported_items, items
from services.contracts.claims.errors import (
    ClaimListAlreadyImported,
    ClaimListNotFound,
    ClaimListNotUndoable,
)
from services.contracts.claims.terms import ItemStatus


def add_claim_list(session: orm.Session, claim_list: ClaimList) -> None:
    """Refused when the same file is there, also when somebody imports it at this very moment."""
    try:
        with session.begin_nested():
            session.add(claim_list)
    except sa.exc.IntegrityError as error:
        same = (claim_lists.c.file_hash == claim_list.file_hash) & claim_lists.c.undone_at.is_(None)
        first = session.scalars(sa.select(ClaimList).where(same)).one()
        raise ClaimListAlreadyImported(f"这个文件已导入过，见清单「{first.title}」。") from error


def get_claim_list(session: orm.Session, claim_list_id: UUID) -> ClaimList:
    claim_list = session.get(ClaimList, claim_list_id)
    if claim_list is None:
        raise ClaimListNotFound("没有这份认领清单。")
    return claim_list


def claim_list_for_update(session: orm.Session, claim_list_id: UUID) -> ClaimList:
    wanted = sa.select(ClaimList).where(claim_lists.c.claim_list_id == claim_list_id).with_for_update()
    claim_list = session.scalars(wanted).one_or_none()
    if claim_list is None:
        raise ClaimListNotFound("没有这份认领清单。")
    return claim_list


def imported_by(session: orm.Session, claim_list_id: UUID) -> list[tuple[ImportedItem, Item | None]]:
    """What the import did, each with its item as it is now, locked in the order that all locks have."""
    done = session.scalars(sa.select(ImportedItem).where(imported_items.c.claim_list_id == claim_list_id))
    by_id = {one.item_id: one for one in done}
    locked = (
        sa.select(Item)
        .where(items.c.item_id.in_(by_id))
        .order_by(items.c.item_id)
        .options(orm.lazyload("*"))
        .with_for_update(of=items)
    )
    there = {item.item_id: item for item in session.scalars(locked)}
    return [(one, there.get(item_id)) for item_id, one in sorted(by_id.items())]


def remove_drafts(session: orm.Session, drafts: Sequence[Item]) -> None:
    """Refused when anything stands on one of them: a shift, a party, an earmark."""
    item_ids = [item.item_id for item in drafts]
    session.flush()
    for item in drafts:
        session.expunge(item)
    try:
        with session.begin_nested():
            session.execute(sa.delete(items).where(items.c.item_id.in_(item_ids)))
    except sa.exc.IntegrityError as error:
        raise ClaimListNotUndoable("清单中有事项已关联班次、参与方、资金或采购，不能整批撤销。") from error


def list_claim_lists(
    session: orm.Session,
    *,
    only: UUID | None = None,
    communities: Collection[UUID] | None = None,
    imported_by_id: str = "",
    after: UUID | None = None,
    limit: int,
) -> Sequence[sa.RowMapping]:
    """Newest first, with how many items they have and how many of those are drafts.

    `communities` narrows to lists with items there, or of the reader's own (None: all).
    """
    drafts = sa.func.count(items.c.item_id).filter(items.c.status == ItemStatus.DRAFT)
    wanted = (
        sa.select(
            claim_lists,
            sa.func.count(items.c.item_id).label("item_count"),
            drafts.label("draft_count"),
        )
        .outerjoin(items, items.c.claim_list_id == claim_lists.c.claim_list_id)
        .group_by(claim_lists.c.claim_list_id)
        .order_by(claim_lists.c.claim_list_id.desc())
        .limit(limit)
    )
    if only is not None:
        wanted = wanted.where(claim_lists.c.claim_list_id == only)
    if communities is not None:
        there = sa.select(items.c.claim_list_id).where(
            items.c.community_id.in_(communities), items.c.claim_list_id.is_not(None)
        )
        wanted = wanted.where(
            claim_lists.c.claim_list_id.in_(there) | (claim_lists.c.imported_by_id == imported_by_id)
        )
    if after is not None:
        wanted = wanted.where(claim_lists.c.claim_list_id < after)
    return session.execute(wanted).mappings().all()
