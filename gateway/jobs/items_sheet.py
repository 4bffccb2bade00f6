"""Items as an Excel file that looks like the claim list's template and can be imported again."""

import io
import json
from typing import Any

import xlsxwriter

from gateway.jobs.outcome import MadeFile, Report
from gateway.jobs.template import FONT, MIME
from services.contracts.claims.sheet import COLUMNS

KIND = "write_items_sheet"
MOST_ROWS = 20_000
_TOLD_EVERY = 500


def write(content: bytes, meta: dict[str, Any], report: Report) -> MadeFile:
    """`content`: rows as JSON, each with its cells by column name; `meta`: `file_name`."""
    rows = json.loads(content)
    out = io.BytesIO()
    # Every cell is a text: codes stay codes, and what begins with "=" is no formula.
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet("认领清单")
        bold = workbook.add_format(
            {"bold": True, "border": 1, "align": "center", "bg_color": "#D9E5F7", **FONT}
        )
        text = workbook.add_format(
            {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1, **FONT}
        )
        for place, column in enumerate(COLUMNS):
            sheet.write_string(0, place, column.header, bold)
            sheet.set_column(place, place, column.width)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(COLUMNS):
                sheet.write_string(number, place, row.get(column.name, ""), text)
            if number % _TOLD_EVERY == 0:
                report(min(90, 90 * number // len(rows)))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(rows)), len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    return MadeFile(name=str(meta["file_name"]), mime=MIME, content=out.getvalue())
