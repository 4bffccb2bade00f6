"""Money goes out of funds: proposed by one, approved by another; and postings are corrected."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.fund import Fund, Payee
from services.claims.domain.fund_ledger import yuan
from services.claims.domain.fund_payment import Payment
from services.claims.usecases.fund import hands_of, held_fund, require_unreserved
from services.claims.usecases.history import recorded
from services.claims.usecases.purchase_following import tell_paid
from services.contracts.base import Actor
from services.contracts.claims.fund_terms import PayeeKind, PostingKind

# Postings on whose reversal the payment they belong to changes too.
_OF_PAYMENTS = (PostingKind.PAYMENT, PostingKind.REFUND)


def propose_payment(
    tx: Transaction, *, fund_id: UUID, item_id: UUID | None, actor: Actor, now: datetime, **wanted: Any
) -> Fund:
    """What is kept for a purchase is asked for by the purchase alone."""
    held_fund(tx, fund_id, None, actor=actor)
    require_unreserved(tx, fund_id, item_id)
    fund, _payment = ask_payment(tx, fund_id=fund_id, item_id=item_id, actor=actor, now=now, **wanted)
    return fund


def ask_payment(
    tx: Transaction,
    *,
    fund_id: UUID,
    amount_fen: int,
    payee_kind: PayeeKind,
    payee_unit_id: UUID | None,
    payee_name: str,
    purpose: str,
    voucher_number: str,
    item_id: UUID | None,
    is_payee_independent: bool,
    posted_on: date | None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> tuple[Fund, Payment]:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    if payee_unit_id is not None:
        payee_name = storage.get_unit(tx.session, payee_unit_id).unit_name
    payee = Payee(
        kind=payee_kind, unit_id=payee_unit_id, name=payee_name, is_independent=is_payee_independent
    )
    summary = f"申请付款 {yuan(amount_fen)} 给「{payee_name or payee_kind.label}」：{purpose}"
    with recorded(tx, fund, "propose_payment", summary, actor=actor, now=now):
        payment, posting = fund.propose(
            posting_id=new_id(),
            payment_id=new_id(),
            amount_fen=amount_fen,
            payee=payee,
            purpose=purpose,
            voucher_number=voucher_number,
            item_id=item_id,
            donors=storage.donors_of(tx.session, fund_id) if fund.is_given else {},
            hands=hands_of(actor, now, posted_on),
        )
        tx.session.add(payment)
        tx.session.flush()
        tx.session.add(posting)
    return fund, payment


def approve_payment(
    tx: Transaction,
    *,
    fund_id: UUID,
    payment_id: UUID,
    posted_on: date | None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    payment = storage.get_payment(tx.session, fund_id, payment_id)
    summary = f"批准付款 {yuan(payment.amount_fen)} 给「{payment.payee_words}」。"
    with recorded(tx, fund, "approve_payment", summary, actor=actor, now=now):
        posting, paid = fund.approve(payment, posting_id=new_id(), hands=hands_of(actor, now, posted_on))
        tx.session.add(posting)
        tx.emit(paid)
        tell_paid(tx, payment_id, now=now)
    return fund


def reject_payment(
    tx: Transaction,
    *,
    fund_id: UUID,
    payment_id: UUID,
    reason: str,
    posted_on: date | None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    payment = storage.get_payment(tx.session, fund_id, payment_id)
    summary = f"驳回付款 {yuan(payment.amount_fen)} 给「{payment.payee_words}」，原因：{reason}"
    with recorded(tx, fund, "reject_payment", summary, actor=actor, now=now, reason=reason):
        hands = hands_of(actor, now, posted_on)
        tx.session.add(fund.reject(payment, posting_id=new_id(), reason=reason, hands=hands))
    return fund


def refund_payment(
    tx: Transaction,
    *,
    fund_id: UUID,
    payment_id: UUID,
    amount_fen: int,
    reason: str,
    posted_on: date | None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    payment = storage.get_payment(tx.session, fund_id, payment_id)
    summary = f"「{payment.payee_words}」退回付款 {yuan(amount_fen)}，原因：{reason}"
    with recorded(tx, fund, "refund_payment", summary, actor=actor, now=now, reason=reason):
        tx.session.add(
            fund.refund(
                payment,
                posting_id=new_id(),
                amount_fen=amount_fen,
                reason=reason,
                hands=hands_of(actor, now, posted_on),
            )
        )
    return fund


def reverse_posting(
    tx: Transaction,
    *,
    fund_id: UUID,
    posting_id: UUID,
    reason: str,
    posted_on: date | None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    original = storage.get_posting(tx.session, fund_id, posting_id)
    if original.kind is PostingKind.EARMARK:
        require_unreserved(tx, fund_id, next(one.item_id for one in original.entries if one.item_id))
    payment = None
    if original.payment_id is not None and original.kind in _OF_PAYMENTS:
        payment = storage.get_payment(tx.session, fund_id, original.payment_id)
    summary = f"冲正第 {original.number} 号分录（{original.kind.label}），原因：{reason}"
    with recorded(tx, fund, "reverse_posting", summary, actor=actor, now=now, reason=reason):
        posting, reversal = fund.reverse(
            original,
            posting_id=new_id(),
            is_reversed=bool(storage.reversals_of(tx.session, [posting_id])),
            payment=payment,
            reason=reason,
            hands=hands_of(actor, now, posted_on),
        )
        tx.session.add(posting)
        tx.emit(reversal)
    return fund
