"""The purchases' part of the matrix: one that is planned, and what each act is asked with."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.chassis.clock import local_today

TODAY = local_today()
FUND = {"fund_source": "county", "fund_name": "购买服务资金", "purpose": "购买服务"}
RECEIPT = {
    "amount_fen": 100_000,
    "receipt_number": "PJ-900",
    "payer_kind": "treasury",
    "payer_name": "市财政局",
}
PLAN = {
    "content": "冬季清雪",
    "buyer_name": "花园街道办事处",
    "buyer_kind": "state_organ",
    "method": "single_source",
    "method_reason": "只有一家有设备",
    "budget_fen": 10_000,
}

CONTRACT: dict[str, Any] = {
    "contract_number": "HT-1",
    "amount_fen": 10_000,
    "from_on": str(TODAY),
    "to_on": str(TODAY + timedelta(days=60)),
    "holdback_percent": 10,
    "milestones": [{"title": "清雪", "due_on": str(TODAY + timedelta(days=30)), "amount_fen": 9_000}],
}


def settle_purchase(
    post: Callable[..., dict[str, Any]], *, community_id: str, item_id: str, unit_id: str
) -> dict[str, str]:
    """A draft that a plan provides for, bought at once, with one offer."""
    fund_id = post("/funds", community_id=community_id, **FUND)["fund_id"]
    post(f"/funds/{fund_id}/receipts", **RECEIPT)
    post(f"/funds/{fund_id}/earmarks", item_id=item_id, amount_fen=10_000)
    purchase = post("/purchases", item_id=item_id, fund_id=fund_id, **PLAN)
    offer = {"unit_id": unit_id, "supplier_kind": "enterprise", "amount_fen": 10_000, "marks": "90.00"}
    place = f"/purchases/{purchase['purchase_id']}"
    offered = post(f"{place}/offers", **offer)
    offer_id = offered["offers"][0]["offer_id"]
    post(f"{place}/choice", offer_id=offer_id, reason="只有一家")
    post(f"{place}/contract", **CONTRACT)
    return {"purchase_id": purchase["purchase_id"], "offer_id": offer_id}


PURCHASES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "accept_purchase": lambda at: {},
    "check_purchase_milestone": lambda at: {"number": 1, "is_passed": True},
    "choose_supplier": lambda at: {"offer_id": at.ids["offer_id"], "reason": "只有一家"},
    "close_item_short": lambda at: {"reason": "已够"},
    "close_purchase": lambda at: {},
    "finish_item": lambda at: {"summary": "已办完"},
    "fund_item": lambda at: {"fund_id": at.ids["fund_id"], "amount_fen": 100},
    "get_purchase": lambda at: {},
    "pay_instalment": lambda at: {"number": 1},
    "plan_purchase": lambda at: {"item_id": at.draft_id, "fund_id": at.ids["fund_id"], **PLAN},
    "record_offer": lambda at: {
        "unit_id": at.unit_id,
        "supplier_kind": "enterprise",
        "amount_fen": 10_000,
        "marks": "90.00",
    },
    "report_purchase_milestone": lambda at: {"number": 1, "report": "已完成"},
    "sign_contract": lambda at: CONTRACT,
    "terminate_purchase": lambda at: {"reason": "预算调整"},
    "withdraw_item": lambda at: {"reason": "不再需要"},
}
