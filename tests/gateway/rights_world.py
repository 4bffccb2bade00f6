"""Two communities with a record of every kind, and what each act needs to be asked for there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.chassis.clock import local_today
from services.contracts.base import SYSTEM
from tests.builders import cells, make_uscc
from tests.gateway.fakes import Program
from tests.gateway.needs_world import NEED_BODIES
from tests.gateway.real_services import RealServices
from tests.gateway.rights_assessments import ASSESSING, settle_assessments
from tests.gateway.rights_purchases import PURCHASES, settle_purchase
from tests.gateway.rights_units import ALLIANCE, settle_alliance
from tests.gateway.rights_volunteering import VOLUNTEERING, settle_volunteers

TODAY = local_today()
PERIOD = {
    "party_study_on": str(TODAY),
    "claim_until_on": str(TODAY + timedelta(days=20)),
}
NUMBERS = ("110101199003070011", "110101199003070038")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One community; `ids` are what addresses name, by the names of their parameters."""

    community_id: str
    community_name: str
    unit_id: str
    draft_id: str
    open_id: str
    ids: dict[str, str]

    def item(self, title: str = "清理楼道杂物") -> dict[str, Any]:
        return {
            "community_id": self.community_id,
            "title": title,
            "service_class": "convenience",
            "category": "sanitation",
            "beneficiaries": 100,
            "quantity": 1,
            "measure": "处",
            "due_on": str(TODAY + timedelta(days=60)),
        }

    def rows(self, title: str = "修补路面") -> list[dict[str, Any]]:
        due_on = str(TODAY + timedelta(days=60))
        return [
            {
                "row_number": 2,
                "cells": cells(community=self.community_name, title=title, grid_code="", due_on=due_on),
            }
        ]


Body = Callable[[Place], dict[str, Any]]

APPLICATION = {
    "department": "市某局",
    "task_title": "满意度台账",
    "kind": "form",
    "legal_basis": "年度方案",
    "from_on": str(TODAY + timedelta(days=120)),
    "until_on": str(TODAY + timedelta(days=150)),
    "frequency": "once",
}
TASK = {"department": "市某局", "task_title": "满意度台账", "kind": "form"}
SEAL = {"proof_title": "居住情况说明", "asked_by": "某单位", "purpose": "办理业务"}
BURDEN = {"department": "市某局", "title": "台账", "kind": "form", "happened_on": str(TODAY)}
FUND = {"fund_source": "unit_sponsorship", "fund_name": "设施改造资金", "purpose": "公共设施改造"}
PAYMENT = {
    "amount_fen": 100,
    "payee_kind": "organisation",
    "payee_name": "黑河市政工程有限公司",
    "purpose": "更换路灯",
    "is_payee_independent": True,
}
REVISED = {
    "title": "清理楼道和门前杂物",
    "service_class": "convenience",
    "category": "sanitation",
    "beneficiaries": 120,
    "quantity": 1,
    "measure": "处",
    "due_on": str(TODAY + timedelta(days=60)),
    "reason": "写明范围",
}
FIRST = {"receive_money": {"receipt_number": "PJ-001", "amount_fen": 1000}}
FUND_BODIES: dict[str, Body] = {
    "approve_payment": lambda at: {},
    "change_purpose": lambda at: {"purpose": "冬季清雪", "reason": "雪大"},
    "close_fund": lambda at: {},
    "close_month": lambda at: {"month_on": str(TODAY)},
    "earmark_money": lambda at: {"item_id": at.ids["item_id"], "amount_fen": 100},
    "export_postings": lambda at: {},
    "get_fund": lambda at: {},
    "list_payments": lambda at: {},
    "list_postings": lambda at: {},
    "open_fund": lambda at: {**FUND, "community_id": at.community_id},
    "propose_payment": lambda at: PAYMENT,
    "receive_money": lambda at: {
        "amount_fen": 100,
        "receipt_number": "PJ-002",
        "payer_kind": "unit",
        "payer_unit_id": at.unit_id,
    },
    "record_consent": lambda at: {
        "kind": "sponsorship",
        "unit_id": at.unit_id,
        "reference": "同意书 1 号",
        "consented_on": str(TODAY),
        "amount_fen": 100000,
    },
    "refund_payment": lambda at: {"amount_fen": 100, "reason": "多付"},
    "release_earmark": lambda at: {"item_id": at.ids["item_id"], "amount_fen": 100},
    "return_money": lambda at: {"amount_fen": 100, "reason": "误汇"},
    "reverse_posting": lambda at: {"reason": "记错"},
}

