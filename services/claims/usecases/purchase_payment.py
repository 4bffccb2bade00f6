"""The money of a contract goes out through its fund: asked for here, approved there by another person."""

from datetime import datetime
from uuid import UUID

from services.chassis.db import Transaction
from services.claims.domain.fund_ledger import yuan
from services.claims.domain.purchase import Purchase
from services.claims.usecases.clock import follow_item
from services.claims.usecases.fund_payment import ask_payment
from services.claims.usecases.history import record, recorded
from services.claims.usecases.purchase import held_purchase
from services.claims.usecases.purchase_following import follow_purchase
from services.contracts.base import Actor
from services.contracts.claims.fund_terms import PayeeKind
from services.contracts.claims.terms import ItemStatus


def pay_instalment(
    tx: Transaction,
    *,
    purchase_id: UUID,
    number: int,
    is_payee_independent: bool,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Purchase:
    """Under the purchase's lock, so every instalment is asked for once, however many try at once."""
    item, purchase = held_purchase(tx, purchase_id, expected_version, actor=actor)
    instalment = purchase.payable(number, item, actor=actor)
    assert purchase.supplier is not None
    summary = f"申请支付第 {number} 期 {yuan(instalment.amount_fen)}。"
    with recorded(tx, purchase, "pay_instalment", summary, actor=actor, now=now):
        _fund, payment = ask_payment(
            tx,
            fund_id=purchase.fund_id,
            amount_fen=instalment.amount_fen,
            payee_kind=PayeeKind.UNIT,
            payee_unit_id=purchase.supplier.unit_id,
            payee_name="",
            purpose=f"购买服务合同 {purchase.contract_number} 第 {number} 期：{purchase.title}",
            voucher_number="",
            item_id=purchase.item_id,
            is_payee_independent=is_payee_independent,
            posted_on=None,
            actor=actor,
            now=now,
        )
        purchase.ask(instalment, payment)
    return purchase


def close_purchase(
    tx: Transaction, *, purchase_id: UUID, expected_version: int | None = None, actor: Actor, now: datetime
) -> Purchase:
    _item, purchase = held_purchase(tx, purchase_id, expected_version, actor=actor)
    with recorded(tx, purchase, "close_purchase", "款项全部支付，采购结清。", actor=actor, now=now):
        tx.emit(purchase.close(actor=actor, now=now))
    return purchase


def terminate_purchase(
    tx: Transaction,
    *,
    purchase_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Purchase:
    """An item whose work was not accepted is back where it was; what is kept for it stays in the fund."""
    item, purchase = held_purchase(tx, purchase_id, expected_version, actor=actor)
    with recorded(
        tx, purchase, "terminate_purchase", f"终止采购：{reason}", actor=actor, now=now, reason=reason
    ):
        tx.emit(purchase.terminate(reason=reason, actor=actor, now=now))
    if item.status is ItemStatus.PURCHASED:
        item.drop_purchase()
        record(tx, item.item_id, "terminate_purchase", f"采购 {purchase.code} 终止。", actor=actor, now=now)
        tx.audited(record_id=purchase.purchase_id, community_id=purchase.community_id, reason=reason)
    follow_item(tx, item)
    follow_purchase(tx, purchase)
    return purchase
