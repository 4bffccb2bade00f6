"""Months, purposes and states of funds: what the table of acts does not allow is refused."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.claims.domain.fund import Fund
from services.claims.domain.fund_acts import FUND_ACTS, PAYMENT_ACTS, REVERSIBLE
from services.claims.domain.fund_ledger import Entry, require_balanced, yuan
from services.claims.domain.fund_record import MonthSums, end_of_month
from services.contracts.base import Actor, Forbidden, Invalid, VersionMismatch
from services.contracts.claims.errors import (
    FundNotInState,
    FundShort,
    MonthIsClosed,
    MonthNotOver,
    PaymentNotInState,
    PostingAlreadyReversed,
    PostingNotReversible,
)
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundAccount,
    FundStatus,
    PaymentStatus,
    PostingKind,
)
from tests.builders import NOW, TODAY, TOMORROW, XINGAN, city_officer, liaison, supervisor, worker
from tests.fund_builders import (
    SUMS,
    UNIT,
    WANG,
    approve,
    city_admin,
    consent,
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

ITEM = uuid4()


# ---- corrections ------------------------------------------------------------------------------


def test_a_reversal_is_the_same_entries_the_other_way_round() -> None:
    fund = make_fund()
    before = fund.balances
    original = receive(fund, 100)

    reversal = reverse(fund, original)

    assert fund.balances == before
    assert reversal.reverses_id == original.posting_id
    assert [(entry.account, entry.amount_fen) for entry in reversal.entries] == [
        (entry.account, -entry.amount_fen) for entry in original.entries
    ]


def test_a_posting_is_reversed_once() -> None:
    fund = make_fund()
    original = receive(fund, 100)

    with pytest.raises(PostingAlreadyReversed):
        reverse(fund, original, is_reversed=True)


def test_what_is_spent_already_cannot_be_reversed_away() -> None:
    fund = make_fund()
    original = receive(fund, 100)
    propose(fund, 60)

    with pytest.raises(FundShort):
        reverse(fund, original)


def test_a_payment_whose_posting_is_reversed_waits_for_approval_again() -> None:
    fund = make_fund(received_fen=100)
    payment, _ = propose(fund, 60)
    posting = approve(fund, payment)

    reverse(fund, posting, payment=payment)

    assert (payment.status, payment.decided_by_id, fund.committed_fen) == (PaymentStatus.PROPOSED, None, 60)


def test_a_payment_is_not_reversed_before_its_refunds_are() -> None:
    fund = make_fund(received_fen=100)
    payment, _ = propose(fund, 60)
    paid = approve(fund, payment)
    refunded = refund(fund, payment, 25)

    with pytest.raises(PostingNotReversible):
        reverse(fund, paid, payment=payment)
    reverse(fund, refunded, payment=payment)
    reverse(fund, paid, payment=payment)

    assert (payment.refunded_fen, fund.committed_fen) == (0, 60)


def test_a_proposal_a_rejection_and_a_reversal_are_not_reversed() -> None:
    fund = make_fund()
    received = receive(fund, 100)
    payment, proposed = propose(fund, 60)
    rejected = reject(fund, payment)
    reversal = reverse(fund, received)

    for posting in (proposed, rejected, reversal):
        with pytest.raises(PostingNotReversible):
            reverse(fund, posting)
    assert set(PostingKind) - REVERSIBLE == {proposed.kind, rejected.kind, reversal.kind}


# ---- months -----------------------------------------------------------------------------------

OCTOBER = date(2026, 10, 1)


def fund_since_october() -> Fund:
    fund = make_fund(received_fen=100)
    fund.opened_on = date(2026, 10, 12)
    return fund


def close_month(fund: Fund, month_on: date, **given: Any) -> None:
    fields: dict[str, Any] = {"sums": SUMS, "actor": manager(), "today": TODAY, "now": NOW}
    fund.close_month(month_on=month_on, **fields | given)


def test_nothing_is_posted_in_a_closed_month_any_more() -> None:
    fund = fund_since_october()
    receive(fund, 100, hands=hands(posted_on=date(2026, 10, 31)))
    close_month(fund, OCTOBER)

    with pytest.raises(MonthIsClosed):
        receive(fund, 100, hands=hands(posted_on=date(2026, 10, 31)))
    receive(fund, 100, hands=hands(posted_on=date(2026, 11, 1)))

    assert fund.received_fen == 300


def test_a_closed_month_keeps_its_sums() -> None:
    fund = fund_since_october()

    close_month(fund, date(2026, 10, 20), sums=MonthSums(received_fen=9, spent_fen=4, balance_fen=5))

    [month] = fund.months
    assert (month.month_on, month.received_fen, month.spent_fen, month.balance_fen) == (OCTOBER, 9, 4, 5)


def test_a_month_is_closed_once_and_only_when_it_is_over() -> None:
    fund = fund_since_october()
    close_month(fund, OCTOBER)

    with pytest.raises(MonthIsClosed):
        close_month(fund, OCTOBER)
    with pytest.raises(MonthNotOver):
        close_month(fund, TODAY)


def test_months_are_closed_one_after_the_other() -> None:
    fund = fund_since_october()

    with pytest.raises(Invalid, match="请先月结 2026 年 10 月"):
        close_month(fund, TODAY, today=date(2026, 12, 1))


@pytest.mark.parametrize("day", [TOMORROW, date(2026, 9, 30)])
def test_nothing_is_dated_in_the_future_or_before_the_fund(day: date) -> None:
    with pytest.raises(Invalid) as refusal:
        receive(fund_since_october(), 100, hands=hands(posted_on=day))

    assert list(refusal.value.fields) == ["posted_on"]


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 2, 10), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_the_end_of_a_month(day: date, last: date) -> None:
    assert end_of_month(day) == last


# ---- states -----------------------------------------------------------------------------------


def test_a_fund_is_closed_only_when_nothing_is_left() -> None:
    fund = make_fund(received_fen=100)

    with pytest.raises(FundNotInState, match=r"1\.00 元"):
        fund.close(actor=manager())


def closed_fund() -> Fund:
    fund = make_fund()
    fund.close(actor=manager())
    return fund


def act_on_fund(fund: Fund, act: str, *, actor: Actor | None = None) -> Any:
    """Any act, with arguments that only the fund's state or the actor could make wrong."""
    by = hands(actor)
    match act:
        case "receive_money":
            return receive(fund, 1, hands=by)
        case "return_money":
            return fund.give_back(posting_id=uuid4(), amount_fen=1, reason="误汇", hands=by)
        case "earmark_money":
            return earmark(fund, ITEM, 1, hands=by)
        case "release_earmark":
            return release(fund, ITEM, 1, hands=by)
        case "propose_payment":
            return propose(fund, 1, hands=by)
        case "approve_payment" | "reject_payment" | "refund_payment" | "reverse_posting":
            other = make_fund(received_fen=10)
            payment, _ = propose(other, 1)
            if act == "refund_payment":
                approve(other, payment)
                return refund(fund, payment, 1, actor=actor)
            if act == "reverse_posting":
                return reverse(fund, receive(other, 1), hands=by)
            return (
                approve(fund, payment, actor=actor)
                if act == "approve_payment"
                else reject(fund, payment, actor=actor)
            )
        case "record_consent":
            given = consent(ConsentKind.CHANGE_OF_PURPOSE, unit_id=None, wording="冬季清雪")
            return fund.record_consent(given, actor=by.actor, today=TODAY)
        case "change_purpose":
            return fund.change_purpose(purpose="清雪", category=None, donor_units=(), actor=by.actor)
        case "close_month":
            return close_month(fund, fund.open_since_on, actor=by.actor, today=TODAY + timedelta(days=40))
        case "close_fund":
            return fund.close(actor=by.actor)
    raise AssertionError(f"{act} is not one of {[*FUND_ACTS]}")


