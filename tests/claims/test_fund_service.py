"""The doors of funds: shapes in, shapes out, and any number at once never spends more than there is."""

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.claims.storage.tables import fund_entries, fund_payments, funds
from services.contracts.base import ANONYMOUS, Forbidden, Invalid, VersionMismatch
from services.contracts.claims.errors import (
    FundNotFound,
    FundShort,
    PaymentNotInState,
    ReceiptAlreadyRecorded,
)
from tests.builders import HUAYUAN, worker
from tests.claims.test_service import Doors, at_once
from tests.fund_builders import city_admin, manager

MANY = 50


@pytest.fixture
def doors(db: Database) -> Doors:
    return Doors(db)


def opened(doors: Doors, *, received_fen: int = 0) -> dict[str, Any]:
    wanted = {
        "fund_name": "花园社区设施改造资金",
        "community_id": str(HUAYUAN),
        "fund_source": "county",
        "purpose": "公共设施改造",
    }
    fund: dict[str, Any] = doors.ask("open_fund", wanted, actor=manager())
    return receive(doors, fund, received_fen) if received_fen else fund


def receive(doors: Doors, fund: dict[str, Any], amount_fen: int, receipt: str = "PJ-001") -> dict[str, Any]:
    wanted = {
        "fund_id": fund["fund_id"],
        "amount_fen": amount_fen,
        "receipt_number": receipt,
        "payer_kind": "treasury",
        "payer_name": "黑河市财政局",
    }
    received: dict[str, Any] = doors.ask("receive_money", wanted)
    return received


def payment(fund: dict[str, Any], amount_fen: int) -> dict[str, Any]:
    return {
        "fund_id": fund["fund_id"],
        "amount_fen": amount_fen,
        "payee_kind": "organisation",
        "payee_name": "黑河市政工程有限公司",
        "purpose": "更换路灯",
    }


def newest_payment(doors: Doors, fund: dict[str, Any]) -> dict[str, Any]:
    page = doors.ask("list_payments", {"fund_id": fund["fund_id"], "limit": 1}, actor=manager())
    first: dict[str, Any] = page["items"][0]
    return first


def refusals(outcomes: list[Any]) -> set[type]:
    return {type(one) for one in outcomes if isinstance(one, Exception)}


def test_a_fund_is_shown_with_what_the_asker_may_do(doors: Doors) -> None:
    fund = opened(doors, received_fen=100)

    asked = {"fund_id": fund["fund_id"]}
    by_worker = doors.ask("get_fund", asked, actor=worker())["possible_acts"]
    by_manager = doors.ask("get_fund", asked, actor=manager())["possible_acts"]

    assert by_worker == ["receive_money", "earmark_money", "propose_payment"]
    assert by_manager == [
        "receive_money",
        "return_money",
        "earmark_money",
        "propose_payment",
        "change_purpose",
    ]


def test_a_payment_goes_from_proposal_to_the_public_account(doors: Doors) -> None:
    fund = opened(doors, received_fen=100)
    doors.ask("propose_payment", payment(fund, 60), actor=worker())
    waiting = newest_payment(doors, fund)

    step = {"fund_id": fund["fund_id"], "payment_id": waiting["payment_id"]}
    paid = doors.ask("approve_payment", step, actor=manager())
    public = doors.ask("list_public_payments", {"fund_id": fund["fund_id"]}, actor=ANONYMOUS)

    assert waiting["possible_acts"] == ["approve_payment", "reject_payment"]
    assert (paid["available_fen"], paid["spent_fen"]) == (40, 60)
    assert [(one["amount_fen"], one["payee_name"]) for one in public["items"]] == [
        (60, "黑河市政工程有限公司")
    ]
    assert set(public["items"][0]) == {
        "payment_id",
        "amount_fen",
        "refunded_fen",
        "payee_kind",
        "payee_name",
        "purpose",
        "item_id",
        "paid_on",
    }


def test_the_public_sees_balances_and_not_the_ledger(doors: Doors) -> None:
    fund = opened(doors, received_fen=100)
    asked = {"fund_id": fund["fund_id"]}

    public = doors.ask("get_public_fund", asked, actor=ANONYMOUS)

    assert public["available_fen"] == 100
    assert {"history", "consents", "possible_acts"} & set(public) == set()
    for door in ("get_fund", "list_postings", "list_payments", "export_postings"):
        with pytest.raises(FundNotFound):
            doors.ask(door, asked, actor=ANONYMOUS)


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, 10**12 + 1])
def test_money_is_a_whole_number_of_fen_above_nought(doors: Doors, amount: Any) -> None:
    fund = opened(doors, received_fen=100)

    with pytest.raises(Invalid):
        doors.ask("propose_payment", payment(fund, amount), actor=worker())


