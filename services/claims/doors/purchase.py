"""Doors of purchases of services."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.claims.domain.purchase import Purchase
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class PurchaseDoors:
    @command(commands.PlanPurchase)
    def plan_purchase(self, tx: Transaction, **fields: Any) -> Answer:
        return show_purchase(tx, usecases.plan_purchase(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.RecordOffer)
    def record_offer(self, tx: Transaction, **offer: Any) -> Answer:
        return show_purchase(tx, usecases.record_offer(tx, **offer, actor=tx.actor, now=tx.now))

    @command(commands.ChooseSupplier)
    def choose_supplier(self, tx: Transaction, **step: Any) -> Answer:
        return show_purchase(tx, usecases.choose_supplier(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.SignContract)
    def sign_contract(self, tx: Transaction, **terms: Any) -> Answer:
        return show_purchase(tx, usecases.sign_contract(tx, **terms, actor=tx.actor, now=tx.now))

    @command(commands.ReportPurchaseMilestone)
    def report_purchase_milestone(self, tx: Transaction, **step: Any) -> Answer:
        return show_purchase(tx, usecases.report_purchase_milestone(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.CheckPurchaseMilestone)
    def check_purchase_milestone(self, tx: Transaction, **step: Any) -> Answer:
        return show_purchase(tx, usecases.check_purchase_milestone(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.AcceptPurchase)
    def accept_purchase(self, tx: Transaction, **step: Any) -> Answer:
        return show_purchase(tx, usecases.accept_purchase(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.PayInstalment)
    def pay_instalment(self, tx: Transaction, **step: Any) -> Answer:
        return show_purchase(tx, usecases.pay_instalment(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ClosePurchase)
    def close_purchase(self, tx: Transaction, **step: Any) -> Answer:
        return show_purchase(tx, usecases.close_purchase(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.TerminatePurchase)
    def terminate_purchase(self, tx: Transaction, **step: Any) -> Answer:
        return show_purchase(tx, usecases.terminate_purchase(tx, **step, actor=tx.actor, now=tx.now))

    @query(commands.GetPurchase)
    def get_purchase(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.PurchaseView, usecases.get_purchase(tx, **wanted, actor=tx.actor))

    @query(commands.ListPurchases)
    def list_purchases(self, tx: Transaction, **wanted: Any) -> Answer:
        purchases, more = usecases.list_purchases(tx, **wanted, actor=tx.actor)
        return write(views.PurchasePage, {"items": purchases, "next": more})

    @query(commands.ListContracts)
    def list_contracts(self, tx: Transaction, **wanted: Any) -> Answer:
        contracts, more = usecases.list_contracts(tx, **wanted)
        return write(views.ContractPage, {"items": contracts, "next": more})


def show_purchase(tx: Transaction, purchase: Purchase) -> Answer:
    """The purchase as the actor may see it after the act."""
    return write(views.PurchaseView, usecases.show_purchase(tx, purchase, actor=tx.actor))
