"""What the acts on residents' needs are asked with, for the matrix of rights."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.chassis.clock import local_today, utc_now
from tests.claims.need_acting import need_cells

NEED_BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "answer_need": lambda at: {"reply": "已修好"},
    "decline_need": lambda at: {"reason": "不属于社区职责"},
    "get_need": lambda at: {},
    "import_needs": lambda at: {
        "file_name": "需求.xlsx",
        "file_hash": "c" * 64,
        "rows": [
            {
                "row_number": 2,
                "cells": need_cells(community=at.community_name, received_on=str(local_today())),
            }
        ],
    },
    "merge_need": lambda at: {"into_need_id": at.ids["other_need_id"]},
    "receive_order": lambda at: {
        "order_number": f"HH-{at.community_id[:8]}",
        "community_id": at.community_id,
        "title": "暖气不热",
        "content": "5 号楼暖气不热",
        "received_at": utc_now().isoformat(),
    },
    "refer_need": lambda at: {"department": "区住建局", "reason": "属市政道路"},
    "register_need": lambda at: {"community_id": at.community_id, "description": "井盖松动"},
    "triage_need": lambda at: {
        "service_class": "convenience",
        "category": "facilities",
        "priority": "normal",
    },
    "turn_need_into_item": lambda at: {
        "title": "更换楼道灯",
        "beneficiaries": 60,
        "quantity": 12,
        "measure": "盏",
        "due_on": str(local_today() + timedelta(days=60)),
    },
    "turn_need_into_matter": lambda at: {"reason": "涉及公共收益"},
}
