"""Workbooks as people make them, for trying the reader of claim lists."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from services.contracts.claims.sheet import COLUMNS

HEADERS = [column.header for column in COLUMNS]
GOOD = {
    "社区": "海兰社区",
    "服务类型": "便民利民",
    "事项类别": "环境卫生",
    "事项名称": "清理楼道杂物",
    "受益人数": 120,
    "数量": 3,
    "计量单位": "栋",
    "办结期限": "2026-12-08",
}


def row(**changed: Any) -> list[Any]:
    values = {**GOOD, **changed}
    return [values.get(header, "") for header in HEADERS]


def workbook(fill: Callable[[Worksheet], object]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    fill(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(*rows: list[Any], headers: list[Any] | None = None) -> bytes:
    def fill(sheet: Worksheet) -> None:
        for values in (headers or HEADERS, *rows):
            sheet.append(values)

    return workbook(fill)


def with_entry(content: bytes, name: str, data: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()
