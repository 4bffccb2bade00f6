"""Any list as an Excel file: one heading row, every cell a text."""

import io
import json
from typing import Any

import xlsxwriter

from gateway.jobs.outcome import MadeFile, Report
from gateway.jobs.template import FONT, MIME

KIND = "write_list_sheet"
MOST_ROWS = 20_000
_TOLD_EVERY = 500


def write(content: bytes, meta: dict[str, Any], report: Report) -> MadeFile:
    """`content`: rows as JSON, cells by column name; `meta`: `file_name`, `title`, `columns` (name and width)."""
    rows, columns = json.loads(content), meta["columns"]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet(str(meta["title"]))
        look = {"border": 1, **FONT}
        bold = workbook.add_format({"bold": True, "align": "center", "bg_color": "#D9E5F7", **look})
        text = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top", **look})
        for place, (name, width) in enumerate(columns):
            sheet.write_string(0, place, name, bold)
            sheet.set_column(place, place, width)
        for number, row in enumerate(rows, start=1):
            for place, (name, _) in enumerate(columns):
                sheet.write_string(number, place, row.get(name, ""), text)
            if number % _TOLD_EVERY == 0:
                report(min(90, 90 * number // len(rows)))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    return MadeFile(name=str(meta["file_name"]), mime=MIME, content=out.getvalue())
