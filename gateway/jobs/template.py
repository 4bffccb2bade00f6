"""The empty sheets that people fill in: drop-down lists, notes, and texts that stay texts."""

import io
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import xlsxwriter
from flask import Response

from gateway.auth.passwords import off_the_loop
from services.contracts.claims.need_sheet import NEED_COLUMNS
from services.contracts.claims.sheet import COLUMNS, Column

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_NAME = "认领清单模板.xlsx"
NEEDS_FILE_NAME = "居民需求模板.xlsx"
ROWS = 2000
FONT = {"font_name": "微软雅黑", "font_size": 10}


def response() -> Response:
    """The claim list's template as a download."""
    return _download(off_the_loop(build), FILE_NAME)


def needs_response() -> Response:
    """The template for residents' needs as a download."""
    return _download(off_the_loop(build_needs), NEEDS_FILE_NAME)


@lru_cache
def build() -> bytes:
    return _built("认领清单", COLUMNS)


@lru_cache
def build_needs() -> bytes:
    return _built("居民需求", NEED_COLUMNS)


def _download(content: bytes, name: str) -> Response:
    made = Response(content, content_type=MIME)
    made.headers["Content-Disposition"] = (
        f"attachment; filename=template.xlsx; filename*=UTF-8''{quote(name)}"
    )
    return made


def _built(name: str, columns: tuple[Column, ...]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        _write_list(workbook, name, columns)
        _write_notes(workbook, columns)
    return out.getvalue()


def _write_list(workbook: Any, name: str, columns: tuple[Column, ...]) -> None:
    sheet = workbook.add_worksheet(name)
    plain = {"bold": True, "border": 1, "align": "center", "valign": "vcenter", **FONT}
    required = workbook.add_format({**plain, "bg_color": "#D9E5F7"})
    optional = workbook.add_format({**plain, "bg_color": "#F3F5F9"})
    # As texts, so that Excel neither rounds a long code nor turns one into a date.
    text = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top", **FONT})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.header, required if column.is_required else optional)
        sheet.set_column(place, place, column.width, text)
        sheet.data_validation(1, place, ROWS, place, _rule(column))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, ROWS, len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _rule(column: Column) -> dict[str, Any]:
    """A drop-down list where one word is chosen; elsewhere only the note that appears beside the cell."""
    note = {"input_title": column.header[:32], "input_message": column.hint[:255]}
    if not column.choices:
        return {"validate": "any", **note}
    return {
        "validate": "list",
        "source": list(column.choices),
        "error_title": column.header[:32],
        "error_message": "请从下拉列表中选择。",
        **note,
    }


def _write_notes(workbook: Any, columns: tuple[Column, ...]) -> None:
    sheet = workbook.add_worksheet("填写说明")
    bold = workbook.add_format({"bold": True, "border": 1, **FONT})
    cell = workbook.add_format({"border": 1, "text_wrap": True, "valign": "top", **FONT})
    for place, (word, width) in enumerate((("列名", 14), ("是否必填", 10), ("怎样填写", 70))):
        sheet.write_string(0, place, word, bold)
        sheet.set_column(place, place, width)
    for row, column in enumerate(columns, start=1):
        sheet.write_string(row, 0, column.header, cell)
        sheet.write_string(row, 1, "必填" if column.is_required else "选填", cell)
        sheet.write_string(row, 2, column.hint, cell)
