"""Purchases of services: planned on a budget that exists, chosen, contracted, delivered, assessed and paid."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.claims.domain.fund_ledger import yuan
from services.claims.domain.fund_payment import Payment
from services.claims.domain.fund_record import require_no_personal_numbers
from services.claims.domain.item import Item
from services.claims.domain.purchase_contract import Instalment, Terms, instalments_of
from services.claims.domain.purchase_record import Offer, PurchaseRecord
from services.claims.domain.purchase_rules import EXCLUDED, OFFERS_NEEDED, require_supplier
from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Forbidden, Role, invalid_field
from services.contracts.claims.errors import (
    BudgetMissing,
    BuyerNotAllowed,
    OffersMissing,
    PayeeIsDonor,
    PurchaseNotInState,
)
from services.contracts.claims.events import (
    PurchaseAccepted,
    PurchaseClosed,
    PurchaseContracted,
    PurchaseHeldBack,
    PurchaseMilestoneReported,
    PurchasePaid,
    PurchasePlanned,
    PurchaseTerminated,
)
from services.contracts.claims.purchase_terms import PurchaseMethod, PurchaseParty, PurchaseStatus


class Purchase(PurchaseRecord):
    """From plan to the last payment; every act here, the law of them in `purchase_rules`."""

    @classmethod
    def plan(
        cls,
        *,
        item: Item,
        earmarked_fen: int,
        actor: Actor,
        now: datetime,
        **fields: Any,
    ) -> tuple["Purchase", PurchasePlanned]:
        """Budget first: what it may cost is kept for its item in a fund already (domain rules 2.6)."""
        actor.require_staff_of(item.community_id)
        if not actor.has_role(Role.CITY_ADMIN, Role.COMMUNITY_MANAGER):
            raise Forbidden("只有社区书记/主任或市级管理员可以立项采购。")
        purchase = cls(
            community_id=item.community_id, item_id=item.item_id, title=item.title, planned_at=now, **fields
        )
        purchase._require_buyer()
        if purchase.method is PurchaseMethod.SINGLE_SOURCE and not purchase.method_reason:
            raise invalid_field("method_reason", "单一来源采购须说明理由（政府采购法第三十一条）。")
        require_no_personal_numbers(
            content=purchase.content,
            buyer_name=purchase.buyer_name,
            method_reason=purchase.method_reason,
        )
        if purchase.budget_fen > earmarked_fen:
            raise BudgetMissing(
                f"先有预算后购买：资金中为该事项预留了 {yuan(earmarked_fen)}，"
                f"不足预算 {yuan(purchase.budget_fen)}。"
            )
        return purchase, PurchasePlanned(
            **purchase._named(now),
            buyer_name=purchase.buyer_name,
            method=purchase.method,
            budget_fen=purchase.budget_fen,
        )

    def _require_buyer(self) -> None:
        if self.buyer_kind in EXCLUDED:
            raise BuyerNotAllowed(
                f"{self.buyer_kind.label}不得作为购买主体和承接主体"
                "（政府购买服务管理办法，财政部令第102号，第八条）。"
            )
        if self.buyer_kind is not PurchaseParty.STATE_ORGAN:
            raise BuyerNotAllowed(
                f"购买主体应为国家机关，{self.buyer_kind.label}不能作为购买主体"
                "（政府购买服务管理办法，财政部令第102号，第五条）。"
            )

    # ---- choice ---------------------------------------------------------------------------------

    def record_offer(
        self,
        *,
        offer_id: UUID,
        unit: Unit,
        supplier_kind: PurchaseParty,
        amount_fen: int,
        marks: Decimal,
        note: str,
        actor: Actor,
        now: datetime,
    ) -> None:
        self._require_act("record_offer", actor)
        require_supplier(unit, supplier_kind)
        if any(offer.unit.unit_id == unit.unit_id for offer in self.offers):
            raise invalid_field("unit_id", f"「{unit.unit_name}」的报价已登记，每家只报一次。")
        if self.method is PurchaseMethod.SINGLE_SOURCE and self.offers:
            raise invalid_field("unit_id", "单一来源采购只有一家报价。")
        self.offers.append(
            Offer(
                offer_id=offer_id,
                unit=unit,
                supplier_kind=supplier_kind,
                amount_fen=amount_fen,
                marks=marks,
                note=note,
                recorded_at=now,
            )
        )
        self._moved("record_offer")

    def choose_supplier(self, *, offer_id: UUID, reason: str, donors: Collection[UUID], actor: Actor) -> None:
        """`donors`: who gave the fund its money; they do not earn it back (Charity Law, Art. 40)."""
        self._require_act("choose_supplier", actor)
        offer = self.get_offer(offer_id)
        if self.offers_missing:
            raise OffersMissing(
                f"{self.method.label}须有 {OFFERS_NEEDED[self.method]} 家报价，"
                f"现有 {len(self.offers)} 家（政府采购法）。"
            )
        if offer.amount_fen > self.budget_fen:
            raise BudgetMissing(
                f"「{offer.unit.unit_name}」报价 {yuan(offer.amount_fen)}，超过预算 {yuan(self.budget_fen)}。"
            )
        if offer.unit.unit_id in donors:
            raise PayeeIsDonor(
                f"「{offer.unit.unit_name}」是本资金的出资方，不能作为受益人（慈善法第四十条）。"
            )
        self.chosen_offer_id, self.supplier, self.choice_reason = offer_id, offer.unit, reason
        self._moved("choose_supplier")

    # ---- contract and work ----------------------------------------------------------------------

    def sign_contract(self, terms: Terms, *, actor: Actor, now: datetime) -> PurchaseContracted:
        self._require_act("sign_contract", actor)
        assert self.chosen_offer_id is not None
        assert self.supplier is not None
        offered = self.get_offer(self.chosen_offer_id).amount_fen
        if terms.amount_fen > offered:
            raise invalid_field(
                "amount_fen",
                f"合同金额不能超过成交报价 {yuan(offered)}（预算 {yuan(self.budget_fen)}）。",
            )
        terms.require_sound()
        self.contract_number, self.contract_fen = terms.contract_number, terms.amount_fen
        self.from_on, self.to_on, self.long_term_reason = terms.from_on, terms.to_on, terms.long_term_reason
        self.holdback_percent, self.signed_at = terms.holdback_percent, now
        self.instalments = instalments_of(self.purchase_id, terms)
        self._moved("sign_contract")
        return PurchaseContracted(
            **self._named(now),
            supplier_name=self.supplier.unit_name,
            supplier_uscc=self.supplier.uscc,
            contract_fen=terms.amount_fen,
            from_on=terms.from_on,
            to_on=terms.to_on,
        )

    def report_milestone(
        self, *, number: int, report: str, actor: Actor, now: datetime
    ) -> PurchaseMilestoneReported:
        """One after the other; what was sent back is reported again."""
        self._require_act("report_purchase_milestone", actor)
        milestone = self._milestone(number)
        if milestone is not self.next_milestone:
            raise PurchaseNotInState(f"第 {number} 个节点还没有轮到，请按顺序报告。")
        milestone.report, milestone.reported_at = report, now
        self._moved("report_purchase_milestone")
        return PurchaseMilestoneReported(**self._named(now), number=number, milestone_title=milestone.title)

    def check_milestone(
        self, *, number: int, is_passed: bool, note: str, actor: Actor, now: datetime
    ) -> Instalment:
        self._require_act("check_purchase_milestone", actor)
        milestone = self._milestone(number)
        if milestone.reported_at is None:
            raise PurchaseNotInState(f"第 {number} 个节点还没有报告，不能核查。")
        milestone.check_note = note
        if is_passed:
            milestone.passed_at = now
        else:
            milestone.reported_at = None
        self._moved("check_purchase_milestone")
        return milestone

    def _milestone(self, number: int) -> Instalment:
        found = self.get_instalment(number)
        if found.is_holdback:
            raise PurchaseNotInState("尾款没有履约节点。")
        if found.passed_at is not None:
            raise PurchaseNotInState(f"第 {number} 个节点已经核查通过。")
        return found

    def accept(self, *, note: str, actor: Actor, now: datetime) -> PurchaseAccepted:
        self._require_act("accept_purchase", actor)
        if (missing := self.next_milestone) is not None:
            raise PurchaseNotInState(f"第 {missing.number} 个节点「{missing.title}」尚未核查通过，不能验收。")
        self.accepted_at, self.acceptance_note = now, note
        self._moved("accept_purchase")
        return PurchaseAccepted(**self._named(now), supplier_name=self.supplier_name)

    # ---- what the assessment does to the holdback -----------------------------------------------

    def hear_score(self, item: Item, *, now: datetime) -> PurchaseHeldBack | None:
        """A bad assessment or poll holds the last part back until the work is put right."""
        if self.status is not PurchaseStatus.ACCEPTED or not (reason := self.why_held(item)):
            return None
        self.status, self.hold_reason = PurchaseStatus.HELD_BACK, reason
        self.version += 1
        held = sum(one.amount_fen for one in self.instalments if one.is_holdback)
        return PurchaseHeldBack(**self._named(now), held_fen=held, reason=reason)

    def hear_rectified(self, item: Item) -> bool:
        """Put right and called back: nothing is held any more."""
        if self.status is not PurchaseStatus.HELD_BACK or self.why_held(item):
            return False
        self.status, self.hold_reason = PurchaseStatus.ACCEPTED, ""
        self.version += 1
        return True

    # ---- money and the end ----------------------------------------------------------------------

    def payable(self, number: int, item: Item, *, actor: Actor) -> Instalment:
        """The instalment, if it may be asked for now: once, when due, and within the contract."""
        self._require_act("pay_instalment", actor)
        instalment = self.get_instalment(number)
        instalment.require_payable(refusal=self.why_held(item))
        if self.contract_fen is None or self.asked_fen + instalment.amount_fen > self.contract_fen:
            raise PurchaseNotInState("付款合计不能超过合同金额。")
        return instalment

    def ask(self, instalment: Instalment, payment: Payment) -> None:
        instalment.ask(payment)
        self._moved("pay_instalment")

    def told_paid(self, payment: Payment, *, now: datetime) -> PurchasePaid:
        """The fund paid; `paid_fen` is all that was paid so far."""
        number = next(one.number for one in self.instalments if one.payment_id == payment.payment_id)
        return PurchasePaid(
            **self._named(now),
            number=number,
            amount_fen=payment.amount_fen,
            paid_fen=self.paid_fen,
            contract_fen=self.contract_fen or 0,
        )

    def close(self, *, actor: Actor, now: datetime) -> PurchaseClosed:
        self._require_act("close_purchase", actor)
        if not self.is_all_paid:
            raise PurchaseNotInState(f"采购 {self.code} 还有款项没有支付，不能结清。")
        self.ended_at = now
        self._moved("close_purchase")
        return PurchaseClosed(**self._named(now), supplier_name=self.supplier_name, paid_fen=self.paid_fen)

    def terminate(self, *, reason: str, actor: Actor, now: datetime) -> PurchaseTerminated:
        """What was paid stays paid; what waits for approval is decided first."""
        self._require_act("terminate_purchase", actor)
        if self._waits_for_approval():
            raise PurchaseNotInState("还有待审批的付款，请先批准或驳回。")
        self.ended_at, self.termination_reason = now, reason
        self.hold_reason = ""
        self._moved("terminate_purchase")
        return PurchaseTerminated(**self._named(now), paid_fen=self.paid_fen, reason=reason)
