"""The pages of funds on the real service: what a person sees, types and is refused."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask

from gateway.auth import accounts
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from tests.builders import HUAYUAN, HUAYUAN_CODE, community_registered
from tests.gateway.browsing import Person, words
from tests.gateway.one_app import furnished
from tests.gateway.real_services import RealServices

PASSWORD = "correct-horse-battery"


class Office:
    """The app on the real services, with people of one community in it."""

    def __init__(self, settings: Config, service_db: Callable[[str], Database]) -> None:
        self.services = RealServices(service_db, keeps=True)
        self._database = service_db("gateway")
        self.app: Flask = furnished(settings, self.services, database=self._database)  # type: ignore[arg-type]
        self.services._tell(community_registered(HUAYUAN, HUAYUAN_CODE, "花园社区"))

    def person(self, username: str, role: Role) -> Person:
        is_bound = role not in (Role.CITY_ADMIN, Role.CITY_OFFICER)
        accounts.add_user(
            self._database,
            username=username,
            display_name=f"{username}的姓名",
            password=PASSWORD,
            roles=(role,),
            community_ids=(HUAYUAN,) if is_bound else (),
        )
        client = self.app.test_client()
        opened = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
        client.set_cookie("gongzhi_session", opened.json["token"])
        return Person(client)

    def visitor(self) -> Person:
        return Person.visiting(self.app)


@pytest.fixture
def office(settings: Config, service_db: Callable[[str], Database]) -> Office:
    return Office(settings, service_db)


def opened(manager: Person) -> str:
    """The address of a new fund's page."""
    answered = manager.send(
        "/funds/new",
        "/funds/new",
        fund_name="花园社区设施改造资金",
        community_id=str(HUAYUAN),
        fund_source="county",
        purpose="公共设施改造",
    )
    assert answered.status_code == 303, words(answered.text)
    return str(answered.location)


def received(worker: Person, address: str, yuan: str = "1,000.50") -> None:
    answered = worker.send(
        address,
        f"{address}/receive_money",
        amount_yuan=yuan,
        receipt_number="PJ-001",
        payer_name="黑河市财政局",
    )
    assert answered.status_code == 303, words(answered.text)


def proposed(worker: Person, address: str, yuan: str = "600") -> None:
    answered = worker.send(
        address,
        f"{address}/propose_payment",
        amount_yuan=yuan,
        payee_kind="organisation",
        payee_name="黑河市政工程有限公司",
        purpose="更换路灯",
    )
    assert answered.status_code == 303, words(answered.text)


def test_money_goes_the_whole_way_from_the_treasury_to_the_public_account(office: Office) -> None:
    manager, worker = (
        office.person("chen", Role.COMMUNITY_MANAGER),
        office.person("wang", Role.COMMUNITY_WORKER),
    )
    address = opened(manager)
    received(worker, address)
    proposed(worker, address)
    [payment] = set(
        re.findall(rf'action="({address}/payments/[0-9a-f-]+)/approve_payment"', manager.page(address))
    )

    answered = manager.send(address, f"{payment}/approve_payment")
    shown = words(office.visitor().page(f"/public{address}"))

    assert answered.status_code == 303
    for word in ("1,000.50", "400.50", "600", "黑河市政工程有限公司", "更换路灯", "县级财政资金"):
        assert word in shown
    assert "的姓名" not in shown
    assert "花园社区设施改造资金" in words(office.visitor().page("/public/funds"))


def test_a_worker_who_proposed_sees_no_approval_and_gets_none(office: Office) -> None:
    manager = office.person("chen", Role.COMMUNITY_MANAGER)
    address = opened(manager)
    received(manager, address)
    proposed(manager, address)

    page = manager.page(address)

    assert "/approve_payment" not in page
    assert "/reject_payment" in page


def test_too_large_a_payment_is_refused_on_the_page_with_what_was_typed(office: Office) -> None:
    manager = office.person("chen", Role.COMMUNITY_MANAGER)
    address = opened(manager)
    received(manager, address)

    answered = manager.send(
        address,
        f"{address}/propose_payment",
        amount_yuan="1000.51",
        payee_kind="organisation",
        payee_name="黑河市政工程有限公司",
        purpose="更换路灯",
    )

    assert answered.status_code == 409
    assert "可用余额不足：现有 1,000.50 元，需要 1,000.51 元" in words(answered.text)
    assert 'value="1000.51"' in answered.text


@pytest.mark.parametrize("typed", ["12.345", "很多"])
def test_what_is_no_money_is_refused_beside_its_field(office: Office, typed: str) -> None:
    manager = office.person("chen", Role.COMMUNITY_MANAGER)
    address = opened(manager)

    answered = manager.send(
        address, f"{address}/receive_money", amount_yuan=typed, receipt_number="1", payer_name="财政局"
    )

    assert answered.status_code == 422
    assert "金额" in words(answered.text)


def test_the_ledger_shows_every_posting_and_a_reversal_once(office: Office) -> None:
    manager = office.person("chen", Role.COMMUNITY_MANAGER)
    address = opened(manager)
    received(manager, address)
    [act] = re.findall(rf'action="({address}/postings/[0-9a-f-]+/reverse_posting)"', manager.page(address))

    answered = manager.send(address, act, reason="金额记错")
    ledger = manager.page(f"{address}/postings")

    assert answered.status_code == 303
    assert "冲正第 1 号分录：金额记错" in words(ledger)
    assert "已冲正" in words(ledger)
    assert "reverse_posting" not in ledger


def test_a_fund_of_donations_without_its_papers_is_refused_field_by_field(office: Office) -> None:
    city = office.person("zhou", Role.CITY_ADMIN)

    answered = city.send(
        "/funds/new",
        "/funds/new",
        fund_name="花园社区慈善专项",
        community_id=str(HUAYUAN),
        fund_source="held_donation",
        purpose="助老",
    )

    assert answered.status_code == 422
    for word in ("请填写合作慈善组织名称", "请填写公募备案号", "请填写公开募捐资格证书编号"):
        assert word in words(answered.text)


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        (Role.COMMUNITY_WORKER, {"receive_money", "earmark_money", "propose_payment"}),
        (Role.SUPERVISOR, set()),
        (Role.CITY_OFFICER, set()),
        (
            Role.COMMUNITY_MANAGER,
            {
                "receive_money",
                "return_money",
                "earmark_money",
                "propose_payment",
                "change_purpose",
                "reverse_posting",
            },
        ),
    ],
)
def test_a_page_offers_what_its_reader_may_do(office: Office, role: Role, acts: set[str]) -> None:
    city = office.person("zhou", Role.CITY_ADMIN)
    address = opened(city)
    received(city, address)

    page = office.person("reader", role).page(address)

    assert set(re.findall(rf'action="{address}/(?:[a-z]+/[0-9a-f-]+/)?([a-z_]+)"', page)) == acts


def test_a_fund_that_is_not_there_is_not_found(office: Office) -> None:
    assert office.visitor().read(f"/public/funds/{UUID(int=1)}").status_code == 404
    assert office.person("zhou", Role.CITY_ADMIN).read(f"/funds/{UUID(int=1)}").status_code == 404
