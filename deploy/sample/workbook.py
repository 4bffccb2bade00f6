"""Writing a claim list the way an office keeps it: title, who reports, a header of two rows, a sum at the end."""

from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from deploy.sample.claim_list import Cell, Item
from services.contracts.claims.sheet import HEADERS
from services.contracts.claims.terms import Category, ServiceClass

_TITLE_ROW, _REPORTER_ROW, _HEADER_ROW, _FIRST_ROW = 0, 1, 2, 4

# The upper row of the header; a group without a name is one cell over both rows.
_GROUPS: list[tuple[str, list[str]]] = [
    ("", ["code"]),
    ("", ["community"]),
    ("服务分类", ["service_class", "category"]),
    ("", ["title"]),
    ("", ["description"]),
    ("受益与规模", ["beneficiaries", "quantity", "measure"]),
    ("资源需求", ["budget_yuan", "supports"]),
    ("实施要求", ["place", "grid_code", "due_on"]),
]
_WIDTHS = {
    "code": 13,
    "community": 11,
    "service_class": 10,
    "category": 10,
    "title": 30,
    "description": 52,
    "beneficiaries": 10,
    "quantity": 8,
    "measure": 9,
    "budget_yuan": 12,
    "supports": 12,
    "place": 24,
    "grid_code": 18,
    "due_on": 16,
}
_SUMMED = ("beneficiaries", "budget_yuan")


