"""Purchases in memory, to look at: one that is being fulfilled."""

from typing import Any
from uuid import UUID

from services.contracts.base import Actor
from services.contracts.claims.errors import PurchaseNotFound
from tests.gateway import fake_sample as sample

ACTS = ["check_purchase_milestone", "pay_instalment", "terminate_purchase"]


class FakePurchases:
    communities: list[dict[str, Any]]
    items: dict[str, dict[str, Any]]

    def _purchase(self) -> dict[str, Any]:
        community = self.communities[0]
        return {
            "purchase_id": sample.id_of("purchase", 1),
            "code": "CG-2026-0001",
            "title": "冬季人行道清雪服务",
            "community_id": community["community_id"],
            "community_name": community["community_name"],
            "item_id": next(iter(self.items)),
            "fund_id": sample.id_of("fund", 1),
            "status": "contracted",
            "method": "consultation",
            "method_reason": "",
            "buyer_name": "花园街道办事处",
            "buyer_kind": "state_organ",
            "supplier_name": "黑河市安心社工服务中心",
            "supplier_unit_id": sample.id_of("unit", "爱辉区环境卫生服务中心"),
            "content": "清理三处人行道积雪，每次降雪后两日内完成。",
            "budget_fen": 100_000_00,
            "contract_fen": 80_000_00,
            "paid_fen": 0,
            "asked_fen": 0,
            "from_on": sample.day(-20),
            "to_on": sample.day(120),
            "version": 7,
            "planned_at": sample.iso(-30),
            "offers": [
                {
                    "offer_id": sample.id_of("offer", 1),
                    "unit_id": sample.id_of("unit", "爱辉区环境卫生服务中心"),
                    "unit_name": "黑河市安心社工服务中心",
                    "supplier_kind": "social_organisation",
                    "amount_fen": 80_000_00,
                    "marks": "91.50",
                    "note": "",
                    "is_chosen": True,
                }
            ],
            "offers_missing": 0,
            "choice_reason": "评分最高，价格在预算内",
            "contract_number": "HT-2026-01",
            "long_term_reason": "",
            "holdback_percent": 10,
            "signed_at": sample.iso(-20),
            "instalments": [
                self._instalment(1, "第一轮清雪", 30_000_00, "payable"),
                self._instalment(2, "第二轮清雪", 42_000_00, "reported"),
                self._instalment(3, "尾款（考核合格后支付）", 8_000_00, "held"),
            ],
            "accepted_at": None,
            "acceptance_note": "",
            "hold_reason": "",
            "why_held": "服务尚未验收。",
            "ended_at": None,
            "termination_reason": "",
            "history": [],
            "possible_acts": ACTS,
        }

    def _instalment(self, number: int, title: str, amount_fen: int, status: str) -> dict[str, Any]:
        return {
            "number": number,
            "title": title,
            "amount_fen": amount_fen,
            "is_holdback": status == "held",
            "due_on": None if status == "held" else sample.day(10 * number),
            "status": status,
            "report": "" if status == "held" else "已清完",
            "reported_at": None if status == "held" else sample.iso(-2),
            "check_note": "",
            "passed_at": sample.iso(-1) if status == "payable" else None,
            "payment_id": None,
        }

    def list_purchases(self, _: Actor, **_wanted: Any) -> dict[str, Any]:
        return {"items": [self._purchase()], "next": None}

    def list_contracts(self, _: Actor, **_wanted: Any) -> dict[str, Any]:
        return {"items": [self._purchase()], "next": None}

    def get_purchase(self, _: Actor, *, purchase_id: UUID) -> dict[str, Any]:
        purchase = self._purchase()
        if purchase["purchase_id"] != str(purchase_id):
            raise PurchaseNotFound("没有这个采购。")
        return purchase
