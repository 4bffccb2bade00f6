"""Purchases through the API and on pages, on the real services: what a person sees, types, pays and is refused."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.chassis.clock import local_today, utc_now
from services.chassis.config import Config
from services.chassis.db import Database
from services.claims import usecases
from services.contracts.base import Role
from services.contracts.claims.errors import InstalmentNotPayable
from tests.builders import HUAYUAN, make_uscc
from tests.gateway.browsing import Person, words
from tests.gateway.fakes import FakeServices, SignIn
from tests.gateway.test_fund_pages import Office

PURCHASE = UUID("0199aaaa-0000-7000-8000-000000000021")
TODAY = local_today()


# ---- the API ------------------------------------------------------------------------------------


def test_a_contract_reaches_the_service_with_the_version_that_was_seen(
    signed_in: SignIn, services: FakeServices
) -> None:
    services.answers["claims.sign_contract"] = {"purchase_id": str(PURCHASE), "version": 5}
    contract = {
        "contract_number": "HT-1",
        "amount_fen": 100,
        "from_on": "2026-12-01",
        "to_on": "2027-05-31",
        "holdback_percent": 10,
        "milestones": [{"title": "清雪", "due_on": "2026-12-31", "amount_fen": 90}],
    }

    answered = signed_in(Role.COMMUNITY_MANAGER).post(
        f"/purchases/{PURCHASE}/contract", json=contract, headers={"If-Match": '"4"'}
    )

    assert answered.status_code == 201
    assert answered.headers["Location"] == f"/api/v1/purchases/{PURCHASE}"
    asked = services.last
    assert (asked.method, asked.data["purchase_id"], asked.data["expected_version"]) == (
        "sign_contract",
        str(PURCHASE),
        4,
    )
    assert asked.data["milestones"][0]["amount_fen"] == 90


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("offers", {"unit_id": str(PURCHASE), "supplier_kind": "enterprise", "amount_fen": 1.5, "marks": 1}),
        ("offers", {"unit_id": str(PURCHASE), "supplier_kind": "friend", "amount_fen": 1, "marks": 1}),
        ("offers", {"unit_id": str(PURCHASE), "supplier_kind": "enterprise", "amount_fen": 1, "marks": 101}),
        ("payments", {"number": 0}),
        ("termination", {}),
    ],
)
def test_what_cannot_mean_anything_never_reaches_the_service(
    signed_in: SignIn, services: FakeServices, path: str, body: dict[str, Any]
) -> None:
    answered = signed_in(Role.COMMUNITY_MANAGER).post(f"/purchases/{PURCHASE}/{path}", json=body)

    assert answered.status_code == 422
    assert services.asked == []


@pytest.mark.parametrize("act", ["choice", "contract", "acceptance", "closure", "termination"])
def test_what_binds_the_community_is_closed_to_workers(signed_in: SignIn, act: str) -> None:
    assert signed_in(Role.COMMUNITY_WORKER).post(f"/purchases/{PURCHASE}/{act}", json={}).status_code == 403


def test_a_payment_that_is_held_back_says_why(signed_in: SignIn, services: FakeServices) -> None:
    services.answers["claims.pay_instalment"] = InstalmentNotPayable("尾款暂不支付：整改通过后才能支付。")

    answered = signed_in(Role.COMMUNITY_WORKER).post(f"/purchases/{PURCHASE}/payments", json={"number": 3})

    assert answered.status_code == 409
    assert answered.json["type"].endswith("instalment_not_payable")
    assert "整改通过后" in answered.json["detail"]


def test_everybody_reads_contracts_and_nobody_else_reads_purchases(
    client: FlaskClient, services: FakeServices
) -> None:
    services.answers["claims.list_contracts"] = {"items": [], "next": None}

    assert client.get("/api/v1/public/contracts").status_code == 200
    assert services.last.actor.is_anonymous
    assert client.get("/api/v1/purchases").status_code == 401


# ---- the pages ----------------------------------------------------------------------------------


@pytest.fixture
def office(settings: Config, service_db: Callable[[str], Database]) -> Office:
    return Office(settings, service_db)


class Street:
    """One community with an item that nobody claimed and a fund that could pay for it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.manager = office.person("chen", Role.COMMUNITY_MANAGER)
        self.worker = office.person("wang", Role.COMMUNITY_WORKER)
        self.item = self._expired_item()
        self.fund = self.sent(
            self.manager,
            "/funds/new",
            "/funds/new",
            fund_name="购买服务资金",
            community_id=str(HUAYUAN),
            fund_source="county",
            purpose="购买服务",
        )
        self.sent(
            self.manager,
            self.fund,
            f"{self.fund}/receive_money",
            amount_yuan="1000",
            receipt_number="PJ-1",
            payer_name="市财政局",
        )

    def _expired_item(self) -> str:
        place = self.sent(
            self.manager,
            "/items/new",
            "/items/new",
            community_id=str(HUAYUAN),
            title="冬季清雪",
            service_class="convenience",
            category="winter_duty",
            beneficiaries="300",
            quantity="3",
            measure="处",
            due_on=str(TODAY + timedelta(days=60)),
        )
        self.sent(
            self.manager,
            place,
            f"{place}/publish_item",
            party_study_on=str(TODAY),
            claim_until_on=str(TODAY),
        )
        tomorrow = utc_now() + timedelta(days=1)
        with self.office.services.database_of("claims").transaction(now=tomorrow) as tx:
            usecases.expire_items(tx, now=tomorrow)
        return place

    def earmark(self, yuan: str = "1000") -> None:
        item_id = self.item.rpartition("/")[2]
        self.sent(self.manager, self.fund, f"{self.fund}/earmark_money", amount_yuan=yuan, item_id=item_id)

    def plan(self, **given: str) -> Any:
        fields = {
            "fund_id": self.fund.rpartition("/")[2],
            "budget_yuan": "1000",
            "buyer_name": "花园街道办事处",
            "buyer_kind": "state_organ",
            "method": "single_source",
            "method_reason": "只有一家有设备",
            "content": "清雪三处",
        }
        address = f"{self.item}/purchases/new"
        return self.manager.send(address, address, **fields | given)

    def supplier(self) -> str:
        self.sent(
            self.manager,
            "/units/new",
            "/units/new",
            uscc=make_uscc(61),
            unit_name="安心社工服务中心",
            kind="social_organisation",
            community_ids=str(HUAYUAN),
        )
        with self.office.services.database_of("claims").reading() as tx:
            units, _ = usecases.list_units(
                tx, q="安心", community_id=None, status=None, cursor=None, limit=5, actor=tx.actor
            )
        return str(units[0].unit_id)

    def sent(self, who: Person, page: str, action: str, **fields: str) -> str:
        answered = who.send(page, action, **fields)
        assert answered.status_code == 303, words(answered.text)
        return str(answered.location)


