"""What a purchase of a service (政府购买服务) is: its plan, its offers, its contract, and what follows from them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.claims.domain.fund_ledger import yuan
from services.claims.domain.item import Item
from services.claims.domain.purchase_contract import Instalment
from services.claims.domain.purchase_rules import OFFERS_NEEDED, PURCHASE_ACTS, Party
from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Forbidden, Role, VersionMismatch
from services.contracts.claims.errors import InstalmentNotFound, OfferNotFound, PurchaseNotInState
from services.contracts.claims.purchase_terms import (
    InstalmentStatus,
    PurchaseMethod,
    PurchaseParty,
    PurchaseStatus,
)
from services.contracts.claims.terms import ItemStatus, RectificationStatus


@dataclass(eq=False, kw_only=True)
class Offer:
    """`marks`: what those who judged the offers gave it, of 100."""

    offer_id: UUID
    unit: Unit
    supplier_kind: PurchaseParty
    amount_fen: int
    marks: Decimal
    note: str = ""
    recorded_at: datetime


@dataclass(eq=False, kw_only=True)
class PurchaseRecord:
    """Always of one item: what it pays for is what the item's beneficiaries are asked about.

    Whoever changes it holds the item's row lock and then its own, so nothing is asked for twice.
    """

    purchase_id: UUID
    community_id: UUID
    item_id: UUID
    fund_id: UUID
    code: str
    title: str
    content: str
    buyer_name: str
    buyer_kind: PurchaseParty
    method: PurchaseMethod
    method_reason: str = ""
    budget_fen: int
    planned_at: datetime
    status: PurchaseStatus = PurchaseStatus.PLANNED
    offers: list[Offer] = field(default_factory=list)
    chosen_offer_id: UUID | None = None
    supplier: Unit | None = None
    choice_reason: str = ""
    contract_number: str = ""
    contract_fen: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    long_term_reason: str = ""
    holdback_percent: int | None = None
    signed_at: datetime | None = None
    instalments: list[Instalment] = field(default_factory=list)
    accepted_at: datetime | None = None
    acceptance_note: str = ""
    hold_reason: str = ""
    ended_at: datetime | None = None
    termination_reason: str = ""
    version: int = 1

    @property
    def record_id(self) -> UUID:
        return self.purchase_id

    @property
    def supplier_name(self) -> str:
        return "" if self.supplier is None else self.supplier.unit_name

    @property
    def milestones(self) -> list[Instalment]:
        return [one for one in self.instalments if not one.is_holdback]

    @property
    def next_milestone(self) -> Instalment | None:
        return next((one for one in self.milestones if one.passed_at is None), None)

    @property
    def asked_fen(self) -> int:
        """Paid, or waiting for approval; never more than the contract."""
        return sum(one.amount_fen for one in self.instalments if one.is_asked)

    @property
    def paid_fen(self) -> int:
        """What came back is not paid."""
        return sum(
            one.amount_fen - (one.payment.refunded_fen if one.payment else 0)
            for one in self.instalments
            if one.is_paid
        )

    @property
    def offers_missing(self) -> int:
        return max(0, OFFERS_NEEDED[self.method] - len(self.offers))

    @property
    def is_all_paid(self) -> bool:
        return all(one.is_paid or one.amount_fen == 0 for one in self.instalments)

    def why_held(self, item: Item) -> str:
        """Why the holdback has to wait; empty when the assessment lets it go."""
        if self.status not in (PurchaseStatus.ACCEPTED, PurchaseStatus.HELD_BACK):
            return "服务尚未验收。"
        if item.status not in (ItemStatus.SCORED, ItemStatus.COMMENDED):
            return "考核和民意测验尚未完成。"
        if item.rectification is not None and item.rectification.status is not RectificationStatus.CLOSED:
            return "考核或民意测验未达标，整改通过后才能支付。"
        return ""

    def instalment_status(self, instalment: Instalment, item: Item) -> InstalmentStatus:
        return instalment.status(is_released=not self.why_held(item))

    def get_offer(self, offer_id: UUID) -> Offer:
        for offer in self.offers:
            if offer.offer_id == offer_id:
                return offer
        raise OfferNotFound("没有这份报价。")

    def get_instalment(self, number: int) -> Instalment:
        for instalment in self.instalments:
            if instalment.number == number:
                return instalment
        raise InstalmentNotFound(f"合同没有第 {number} 期。")

    def facts(self) -> dict[str, str]:
        """What history compares before and after an act, in words for people."""
        return {
            "状态": self.status.label,
            "报价": f"{len(self.offers)} 份" if self.offers else "",
            "承接方": self.supplier_name,
            "合同金额": "" if self.contract_fen is None else yuan(self.contract_fen),
            "合同期": "" if self.from_on is None else f"{self.from_on} 至 {self.to_on}",
            **{
                f"第 {one.number} 期": "已通过"
                if one.passed_at
                else "已报告"
                if one.reported_at
                else "待履约"
                for one in self.milestones
            },
            "暂扣原因": self.hold_reason,
            "终止原因": self.termination_reason,
        }

    # ---- who may do what ------------------------------------------------------------------------

    def may_be_seen_by(self, actor: Actor) -> bool:
        """Whole; what of a contract is public, everybody may know."""
        if actor.has_role(Role.UNIT_LIAISON) and not actor.is_staff:
            return self._is_supplier(actor)
        return (actor.is_staff or actor.has_role(Role.SUPERVISOR)) and actor.reaches(self.community_id)

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该采购已被他人修改，请刷新后再操作。")

    def possible_acts(self, item: Item, *, actor: Actor) -> list[str]:
        """Acts that would not be refused to this actor now."""
        return [
            name
            for name, act in PURCHASE_ACTS.items()
            if self.status in act.states and self._is_open_to(act.who, actor) and self._is_ready(name, item)
        ]

    def _is_ready(self, act: str, item: Item) -> bool:
        match act:
            case "record_offer":
                return self.method is not PurchaseMethod.SINGLE_SOURCE or not self.offers
            case "choose_supplier":
                return not self.offers_missing
            case "report_purchase_milestone":
                return self.next_milestone is not None
            case "check_purchase_milestone":
                return any(one.reported_at and not one.passed_at for one in self.milestones)
            case "accept_purchase":
                return self.next_milestone is None
            case "pay_instalment":
                return any(
                    one.amount_fen and self.instalment_status(one, item) is InstalmentStatus.PAYABLE
                    for one in self.instalments
                )
            case "close_purchase":
                return self.is_all_paid
            case _:
                return not self._waits_for_approval()

    def _waits_for_approval(self) -> bool:
        return any(one.is_asked and not one.is_paid for one in self.instalments)

    def _is_supplier(self, actor: Actor) -> bool:
        return self.supplier is not None and actor.unit_id == self.supplier.unit_id

    def _is_open_to(self, who: Party, actor: Actor) -> bool:
        if who is Party.STAFF_OR_SUPPLIER and actor.has_role(Role.UNIT_LIAISON) and self._is_supplier(actor):
            return True
        if not (actor.is_staff and actor.reaches(self.community_id)):
            return False
        return who is not Party.LEADER or actor.has_role(Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)

    def _require_act(self, name: str, actor: Actor) -> None:
        act = PURCHASE_ACTS[name]
        if not self._is_open_to(act.who, actor):
            if act.who is Party.STAFF_OR_SUPPLIER and actor.has_role(Role.UNIT_LIAISON):
                raise Forbidden("只有承接方的联络员或社区工作人员可以报告履约节点。")
            actor.require_staff_of(self.community_id)
            raise Forbidden(f"只有社区书记/主任或市级管理员可以{act.label}。")
        if self.status not in act.states:
            raise PurchaseNotInState(f"采购 {self.code} 现为「{self.status.label}」，不能{act.label}。")

    def _moved(self, name: str) -> None:
        self.status = PURCHASE_ACTS[name].leads_to or self.status
        self.version += 1

    def _named(self, now: datetime) -> dict[str, Any]:
        """What every event of a purchase says about it."""
        return {
            "purchase_id": self.purchase_id,
            "community_id": self.community_id,
            "item_id": self.item_id,
            "code": self.code,
            "title": self.title,
            "occurred_at": now,
        }