@pytest.mark.parametrize("act", FUND_ACTS)
def test_a_closed_fund_allows_only_what_the_table_says(act: str) -> None:
    fund = closed_fund()
    before = fund.facts()

    if FundStatus.CLOSED in FUND_ACTS[act].states:
        act_on_fund(fund, act)
        return

    with pytest.raises(FundNotInState, match="已关闭"):
        act_on_fund(fund, act)
    assert fund.facts() == before


@pytest.mark.parametrize("act", FUND_ACTS)
@pytest.mark.parametrize(
    "actor", [worker(XINGAN), manager(XINGAN), supervisor(), liaison(UNIT)], ids=lambda actor: actor.actor_id
)
def test_whoever_does_not_work_for_the_community_does_nothing_to_its_funds(act: str, actor: Actor) -> None:
    fund = make_fund(received_fen=10)

    with pytest.raises(Forbidden):
        act_on_fund(fund, act, actor=actor)


@pytest.mark.parametrize("status", PaymentStatus)
@pytest.mark.parametrize("act", PAYMENT_ACTS)
def test_a_payment_allows_only_what_the_table_says(act: str, status: PaymentStatus) -> None:
    fund = make_fund(received_fen=100)
    payment, _ = propose(fund, 60)
    if status is PaymentStatus.PAID:
        approve(fund, payment)
    if status is PaymentStatus.REJECTED:
        reject(fund, payment)

    def do() -> Any:
        match act:
            case "approve_payment":
                return approve(fund, payment)
            case "reject_payment":
                return reject(fund, payment)
        return refund(fund, payment, 1)

    if status in PAYMENT_ACTS[act].states:
        do()
        assert payment.status is PAYMENT_ACTS[act].leads_to
        return
    with pytest.raises(PaymentNotInState, match=status.label):
        do()
    assert payment.status is status


