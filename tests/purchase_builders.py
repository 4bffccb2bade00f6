"""Valid purchases for tests; a test names only what it is about."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from services.chassis.ids import new_id
from services.claims.domain.fund_payment import Payment
from services.claims.domain.item import Item
from services.claims.domain.purchase import Purchase
from services.claims.domain.purchase_contract import Terms
from services.claims.domain.purchase_rules import PURCHASE_ACTS
from services.claims.domain.unit import Unit
from services.contracts.base import Actor
from services.contracts.claims.fund_terms import PayeeKind, PaymentStatus
from services.contracts.claims.purchase_terms import PurchaseMethod, PurchaseParty, PurchaseStatus
from services.contracts.claims.terms import ItemStatus, UnitKind
from services.contracts.working_days import WorkCalendar
from tests.builders import NOW, TODAY, act_on_item, expire, make_item, make_poll, make_unit, publish
from tests.fund_builders import manager

BUDGET = 100_000
FROM_ON, TO_ON = TODAY, TODAY + timedelta(days=180)


def make_organisation(number: int = 50, name: str = "黑河市安心社工服务中心", **given: Any) -> Unit:
    return make_unit(name, number=number, **{"kind": UnitKind.SOCIAL_ORGANISATION, **given})


def plan_fields(**given: Any) -> dict[str, Any]:
    """What a person writes to plan a purchase."""
    fields: dict[str, Any] = {
        "content": "冬季清理三处人行道积雪",
        "buyer_name": "花园街道办事处",
        "buyer_kind": PurchaseParty.STATE_ORGAN,
        "method": PurchaseMethod.SINGLE_SOURCE,
        "method_reason": "辖区内只有一家有除雪设备",
        "budget_fen": BUDGET,
    }
    return fields | given


def make_purchase(
    item: Item | None = None, *, actor: Actor | None = None, **given: Any
) -> tuple[Item, Purchase]:
    """A plan for an item that nobody claimed."""
    item = item or expire(publish(make_item()))
    fields: dict[str, Any] = {
        "purchase_id": uuid4(),
        "fund_id": uuid4(),
        "code": "CG-2026-0001",
        "earmarked_fen": BUDGET,
        **plan_fields(),
    }
    purchase, _event = Purchase.plan(item=item, actor=actor or manager(), now=NOW, **fields | given)
    if item.status is ItemStatus.EXPIRED:
        act_on_item(item, "plan_purchase")
    item.purchase_id = purchase.purchase_id
    return item, purchase


def offer(purchase: Purchase, unit: Unit | None = None, *, actor: Actor | None = None, **given: Any) -> None:
    fields: dict[str, Any] = {
        "offer_id": uuid4(),
        "unit": unit or make_organisation(50 + len(purchase.offers)),
        "supplier_kind": PurchaseParty.SOCIAL_ORGANISATION,
        "amount_fen": 90_000,
        "marks": Decimal("88.00"),
        "note": "",
        "actor": actor or manager(),
        "now": NOW,
    }
    purchase.record_offer(**fields | given)


def make_terms(**given: Any) -> Terms:
    """80 000 fen: 30 000 and 42 000 for two milestones, 10 % held back."""
    fields: dict[str, Any] = {
        "contract_number": "HT-2026-01",
        "amount_fen": 80_000,
        "from_on": FROM_ON,
        "to_on": TO_ON,
        "holdback_percent": 10,
        "milestones": milestones((30, 30_000), (120, 42_000)),
    }
    return Terms(**fields | given)


def milestones(*parts: tuple[int, int]) -> list[tuple[str, date, int]]:
    return [
        (f"第 {nth} 轮清雪", FROM_ON + timedelta(days=day), fen) for nth, (day, fen) in enumerate(parts, 1)
    ]


def act_on_purchase(item: Item, purchase: Purchase, act: str, *, actor: Actor | None = None) -> Any:
    """Any act on a purchase, with arguments that only its state or the actor could make wrong."""
    by: dict[str, Any] = {"actor": actor or manager(), "now": NOW}
    waiting = purchase.next_milestone
    number = waiting.number if waiting else 1
    match act:
        case "record_offer":
            return offer(purchase, actor=by["actor"])
        case "choose_supplier":
            offers = purchase.offers
            return purchase.choose_supplier(
                offer_id=offers[0].offer_id if offers else uuid4(),
                reason="价格合理，经验丰富",
                donors=(),
                actor=by["actor"],
            )
        case "sign_contract":
            return purchase.sign_contract(make_terms(), **by)
        case "report_purchase_milestone":
            return purchase.report_milestone(number=number, report="已完成", **by)
        case "check_purchase_milestone":
            return purchase.check_milestone(number=number, is_passed=True, note="", **by)
        case "accept_purchase":
            return purchase.accept(note="", **by)
        case "pay_instalment":
            payable = [one for one in purchase.instalments if not one.is_asked]
            wanted = payable[0].number if payable else 1
            return ask(purchase, item, wanted, actor=by["actor"])
        case "close_purchase":
            return purchase.close(**by)
        case "terminate_purchase":
            return purchase.terminate(reason="承接方无力履约", **by)
    raise AssertionError(f"{act} is not one of {[*PURCHASE_ACTS]}")


def ask(purchase: Purchase, item: Item, number: int, *, actor: Actor | None = None) -> Payment:
    """Asked for; the fund's part is a payment that waits."""
    instalment = purchase.payable(number, item, actor=actor or manager())
    payment = Payment(
        payment_id=new_id(),
        fund_id=purchase.fund_id,
        amount_fen=instalment.amount_fen,
        payee_kind=PayeeKind.UNIT,
        purpose="分期付款",
        proposed_by_id="worker",
        proposed_by="王社工",
        proposed_at=NOW,
    )
    purchase.ask(instalment, payment)
    return payment


