"""Reading a table out of the file somebody uploaded: .xlsx, .xls, .ods or .csv.

People's files have a title above the table, headers over two rows, merged cells, a total at the end
and dates in every form. What is found here are texts by column; what they mean is for claims to say.
Runs in a process of its own (`child.py`): a hostile workbook can make its reader abort.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gateway.jobs.cells import Grid, compact, grids_of
from gateway.jobs.outcome import FileRefused, Report
from services.contracts.claims.sheet import Column

MOST_ROWS = 5000
MOST_CELL = 5000
HEADER_WITHIN = 20
_TOTALS = ("合计", "总计", "小计", "共计")


@dataclass(frozen=True, kw_only=True)
class Table:
    """The columns to look for.

    A row is taken for the header when at least `least_matches` of its words are names of columns.
    Merged over several rows, `hold_for_each` hold for each of them; an amount or a name merged so does not.
    """

    columns: tuple[Column, ...]
    least_matches: int
    hold_for_each: frozenset[str]

    @cached_property
    def headers(self) -> dict[str, str]:
        return {column.name: column.header for column in self.columns}

    def column_called(self, word: str) -> str | None:
        plain = compact(word).removesuffix("(必填)").strip("*")
        return self._names.get(plain) or self._names.get(plain.partition("(")[0])

    @cached_property
    def _names(self) -> dict[str, str]:
        """预算（元） is also found as 预算; no two columns share a word before the bracket."""
        whole = {compact(column.header): column.name for column in self.columns}
        return whole | {header.partition("(")[0]: name for header, name in whole.items()}


@dataclass(frozen=True, kw_only=True)
class Header:
    """Where the table begins: its last header row, and which column stands where."""

    table: Table
    grid: Grid
    row: int
    places: dict[str, int]
    unknown: tuple[str, ...]
    title: str

    @property
    def order(self) -> tuple[int, int]:
        return len(self.places), -self.row


def read_table(table: Table, content: bytes, meta: dict[str, Any], report: Report) -> dict[str, Any]:
    """Raises `FileRefused` with one Chinese sentence for the person who uploaded the file."""
    header = _find_header(table, grids_of(content, file_name=str(meta.get("file_name", ""))))
    missing = [column for column in table.columns if column.name not in header.places]
    if required := [column.header for column in missing if column.is_required]:
        raise FileRefused(f"缺少必填的列：{'、'.join(required)}。请使用模板，或补上这些列后重新上传。")
    report(50)
    rows = list(_rows(header))
    if not rows:
        raise FileRefused("表头下面没有数据行。")
    return {
        "rows": rows,
        "header_row": header.row + 1,
        "sheet": header.grid.name,
        "unknown_columns": list(header.unknown),
        "missing_columns": [column.header for column in missing],
        "title": header.title,
        "file_name": str(meta.get("file_name", "")),
        "file_hash": hashlib.sha256(content).hexdigest(),
    }


def _find_header(table: Table, grids: Iterator[Grid]) -> Header:
    """The header with the most known columns on any sheet; the first of equals."""
    best: Header | None = None
    for grid in grids:
        for row in range(min(HEADER_WITHIN, len(grid.rows))):
            for candidate in _headers_at(table, grid, row):
                if best is None or candidate.order[0] > best.order[0]:
                    best = candidate
    if best is None or len(best.places) < table.least_matches:
        names = "、".join(column.header for column in table.columns if column.is_required)
        raise FileRefused(f"没有找到表头。前 {HEADER_WITHIN} 行中应有一行写着各列的名称：{names}。")
    return best


def _headers_at(table: Table, grid: Grid, row: int) -> Iterator[Header]:
    """The row as a header of its own, and as the upper half of a header over two rows."""
    upper = grid.rows[row]
    yield _header(table, grid, row, upper, above=row - 1)
    if row + 1 < len(grid.rows):
        lower = grid.rows[row + 1]
        width = max(len(upper), len(lower))
        pairs = [(_at(lower, place), _at(upper, place)) for place in range(width)]
        yield _header(
            table,
            grid,
            row + 1,
            [
                low if table.column_called(low) or not table.column_called(high) else high
                for low, high in pairs
            ],
            above=row - 1,
        )


def _header(table: Table, grid: Grid, row: int, words: list[str], *, above: int) -> Header:
    places: dict[str, int] = {}
    unknown: list[str] = []
    for place, word in enumerate(words):
        name = table.column_called(word)
        if name is None:
            if word:
                unknown.append(word[:40])
        elif name in places:
            raise FileRefused(f"「{table.headers[name]}」出现了两列，请只保留一列。")
        else:
            places[name] = place
    title = _title_above(grid, above)
    return Header(table=table, grid=grid, row=row, places=places, unknown=tuple(unknown), title=title)


def _title_above(grid: Grid, row: int) -> str:
    """The nearest row above the header that holds one text only."""
    for words in reversed(grid.rows[: row + 1]):
        filled = [word for word in words if word]
        if len(filled) == 1:
            return filled[0][:100]
    return ""


def _rows(header: Header) -> Iterator[dict[str, Any]]:
    held = header.grid.held_by_merging(header.row + 1)
    found = []
    for row in range(header.row + 1, len(header.grid.rows)):
        words = header.grid.rows[row]
        cells = {name: _at(words, place) for name, place in header.places.items()}
        if not any(cells.values()):
            continue
        for name in header.table.hold_for_each & header.places.keys():
            cells[name] = cells[name] or held.get((row, header.places[name]), "")
        found.append((row + 1, words, cells))
        if len(found) > MOST_ROWS + 1:
            break
    while found and _is_total(found[-1][1]):
        found.pop()
    if len(found) > MOST_ROWS:
        raise FileRefused(f"数据超过 {MOST_ROWS} 行，请分成几个文件上传。")
    for number, _, cells in found:
        for name, text in cells.items():
            if len(text) > MOST_CELL:
                raise FileRefused(f"第 {number} 行「{header.table.headers[name]}」超过 {MOST_CELL} 个字。")
        yield {"row_number": number, "cells": cells}


def _is_total(words: list[str]) -> bool:
    first = next((compact(word) for word in words if word), "")
    return first.startswith(_TOTALS)


def _at(words: list[str], place: int) -> str:
    return words[place] if place < len(words) else ""
