"""A workbook or CSV file as grids of texts, checked before it is opened."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import python_calamine

from gateway.jobs.outcome import FileRefused

MOST_ENTRIES = 1000
MOST_UNPACKED = 50 * 1024 * 1024
MOST_RATIO = 100
# Rows are read up to here, so that a stray mark at the very end of a sheet does not cost minutes.
MOST_READ = 20_000
MOST_COLUMNS = 200

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KNOWN_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
}
_SAVE_AS = "请在 Excel 或 WPS 中打开后另存为 .xlsx 再上传。"
_UNREADABLE = f"文件无法读取，可能已损坏。{_SAVE_AS}"
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2060\ufeff\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One sheet: its rows from the very first, each a list of texts.

    `merged` holds (first row, last row, column) of cells merged over several rows.
    """

    name: str
    rows: list[list[str]]
    merged: list[tuple[int, int, int]] = field(default_factory=list)

    def held_by_merging(self, first: int) -> dict[tuple[int, int], str]:
        """(row, column) -> the text of the merged cell that covers it, below row `first`."""
        held = {}
        for top, bottom, column in self.merged:
            if top < first or top >= len(self.rows) or column >= len(self.rows[top]):
                continue
            for row in range(top + 1, min(bottom + 1, len(self.rows))):
                held[row, column] = self.rows[top][column]
        return held


def grids_of(content: bytes, *, file_name: str = "") -> Iterator[Grid]:
    """Every sheet; raises `FileRefused` for what is no table, is locked, or would not fit."""
    if content.startswith(_ZIP):
        _check_zip(content)
        return _sheets(content)
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise FileRefused("文件有密码保护，请取消密码后重新上传。")
        return _sheets(content)
    return _csv(content, file_name)


def compact(text: str) -> str:
    """For comparing words: half-width, without any space or line break."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _check_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileRefused(_UNREADABLE) from error
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRefused("文件有密码保护，请取消密码后重新上传。")
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked / packed > MOST_RATIO:
        raise FileRefused("文件展开后太大，无法处理。请只保留需要导入的工作表。")
    if "xl/vbaProject.bin" in names:
        raise FileRefused("文件含有宏，请另存为不含宏的 .xlsx 再上传。")
    is_spreadsheet = "xl/workbook.xml" in names or ("mimetype" in names and "content.xml" in names)
    if not is_spreadsheet:
        raise FileRefused(f"这不是 Excel 文件。{_SAVE_AS}")


def _sheets(content: bytes) -> Iterator[Grid]:
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        for index in range(len(workbook.sheet_names)):
            yield _sheet(workbook.get_sheet_by_index(index))
    except python_calamine.PasswordError as error:
        raise FileRefused("文件有密码保护，请取消密码后重新上传。") from error
    except python_calamine.CalamineError as error:
        raise FileRefused(_UNREADABLE) from error


def _sheet(sheet: python_calamine.CalamineSheet) -> Grid:
    rows: list[list[str]] = []
    if sheet.start is not None:
        # Rows are given from the first of the sheet on, columns only from the first used one.
        before = [""] * sheet.start[1]
        for values in sheet.iter_rows():
            rows.append([*before, *(text_of(value) for value in values)][:MOST_COLUMNS])
            if len(rows) >= MOST_READ:
                break
    while rows and not any(rows[-1]):
        rows.pop()
    merged = [
        (top, bottom, left)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
        if bottom > top and left == right
    ]
    return Grid(name=sheet.name, rows=rows, merged=merged)


def _csv(content: bytes, file_name: str) -> Iterator[Grid]:
    for magic, kind in _KNOWN_OTHERS.items():
        if content.startswith(magic):
            raise FileRefused(f"这是{kind}，不是 Excel 文件。")
    text = _decoded(content)
    if text.lstrip()[:1] == "<":
        raise FileRefused(f"这是网页格式的文件，不是 Excel 文件。{_SAVE_AS}")
    head = text[:5000]
    delimiter = max(",\t;", key=head.count)
    if head.count(delimiter) == 0:
        raise FileRefused(f"这不是 Excel 文件，也不是 CSV 文件。{_SAVE_AS}")
    rows: list[list[str]] = []
    try:
        for values in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append([text_of(value) for value in values[:MOST_COLUMNS]])
            if len(rows) >= MOST_READ:
                break
    except csv.Error as error:
        raise FileRefused(_UNREADABLE) from error
    yield Grid(name=file_name or "CSV", rows=rows)


def _decoded(content: bytes) -> str:
    """UTF-8, else what Chinese Excel writes; with a mark at the start also UTF-16."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        if b"\x00" in content[:4096]:
            raise FileRefused(f"这不是 Excel 文件。{_SAVE_AS}")
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused("无法识别 CSV 文件的文字编码，请另存为“CSV UTF-8”或 .xlsx。")


def text_of(value: Any) -> str:
    """A cell as the text a person would read there: no trailing .0, dates as ISO."""
    if isinstance(value, str):
        return _INVISIBLE.sub("", value).strip()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime):
        is_day = value.time() == time(0)
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else str(value)