def pay(purchase: Purchase, item: Item, number: int) -> None:
    decide(ask(purchase, item, number), PaymentStatus.PAID)


def decide(payment: Payment, status: PaymentStatus) -> None:
    payment.decide(status, by_id="manager", by="陈书记", now=NOW, paid_on=TODAY)


def pass_milestones(item: Item, purchase: Purchase) -> None:
    while purchase.next_milestone is not None:
        act_on_purchase(item, purchase, "report_purchase_milestone")
        act_on_purchase(item, purchase, "check_purchase_milestone")


def accept(item: Item, purchase: Purchase) -> None:
    act_on_purchase(item, purchase, "accept_purchase")
    assert purchase.supplier is not None
    item.accept_purchase(purchase.supplier, finished_on=TODAY, now=NOW)


def score(item: Item, purchase: Purchase, *, poll: str, assessment: str = "88.00") -> Any:
    """Assessed and polled; a bad poll asks for rectification, and the purchase hears of it."""
    item.assess(assessment=Decimal(assessment), comment="", actor=manager(), now=NOW)
    item.hear_poll(make_poll(poll, satisfaction_percent=Decimal(poll)), now=NOW)
    item.open_rectification(rectification_id=uuid4(), calendar=WorkCalendar(), today=TODAY, now=NOW)
    return purchase.hear_score(item, now=NOW)


def rectify(item: Item, *, is_passed: bool = True) -> None:
    item.report_rectification(report="已重做", actor=manager(), now=NOW)
    item.check_rectification(
        is_passed=is_passed,
        call_back="居民认可",
        calendar=WorkCalendar(),
        actor=manager(),
        today=TODAY,
        now=NOW,
    )


def purchase_in(status: PurchaseStatus) -> tuple[Item, Purchase]:
    """A purchase that came to this status by acts alone, as far as acts can go there."""
    item, purchase = make_purchase()
    if status is PurchaseStatus.PLANNED:
        offer(purchase)
        return item, purchase
    if status is PurchaseStatus.TERMINATED:
        act_on_purchase(item, purchase, "terminate_purchase")
        return item, purchase
    for act in ("record_offer", "choose_supplier"):
        act_on_purchase(item, purchase, act)
    if status is PurchaseStatus.CHOSEN:
        return item, purchase
    act_on_purchase(item, purchase, "sign_contract")
    if status is PurchaseStatus.CONTRACTED:
        return item, purchase
    pass_milestones(item, purchase)
    accept(item, purchase)
    score(item, purchase, poll="40.00" if status is PurchaseStatus.HELD_BACK else "90.00")
    if status is PurchaseStatus.CLOSED:
        for one in purchase.instalments:
            pay(purchase, item, one.number)
        act_on_purchase(item, purchase, "close_purchase")
    return item, purchase
