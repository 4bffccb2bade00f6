"""Reading a claim list out of the file somebody uploaded."""

from typing import Any

from gateway.jobs.outcome import Report
from gateway.jobs.table_file import Table, read_table
from services.contracts.claims.sheet import COLUMNS

KIND = "read_claim_list"
TABLE = Table(
    columns=COLUMNS,
    least_matches=4,
    hold_for_each=frozenset(
        {"community", "service_class", "category", "measure", "supports", "place", "grid_code", "due_on"}
    ),
)


def read(content: bytes, meta: dict[str, Any], report: Report) -> dict[str, Any]:
    """Raises `FileRefused`."""
    return read_table(TABLE, content, meta, report)