def claim_list_workbook(items: Sequence[Item], *, title: str, reported_at: datetime, reporter: str) -> bytes:
    """The same bytes for the same arguments: nothing in it tells when it was written."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"title": title, "author": reporter, "created": reported_at.replace(tzinfo=None)})
    _Sheet(book).write(items, title=title, reported_on=reported_at.date(), reporter=reporter)
    _write_instructions(book)
    book.close()
    return file.getvalue()


class _Sheet:
    def __init__(self, book: Any) -> None:
        self._sheet = book.add_worksheet("认领清单")
        cell = {"font_name": "宋体", "font_size": 11, "border": 1, "valign": "vcenter", "text_wrap": True}
        centred = {**cell, "align": "center"}
        head = {**centred, "font_name": "黑体", "bg_color": "#DDEBF7"}
        self._plain = book.add_format(cell)
        self._centred = book.add_format(centred)
        self._text = book.add_format({**centred, "num_format": "@"})
        self._number = book.add_format({**cell, "num_format": "#,##0"})
        self._date = book.add_format({**centred, "num_format": 'yyyy"年"m"月"d"日"'})
        self._head = book.add_format(head)
        self._sum = book.add_format({**head, "num_format": "#,##0"})
        self._title = book.add_format(
            {"font_name": "方正小标宋简体", "font_size": 20, "align": "center", "valign": "vcenter"}
        )
        self._reporter = book.add_format({"font_name": "宋体", "font_size": 11, "valign": "vcenter"})
        self._columns = [name for _, names in _GROUPS for name in names]
        self._last_column = len(self._columns) + 1  # a running number before them, remarks behind them

    def write(self, items: Sequence[Item], *, title: str, reported_on: date, reporter: str) -> None:
        sheet = self._sheet
        sheet.merge_range(_TITLE_ROW, 0, _TITLE_ROW, self._last_column, title, self._title)
        sheet.merge_range(_REPORTER_ROW, 0, _REPORTER_ROW, 7, f"填报单位：{reporter}", self._reporter)
        day = f"填报日期：{reported_on.year}年{reported_on.month}月{reported_on.day}日"
        sheet.merge_range(_REPORTER_ROW, 8, _REPORTER_ROW, self._last_column, day, self._reporter)
        self._write_header()
        for number, item in enumerate(items):
            self._write_item(_FIRST_ROW + number, number + 1, item)
        self._write_sum(_FIRST_ROW + len(items), items)
        self._arrange(len(items))

    def _write_header(self) -> None:
        self._head_over_both_rows(0, "序号")
        column = 1
        for group, names in _GROUPS:
            if group:
                self._sheet.merge_range(
                    _HEADER_ROW, column, _HEADER_ROW, column + len(names) - 1, group, self._head
                )
                for offset, name in enumerate(names):
                    self._sheet.write_string(_HEADER_ROW + 1, column + offset, HEADERS[name], self._head)
            else:
                self._head_over_both_rows(column, HEADERS[names[0]])
            column += len(names)
        self._head_over_both_rows(column, "备注")

    def _head_over_both_rows(self, column: int, label: str) -> None:
        self._sheet.merge_range(_HEADER_ROW, column, _HEADER_ROW + 1, column, label, self._head)

    def _write_item(self, row: int, number: int, item: Item) -> None:
        self._sheet.set_row(row, 48)
        self._sheet.write_number(row, 0, number, self._centred)
        for column, name in enumerate(self._columns, start=1):
            self._write_cell(row, column, name, item.cells[name])
        self._sheet.write_blank(row, self._last_column, None, self._plain)

    def _write_cell(self, row: int, column: int, name: str, cell: Cell) -> None:
        sheet = self._sheet
        if cell is None:
            sheet.write_blank(row, column, None, self._plain)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, datetime.combine(cell, time()), self._date)
        elif isinstance(cell, int):
            sheet.write_number(row, column, cell, self._number)
        else:
            sheet.write_string(
                row, column, cell, self._text if name in {"code", "grid_code"} else self._plain
            )

    def _write_sum(self, row: int, items: Sequence[Item]) -> None:
        first_summed = self._columns.index(_SUMMED[0]) + 1
        self._sheet.merge_range(row, 0, row, first_summed - 1, "合计", self._sum)
        for column, name in enumerate(self._columns[first_summed - 1 :], start=first_summed):
            if name in _SUMMED:
                numbers = [cell for item in items if isinstance(cell := item.cells[name], int)]
                self._sheet.write_number(row, column, sum(numbers), self._sum)
            else:
                self._sheet.write_blank(row, column, None, self._sum)
        self._sheet.write_blank(row, self._last_column, None, self._sum)

    def _arrange(self, count: int) -> None:
        sheet = self._sheet
        sheet.set_row(_TITLE_ROW, 36)
        sheet.set_row(_REPORTER_ROW, 20)
        sheet.set_column(0, 0, 6)
        for column, name in enumerate(self._columns, start=1):
            sheet.set_column(column, column, _WIDTHS[name])
        sheet.set_column(self._last_column, self._last_column, 14)
        for name, terms in (("service_class", ServiceClass), ("category", Category)):
            column = self._columns.index(name) + 1
            choices = {"validate": "list", "source": [term.label for term in terms], "error_type": "warning"}
            sheet.data_validation(_FIRST_ROW, column, _FIRST_ROW + count - 1, column, choices)
        sheet.freeze_panes(_FIRST_ROW, 3)
        sheet.repeat_rows(_HEADER_ROW, _HEADER_ROW + 1)
        sheet.set_landscape()
        sheet.set_paper(8)  # A3
        sheet.fit_to_pages(1, 0)


def _write_instructions(book: Any) -> None:
    """A second sheet, which no reader of the list may stumble over."""
    sheet = book.add_worksheet("填表说明")
    sheet.set_column(0, 0, 110)
    lines = [
        "填表说明",
        "一、事项编号在全市范围内不重复；重复上传同一编号的事项，视为对该事项的修改。",
        "二、社区填写社区规范名称或 12 位社区代码。",
        f"三、服务类型从以下各项中选择：{'、'.join(term.label for term in ServiceClass)}。",
        f"四、事项类别从以下各项中选择：{'、'.join(term.label for term in Category)}。",
        "五、所需支持可填多项，用顿号隔开：资金、实物、人力、技术。",
        "六、网格编码为 15 位数字，前 12 位为社区代码，单元格请设为文本格式。",
        "七、办结期限按日期填写，如 2026年12月8日。",
    ]
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line)