def test_the_public_opens_no_fund(doors: Doors) -> None:
    with pytest.raises(Forbidden):
        doors.ask(
            "open_fund",
            {"fund_name": "资金", "fund_source": "county", "purpose": "改造", "community_id": str(HUAYUAN)},
            actor=ANONYMOUS,
        )


def test_an_act_on_an_older_version_is_refused(doors: Doors) -> None:
    fund = opened(doors)
    receive(doors, fund, 100)

    with pytest.raises(VersionMismatch):
        doors.ask(
            "propose_payment", payment(fund, 10) | {"expected_version": fund["version"]}, actor=worker()
        )


def test_the_ledger_is_exported_row_by_row_in_yuan(doors: Doors) -> None:
    fund = opened(doors, received_fen=10005)
    doors.ask("propose_payment", payment(fund, 5), actor=worker())

    rows = doors.ask("export_postings", {"fund_id": fund["fund_id"]}, actor=manager())["items"]

    assert [
        (row["kind"], row["received"], row["available"], row["committed"], row["balance"]) for row in rows
    ] == [
        ("申请付款", "", "-0.05", "0.05", "100.05"),
        ("收入", "100.05", "100.05", "", "100.05"),
    ]


def test_fifty_payments_at_once_never_exceed_the_balance(doors: Doors) -> None:
    """Each for 30 out of 1,000: 33 fit, whoever comes first, and every other is told that it does not."""
    fund = opened(doors, received_fen=1000)

    def pay(number: int) -> Any:
        doors.ask("propose_payment", payment(fund, 30), actor=worker(name=f"社工{number}"))

    outcomes = at_once(MANY, pay)
    waiting = doors.ask("list_payments", {"fund_id": fund["fund_id"], "limit": 200}, actor=manager())["items"]

    def approve(number: int) -> Any:
        one = waiting[number % len(waiting)]
        step = {"fund_id": fund["fund_id"], "payment_id": one["payment_id"]}
        doors.ask("approve_payment", step, actor=city_admin() if number % 2 else manager())

    approvals = at_once(MANY, approve)

    assert [refusals(outcomes), refusals(approvals)] == [{FundShort}, {PaymentNotInState}]
    assert sum(one is None for one in outcomes) == 33
    assert sum(one is None for one in approvals) == 33
    with doors.database.engine.connect() as connection:
        paid = connection.execute(
            sa.select(sa.func.sum(fund_payments.c.amount_fen)).where(fund_payments.c.status == "paid")
        ).scalar_one()
        total = connection.execute(sa.select(sa.func.sum(fund_entries.c.amount_fen))).scalar_one()
        row = connection.execute(sa.select(funds)).mappings().one()
    assert (paid, total) == (990, 0)
    assert (row["available_fen"], row["committed_fen"], row["spent_fen"]) == (10, 0, 990)


def test_one_receipt_recorded_by_many_at_once_counts_once(doors: Doors) -> None:
    fund = opened(doors)

    outcomes = at_once(10, lambda _number: receive(doors, fund, 100))

    assert refusals(outcomes) == {ReceiptAlreadyRecorded}
    assert doors.ask("get_public_fund", {"fund_id": fund["fund_id"]}, actor=ANONYMOUS)["received_fen"] == 100


def test_a_posting_reversed_by_many_at_once_is_reversed_once(doors: Doors) -> None:
    fund = opened(doors, received_fen=100)
    receive(doors, fund, 300, "PJ-002")
    [posting, _] = doors.ask("list_postings", {"fund_id": fund["fund_id"]}, actor=manager())["items"]
    step = {"fund_id": fund["fund_id"], "posting_id": posting["posting_id"], "reason": "记错"}

    outcomes = at_once(10, lambda _number: doors.ask("reverse_posting", step, actor=manager()))

    assert sum(not isinstance(one, Exception) for one in outcomes) == 1
    assert doors.ask("get_fund", {"fund_id": fund["fund_id"]}, actor=manager())["available_fen"] == 100


def test_a_call_delivered_twice_is_one_payment(doors: Doors) -> None:
    fund = opened(doors, received_fen=100)
    key = str(uuid4())

    for _time in range(2):
        doors.ask("propose_payment", payment(fund, 60), actor=worker(), key=key)

    assert doors.ask("get_fund", {"fund_id": fund["fund_id"]}, actor=manager())["committed_fen"] == 60
