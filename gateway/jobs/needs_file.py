"""Reading residents' needs out of the file somebody uploaded."""

from typing import Any

from gateway.jobs.outcome import Report
from gateway.jobs.table_file import Table, read_table
from services.contracts.claims.need_sheet import NEED_COLUMNS

KIND = "read_needs"
TABLE = Table(
    columns=NEED_COLUMNS,
    least_matches=2,
    hold_for_each=frozenset({"community", "received_on", "category"}),
)


def read(content: bytes, meta: dict[str, Any], report: Report) -> dict[str, Any]:
    """Raises `FileRefused`."""
    return read_table(TABLE, content, meta, report)
