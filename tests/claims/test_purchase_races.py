"""Races for the money of a contract that nobody wins twice, and the database as the net below the rules."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.claims import usecases
from services.claims.storage.tables import purchases
from services.contracts.base import Conflict, GongzhiError
from services.contracts.claims.errors import InstalmentNotPayable, PurchaseNotInState
from services.contracts.claims.fund_terms import FundAccount
from services.contracts.claims.purchase_terms import PurchaseStatus
from tests.builders import XINGAN
from tests.claims.fund_acting import approve, balances, opened
from tests.claims.purchase_acting import CONTRACT, Deal
from tests.purchase_builders import BUDGET, plan_fields


@pytest.fixture
def deal(db: Database) -> Deal:
    return Deal(db)


def race(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Everybody at once; what each got, a refusal included."""
    start, got = threading.Barrier(count), []

    def run(number: int) -> None:
        start.wait()
        try:
            got.append(act(number))
        except GongzhiError as refusal:
            got.append(refusal)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_of_fifty_who_ask_for_the_same_instalment_one_gets_it(deal: Deal) -> None:
    deal.contracted().work()

    got = race(50, lambda number: deal.ask(1))

    refused = [one for one in got if isinstance(one, InstalmentNotPayable)]
    assert (len(got), len(refused)) == (50, 49)
    assert deal.shown()["asked_fen"] == 30_000
    assert balances(deal.db, deal.fund_id)[FundAccount.COMMITTED] == 30_000


def test_fifty_who_pay_everything_at_once_never_pay_more_than_the_contract(deal: Deal) -> None:
    deal.contracted().work().accept()
    deal.score("90.00")

    def pay(number: int) -> None:
        deal.pay(1 + number % 3)

    race(50, pay)
    with deal.db.engine.connect() as connection:
        waiting = list(
            connection.execute(
                sa.text("SELECT payment_id FROM fund_payments WHERE status = 'proposed'")
            ).scalars()
        )
    for payment_id in waiting:
        approve(deal.db, deal.fund_id, payment_id)

    assert (deal.shown()["paid_fen"], deal.spent()) == (80_000, 80_000)
    assert balances(deal.db, deal.fund_id)[FundAccount.SPENT] == 80_000


def test_terminating_and_paying_at_once_leave_one_truth(deal: Deal) -> None:
    deal.contracted().work()

    def act(number: int) -> Any:
        if number % 2:
            return deal.act(usecases.terminate_purchase, reason="终止")
        return deal.ask(1)

    race(10, act)

    shown = deal.shown()
    is_ended = shown["status"] is PurchaseStatus.TERMINATED
    assert (shown["asked_fen"] == 0) == is_ended


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE purchases SET contract_fen = budget_fen + 1",
        "UPDATE purchases SET from_on = to_on + 1",
        "UPDATE purchase_instalments SET payment_id = (SELECT payment_id FROM fund_payments LIMIT 1)",
        "UPDATE purchase_instalments SET amount_fen = -1",
    ],
)
def test_the_database_is_the_net_below_the_rules(deal: Deal, statement: str) -> None:
    deal.contracted().work()
    deal.ask(1)

    with pytest.raises(sa.exc.IntegrityError), deal.db.engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_a_purchase_that_changed_meanwhile_is_not_acted_on(deal: Deal) -> None:
    deal.plan()
    with deal.db.engine.connect() as connection:
        version = connection.execute(sa.select(purchases.c.version)).scalar_one()
    deal.choose()

    with pytest.raises(Conflict, match="已被他人修改"):
        deal.act(usecases.sign_contract, **CONTRACT, expected_version=version)
    with pytest.raises(PurchaseNotInState):
        deal.act(usecases.choose_supplier, offer_id=deal.purchase_id, reason="")


def test_a_fund_of_another_community_does_not_pay(deal: Deal) -> None:
    elsewhere = opened(deal.db, received_fen=BUDGET, community_id=XINGAN)

    with pytest.raises(GongzhiError):
        deal.by(
            usecases.plan_purchase,
            **plan_fields(item_id=deal.item.item_id, fund_id=elsewhere),
        )
