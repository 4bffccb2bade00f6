"""Needs come in from files, first for a look, then for good: all rows or none."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from services.chassis.clock import LOCAL, local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.community import Community
from services.claims.domain.need import NeedImport
from services.claims.usecases.claim_list_rows import Places, taking_turns
from services.claims.usecases.history import record
from services.claims.usecases.need import begin, new_need
from services.contracts.base import Actor, Forbidden, Invalid
from services.contracts.claims.errors import NeedsInvalid
from services.contracts.claims.need_sheet import NEED_HEADERS, NeedSheetRow
from services.contracts.claims.need_terms import NeedSource

ROW = NeedSheetRow()
SHOWN_ERRORS = 5


@dataclass(kw_only=True)
class NeedRow:
    """One row on its way: `fields` once it could be read."""

    row_number: int
    title: str
    place: str
    fields: dict[str, Any] = field(default_factory=dict)
    community: Community | None = None
    is_known: bool = False
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def refuse(self, name: str, sentence: str) -> None:
        self.wrong.setdefault(name, []).append(sentence)

    @property
    def errors(self) -> list[str]:
        return [
            f"第{self.row_number}行「{NEED_HEADERS.get(name, name)}」：{sentence}"
            for name, sentences in self.wrong.items()
            for sentence in sentences
        ]


def preview_needs(
    tx: Transaction, *, rows: Sequence[Mapping[str, Any]], actor: Actor, now: datetime
) -> dict[str, Any]:
    """What importing these rows would do; nothing changes."""
    examined = _examine(tx, rows, actor=actor, today=local_date(now))
    return {
        "rows": examined,
        "new": sum(not row.wrong and not row.is_known for row in examined),
        "known": sum(not row.wrong and row.is_known for row in examined),
        "wrong": sum(bool(row.wrong) for row in examined),
    }


def import_needs(
    tx: Transaction,
    *,
    rows: Sequence[Mapping[str, Any]],
    file_name: str,
    file_hash: str,
    actor: Actor,
    now: datetime,
) -> NeedImport:
    """Every row becomes a need; orders that are needs already are passed over."""
    examined = _examine(tx, rows, actor=actor, today=local_date(now))
    _require_all_sound(examined)
    new = [row for row in examined if not row.is_known]
    imported = NeedImport(
        need_import_id=new_id(),
        file_name=file_name,
        file_hash=file_hash,
        imported_at=now,
        imported_by=actor.name,
        imported_by_id=actor.actor_id,
        imported=len(new),
        known=len(examined) - len(new),
    )
    storage.add_need_import(tx.session, imported)
    numbers = storage.take_need_numbers(tx.session, len(new)) if new else []
    needs = []
    for row, number in zip(new, numbers, strict=True):
        assert (
            row.community is not None
        )  # a row without its community is wrong, and wrong rows end the import
        needs.append(
            new_need(
                tx,
                NeedSource.HOTLINE if row.fields["order_number"] else NeedSource.SHEET,
                number=number,
                community_id=row.community.community_id,
                title=row.fields["title"],
                description=row.fields["description"],
                place=row.fields["place"],
                category=row.fields["category"],
                order_number=row.fields["order_number"] or None,
                need_import_id=imported.need_import_id,
                received_at=datetime.combine(row.fields["received_on"], time.min, LOCAL),
            )
        )
    storage.add_imported_needs(tx.session, needs)
    for need in needs:
        begin(tx, need, "import_needs", f"随表格「{file_name}」导入。", actor=actor, now=now)
    said = f"导入需求表格「{file_name}」，新登记 {imported.imported} 件。"
    record(tx, imported.need_import_id, "import_needs", said, actor=actor, now=now)
    return imported


def _examine(
    tx: Transaction, sheet_rows: Sequence[Mapping[str, Any]], *, actor: Actor, today: date
) -> list[NeedRow]:
    if not actor.is_staff:
        raise Forbidden("只有社区或市级工作人员可以导入需求。")
    rows = [_read(row) for row in taking_turns(sheet_rows)]
    places = Places(storage.list_communities(tx.session))
    orders = Counter(row.fields.get("order_number", "") for row in rows)
    known = storage.communities_of_orders(tx.session, orders.keys() - {""})
    for row in rows:
        row.community = places.find(row)
        if row.community and not actor.reaches(row.community.community_id):
            row.refuse("community", f"您没有「{row.community.community_name}」的权限。")
        if row.fields.get("received_on", today) > today:
            row.refuse("received_on", "收到日期不能晚于今天。")
        order = row.fields.get("order_number", "")
        if order and orders[order] > 1:
            numbers = [str(other.row_number) for other in rows if other.fields.get("order_number") == order]
            row.refuse("order_number", f"工单号 {order} 在文件中重复，见第{'、'.join(numbers)}行。")
        if order in known and row.community:
            row.is_known = known[order] == row.community.community_id
            if not row.is_known:
                row.refuse("order_number", f"工单号 {order} 已由其他社区登记。")
    return rows


def _read(sheet_row: Mapping[str, Any]) -> NeedRow:
    cells = sheet_row["cells"]
    row = NeedRow(
        row_number=sheet_row["row_number"],
        title=(cells.get("title") or cells.get("description") or "").strip()[:40],
        place=(cells.get("community") or "").strip()[:50],
    )
    try:
        row.fields = ROW.load(cells)
        row.place = row.fields.pop("community")
    except Invalid as unreadable:
        for name, sentences in unreadable.fields.items():
            for sentence in sentences:
                row.refuse(name, sentence)
    return row


def _require_all_sound(rows: Sequence[NeedRow]) -> None:
    errors = [sentence for row in rows for sentence in row.errors]
    if not errors:
        return
    more = f"……共 {len(errors)} 处错误。" if len(errors) > SHOWN_ERRORS else ""
    refusal = NeedsInvalid("文件有错误，没有导入任何一行。" + "".join(errors[:SHOWN_ERRORS]) + more)
    refusal.fields = {
        f"rows.{row.row_number}.{name}": sentences for row in rows for name, sentences in row.wrong.items()
    }
    raise refusal
