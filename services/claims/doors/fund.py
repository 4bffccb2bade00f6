"""The doors of funds."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.claims.domain.fund import Fund
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class FundDoors:
    @command(commands.OpenFund)
    def open_fund(self, tx: Transaction, **fields: Any) -> Answer:
        return show_fund(tx, usecases.open_fund(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.CloseFund)
    def close_fund(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.close_fund(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.RecordConsent)
    def record_consent(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.record_consent(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ChangePurpose)
    def change_purpose(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.change_purpose(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ReceiveMoney)
    def receive_money(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.receive_money(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ReturnMoney)
    def return_money(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.return_money(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.EarmarkMoney)
    def earmark_money(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.earmark_money(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ReleaseEarmark)
    def release_earmark(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.release_earmark(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ProposePayment)
    def propose_payment(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.propose_payment(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ApprovePayment)
    def approve_payment(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.approve_payment(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.RejectPayment)
    def reject_payment(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.reject_payment(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.RefundPayment)
    def refund_payment(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.refund_payment(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ReversePosting)
    def reverse_posting(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.reverse_posting(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.CloseMonth)
    def close_month(self, tx: Transaction, **step: Any) -> Answer:
        return show_fund(tx, usecases.close_month(tx, **step, actor=tx.actor, now=tx.now))

    @query(commands.GetFund)
    def get_fund(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.FundView, usecases.get_fund(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ListFunds)
    def list_funds(self, tx: Transaction, **wanted: Any) -> Answer:
        funds, more = usecases.list_funds(tx, **wanted)
        return write(views.FundPage, {"items": funds, "next": more})

    @query(commands.CountFunds)
    def count_funds(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.FundSums, usecases.count_funds(tx, **wanted))

    @query(commands.GetPublicFund)
    def get_public_fund(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.PublicFundView, usecases.get_public_fund(tx, **wanted))

    @query(commands.ListPostings)
    def list_postings(self, tx: Transaction, **wanted: Any) -> Answer:
        postings, more = usecases.list_postings(tx, **wanted, actor=tx.actor)
        return write(views.PostingPage, {"items": postings, "next": more})

    @query(commands.ExportPostings)
    def export_postings(self, tx: Transaction, **wanted: Any) -> Answer:
        rows, more = usecases.export_postings(tx, **wanted, actor=tx.actor)
        return write(views.LedgerSheetPage, {"items": rows, "next": more})

    @query(commands.ListPayments)
    def list_payments(self, tx: Transaction, **wanted: Any) -> Answer:
        payments, more = usecases.list_payments(tx, **wanted, actor=tx.actor)
        return write(views.PaymentPage, {"items": payments, "next": more})

    @query(commands.ListPublicPayments)
    def list_public_payments(self, tx: Transaction, **wanted: Any) -> Answer:
        payments, more = usecases.list_public_payments(tx, **wanted)
        return write(views.PublicPaymentPage, {"items": payments, "next": more})


def show_fund(tx: Transaction, fund: Fund) -> Answer:
    """The fund as the actor may see it after the act."""
    return write(views.FundView, usecases.show_fund(tx, fund, actor=tx.actor, now=tx.now))
