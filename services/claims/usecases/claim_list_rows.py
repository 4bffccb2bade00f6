"""Reading the rows of a claim list's file: what each would do, and what is wrong with it."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.community import Community
from services.claims.domain.item import Item, objections
from services.contracts.base import Actor, Invalid
from services.contracts.claims.sheet import COLUMNS, HEADERS, ClaimListRow, cells_of
from services.contracts.claims.terms import ItemStatus, RowOutcome

ROW = ClaimListRow()
ROWS_IN_A_TURN = 100


@dataclass(kw_only=True)
class Row:
    """One row on its way: `fields` once it could be read, `item` when its code is known already."""

    row_number: int
    code: str = ""
    title: str = ""
    place: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    community: Community | None = None
    item: Item | None = None
    outcome: RowOutcome = RowOutcome.NEW
    wrong: dict[str, list[str]] = field(default_factory=dict)
    differences: dict[str, list[str]] = field(default_factory=dict)

    def refuse(self, name: str, sentence: str) -> None:
        self.wrong.setdefault(name, []).append(sentence)
        self.outcome = RowOutcome.WRONG

    @property
    def errors(self) -> list[str]:
        return [
            f"第{self.row_number}行「{HEADERS.get(name, name)}」：{sentence}"
            for name, sentences in self.wrong.items()
            for sentence in sentences
        ]


def examine_rows(
    tx: Transaction,
    sheet_rows: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    today: date,
    for_update: bool = False,
) -> list[Row]:
    """All rows with their outcomes; two queries, however many rows there are."""
    rows = [_read(row) for row in taking_turns(sheet_rows)]
    places = Places(storage.list_communities(tx.session))
    codes = Counter(row.code for row in rows if row.code)
    known = storage.items_by_code(tx.session, codes.keys(), for_update=for_update)
    for row in rows:
        row.item = known.get(row.code)
        if codes[row.code] > 1:
            numbers = "、".join(str(other.row_number) for other in rows if other.code == row.code)
            row.refuse("code", f"编号 {row.code} 在文件中重复，见第{numbers}行。")
        row.community = places.find(row)
        if row.fields:
            _judge(row, places, actor=actor, today=today)
    return rows


def taking_turns(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Lets others have the processor now and then; thousands of rows are seconds of work."""
    for number, row in enumerate(rows):
        if number % ROWS_IN_A_TURN == 0:
            time.sleep(0)
        yield row


def _read(sheet_row: Mapping[str, Any]) -> Row:
    cells = sheet_row["cells"]
    row = Row(
        row_number=sheet_row["row_number"],
        code=(cells.get("code") or "").strip(),
        title=(cells.get("title") or "").strip()[:100],
        place=(cells.get("community") or "").strip()[:50],
    )
    try:
        row.fields = ROW.load(cells)
        row.code = row.fields.pop("code")
        row.place = row.fields.pop("community")
    except Invalid as unreadable:
        for name, sentences in unreadable.fields.items():
            for sentence in sentences:
                row.refuse(name, sentence)
    return row


class PlacedRow(Protocol):
    """A row of any sheet that names its community; `place` is what stands there."""

    place: str

    def refuse(self, name: str, sentence: str) -> None: ...


class Places:
    """Communities as files name them."""

    def __init__(self, communities: Iterable[Community]) -> None:
        self.by_id: dict[UUID, Community] = {}
        self.by_word: dict[str, list[Community]] = {}
        for community in communities:
            self.by_id[community.community_id] = community
            for word in (community.code, community.community_name):
                self.by_word.setdefault(word, []).append(community)

    def find(self, row: PlacedRow) -> Community | None:
        """None when it is missing, unknown or ambiguous; a row's other mistakes do not hide that."""
        word = row.place
        if not word:
            return None
        found = self.by_word.get(word, [])
        if not found:
            row.refuse("community", f"没有「{word}」这个社区，请填社区全名或 12 位代码。")
        elif len(found) > 1:
            row.refuse("community", f"有 {len(found)} 个社区叫「{word}」，请填 12 位代码。")
        return found[0] if len(found) == 1 else None


def _judge(row: Row, places: Places, *, actor: Actor, today: date) -> None:
    """New, changed or the same; or wrong, when the actor or the item's state does not allow it."""
    if row.community is None:
        return
    if not (actor.is_staff and actor.reaches(row.community.community_id)):
        row.refuse("community", f"您没有「{row.community.community_name}」的权限。")
    if row.item is None:
        _object(row, row.community, today=today)
        return
    if not (actor.is_staff and actor.reaches(row.item.community_id)):
        row.refuse("code", f"编号 {row.code} 已用于其他社区的事项。")
        return
    row.differences = _differences(row, row.community, places.by_id[row.item.community_id])
    if row.outcome is RowOutcome.WRONG:
        return
    if not row.differences:
        row.outcome = RowOutcome.SAME
    elif row.item.status is not ItemStatus.DRAFT:
        labels = "、".join(row.differences)
        row.refuse("code", f"事项 {row.code} 已发布，不能通过导入修改（不同之处：{labels}）。")
    else:
        row.outcome = RowOutcome.CHANGED
        _object(row, row.community, today=today)


def _object(row: Row, community: Community, *, today: date) -> None:
    wrong = objections(
        due_on=row.fields["due_on"],
        grid_code=row.fields["grid_code"],
        community_code=community.code,
        today=today,
    )
    for name, sentence in wrong.items():
        row.refuse(name, sentence)


def _differences(row: Row, community: Community, community_now: Community) -> dict[str, list[str]]:
    """Label of each column that differs -> [now, in the file]."""
    given = {**row.fields, "code": row.code, "community_name": community.community_name}
    before = _cells_now(row.item, community_now.community_name)
    after = cells_of(given)
    return {
        column.header: [before[column.name], after[column.name]]
        for column in COLUMNS
        if before[column.name] != after[column.name]
    }


def _cells_now(item: Item | None, community_name: str) -> dict[str, str]:
    return cells_of({column.attribute: getattr(item, column.attribute, community_name) for column in COLUMNS})


def as_it_was(item: Item, *, community_name: str) -> dict[str, Any]:
    """A draft before an import rewrites it, to be kept for `undo_claim_list`."""
    return {
        "cells": _cells_now(item, community_name),
        "community_id": str(item.community_id),
        "claim_list_id": None if item.claim_list_id is None else str(item.claim_list_id),
    }
