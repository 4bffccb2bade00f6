"""Story 5 told through HTTP: an item that nobody claims is bought, and a bad poll holds the last money back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from services.chassis.clock import local_today
from tests.chassis.processes import eventually
from tests.faults.person import Person, Refused
from tests.journeys.telling import View, answer_ballot

ACTS = [
    "plan_purchase", "record_offer", "choose_supplier", "sign_contract", "report_purchase_milestone",
    "check_purchase_milestone", "pay_instalment", "accept_purchase", "hear_score", "hear_rectified",
    "pay_instalment", "close_purchase",
]  # fmt: skip
SUPPLIERS = {
    "enterprise": "enterprise",
    "institution": "public_two",
    "social_organisation": "social_organisation",
}


@dataclass
class ItemBought:
    """`manager` heads the community, `admin` approves what the manager asks for.

    `expire` ends the claim period of the item whose id it is given: time is not waited for.
    """

    manager: Person
    admin: Person
    community_id: str
    unit_id: str
    expire: Callable[[str], None]
    title: str = field(default_factory=lambda: f"故事五 {uuid4().hex[:10]}")
    item_id: str = ""
    fund_id: str = ""
    purchase_id: str = ""
    refused: str = ""

    def tell(self) -> None:
        self._nobody_claims_it()
        self._keep_the_money()
        self._contract()
        self._work()
        self._nobody_is_content()
        self._hold_back_put_right_and_pay()

    @property
    def at(self) -> str:
        return f"/purchases/{self.purchase_id}"

    def _nobody_claims_it(self) -> None:
        today = local_today()
        item = {
            "community_id": self.community_id,
            "title": self.title,
            "service_class": "convenience",
            "category": "winter_duty",
            "beneficiaries": 300,
            "quantity": 3,
            "measure": "栋",
            "due_on": str(today + timedelta(days=60)),
        }
        self.item_id = self.manager.post("/items", item)["item_id"]
        period = {"party_study_on": str(today), "claim_until_on": str(today)}
        self.manager.post(f"/items/{self.item_id}/publication", period)
        self.expire(self.item_id)
        eventually(lambda: self._item()["status"] == "expired", within=60)

    def _keep_the_money(self) -> None:
        fund = {
            "community_id": self.community_id,
            "fund_name": self.title,
            "fund_source": "county",
            "purpose": "购买服务",
        }
        self.fund_id = self.admin.post("/funds", fund)["fund_id"]
        receipt = {"amount_fen": 200_000, "receipt_number": "PJ-501", "payer_kind": "treasury"}
        self.admin.post(f"/funds/{self.fund_id}/receipts", {**receipt, "payer_name": "爱辉区财政局"})
        self.admin.post(f"/funds/{self.fund_id}/earmarks", {"item_id": self.item_id, "amount_fen": 100_000})

    def _contract(self) -> None:
        today = local_today()
        plan = {
            "item_id": self.item_id,
            "fund_id": self.fund_id,
            "content": "清除三栋楼顶积雪",
            "buyer_name": "花园街道办事处",
            "buyer_kind": "state_organ",
            "method": "single_source",
            "method_reason": "只有一家有高空作业资质",
            "budget_fen": 100_000,
        }
        self.purchase_id = self.manager.post("/purchases", plan)["purchase_id"]
        kind = SUPPLIERS[self.manager.get(f"/units/{self.unit_id}")["kind"]]
        offer = {"unit_id": self.unit_id, "supplier_kind": kind, "amount_fen": 80_000, "marks": "90.00"}
        [offered] = self.manager.post(f"{self.at}/offers", offer)["offers"]
        self.manager.post(f"{self.at}/choice", {"offer_id": offered["offer_id"], "reason": "设备齐全"})
        contract = {
            "contract_number": f"HT-{uuid4().hex[:8]}",
            "amount_fen": 80_000,
            "from_on": str(today),
            "to_on": str(today + timedelta(days=90)),
            "holdback_percent": 10,
            "milestones": [
                {"title": "清除积雪", "due_on": str(today + timedelta(days=30)), "amount_fen": 72_000}
            ],
        }
        self.manager.post(f"{self.at}/contract", contract)

    def _work(self) -> None:
        self.manager.post(f"{self.at}/milestone-reports", {"number": 1, "report": "三栋均已清除"})
        self.manager.post(f"{self.at}/milestone-checks", {"number": 1, "is_passed": True})
        self._pay(1)
        self.manager.post(f"{self.at}/acceptance")

    def _nobody_is_content(self) -> None:
        polls = eventually(lambda: self.manager.get("/polls", item_id=self.item_id)["items"], within=60)
        at = f"/polls/{polls[0]['poll_id']}"
        links = eventually(lambda: self.manager.get(f"{at}/invitations")["items"], within=60)
        resident = Person(self.manager.url)
        for link in links:
            answer_ballot(resident, link["token"], "very_dissatisfied")
        self.manager.post(f"{at}/closing")
        self.admin.post(f"/items/{self.item_id}/assessment", {"score": "70.00", "comment": ""})
        eventually(lambda: self._item()["status"] == "scored", within=60)

    def _hold_back_put_right_and_pay(self) -> None:
        eventually(lambda: self._purchase()["status"] == "held_back", within=60)
        try:
            self.manager.post(f"{self.at}/payments", {"number": 2})
        except Refused as refused:
            self.refused = refused.answer.json()["type"].rpartition("/")[2]
        at = f"/items/{self.item_id}/rectification"
        self.manager.post(f"{at}/report", {"report": "已重新清除并清运"})
        self.manager.post(f"{at}/check", {"is_passed": True, "call_back": "居民认可"})
        self._pay(2)
        self.manager.post(f"{self.at}/closure")

    def _pay(self, number: int) -> None:
        """Asked for by one, approved by another."""
        self.manager.post(f"{self.at}/payments", {"number": number})
        at = f"/funds/{self.fund_id}/payments"
        [waiting] = self.admin.get(at, status="proposed")["items"]
        self.admin.post(f"{at}/{waiting['payment_id']}/approval")

    def _item(self) -> View:
        seen: View = self.manager.get(f"/items/{self.item_id}")
        return seen

    def _purchase(self) -> View:
        seen: View = self.manager.get(self.at)
        return seen

    def check(self) -> None:
        """Every step once, and every fen where it belongs."""
        purchase = self._purchase()
        assert (purchase["status"], purchase["paid_fen"]) == ("closed", 80_000)
        assert [line["act"] for line in purchase["history"]] == ACTS
        assert self.refused == "instalment_not_payable"
        fund = Person(self.manager.url).get(f"/public/funds/{self.fund_id}")
        assert (fund["spent_fen"], fund["earmarked_fen"], fund["available_fen"]) == (80_000, 20_000, 100_000)
        paid = self.admin.get(f"/funds/{self.fund_id}/payments", limit=50)["items"]
        assert sorted(one["amount_fen"] for one in paid) == [8_000, 72_000]
        acts = [entry["act"] for entry in self._item()["history"]]
        assert [
            act for act in ("publish_item", "expire_items", "plan_purchase") if acts.count(act) != 1
        ] == []
