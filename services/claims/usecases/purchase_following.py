"""What happens elsewhere and concerns a purchase: its clocks, its item's score, its fund's payments."""

from datetime import datetime
from uuid import UUID

from services.chassis import clocks
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.item import Item
from services.claims.domain.purchase import Purchase
from services.claims.domain.purchase_rules import CHECK_WORKING_DAYS
from services.claims.usecases.history import recorded
from services.contracts.base import SYSTEM
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.purchase_terms import PurchaseStatus


def follow_purchase(tx: Transaction, purchase: Purchase) -> None:
    """The supplier until the next milestone is reported, then the community until it has looked."""
    waiting = purchase.next_milestone if purchase.status is PurchaseStatus.CONTRACTED else None
    if waiting is None:
        clocks.stop_others(tx, purchase.purchase_id, but=None)
        return
    is_reported = waiting.reported_at is not None
    kind = ClockKind.CHECK_PURCHASE if is_reported else ClockKind.PURCHASE_MILESTONE
    clocks.stop_others(tx, purchase.purchase_id, but=kind)
    running = clocks.find(tx.session, kind, purchase.purchase_id)
    if running is not None and (is_reported or running.due_on == waiting.due_on):
        return
    assert purchase.supplier is not None
    clocks.start(
        tx,
        kind,
        purchase.purchase_id,
        on=local_date(tx.now),
        working_days=CHECK_WORKING_DAYS if is_reported else None,
        due_on=None if is_reported else waiting.due_on,
        community_id=purchase.community_id,
        owner=clocks.COMMUNITY if is_reported else clocks.unit_owner(purchase.supplier.unit_id),
        code=purchase.code,
        title=f"{purchase.title}：{waiting.title}",
    )


def hear_score(tx: Transaction, item: Item, *, now: datetime) -> None:
    """In the transaction of the score, under the item's lock: a bad one holds the last part back."""
    if item.purchase_id is None:
        return
    purchase = storage.purchase_for_update(tx.session, item.purchase_id)
    summary = f"事项 {item.code} 考核或民意测验未达标，暂扣尾款。"
    if purchase.status is PurchaseStatus.ACCEPTED and purchase.why_held(item):
        with recorded(tx, purchase, "hear_score", summary, actor=SYSTEM, now=now):
            if held := purchase.hear_score(item, now=now):
                tx.emit(held)


def hear_rectified(tx: Transaction, item: Item, *, now: datetime) -> None:
    """In the transaction of the call-back that closed the rectification."""
    if item.purchase_id is None:
        return
    purchase = storage.purchase_for_update(tx.session, item.purchase_id)
    if purchase.status is PurchaseStatus.HELD_BACK and not purchase.why_held(item):
        with recorded(tx, purchase, "hear_rectified", "整改通过，尾款可以支付。", actor=SYSTEM, now=now):
            purchase.hear_rectified(item)


def tell_paid(tx: Transaction, payment_id: UUID, *, now: datetime) -> None:
    """A payment of the fund was approved; if a purchase asked for it, that is told too."""
    purchase = storage.purchase_of_payment(tx.session, payment_id)
    if purchase is not None:
        payment = next(one.payment for one in purchase.instalments if one.payment_id == payment_id)
        assert payment is not None
        tx.emit(purchase.told_paid(payment, now=now))
