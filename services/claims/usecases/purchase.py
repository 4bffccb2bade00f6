"""Purchases of services: planned, chosen, contracted, delivered and accepted.

Locks are always taken in the same order: the item, its purchase, the fund.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.fund_ledger import yuan
from services.claims.domain.item import Item
from services.claims.domain.purchase import Purchase
from services.claims.domain.purchase_contract import Terms
from services.claims.usecases.clock import follow_item
from services.claims.usecases.fund import held_fund
from services.claims.usecases.history import record, recorded
from services.claims.usecases.item import visible_item_for_update
from services.claims.usecases.purchase_following import follow_purchase
from services.contracts.base import Actor, Role, invalid_field
from services.contracts.claims.errors import PurchaseNotFound
from services.contracts.claims.purchase_terms import PurchaseParty

CODES = "CG"


def plan_purchase(
    tx: Transaction,
    *,
    item_id: UUID,
    fund_id: UUID,
    actor: Actor,
    now: datetime,
    **fields: Any,
) -> Purchase:
    """Of an item that nobody claimed, or of a draft that a plan provides for; under the fund's lock."""
    item = visible_item_for_update(tx, item_id, actor=actor)
    fund = held_fund(tx, fund_id, None, actor=actor)
    if fund.community_id not in (None, item.community_id):
        raise invalid_field("fund_id", "这笔资金不属于事项所在的社区。")
    code = storage.take_gate_code(tx.session, CODES, local_date(now).year)
    purchase, planned = Purchase.plan(
        purchase_id=new_id(),
        item=item,
        fund_id=fund_id,
        code=code,
        earmarked_fen=fund.earmarked_for(item_id),
        actor=actor,
        now=now,
        **fields,
    )
    with recorded(tx, item, "plan_purchase", f"转为购买服务，采购 {code}。", actor=actor, now=now):
        item.buy(purchase_id=purchase.purchase_id, actor=actor)
    tx.session.add(purchase)
    tx.emit(planned)
    summary = f"立项 {code}，{purchase.method.label}，预算 {yuan(purchase.budget_fen)}。"
    record(tx, purchase.purchase_id, "plan_purchase", summary, actor=actor, now=now)
    tx.audited(record_id=purchase.purchase_id, community_id=item.community_id, after=purchase.facts())
    follow_item(tx, item)
    return purchase


