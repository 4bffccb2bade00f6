"""Anybody does anything to a fund at any time; every moment it balances, and nothing is spent twice."""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.claims.domain.fund_ledger import Posting
from services.claims.domain.fund_payment import Payment
from services.contracts.base import GongzhiError
from services.contracts.claims.fund_terms import FundAccount, PaymentStatus, PostingKind
from tests.builders import TODAY, worker
from tests.fund_builders import (
    approve,
    city_admin,
    earmark,
    hands,
    make_fund,
    manager,
    propose,
    receive,
    refund,
    reject,
    release,
    reverse,
)

AMOUNTS = st.integers(1, 300)
PEOPLE = (worker(), worker(name="刘社工"), manager(), city_admin())
WHO = st.sampled_from(PEOPLE)
ITEMS = (uuid4(), uuid4())
WHICH = st.integers(0, 50)


class FundLife(RuleBasedStateMachine):
    """The model is the ledger itself: whatever the fund says must follow from its postings alone."""

    @initialize()
    def begin(self) -> None:
        self.fund = make_fund()
        self.ledger: list[Posting] = []
        self.payments: list[Payment] = []

    @rule(amount=AMOUNTS, who=WHO)
    def receive(self, amount: int, who: Any) -> None:
        self.attempt(lambda: receive(self.fund, amount, actor=who))

    @rule(amount=AMOUNTS, who=WHO)
    def give_back(self, amount: int, who: Any) -> None:
        self.attempt(
            lambda: self.fund.give_back(
                posting_id=uuid4(), amount_fen=amount, reason="误汇", hands=hands(who)
            )
        )

    @rule(amount=AMOUNTS, item=st.sampled_from(ITEMS))
    def earmark(self, amount: int, item: UUID) -> None:
        self.attempt(lambda: earmark(self.fund, item, amount))

    @rule(amount=AMOUNTS, item=st.sampled_from(ITEMS))
    def release(self, amount: int, item: UUID) -> None:
        self.attempt(lambda: release(self.fund, item, amount))

    @rule(amount=AMOUNTS, item=st.none() | st.sampled_from(ITEMS), who=WHO)
    def propose(self, amount: int, item: UUID | None, who: Any) -> None:
        def act() -> Posting:
            payment, posting = propose(self.fund, amount, item_id=item, hands=hands(who))
            self.payments.append(payment)
            return posting

        self.attempt(act)

    @precondition(lambda self: self.payments)
    @rule(which=WHICH, who=WHO)
    def approve(self, which: int, who: Any) -> None:
        payment = self.payments[which % len(self.payments)]
        self.attempt(lambda: approve(self.fund, payment, actor=who))

    @precondition(lambda self: self.payments)
    @rule(which=WHICH, who=WHO)
    def reject(self, which: int, who: Any) -> None:
        payment = self.payments[which % len(self.payments)]
        self.attempt(lambda: reject(self.fund, payment, actor=who))

    @precondition(lambda self: self.payments)
    @rule(which=WHICH, amount=AMOUNTS)
    def refund(self, which: int, amount: int) -> None:
        payment = self.payments[which % len(self.payments)]
        self.attempt(lambda: refund(self.fund, payment, amount))

    @precondition(lambda self: self.ledger)
    @rule(which=WHICH, who=WHO)
    def reverse(self, which: int, who: Any) -> None:
        original = self.ledger[which % len(self.ledger)]
        of_payment = original.kind in (PostingKind.PAYMENT, PostingKind.REFUND)
        payment = next(
            (one for one in self.payments if of_payment and one.payment_id == original.payment_id), None
        )
        is_reversed = any(posting.reverses_id == original.posting_id for posting in self.ledger)
        self.attempt(
            lambda: reverse(self.fund, original, payment=payment, is_reversed=is_reversed, hands=hands(who))
        )

    def attempt(self, act: Any) -> None:
        """A refused act must leave no trace."""
        before = self.fund.facts(), self.fund.version, self.fund.last_number
        kept = {earmark.item_id: earmark.amount_fen for earmark in self.fund.earmarks}
        try:
            self.ledger.append(act())
        except GongzhiError:
            assert (self.fund.facts(), self.fund.version, self.fund.last_number) == before
            assert {earmark.item_id: earmark.amount_fen for earmark in self.fund.earmarks} == kept

    @invariant()
    def every_posting_and_every_fund_adds_up_to_nought(self) -> None:
        assert sum(self.fund.balances.values()) == 0
        for posting in self.ledger:
            assert sum(entry.amount_fen for entry in posting.entries) == 0

    @invariant()
    def nothing_is_negative_that_must_not_be(self) -> None:
        assert self.fund.received_fen >= 0
        assert all(
            amount >= 0 for account, amount in self.fund.balances.items() if account is not FundAccount.INCOME
        )
        assert all(earmark.amount_fen >= 0 for earmark in self.fund.earmarks)

    @invariant()
    def the_balances_follow_from_the_ledger_alone(self) -> None:
        total: Counter[FundAccount] = Counter()
        kept: Counter[UUID] = Counter()
        for number, posting in enumerate(self.ledger, start=1):
            assert posting.number == number
            for entry in posting.entries:
                total[entry.account] += entry.amount_fen
                if entry.item_id is not None:
                    kept[entry.item_id] += entry.amount_fen
            assert {account: getattr(posting, f"{account.value}_fen") for account in FundAccount} == {
                account: total[account] for account in FundAccount
            }
        assert self.fund.balances == {account: total[account] for account in FundAccount}
        for earmark_ in self.fund.earmarks:
            assert kept[earmark_.item_id] == earmark_.amount_fen
        assert sum(kept.values()) == self.fund.earmarked_fen

    @invariant()
    def the_payments_and_the_accounts_tell_the_same(self) -> None:
        waiting = [one for one in self.payments if one.status is PaymentStatus.PROPOSED]
        paid = [one for one in self.payments if one.status is PaymentStatus.PAID]
        assert sum(one.amount_fen for one in waiting) == self.fund.committed_fen
        assert sum(one.amount_fen - one.refunded_fen for one in paid) == self.fund.spent_fen
        assert all(one.decided_by_id != one.proposed_by_id for one in paid)

    @invariant()
    def nothing_is_reversed_twice(self) -> None:
        reversed_ids = [posting.reverses_id for posting in self.ledger if posting.reverses_id]
        assert len(reversed_ids) == len(set(reversed_ids))

    @invariant()
    def what_is_shown_as_possible_fits_the_balances(self) -> None:
        acts = self.fund.possible_acts(actor=city_admin(), today=TODAY)
        assert ("earmark_money" in acts) == (self.fund.available_fen > 0)
        assert ("close_fund" in acts) == (self.fund.unspent_fen == 0)


TestFundLife = FundLife.TestCase
TestFundLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
