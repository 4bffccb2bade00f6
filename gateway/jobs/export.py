"""Starting an export: what is to be in the file is read as the one who asks may see it."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.calls import claims
from gateway.jobs import desk, items_sheet, list_sheet
from services.chassis.clock import local_today
from services.contracts.base import Invalid

PER_CALL = 1000
REGISTRATION_COLUMNS = (
    ("编号", 16),
    ("类型", 12),
    ("社区", 14),
    ("单位", 26),
    ("党组织", 26),
    ("姓名", 8),
    ("党员人数", 10),
    ("报到日期", 12),
    ("状态", 10),
    ("服务次数", 10),
    ("服务时长", 14),
    ("最近评议", 14),
)


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


def start_registrations_export(narrowed: Mapping[str, Any]) -> UUID:
    """报到一览表; raises `Invalid` when there are too many for one file."""
    rows: list[dict[str, str]] = []
    cursor: str | None = None
    while True:
        page = claims.export_dual_registrations(**narrowed, cursor=cursor, limit=PER_CALL)
        rows += page["items"]
        cursor = page["next"]
        if len(rows) > list_sheet.MOST_ROWS:
            raise Invalid(f"报到超过 {list_sheet.MOST_ROWS} 条，请缩小筛选范围后再导出。")
        if cursor is None:
            break
    meta = {
        "file_name": f"报到一览表-{local_today()}.xlsx",
        "title": "报到一览表",
        "columns": REGISTRATION_COLUMNS,
    }
    return desk.start_job(list_sheet.KIND, json.dumps(rows, ensure_ascii=False).encode(), meta)
