"""Acting on funds in the database, one act in one transaction."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.chassis.db import Database
from services.claims import storage, usecases
from services.claims.domain.fund import Fund
from services.claims.storage.tables import fund_payments
from services.contracts.base import Actor
from services.contracts.claims.fund_terms import (
    FundAccount,
    PayeeKind,
    PayerKind,
)
from tests.claims.acting import do
from tests.fund_builders import city_admin, fund_fields, manager

RECEIPT = {
    "receipt_number": "PJ-001",
    "payer_kind": PayerKind.TREASURY,
    "payer_unit_id": None,
    "payer_name": "黑河市财政局",
    "is_payer_public": False,
    "resolution_id": None,
    "posted_on": None,
    "note": "",
}
PAYMENT = {
    "payee_kind": PayeeKind.ORGANISATION,
    "payee_unit_id": None,
    "payee_name": "黑河市政工程有限公司",
    "purpose": "更换路灯",
    "voucher_number": "",
    "item_id": None,
    "is_payee_independent": True,
    "posted_on": None,
}


def opened(db: Database, *, received_fen: int = 0, **given: Any) -> UUID:
    fields = fund_fields(**given)
    actor = city_admin()
    fund_id: UUID = do(db, usecases.open_fund, actor=actor, **fields).fund_id
    if received_fen:
        receive(db, fund_id, received_fen, actor=actor)
    return fund_id


def receive(
    db: Database, fund_id: UUID, amount_fen: int, *, actor: Actor | None = None, **given: Any
) -> Fund:
    wanted = {"fund_id": fund_id, "amount_fen": amount_fen, **RECEIPT, **given}
    fund: Fund = do(db, usecases.receive_money, actor=actor, **wanted)
    return fund


def propose(
    db: Database, fund_id: UUID, amount_fen: int, *, actor: Actor | None = None, **given: Any
) -> UUID:
    do(db, usecases.propose_payment, actor=actor, fund_id=fund_id, amount_fen=amount_fen, **PAYMENT | given)
    with db.engine.connect() as connection:
        newest = sa.select(fund_payments.c.payment_id).order_by(fund_payments.c.payment_id.desc()).limit(1)
        return connection.execute(newest).scalar_one()


def approve(db: Database, fund_id: UUID, payment_id: UUID, *, actor: Actor | None = None) -> Fund:
    fund: Fund = do(
        db,
        usecases.approve_payment,
        actor=actor or manager(),
        fund_id=fund_id,
        payment_id=payment_id,
        posted_on=None,
    )
    return fund


def reverse(db: Database, fund_id: UUID, posting_id: UUID) -> Fund:
    fund: Fund = do(
        db,
        usecases.reverse_posting,
        actor=manager(),
        fund_id=fund_id,
        posting_id=posting_id,
        reason="记错",
        posted_on=None,
    )
    return fund


def ledger(db: Database, fund_id: UUID, **wanted: Any) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {"from_on": None, "to_on": None, "cursor": None, "limit": 100, "actor": manager()}
    with db.reading() as tx:
        postings, _more = usecases.list_postings(tx, fund_id=fund_id, **asked | wanted)
    return postings


def balances(db: Database, fund_id: UUID) -> dict[FundAccount, int]:
    with db.reading() as tx:
        fund = storage.find_fund(tx.session, fund_id)
        assert fund is not None
        return fund.balances
