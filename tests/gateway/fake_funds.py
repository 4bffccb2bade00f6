"""Funds in memory, to look at: one of the city and one of a community, with a payment that waits."""

from typing import Any
from uuid import UUID

from services.contracts.base import Actor
from services.contracts.claims.errors import FundNotFound
from tests.gateway import fake_sample as sample

SUMS = ("received_fen", "available_fen", "earmarked_fen", "committed_fen", "spent_fen")
BALANCES = dict(
    zip(SUMS, (137_300_000_00, 100_000_000_00, 30_000_000_00, 300_000_00, 7_000_000_00), strict=True)
)
ACTS = ["receive_money", "earmark_money", "release_earmark", "propose_payment", "change_purpose"]


class FakeFunds:
    communities: list[dict[str, Any]]

    def _funds(self) -> list[dict[str, Any]]:
        community = self.communities[0]
        common = {
            "purpose": "公共设施改造和购买服务",
            "category": None,
            "status": "open",
            "partner_name": "",
            "partner_uscc": "",
            "certificate_number": "",
            "filing_number": "",
            "closed_through_on": None,
            "version": 4,
            "opened_at": sample.iso(-90),
            "earmarks": [],
            "consents": [],
            "months": [],
            "history": [],
            "possible_acts": ACTS,
            **BALANCES,
        }
        return [
            {
                **common,
                "fund_id": sample.id_of("fund", 1),
                "fund_name": f"{community['community_name']}设施改造资金",
                "community_id": community["community_id"],
                "community_name": community["community_name"],
                "fund_source": "county",
            },
            {
                **common,
                "fund_id": sample.id_of("fund", 2),
                "fund_name": "省市专项资金",
                "community_id": None,
                "community_name": "",
                "fund_source": "province_city",
            },
        ]

    def list_funds(self, _: Actor, **_wanted: Any) -> dict[str, Any]:
        return {"items": self._funds(), "next": None}

    def count_funds(self, _: Actor, **_wanted: Any) -> dict[str, Any]:
        sums = [{"fund_source": fund["fund_source"], "funds": 1, **BALANCES} for fund in self._funds()]
        return {"total": len(sums), "by_source": sums}

    def get_fund(self, _: Actor, *, fund_id: UUID) -> dict[str, Any]:
        for fund in self._funds():
            if fund["fund_id"] == str(fund_id):
                return fund
        raise FundNotFound("没有这笔资金。")

    def get_public_fund(self, actor: Actor, *, fund_id: UUID) -> dict[str, Any]:
        return self.get_fund(actor, fund_id=fund_id)

    def list_payments(self, _: Actor, **_wanted: Any) -> dict[str, Any]:
        return {"items": [self._payment()], "next": None}

    def list_public_payments(self, _: Actor, **_wanted: Any) -> dict[str, Any]:
        return {"items": [{**self._payment(), "paid_on": sample.day(-3)}], "next": None}

    def _payment(self) -> dict[str, Any]:
        return {
            "payment_id": sample.id_of("payment", 1),
            "amount_fen": 300_000_00,
            "refunded_fen": 0,
            "payee_kind": "organisation",
            "payee_name": "黑河市政工程有限公司",
            "purpose": "更换主干道路灯",
            "item_id": None,
            "paid_on": None,
            "status": "proposed",
            "voucher_number": "",
            "is_payee_independent": True,
            "proposed_by": "赵小雨",
            "proposed_at": sample.iso(-1),
            "decided_by": "",
            "decided_at": None,
            "rejection_reason": "",
            "possible_acts": ["approve_payment", "reject_payment"],
        }

    def get_money_figures(self, _: Actor, **_wanted: Any) -> dict[str, Any]:
        sums = {"received_fen": 137_300_000_00, "spent_fen": 7_000_000_00, "balance_fen": 130_300_000_00}
        shown = ("fund_id", "fund_name", "fund_source", "community_id", "community_name")
        lines = [
            {**{name: fund[name] for name in shown}, **sums, "receipts": 2, "payments": 1}
            for fund in self._funds()
        ]
        return {"funds": lines, **{name: value * len(lines) for name, value in sums.items()}}

    def list_postings(self, _: Actor, **_wanted: Any) -> dict[str, Any]:
        posting = {
            "posting_id": sample.id_of("posting", 1),
            "number": 1,
            "kind": "receipt",
            "posted_on": sample.day(-60),
            "recorded_at": sample.iso(-60),
            "recorded_by": "赵小雨",
            "summary": "收到黑河市财政局来款，票据 PJ-001。",
            "amount_fen": BALANCES["received_fen"],
            "entries": [],
            "receipt_number": "PJ-001",
            "payer_kind": "treasury",
            "payer_name": "黑河市财政局",
            "payment_id": None,
            "reverses_id": None,
            "reversed_by_id": None,
            "possible_acts": ["reverse_posting"],
            **BALANCES,
        }
        return {"items": [posting], "next": None}
