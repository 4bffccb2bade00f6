"""Starting an export: what is to be in the file is read as the one who asks may see it."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.calls import claims
from gateway.jobs import desk, items_sheet
from services.chassis.clock import local_today
from services.contracts.base import Invalid

PER_CALL = 1000


def start_items_export(narrowed: Mapping[str, Any]) -> UUID:
    """Raises `Invalid` when there are too many items for one file."""
    rows: list[dict[str, str]] = []
    cursor: str | None = None
    while True:
        page = claims.export_items(**narrowed, cursor=cursor, limit=PER_CALL)
        rows += page["items"]
        cursor = page["next"]
        if len(rows) > items_sheet.MOST_ROWS:
            raise Invalid(f"事项超过 {items_sheet.MOST_ROWS} 项，请缩小筛选范围后再导出。")
        if cursor is None:
            break
    meta = {"file_name": f"认领清单-{local_today()}.xlsx"}
    return desk.start_job(items_sheet.KIND, json.dumps(rows, ensure_ascii=False).encode(), meta)
