"""Acting on purchases in the database, one act in one transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.item import Item
from services.claims.domain.unit import Unit
from services.claims.storage.tables import fund_payments
from services.contracts.base import Actor
from services.contracts.claims.fund_terms import FundSource, PaymentStatus
from services.contracts.claims.purchase_terms import PurchaseParty
from tests.builders import NOW, make_item, poll_closed, publish, worker
from tests.claims.acting import do, store
from tests.claims.fund_acting import approve, opened
from tests.fund_builders import city_admin, manager
from tests.purchase_builders import BUDGET, FROM_ON, TO_ON, make_organisation, plan_fields

AFTER = NOW + timedelta(days=8)
CONTRACT = {
    "contract_number": "HT-2026-01",
    "amount_fen": 80_000,
    "from_on": FROM_ON,
    "to_on": TO_ON,
    "long_term_reason": "",
    "holdback_percent": 10,
    "milestones": [
        {"title": "第一轮清雪", "due_on": FROM_ON + timedelta(days=30), "amount_fen": 30_000},
        {"title": "第二轮清雪", "due_on": FROM_ON + timedelta(days=120), "amount_fen": 42_000},
    ],
}


class Deal:
    """One purchase of one item, with the fund that pays for it and the supplier that does it."""

    def __init__(self, db: Database, *, earmarked_fen: int = BUDGET, **funding: Any) -> None:
        self.db = db
        self.supplier: Unit = make_organisation()
        self.item: Item = publish(make_item())
        store(db, self.item, self.supplier)
        with db.transaction(now=AFTER) as tx:
            usecases.expire_items(tx, now=AFTER)
        self.fund_id: UUID = opened(
            db, received_fen=2 * BUDGET, **{"fund_source": FundSource.COUNTY, **funding}
        )
        if earmarked_fen:
            self.by(
                usecases.earmark_money,
                actor=city_admin(),
                fund_id=self.fund_id,
                item_id=self.item.item_id,
                amount_fen=earmarked_fen,
                note="",
                posted_on=None,
            )
        self.purchase_id = UUID(int=0)

    def by(
        self, act: Callable[..., Any], *, actor: Actor | None = None, now: datetime = AFTER, **fields: Any
    ) -> Any:
        return do(self.db, act, actor=actor or manager(), now=now, **fields)

    def act(self, act: Callable[..., Any], *, actor: Actor | None = None, **fields: Any) -> Any:
        return self.by(act, actor=actor, purchase_id=self.purchase_id, **fields)

    def plan(self, **given: Any) -> "Deal":
        fields = {"item_id": self.item.item_id, "fund_id": self.fund_id, **plan_fields(), **given}
        self.purchase_id = self.by(usecases.plan_purchase, **fields).purchase_id
        return self

    def choose(self) -> "Deal":
        self.act(
            usecases.record_offer,
            unit_id=self.supplier.unit_id,
            supplier_kind=PurchaseParty.SOCIAL_ORGANISATION,
            amount_fen=90_000,
            marks=Decimal("88.50"),
            note="",
        )
        [offer] = self.shown()["offers"]
        self.act(usecases.choose_supplier, offer_id=offer["offer_id"], reason="经验丰富")
        return self

    def sign(self, **given: Any) -> "Deal":
        self.act(usecases.sign_contract, **CONTRACT | given)
        return self

    def contracted(self) -> "Deal":
        return self.plan().choose().sign()

    def work(self) -> "Deal":
        for number in (1, 2):
            self.act(usecases.report_purchase_milestone, number=number, report="已清完", actor=worker())
            self.act(
                usecases.check_purchase_milestone, number=number, is_passed=True, note="", actor=worker()
            )
        return self

    def accept(self) -> "Deal":
        self.act(usecases.accept_purchase, note="符合合同要求")
        return self

    def ask(self, number: int) -> UUID:
        self.act(usecases.pay_instalment, number=number, is_payee_independent=True, actor=worker())
        with self.db.engine.connect() as connection:
            newest = sa.select(fund_payments.c.payment_id).order_by(fund_payments.c.payment_id.desc())
            payment_id: UUID = connection.execute(newest.limit(1)).scalar_one()
            return payment_id

    def pay(self, number: int) -> None:
        approve(self.db, self.fund_id, self.ask(number))

    def score(self, poll: str, assessment: str = "88.00") -> None:
        """The poll with so many points and that share of satisfied answers; then the assessment."""
        with self.db.transaction(now=AFTER) as tx:
            usecases.hear_poll(tx, poll_closed(self.item, poll, satisfaction_percent=Decimal(poll)))
        self.by(usecases.assess_item, item_id=self.item.item_id, score=Decimal(assessment), comment="")

    def rectify(self) -> None:
        self.by(usecases.report_rectification, item_id=self.item.item_id, report="已重做")
        self.by(usecases.check_rectification, item_id=self.item.item_id, is_passed=True, call_back="居民认可")

    def shown(self, *, actor: Actor | None = None) -> dict[str, Any]:
        shown: dict[str, Any] = self.by(
            lambda tx, now, **wanted: usecases.get_purchase(tx, **wanted),
            actor=actor,
            purchase_id=self.purchase_id,
        )
        return shown

    def spent(self) -> int:
        """What the fund really paid."""
        with self.db.engine.connect() as connection:
            paid = sa.select(sa.func.coalesce(sa.func.sum(fund_payments.c.amount_fen), 0)).where(
                fund_payments.c.status == PaymentStatus.PAID
            )
            return int(connection.execute(paid).scalar_one())