def record_offer(
    tx: Transaction,
    *,
    purchase_id: UUID,
    unit_id: UUID,
    supplier_kind: PurchaseParty,
    amount_fen: int,
    marks: Decimal,
    note: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Purchase:
    _item, purchase = held_purchase(tx, purchase_id, expected_version, actor=actor)
    unit = storage.get_unit(tx.session, unit_id)
    summary = f"登记「{unit.unit_name}」的报价 {yuan(amount_fen)}，评分 {marks:.2f}。"
    with recorded(tx, purchase, "record_offer", summary, actor=actor, now=now):
        purchase.record_offer(
            offer_id=new_id(),
            unit=unit,
            supplier_kind=supplier_kind,
            amount_fen=amount_fen,
            marks=marks,
            note=note,
            actor=actor,
            now=now,
        )
    return purchase


def choose_supplier(
    tx: Transaction,
    *,
    purchase_id: UUID,
    offer_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Purchase:
    _item, purchase = held_purchase(tx, purchase_id, expected_version, actor=actor)
    fund = storage.find_fund(tx.session, purchase.fund_id)
    donors = storage.donors_of(tx.session, purchase.fund_id) if fund is not None and fund.is_given else {}
    summary = f"确定承接方，理由：{reason}"
    with recorded(tx, purchase, "choose_supplier", summary, actor=actor, now=now, reason=reason):
        purchase.choose_supplier(offer_id=offer_id, reason=reason, donors=donors, actor=actor)
    return purchase


def sign_contract(
    tx: Transaction,
    *,
    purchase_id: UUID,
    contract_number: str,
    amount_fen: int,
    from_on: date,
    to_on: date,
    long_term_reason: str,
    holdback_percent: int,
    milestones: Sequence[dict[str, Any]],
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Purchase:
    item, purchase = held_purchase(tx, purchase_id, expected_version, actor=actor)
    terms = Terms(
        contract_number=contract_number,
        amount_fen=amount_fen,
        from_on=from_on,
        to_on=to_on,
        long_term_reason=long_term_reason,
        holdback_percent=holdback_percent,
        milestones=[(one["title"], one["due_on"], one["amount_fen"]) for one in milestones],
    )
    summary = f"签订合同 {contract_number}，金额 {yuan(amount_fen)}，尾款 {holdback_percent}%。"
    with recorded(tx, purchase, "sign_contract", summary, actor=actor, now=now):
        tx.emit(purchase.sign_contract(terms, actor=actor, now=now))
        item.follow_contract(to_on=to_on)
    follow_purchase(tx, purchase)
    return purchase


def report_purchase_milestone(
    tx: Transaction, *, purchase_id: UUID, number: int, report: str, actor: Actor, now: datetime
) -> Purchase:
    _item, purchase = held_purchase(tx, purchase_id, None, actor=actor)
    with recorded(
        tx,
        purchase,
        "report_purchase_milestone",
        f"报告第 {number} 个履约节点。",
        actor=actor,
        now=now,
        on_behalf_of=purchase.supplier.unit_id if actor.is_staff and purchase.supplier else None,
    ):
        tx.emit(purchase.report_milestone(number=number, report=report, actor=actor, now=now))
    follow_purchase(tx, purchase)
    return purchase


def check_purchase_milestone(
    tx: Transaction,
    *,
    purchase_id: UUID,
    number: int,
    is_passed: bool,
    note: str,
    actor: Actor,
    now: datetime,
) -> Purchase:
    _item, purchase = held_purchase(tx, purchase_id, None, actor=actor)
    summary = f"第 {number} 个履约节点核查{'通过' if is_passed else '未通过，退回'}。{note}"
    with recorded(tx, purchase, "check_purchase_milestone", summary, actor=actor, now=now):
        purchase.check_milestone(number=number, is_passed=is_passed, note=note, actor=actor, now=now)
    follow_purchase(tx, purchase)
    return purchase


def accept_purchase(
    tx: Transaction,
    *,
    purchase_id: UUID,
    note: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Purchase:
    """The work is done; those it was for are asked, and the answer decides on the last part of the money."""
    item, purchase = held_purchase(tx, purchase_id, expected_version, actor=actor)
    with recorded(tx, purchase, "accept_purchase", f"验收通过。{note}", actor=actor, now=now):
        tx.emit(purchase.accept(note=note, actor=actor, now=now))
    assert purchase.supplier is not None
    reported = [one.reported_at for one in purchase.milestones if one.reported_at is not None]
    tx.emit(
        item.accept_purchase(purchase.supplier, finished_on=local_date(max(reported, default=now)), now=now)
    )
    summary = f"采购 {purchase.code} 验收通过，由「{purchase.supplier_name}」完成。"
    record(tx, item.item_id, "accept_purchase", summary, actor=actor, now=now)
    tx.audited(record_id=purchase.purchase_id, community_id=purchase.community_id, after=purchase.facts())
    follow_item(tx, item)
    follow_purchase(tx, purchase)
    return purchase


def held_purchase(
    tx: Transaction, purchase_id: UUID, expected_version: int | None, *, actor: Actor
) -> tuple[Item, Purchase]:
    """The item and its purchase under their locks; whoever may not see it is not told that it exists."""
    item_id = storage.item_of_purchase(tx.session, purchase_id)
    item = storage.item_for_update(tx.session, item_id)
    purchase = storage.purchase_for_update(tx.session, purchase_id)
    if not (purchase.may_be_seen_by(actor) or actor.has_role(Role.CITY_ADMIN)):
        raise PurchaseNotFound("没有这个采购。")
    purchase.require_version(expected_version)
    return item, purchase