@pytest.mark.parametrize(
    "actor", [worker(), manager(), city_admin(), city_officer()], ids=lambda a: a.actor_id
)
@pytest.mark.parametrize("received_fen", [0, 100])
def test_what_is_shown_as_possible_is_possible(actor: Actor, received_fen: int) -> None:
    for act in make_fund(received_fen=received_fen).possible_acts(actor=actor, today=TODAY):
        fund = make_fund(received_fen=received_fen)
        act_on_fund(fund, act, actor=actor)


def test_who_proposed_a_payment_is_not_shown_its_approval() -> None:
    fund = make_fund(received_fen=100)
    payment, _ = propose(fund, 60, hands=hands(manager()))

    assert fund.possible_acts_on_payment(payment, actor=manager()) == ["reject_payment"]
    assert fund.possible_acts_on_payment(payment, actor=city_admin()) == ["approve_payment", "reject_payment"]
    assert fund.possible_acts_on_payment(payment, actor=WANG) == []


def test_somebody_elses_change_in_between_is_noticed() -> None:
    fund = make_fund()
    seen = fund.version
    receive(fund, 1)

    with pytest.raises(VersionMismatch):
        fund.require_version(seen)


@pytest.mark.parametrize("amounts", [(), (5,), (5, -4), (0,)], ids=["none", "one", "unequal", "nought"])
def test_entries_that_do_not_add_up_are_never_posted(amounts: tuple[int, ...]) -> None:
    entries = [
        Entry(position=place, account=FundAccount.AVAILABLE, amount_fen=amount)
        for place, amount in enumerate(amounts)
    ]

    with pytest.raises(AssertionError):
        require_balanced(entries)


@pytest.mark.parametrize(
    ("fen", "words"), [(0, "0.00 元"), (5, "0.05 元"), (75_0000_00, "750,000.00 元"), (-101, "-1.01 元")]
)
def test_money_in_sentences(fen: int, words: str) -> None:
    assert yuan(fen) == words
