"""Claim lists come in from files, first for a look, then for good, and are published."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.claim_list import ClaimList, ImportedItem
from services.claims.domain.history import Changes
from services.claims.domain.item import Item
from services.claims.usecases.claim_list_rows import Row, as_it_was, examine_rows
from services.claims.usecases.history import record, recorded
from services.claims.usecases.item import drafts_shown_to
from services.contracts.base import Actor, Forbidden
from services.contracts.claims.errors import ClaimListInvalid, ItemNotInState
from services.contracts.claims.terms import ItemStatus, RowOutcome

SHOWN_ERRORS = 5


def preview_claim_list(
    tx: Transaction, *, rows: Sequence[Mapping[str, Any]], actor: Actor, now: datetime
) -> dict[str, Any]:
    """What importing these rows would do; nothing changes."""
    _require_staff(actor)
    examined = examine_rows(tx, rows, actor=actor, today=local_date(now))
    counted = Counter(row.outcome for row in examined)
    return {"rows": examined, **{outcome.value: counted[outcome] for outcome in RowOutcome}}


def import_claim_list(
    tx: Transaction,
    *,
    rows: Sequence[Mapping[str, Any]],
    title: str,
    file_name: str,
    file_hash: str,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """All rows or none: new ones become drafts, drafts are rewritten, published items must be unchanged.

    Every draft that the file names belongs to this list from now on; else what is the same stays as it was.
    """
    _require_staff(actor)
    claim_list = ClaimList(
        claim_list_id=new_id(),
        title=title,
        file_name=file_name,
        file_hash=file_hash,
        imported_at=now,
        imported_by=actor.name,
        imported_by_id=actor.actor_id,
    )
    storage.add_claim_list(tx.session, claim_list)
    storage.lock_codes(tx.session)
    today = local_date(now)
    examined = examine_rows(tx, rows, actor=actor, today=today, for_update=True)
    _require_all_sound(examined)
    _give_codes(tx, [row for row in examined if row.item is None], year=today.year)
    for row in examined:
        _import_row(tx, row, claim_list, actor=actor, now=now)
    record(
        tx,
        claim_list.claim_list_id,
        "import_claim_list",
        f"导入清单「{title}」（{file_name}），共 {len(examined)} 行。",
        actor=actor,
        now=now,
    )
    return show_claim_list(tx, claim_list)


def show_claim_list(tx: Transaction, claim_list: ClaimList) -> dict[str, Any]:
    """The list with how many items it has now."""
    tx.session.flush()
    [shown] = storage.list_claim_lists(tx.session, only=claim_list.claim_list_id, limit=1)
    return dict(shown)


def publish_claim_list(
    tx: Transaction,
    *,
    claim_list_id: UUID,
    party_study_on: date,
    claim_until_on: date,
    actor: Actor,
    now: datetime,
) -> int:
    """All drafts of the list or none; answers how many."""
    _require_staff(actor)
    claim_list = storage.get_claim_list(tx.session, claim_list_id)
    drafts = storage.drafts_of_list_for_update(tx.session, claim_list_id)
    if not drafts:
        raise ItemNotInState(f"清单「{claim_list.title}」中没有待发布的草稿。")
    summary = f"随清单「{claim_list.title}」发布，{party_study_on} 经党组织研究，认领期至 {claim_until_on}。"
    for item in drafts:
        with recorded(tx, item, "publish_claim_list", summary, actor=actor, now=now):
            tx.emit(
                item.publish(
                    party_study_on=party_study_on,
                    claim_until_on=claim_until_on,
                    actor=actor,
                    today=local_date(now),
                    now=now,
                )
            )
    tx.audited(record_id=claim_list_id)
    return len(drafts)


def list_claim_lists(
    tx: Transaction, *, cursor: str | None, limit: int, actor: Actor
) -> tuple[list[dict[str, Any]], str | None]:
    """Newest first; staff of a community see the lists with items there and those they imported."""
    _require_staff(actor)
    after = decode_cursor(cursor, UUID)
    found = storage.list_claim_lists(
        tx.session,
        communities=drafts_shown_to(actor),
        imported_by_id=actor.actor_id,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    page = [dict(line) for line in found[:limit]]
    return page, encode_cursor(page[-1]["claim_list_id"]) if len(found) > limit else None


def _require_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise Forbidden("只有社区或市级工作人员可以处理认领清单。")


def _require_all_sound(rows: Sequence[Row]) -> None:
    errors = [sentence for row in rows for sentence in row.errors]
    if not errors:
        return
    more = f"……共 {len(errors)} 处错误。" if len(errors) > SHOWN_ERRORS else ""
    refusal = ClaimListInvalid("文件有错误，没有导入任何一行。" + "".join(errors[:SHOWN_ERRORS]) + more)
    refusal.fields = {
        f"rows.{row.row_number}.{name}": sentences for row in rows for name, sentences in row.wrong.items()
    }
    raise refusal


def _give_codes(tx: Transaction, new_rows: Sequence[Row], *, year: int) -> None:
    given = {row.code for row in new_rows if row.code}
    nameless = [row for row in new_rows if not row.code]
    codes = storage.take_codes(tx.session, year, count=len(nameless), given=given)
    for row, code in zip(nameless, codes, strict=True):
        row.code = code


def _import_row(tx: Transaction, row: Row, claim_list: ClaimList, *, actor: Actor, now: datetime) -> None:
    assert row.community is not None  # a row without its community is wrong, and wrong rows end the import
    place: dict[str, Any] = {
        "community_id": row.community.community_id,
        "claim_list_id": claim_list.claim_list_id,
    }
    before, is_changed = None, True
    if row.item is None:
        row.item = Item(item_id=new_id(), code=row.code, **row.fields, **place)
        tx.session.add(row.item)
        act, summary = "create_item", f"随清单「{claim_list.title}」导入。"
    elif row.item.status is ItemStatus.DRAFT:
        before = as_it_was(row.item, community_name=row.community.community_name)
        is_changed = row.item.rewrite(**row.fields, **place)
        act, summary = "rewrite_item", f"随清单「{claim_list.title}」导入，更新草稿。"
    else:
        return
    tx.session.add(
        ImportedItem(
            claim_list_id=claim_list.claim_list_id,
            item_id=row.item.item_id,
            version=row.item.version,
            before=before,
        )
    )
    changes: Changes = row.differences
    if is_changed:
        record(tx, row.item.item_id, act, summary, actor=actor, now=now, changes=changes)
