"""Funds through the API: what reaches the service, who gets past the door, and what everybody may know."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.contracts.base import Role
from services.contracts.claims.errors import ApproverIsProposer, FundShort
from tests.gateway.fakes import FakeServices, SignIn

FUND = UUID("0199aaaa-0000-7000-8000-000000000011")
PAYMENT = UUID("0199aaaa-0000-7000-8000-000000000012")


def fund(version: int = 7, **more: Any) -> dict[str, Any]:
    return {"fund_id": str(FUND), "fund_name": "设施改造资金", "version": version, **more}


PROPOSAL = {
    "amount_fen": 3600050,
    "payee_kind": "organisation",
    "payee_name": "黑河市政工程有限公司",
    "purpose": "更换路灯",
}


def test_a_proposed_payment_reaches_the_service_with_the_version_that_was_seen(
    signed_in: SignIn, services: FakeServices
) -> None:
    services.answers["claims.propose_payment"] = fund()

    answered = signed_in(Role.COMMUNITY_WORKER).post(
        f"/funds/{FUND}/payments", json=PROPOSAL, headers={"If-Match": '"6"'}
    )

    assert answered.status_code == 201
    assert answered.headers["Location"] == f"/api/v1/funds/{FUND}/payments"
    asked = services.last
    assert (asked.method, asked.data["fund_id"], asked.data["expected_version"]) == (
        "propose_payment",
        str(FUND),
        6,
    )
    assert asked.data["amount_fen"] == 3600050


@pytest.mark.parametrize("amount", [0, -5, 1.5, "abc", None])
def test_money_that_is_no_whole_number_of_fen_never_reaches_the_service(
    signed_in: SignIn, services: FakeServices, amount: Any
) -> None:
    answered = signed_in(Role.COMMUNITY_WORKER).post(
        f"/funds/{FUND}/payments", json=PROPOSAL | {"amount_fen": amount}
    )

    assert answered.status_code == 422
    assert services.asked == []


@pytest.mark.parametrize("role", [Role.COMMUNITY_WORKER, Role.CITY_OFFICER, Role.SUPERVISOR])
def test_only_leaders_get_to_the_approval(signed_in: SignIn, role: Role) -> None:
    answered = signed_in(role).post(f"/funds/{FUND}/payments/{PAYMENT}/approval", json={})

    assert answered.status_code == 403


def test_an_approval_needs_no_body(signed_in: SignIn, services: FakeServices) -> None:
    services.answers["claims.approve_payment"] = fund()

    answered = signed_in(Role.COMMUNITY_MANAGER).post(f"/funds/{FUND}/payments/{PAYMENT}/approval")

    assert answered.status_code == 200
    assert services.last.data["payment_id"] == str(PAYMENT)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (ApproverIsProposer("付款须由申请人以外的人批准。"), "approver_is_proposer"),
        (FundShort("可用余额不足：现有 1.00 元，需要 2.00 元。"), "fund_short"),
    ],
)
def test_a_refused_payment_says_why(
    signed_in: SignIn, services: FakeServices, refusal: Exception, code: str
) -> None:
    services.answers["claims.approve_payment"] = refusal

    answered = signed_in(Role.COMMUNITY_MANAGER).post(f"/funds/{FUND}/payments/{PAYMENT}/approval")

    assert answered.status_code == 409
    assert answered.json["type"].endswith(code)
    assert answered.json["detail"] == str(refusal)


def test_a_fund_is_closed_without_a_body(signed_in: SignIn, services: FakeServices) -> None:
    services.answers["claims.close_fund"] = fund()
    manager = signed_in(Role.COMMUNITY_MANAGER)

    assert manager.post(f"/funds/{FUND}/closure", json={"reason": "年末"}).status_code == 422
    assert manager.post(f"/funds/{FUND}/closure").status_code == 200


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/public/funds", "list_funds"),
        (f"/public/funds/{FUND}", "get_public_fund"),
        (f"/public/funds/{FUND}/payments", "list_public_payments"),
    ],
)
def test_everybody_reads_balances_and_payments(
    client: FlaskClient, services: FakeServices, path: str, method: str
) -> None:
    services.answers[f"claims.{method}"] = {"items": [], "next": None}

    answered = client.get(f"/api/v1{path}")

    assert answered.status_code == 200
    assert services.last.method == method
    assert services.last.actor.is_anonymous


@pytest.mark.parametrize("path", [f"/funds/{FUND}", f"/funds/{FUND}/postings", f"/funds/{FUND}/payments"])
def test_the_ledger_is_not_for_the_public_nor_for_units(
    client: FlaskClient, signed_in: SignIn, path: str
) -> None:
    assert client.get(f"/api/v1{path}").status_code == 401
    assert signed_in(Role.UNIT_LIAISON).get(path).status_code == 403
