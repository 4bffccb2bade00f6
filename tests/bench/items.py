"""The item that is claimed: real in shape, small, and open for long enough."""

from datetime import timedelta
from typing import Any

from services.chassis.clock import local_today
from services.contracts.claims.terms import Category, ServiceClass

SLOTS = 3


def item_fields(community_id: str) -> dict[str, Any]:
    """An item with few slots, so that not everybody who claims can win."""
    return {
        "community_id": community_id,
        "title": "冬季清雪志愿岗",
        "service_class": next(iter(ServiceClass)).value,
        "category": next(iter(Category)).value,
        "description": "主要路口、单元门前和消防通道的清雪除冰，按岗位认领，每岗一名联络人。",
        "beneficiaries": 320,
        "quantity": SLOTS,
        "measure": "岗",
        "due_on": str(local_today() + timedelta(days=60)),
    }