# What each act is asked with; the ids in its address come from the place. `?` marks a query.
BODIES: dict[str, Body] = {
    **FUND_BODIES,
    "add_subscription": lambda at: {
        "channel": "email",
        "address": "group@example.cn",
        "label": "居民群",
        "community_id": at.community_id,
    },
    "apply_admission": lambda at: APPLICATION,
    "appoint_worker": lambda at: {
        "community_id": at.community_id,
        "worker_name": "钱多多",
        "post": "worker",
        "since_on": str(TODAY),
    },
    "assess_item": lambda at: {"score": "90.00"},
    "answer_objection": lambda at: {"is_upheld": False, "answer": "已核实"},
    "check_rectification": lambda at: {"is_passed": True, "call_back": "居民认可"},
    "claim_item": lambda at: {"unit_id": at.unit_id},
    "close_poll": lambda at: {},
    "commend_item": lambda at: {"reason": "工作出色"},
    "confirm_claim": lambda at: {},
    "count_residents": lambda at: {"?community_id": at.community_id},
    "create_item": lambda at: at.item(),
    "decide_seal": lambda at: {"is_approved": True},
    "get_burden_meter": lambda at: {"?month": f"{TODAY:%Y-%m}", "?community_id": at.community_id},
    "get_claim_list": lambda at: {},
    "get_sent_back_task": lambda at: {},
    "import_claim_list": lambda at: {
        "title": "另一份清单",
        "file_name": "另一份.xlsx",
        "file_hash": "b" * 64,
        "rows": at.rows("更换路灯"),
    },
    "import_residents": lambda at: {
        "residents": [
            {
                "community_id": at.community_id,
                "resident_name": "周一一",
                "identity_number": "110101199003070054",
            }
        ]
    },
    "list_burdens": lambda at: {"?community_id": at.community_id},
    "list_invitations": lambda at: {},
    "list_residents": lambda at: {"?community_id": at.community_id},
    "list_seal_requests": lambda at: {"?community_id": at.community_id},
    "list_sent_back_tasks": lambda at: {"?community_id": at.community_id},
    "list_subscriptions": lambda at: {"?community_id": at.community_id},
    "list_workers": lambda at: {"?community_id": at.community_id},
    "publish_claim_list": lambda at: PERIOD,
    "undo_claim_list": lambda at: {"reason": "文件有误"},
    "publish_item": lambda at: PERIOD,
    "revise_item": lambda at: REVISED,
    "raise_objection": lambda at: {"content": "未见成效"},
    "record_burden": lambda at: {"community_id": at.community_id, **BURDEN},
    "register_unit": lambda at: {
        "uscc": make_uscc(77),
        "unit_name": "黑河新单位",
        "kind": "enterprise",
        "community_ids": [at.community_id],
    },
    "release_claim": lambda at: {"reason": "人手不足"},
    "remove_subscription": lambda at: {},
    "report_milestone": lambda at: {"milestone_title": "已进场", "percent": 40},
    "report_rectification": lambda at: {"report": "已重做"},
    "request_seal": lambda at: {"community_id": at.community_id, **SEAL},
    "resend_delivery": lambda at: {},
    "revoke_commendation": lambda at: {"reason": "材料不实"},
    "send_back_claim": lambda at: {"reason": "照片不清"},
    "send_back_task": lambda at: {"community_id": at.community_id, **TASK},
    "submit_claim": lambda at: {"summary": "已完工"},
    "suggest_units": lambda at: {},
    "unmask_resident": lambda at: {"field": "identity_number", "reason": "核对选民登记情况"},
    "unmask_subscription": lambda at: {"field": "address", "reason": "核对通知没有送达的原因"},
    "verify_claim": lambda at: {},
    **NEED_BODIES,
    "withdraw_burden": lambda at: {"reason": "重复登记"},
}

BODIES |= VOLUNTEERING | ALLIANCE | ASSESSING | PURCHASES


def settle(services: RealServices, city: Program, number: int, name: str) -> Place:
    """A community with a unit, items in several states, a poll, a claim list and a subscription."""
    services.keeps = True
    try:
        return _Settling(services, city, number, name).place()
    finally:
        services.keeps = False


