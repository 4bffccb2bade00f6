"""Anybody does anything to a purchase at any time; never more than the contract, the holdback last, each part once."""

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.claims.domain.fund_payment import Payment
from services.claims.domain.purchase_rules import PURCHASE_ACTS
from services.contracts.base import GongzhiError
from services.contracts.claims.fund_terms import PaymentStatus
from services.contracts.claims.purchase_terms import PurchaseStatus
from services.contracts.claims.terms import ItemStatus, RectificationStatus
from tests.builders import worker
from tests.fund_builders import city_admin, manager
from tests.purchase_builders import (
    accept,
    act_on_purchase,
    ask,
    decide,
    purchase_in,
    rectify,
    score,
)

WHO = st.sampled_from((worker(), manager(), city_admin()))
ACTS = st.sampled_from([act for act in PURCHASE_ACTS if act != "terminate_purchase"])
SIGNED = (PurchaseStatus.CONTRACTED, PurchaseStatus.ACCEPTED, PurchaseStatus.HELD_BACK, PurchaseStatus.CLOSED)


class PurchaseLife(RuleBasedStateMachine):
    """The model is the fund's payments: what the purchase says must follow from them."""

    @initialize(begun=st.sampled_from((PurchaseStatus.PLANNED, PurchaseStatus.CONTRACTED)))
    def begin(self, begun: PurchaseStatus) -> None:
        self.item, self.purchase = purchase_in(begun)
        self.payments: list[tuple[int, Payment]] = []

    @rule(act=ACTS, who=WHO)
    def act(self, act: str, who: Any) -> None:
        if act == "accept_purchase":
            self.attempt(lambda: accept(self.item, self.purchase))
        elif act != "pay_instalment":
            self.attempt(lambda: act_on_purchase(self.item, self.purchase, act, actor=who))

    @precondition(lambda self: self.purchase.status in SIGNED)
    @rule(number=st.integers(1, 4), who=WHO)
    def ask(self, number: int, who: Any) -> None:
        if payment := self.attempt(lambda: ask(self.purchase, self.item, number, actor=who)):
            self.payments.append((number, payment))

    @precondition(lambda self: self.payments)
    @rule(which=st.integers(0, 20), is_paid=st.booleans())
    def decide(self, which: int, is_paid: bool) -> None:
        _number, payment = self.payments[which % len(self.payments)]
        if payment.status is PaymentStatus.PROPOSED:
            decide(payment, PaymentStatus.PAID if is_paid else PaymentStatus.REJECTED)

    @precondition(lambda self: self.item.status is ItemStatus.VERIFIED)
    @rule(poll=st.sampled_from(("40.00", "90.00")), assessment=st.sampled_from(("20.00", "95.00")))
    def score(self, poll: str, assessment: str) -> None:
        score(self.item, self.purchase, poll=poll, assessment=assessment)

    @precondition(lambda self: self.item.rectification is not None)
    @rule(is_passed=st.booleans())
    def rectify(self, is_passed: bool) -> None:
        def act() -> None:
            rectify(self.item, is_passed=is_passed)
            self.purchase.hear_rectified(self.item)

        self.attempt(act)

    @precondition(lambda self: len(self.payments) > 2)
    @rule(who=WHO)
    def terminate(self, who: Any) -> None:
        self.attempt(lambda: act_on_purchase(self.item, self.purchase, "terminate_purchase", actor=who))

    def attempt(self, act: Any) -> Any:
        """A refused act must leave no trace."""
        before = self.purchase.facts(), self.purchase.version, self.purchase.asked_fen
        try:
            return act()
        except GongzhiError:
            assert (self.purchase.facts(), self.purchase.version, self.purchase.asked_fen) == before
            return None

    @invariant()
    def never_more_than_the_contract(self) -> None:
        paid = sum(one.amount_fen for _, one in self.payments if one.status is PaymentStatus.PAID)
        assert self.purchase.paid_fen == paid <= self.purchase.asked_fen
        if self.purchase.contract_fen is None:
            assert self.purchase.asked_fen == 0
        else:
            assert self.purchase.asked_fen <= self.purchase.contract_fen <= self.purchase.budget_fen
            assert sum(one.amount_fen for one in self.purchase.instalments) == self.purchase.contract_fen

    @invariant()
    def every_instalment_only_once(self) -> None:
        live = Counter(number for number, one in self.payments if one.status is not PaymentStatus.REJECTED)
        assert all(count == 1 for count in live.values())

    @invariant()
    def the_holdback_is_kept_until_accepted_and_assessed(self) -> None:
        for one in self.purchase.instalments:
            if one.is_holdback and one.is_asked:
                assert self.purchase.accepted_at is not None
                assert self.item.score_total is not None
                rectification = self.item.rectification
                assert rectification is None or rectification.status is RectificationStatus.CLOSED
            if not one.is_holdback and one.is_asked:
                assert one.passed_at is not None

    @invariant()
    def what_is_held_says_why_and_what_is_closed_is_paid(self) -> None:
        assert (self.purchase.status is PurchaseStatus.HELD_BACK) == bool(self.purchase.hold_reason)
        if self.purchase.status is PurchaseStatus.CLOSED:
            assert self.purchase.paid_fen == self.purchase.contract_fen

    @invariant()
    def what_is_offered_to_a_leader_fits_the_state(self) -> None:
        for act in self.purchase.possible_acts(self.item, actor=manager()):
            assert self.purchase.status in PURCHASE_ACTS[act].states


TestPurchaseLife = PurchaseLife.TestCase
TestPurchaseLife.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
