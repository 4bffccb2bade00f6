"""Story 5: nobody claims an item; it expires, is bought as a service, and a bad poll holds the last money back.

Every test is one step and stands on the ones before it; what they hand on is in `Told`.
Time is not waited for: the end of the claim period is moved to yesterday in the database of claims.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deploy.demo import story
from deploy.demo.acts import View, poll_of
from deploy.demo.client import Client, Refused, wait_for
from deploy.demo.load import CITY_ADMIN, CITY_ASSESSOR
from services.chassis.clock import local_today
from services.chassis.config import load
from services.contracts.consultation.terms import PollStatus

pytestmark = pytest.mark.journey

TODAY = local_today()
TITLE = "海兰小区楼顶积雪清除"


@dataclass
class Told:
    """Who takes part, and how far the story has come."""

    platform: Any
    public: Client
    admin: Client
    assessor: Client
    manager: Client
    liaison: Client
    item: View = field(default_factory=dict)
    fund: View = field(default_factory=dict)
    unit: View = field(default_factory=dict)
    purchase: View = field(default_factory=dict)

    def see(self) -> View:
        self.item = self.manager.get(f"/items/{self.item['item_id']}")
        return self.item

    def look(self) -> View:
        self.purchase = self.manager.get(f"/purchases/{self.purchase['purchase_id']}")
        return self.purchase

    def act(self, what: str, body: View | None = None, *, who: Client | None = None) -> View:
        place = f"/purchases/{self.purchase['purchase_id']}/{what}"
        self.purchase = (who or self.manager).post(place, body)
        return self.purchase

    def pay(self, number: int) -> None:
        """Asked for by one, approved by another."""
        self.act("payments", {"number": number})
        place = f"/funds/{self.fund['fund_id']}/payments"
        [waiting] = self.admin.get(place, status="proposed")["items"]
        self.admin.post(f"{place}/{waiting['payment_id']}/approval")


@pytest.fixture(scope="module")
def told(platform: Any) -> Told:
    public = Client(platform.url)

    def person(username: str) -> Client:
        return public.signed_in(username, platform.accounts[username])

    return Told(
        platform=platform,
        public=public,
        admin=person(CITY_ADMIN),
        assessor=person(CITY_ASSESSOR),
        manager=person(story.MANAGER),
        liaison=person("shegong"),
    )


def test_01_an_item_is_published_and_nobody_claims_it(told: Told) -> None:
    communities = told.public.get("/communities")["items"]
    hailan = next(one for one in communities if one["community_name"] == story.COMMUNITY)
    told.item = told.manager.post(
        "/items",
        {
            "community_id": hailan["community_id"],
            "title": TITLE,
            "service_class": "convenience",
            "category": "winter_duty",
            "beneficiaries": 300,
            "quantity": 3,
            "measure": "栋",
            "due_on": str(TODAY + timedelta(days=60)),
        },
    )
    period = {"party_study_on": str(TODAY), "claim_until_on": str(TODAY)}
    told.manager.post(f"/items/{told.item['item_id']}/publication", period)

    assert told.see()["status"] == "published"


def test_02_its_claim_period_ends_and_somebody_has_to_decide(told: Told) -> None:
    engine = sa.create_engine(load(told.platform.environment).database_url("claims"), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE items SET claim_until_on = :day WHERE item_id = :item_id"),
            {"day": TODAY - timedelta(days=1), "item_id": told.item["item_id"]},
        )

    wait_for(lambda: told.see()["status"] == "expired", "认领到期", within=90)
    with pytest.raises(Refused) as refused:
        told.liaison.post(f"/items/{told.item['item_id']}/claims", {"unit_id": _unit_of(told)})

    assert refused.value.code == "item_not_in_state"
    waiting = told.manager.get("/clocks", kind="decide_expired")["items"]
    assert told.item["item_id"] in {clock["record_id"] for clock in waiting}
    assert {"publish_item", "plan_purchase", "fund_item", "withdraw_item"} <= set(told.item["possible_acts"])


def test_03_without_a_budget_nothing_is_bought(told: Told) -> None:
    told.fund = told.admin.post(
        "/funds",
        {
            "community_id": told.item["community_id"],
            "fund_name": "海兰社区购买服务资金",
            "fund_source": "county",
            "purpose": "购买服务",
        },
    )
    receipt = {"amount_fen": 200_000, "receipt_number": "PJ-501", "payer_kind": "treasury"}
    told.admin.post(f"/funds/{told.fund['fund_id']}/receipts", {**receipt, "payer_name": "爱辉区财政局"})

    with pytest.raises(Refused) as refused:
        told.manager.post("/purchases", _plan(told))

    assert (refused.value.status, refused.value.code) == (409, "budget_missing")


def test_04_with_a_budget_the_item_becomes_a_purchase(told: Told) -> None:
    kept = {"item_id": told.item["item_id"], "amount_fen": 100_000}
    told.admin.post(f"/funds/{told.fund['fund_id']}/earmarks", kept)

    told.purchase = told.manager.post("/purchases", _plan(told))

    assert told.purchase["status"] == "planned"
    assert (told.see()["status"], told.item["purchase_id"]) == ("purchased", told.purchase["purchase_id"])


def test_05_a_supplier_that_the_rules_exclude_is_refused_and_another_is_chosen(told: Told) -> None:
    offer = {"unit_id": _unit_of(told), "amount_fen": 80_000, "marks": "90.00"}
    with pytest.raises(Refused) as refused:
        told.act("offers", {**offer, "supplier_kind": "public_one"})
    assert refused.value.code == "supplier_not_allowed"

    told.act("offers", {**offer, "supplier_kind": _kind_of(told)})
    [offered] = told.purchase["offers"]
    told.act("choice", {"offer_id": offered["offer_id"], "reason": "设备齐全"})

    assert told.purchase["supplier_name"] == told.unit["unit_name"]


def test_06_the_contract_is_public_with_its_sum(told: Told) -> None:
    told.act(
        "contract",
        {
            "contract_number": "HT-501",
            "amount_fen": 80_000,
            "from_on": str(TODAY),
            "to_on": str(TODAY + timedelta(days=90)),
            "holdback_percent": 10,
            "milestones": [
                {"title": "清除积雪", "due_on": str(TODAY + timedelta(days=30)), "amount_fen": 72_000}
            ],
        },
    )

    contracts = told.public.get("/public/contracts", limit=200)["items"]
    mine = next(one for one in contracts if one["purchase_id"] == told.purchase["purchase_id"])
    assert (mine["contract_fen"], mine["paid_fen"], mine["status"]) == (80_000, 0, "contracted")


def test_07_the_supplier_reports_its_work_and_is_paid_for_it(told: Told) -> None:
    told.act("milestone-reports", {"number": 1, "report": "三栋均已清除"}, who=told.liaison)
    told.act("milestone-checks", {"number": 1, "is_passed": True})
    told.pay(1)
    told.act("acceptance")

    assert (told.look()["status"], told.purchase["paid_fen"]) == ("accepted", 72_000)
    assert told.see()["status"] == "verified"


def test_08_those_it_was_for_are_asked_and_are_not_content(told: Told) -> None:
    poll = poll_of(told.manager, told.item["item_id"], status=PollStatus.OPEN)
    for link in told.manager.get(f"/polls/{poll['poll_id']}/invitations")["items"]:
        told.public.post(f"/ballots/{link['token']}/answer", {"satisfaction": "very_dissatisfied"})
    told.manager.post(f"/polls/{poll['poll_id']}/closing")
    told.assessor.post(f"/items/{told.item['item_id']}/assessment", {"score": "70.00", "comment": ""})

    wait_for(lambda: told.see()["status"] == "scored", "评分")
    assert told.item["rectification"]["status"] == "open"


def test_09_the_last_part_of_the_money_is_held_back(told: Told) -> None:
    assert told.look()["status"] == "held_back"
    with pytest.raises(Refused) as refused:
        told.act("payments", {"number": 2})

    assert refused.value.code == "instalment_not_payable"
    assert "整改" in str(refused.value)


def test_10_put_right_and_called_back_it_is_paid_and_closed(told: Told) -> None:
    place = f"/items/{told.item['item_id']}/rectification"
    told.liaison.post(f"{place}/report", {"report": "已重新清除并清运"})
    told.manager.post(f"{place}/check", {"is_passed": True, "call_back": "居民认可"})
    told.pay(2)
    told.act("closure")

    assert (told.purchase["status"], told.purchase["paid_fen"]) == ("closed", 80_000)
    fund = told.public.get(f"/public/funds/{told.fund['fund_id']}")
    assert (fund["spent_fen"], fund["earmarked_fen"], fund["available_fen"]) == (80_000, 20_000, 100_000)


def test_11_its_page_tells_the_whole_way(told: Told) -> None:
    acts = [line["act"] for line in told.look()["history"]]

    assert acts == [
        "plan_purchase",
        "record_offer",
        "choose_supplier",
        "sign_contract",
        "report_purchase_milestone",
        "check_purchase_milestone",
        "pay_instalment",
        "accept_purchase",
        "hear_score",
        "hear_rectified",
        "pay_instalment",
        "close_purchase",
    ]


def _unit_of(told: Told) -> str:
    if not told.unit:
        unit_id = told.liaison.get("/session")["user"]["unit_id"]
        told.unit = told.manager.get(f"/units/{unit_id}")
    unit_id = told.unit["unit_id"]
    return str(unit_id)


def _kind_of(told: Told) -> str:
    kinds = {
        "enterprise": "enterprise",
        "institution": "public_two",
        "social_organisation": "social_organisation",
    }
    return kinds[told.unit["kind"]]


def _plan(told: Told) -> View:
    return {
        "item_id": told.item["item_id"],
        "fund_id": told.fund["fund_id"],
        "content": "清除三栋楼顶积雪",
        "buyer_name": "花园街道办事处",
        "buyer_kind": "state_organ",
        "method": "single_source",
        "method_reason": "只有一家有高空作业资质",
        "budget_fen": 100_000,
    }