class _Settling:
    def __init__(self, services: RealServices, city: Program, number: int, name: str) -> None:
        self._services, self._city, self._number, self._name = services, city, number, name

    def place(self) -> Place:
        community_id = self._post(
            "/communities",
            code=f"23110200{self._number}001",
            community_name=self._name,
            street="花园街道",
            grade="standard",
            households=1000,
            population=2000,
        )["community_id"]
        self._post(
            "/residents",
            residents=[
                {
                    "community_id": community_id,
                    "resident_name": "周大山",
                    "identity_number": NUMBERS[self._number - 1],
                }
            ],
        )
        unit_id = self._post(
            "/units",
            uscc=make_uscc(self._number),
            unit_name=f"{self._name}的单位",
            kind="enterprise",
            community_ids=[community_id],
        )["unit_id"]
        blank = Place(
            community_id=community_id,
            community_name=self._name,
            unit_id=unit_id,
            draft_id="",
            open_id="",
            ids={},
        )
        subscription = self._post(
            "/subscriptions",
            channel="email",
            address=f"group{self._number}@example.cn",
            label="居民群",
            community_id=community_id,
        )
        claimed = self._claimed(blank)
        poll = self._polled(blank)
        claim_list = self._post(
            "/claim-lists",
            title=f"{self._name}的清单",
            file_name="清单.xlsx",
            file_hash=str(self._number) * 64,
            rows=blank.rows(),
        )
        delivery = next(
            one
            for one in self._city.get("/deliveries?limit=200").json["items"]
            if one["channel"] == "email" and one["recipient"] == "居民群"
        )
        fund_id = self._post("/funds", **FUND, community_id=community_id)["fund_id"]
        for path, act in (("consents", "record_consent"), ("receipts", "receive_money")):
            self._post(f"/funds/{fund_id}/{path}", **FUND_BODIES[act](blank) | FIRST.get(act, {}))
        self._post(f"/funds/{fund_id}/payments", **PAYMENT)
        return Place(
            community_id=community_id,
            community_name=self._name,
            unit_id=unit_id,
            draft_id=self._post("/items", **blank.item("草稿"))["item_id"],
            open_id=self._open(blank, "待认领"),
            ids={
                "community_id": community_id,
                "resident_id": self._resident(community_id),
                "unit_id": unit_id,
                "item_id": claimed["item_id"],
                "claim_id": claimed["claims"][0]["claim_id"],
                "poll_id": poll,
                "claim_list_id": claim_list["claim_list_id"],
                "subscription_id": subscription["subscription_id"],
                "need_id": self._need(community_id),
                "other_need_id": self._need(community_id),
                "delivery_id": delivery["delivery_id"],
                **self._gate(community_id),
                "fund_id": fund_id,
                **settle_alliance(self._post, unit_id, community_id, self._number),
                "payment_id": self._first(f"/funds/{fund_id}/payments")["payment_id"],
                **settle_purchase(
                    self._post,
                    item_id=self._post("/items", **blank.item("按计划购买"))["item_id"],
                    community_id=community_id,
                    unit_id=unit_id,
                ),
                "posting_id": self._first(f"/funds/{fund_id}/postings")["posting_id"],
                **settle_assessments(self._post, community_id),
                **settle_volunteers(self._post, self._number, community_id, claimed["item_id"]),
            },
        )

    def _need(self, community_id: str) -> str:
        need_id: str = self._post("/needs", community_id=community_id, description="楼道灯不亮")["need_id"]
        return need_id

    def _gate(self, community_id: str) -> dict[str, str]:
        """What a community did at the task gate, by the names of the ids."""
        here = {"community_id": community_id}
        return {
            "admission_id": self._post("/admissions", **APPLICATION)["admission_id"],
            "sent_back_id": self._post("/sent-back-tasks", **here, **TASK)["sent_back_id"],
            "seal_id": self._post("/seal-requests", **here, **SEAL)["seal_id"],
            "burden_id": self._post("/burdens", **here, **BURDEN)["burden_id"],
        }

    def _resident(self, community_id: str) -> str:
        wanted = {"community_id": community_id}
        listed = self._services.call("consultation", "list_residents", wanted, actor=SYSTEM)
        resident_id: str = listed["items"][0]["resident_id"]
        return resident_id

    def _open(self, blank: Place, title: str) -> str:
        item_id: str = self._post("/items", **blank.item(title))["item_id"]
        self._post(f"/items/{item_id}/publication", **PERIOD)
        return item_id

    def _claimed(self, blank: Place) -> dict[str, Any]:
        item_id = self._open(blank, "已认领")
        return self._post(f"/items/{item_id}/claims", unit_id=blank.unit_id)

    def _polled(self, blank: Place) -> str:
        """The poll that opens when an item is done."""
        item = self._claimed(blank)
        step = f"/items/{item['item_id']}/claims/{item['claims'][0]['claim_id']}"
        self._post(f"{step}/confirmation")
        self._post(f"{step}/submission", summary="已完工")
        self._post(f"{step}/verification")
        poll_id: str = self._city.get(f"/polls?item_id={item['item_id']}").json["items"][0]["poll_id"]
        return poll_id

    def _first(self, path: str) -> dict[str, Any]:
        first: dict[str, Any] = self._city.get(path).json["items"][-1]
        return first

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answered = self._city.post(path, json=body)
        assert answered.status_code < 300, f"{path}: {answered.text}"
        made: dict[str, Any] = answered.json
        return made
