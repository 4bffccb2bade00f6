"""The net below the rules of funds: what PostgreSQL refuses whoever asks."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.claims.storage.tables import fund_entries, fund_payments, fund_postings, funds
from services.contracts.claims.fund_terms import (
    FundAccount,
    PaymentStatus,
)
from tests.claims.fund_acting import ledger, opened, propose


@pytest.mark.parametrize("table", [fund_postings, fund_entries], ids=lambda table: table.name)
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_the_ledger(db: Database, table: sa.Table, change: str) -> None:
    fund_id = opened(db, received_fen=100)
    statement = (
        sa.update(table).values(amount_fen=table.c.amount_fen + 1) if change == "update" else sa.delete(table)
    )

    with pytest.raises(sa.exc.ProgrammingError, match="append-only"), db.transaction() as tx:
        tx.session.execute(statement)

    assert [posting["amount_fen"] for posting in ledger(db, fund_id)] == [100]


def posting_row(db: Database, fund_id: UUID) -> dict[str, Any]:
    with db.engine.connect() as connection:
        row = connection.execute(sa.select(fund_postings)).mappings().first()
    assert row is not None
    return {**row, "posting_id": uuid4(), "number": 2}


@pytest.mark.parametrize(
    ("amounts", "available_fen"),
    [((-1, 1), 100), ((-1, 2), 101), ((), 100), ((-1, 1), 101)],
    ids=["balance not carried on", "entries unequal", "no entries", "source not carried on"],
)
def test_the_database_refuses_a_posting_that_does_not_balance(
    db: Database, amounts: tuple[int, ...], available_fen: int
) -> None:
    fund_id = opened(db, received_fen=100)
    row = posting_row(db, fund_id) | {"available_fen": available_fen, "income_fen": -available_fen}
    accounts = [FundAccount.INCOME, FundAccount.COMMITTED]
    entries = [
        {"posting_id": row["posting_id"], "position": place, "account": accounts[place], "amount_fen": amount}
        for place, amount in enumerate(amounts)
    ]

    def post() -> None:
        with db.transaction() as tx:
            tx.session.execute(sa.insert(fund_postings).values(**row))
            if entries:
                tx.session.execute(sa.insert(fund_entries).values(entries))

    with pytest.raises(sa.exc.IntegrityError, match="does not balance"):
        post()


def test_the_database_refuses_another_entry_in_an_old_posting(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    [posting] = ledger(db, fund_id)
    entry = {"posting_id": posting["posting_id"], "position": 2, "account": "spent", "amount_fen": 5}

    with pytest.raises(sa.exc.IntegrityError, match="does not balance"), db.transaction() as tx:
        tx.session.execute(sa.insert(fund_entries).values(**entry))


@pytest.mark.parametrize(
    ("values", "net"),
    [
        ({"available_fen": -1, "spent_fen": 101}, "funds_never_negative"),
        ({"available_fen": 101}, "funds_balanced"),
    ],
)
def test_the_database_refuses_a_fund_that_lies(db: Database, values: dict[str, int], net: str) -> None:
    opened(db, received_fen=100)

    with pytest.raises(sa.exc.IntegrityError, match=net), db.transaction() as tx:
        tx.session.execute(sa.update(funds).values(**values))


def test_the_database_refuses_a_payment_approved_by_its_proposer(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    propose(db, fund_id, 60)

    with pytest.raises(sa.exc.IntegrityError, match="four_eyes"), db.transaction() as tx:
        tx.session.execute(
            sa.update(fund_payments).values(
                status=PaymentStatus.PAID, decided_by_id=fund_payments.c.proposed_by_id
            )
        )