@pytest.fixture
def street(office: Office) -> Street:
    return Street(office)


def test_an_expired_item_offers_the_ways_out_and_is_withdrawn_in_public(street: Street) -> None:
    page = words(street.manager.page(street.item))
    for word in ("认领到期", "重新发布", "转为购买服务", "转为资金项目", "撤回事项"):
        assert word in page
    assert "按已认领部分结清" not in page

    street.sent(street.manager, street.item, f"{street.item}/withdraw_item", reason="居民已自行解决")

    assert "居民已自行解决" in words(street.office.visitor().page(f"/public{street.item}"))


def test_an_expired_item_becomes_a_project_of_a_fund_and_is_finished(street: Street) -> None:
    fund_id = street.fund.rpartition("/")[2]
    street.sent(street.manager, street.item, f"{street.item}/fund_item", fund_id=fund_id, amount_yuan="300")

    street.sent(street.worker, street.item, f"{street.item}/finish_item", summary="社区自行清雪")

    assert "待评议" in words(street.worker.page(street.item))
    assert "300.00" in words(street.manager.page(street.fund))


def test_without_an_earmark_the_plan_is_refused_with_what_was_typed(street: Street) -> None:
    answered = street.plan()

    assert answered.status_code == 409
    assert "先有预算后购买" in words(answered.text)
    assert "清雪三处" in answered.text


def test_a_purchase_goes_from_plan_to_the_first_payment_and_everybody_reads_its_contract(
    street: Street,
) -> None:
    street.earmark()
    planned = street.plan()
    assert planned.status_code == 303, words(planned.text)
    place, manager, worker = str(planned.location), street.manager, street.worker
    unit_id = street.supplier()

    street.sent(
        worker,
        place,
        f"{place}/record_offer",
        unit_id=unit_id,
        supplier_kind="social_organisation",
        amount_yuan="900",
        marks="91.5",
    )
    [offer_id] = set(re.findall(r'<option value="([0-9a-f-]{36})">安心社工服务中心', manager.page(place)))
    street.sent(manager, place, f"{place}/choose_supplier", offer_id=offer_id, reason="只有一家")
    street.sent(
        manager,
        place,
        f"{place}/sign_contract",
        contract_number="HT-1",
        amount_yuan="800",
        from_on=str(TODAY),
        to_on=str(TODAY + timedelta(days=90)),
        holdback_percent="10",
        title_1="清雪",
        due_on_1=str(TODAY + timedelta(days=30)),
        amount_yuan_1="720",
    )
    street.sent(worker, place, f"{place}/report_purchase_milestone", report="三处均已清完")
    street.sent(worker, place, f"{place}/check_purchase_milestone", is_passed="true")
    street.sent(worker, place, f"{place}/pay_instalment", number="1")
    [payment] = set(
        re.findall(
            rf'action="({street.fund}/payments/[0-9a-f-]+)/approve_payment"', manager.page(street.fund)
        )
    )
    street.sent(manager, street.fund, f"{payment}/approve_payment")
    street.sent(manager, place, f"{place}/accept_purchase", note="符合合同")

    shown = words(manager.page(place))
    for word in ("CG-", "已验收", "安心社工服务中心", "720.00", "已支付", "考核和民意测验尚未完成"):
        assert word in shown
    told = words(street.office.visitor().page("/public/contracts"))
    for word in ("冬季清雪", "花园街道办事处", "安心社工服务中心", "800", "720"):
        assert word in told
    assert "的姓名" not in told
    assert place in manager.page("/purchases")


def test_instalments_that_do_not_make_up_the_sum_are_shown_beside_the_form(street: Street) -> None:
    street.earmark()
    place, manager = str(street.plan().location), street.manager
    unit_id = street.supplier()
    street.sent(
        manager,
        place,
        f"{place}/record_offer",
        unit_id=unit_id,
        supplier_kind="social_organisation",
        amount_yuan="900",
        marks="91.5",
    )
    [offer_id] = set(re.findall(r'<option value="([0-9a-f-]{36})">安心社工服务中心', manager.page(place)))
    street.sent(manager, place, f"{place}/choose_supplier", offer_id=offer_id, reason="只有一家")

    answered = manager.send(
        place,
        f"{place}/sign_contract",
        contract_number="HT-1",
        amount_yuan="800",
        from_on=str(TODAY),
        to_on=str(TODAY + timedelta(days=90)),
        holdback_percent="10",
        title_1="清雪",
        due_on_1=str(TODAY + timedelta(days=30)),
        amount_yuan_1="700",
    )

    assert answered.status_code == 422
    assert "应等于合同金额" in words(answered.text)
