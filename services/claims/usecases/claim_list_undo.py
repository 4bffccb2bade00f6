"""The import of a claim list is undone while nothing has happened to its items since."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.claim_list import ClaimList, ImportedItem
from services.claims.domain.item import Item
from services.claims.usecases.claim_list import show_claim_list
from services.claims.usecases.claim_list_rows import ROW
from services.claims.usecases.history import record
from services.contracts.base import Actor, Forbidden
from services.contracts.claims.errors import ClaimListNotUndoable
from services.contracts.claims.terms import ItemStatus

SHOWN_CODES = 5


def undo_claim_list(
    tx: Transaction, *, claim_list_id: UUID, reason: str, actor: Actor, now: datetime
) -> dict[str, Any]:
    """All or nothing: what the import made goes, and what it rewrote is again as it was before."""
    if not actor.is_staff:
        raise Forbidden("只有社区或市级工作人员可以处理认领清单。")
    claim_list = storage.claim_list_for_update(tx.session, claim_list_id)
    claim_list.require_not_undone()
    done = storage.imported_by(tx.session, claim_list_id)
    items = [item for _, item in done if item is not None]
    if not all(actor.reaches(item.community_id) for item in items):
        raise Forbidden("清单中有其他社区的事项，只能由市级工作人员撤销。")
    _require_untouched(claim_list, done)
    made = [item for one, item in done if item is not None and one.before is None]
    for one, item in done:
        if item is not None and one.before is not None:
            _put_back(tx, item, one.before, claim_list, actor=actor, now=now)
    storage.remove_drafts(tx.session, made)
    claim_list.undo(reason=reason, by=actor.name, now=now)
    put_right = f"删除 {len(made)} 个草稿，恢复 {len(items) - len(made)} 个"
    summary = f"撤销清单「{claim_list.title}」的导入：{put_right}。原因：{reason}"
    record(tx, claim_list_id, "undo_claim_list", summary, actor=actor, now=now)
    return show_claim_list(tx, claim_list)


def _require_untouched(claim_list: ClaimList, done: Sequence[tuple[ImportedItem, Item | None]]) -> None:
    if not done:
        raise ClaimListNotUndoable(f"清单「{claim_list.title}」没有可以撤销的内容。")
    in_the_way = [
        item.code
        for one, item in done
        if item is not None
        and (
            item.status is not ItemStatus.DRAFT
            or item.version != one.version
            or item.claim_list_id != claim_list.claim_list_id
        )
    ]
    gone = sum(item is None for _, item in done)
    if in_the_way or gone:
        codes = "、".join(in_the_way[:SHOWN_CODES]) or "部分事项"
        more = f"等 {len(in_the_way)} 项" if len(in_the_way) > SHOWN_CODES else ""
        raise ClaimListNotUndoable(f"{codes}{more}在导入后已有变动，不能整批撤销。")


def _put_back(
    tx: Transaction,
    item: Item,
    before: Mapping[str, Any],
    claim_list: ClaimList,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    fields = ROW.load(before["cells"])
    del fields["code"], fields["community"]
    listed = before["claim_list_id"]
    is_changed = item.rewrite(
        **fields,
        community_id=UUID(before["community_id"]),
        claim_list_id=None if listed is None else UUID(listed),
    )
    if not is_changed:
        return
    summary = f"清单「{claim_list.title}」的导入已撤销，恢复为导入前的草稿。"
    record(tx, item.item_id, "rewrite_item", summary, actor=actor, now=now)
