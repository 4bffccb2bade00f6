"""The work of a contract, its instalments, and what holds the last of them back."""

import pytest

from services.contracts.base import ANONYMOUS, GongzhiError
from services.contracts.claims.errors import InstalmentNotPayable, PurchaseNotInState
from services.contracts.claims.fund_terms import PaymentStatus
from services.contracts.claims.purchase_terms import InstalmentStatus, PurchaseStatus
from tests.builders import NOW, XINGAN, liaison, make_unit, supervisor, worker
from tests.fund_builders import manager
from tests.purchase_builders import (
    accept,
    act_on_purchase,
    ask,
    decide,
    pass_milestones,
    pay,
    purchase_in,
    rectify,
    score,
)

S = PurchaseStatus

# ---- work ---------------------------------------------------------------------------------------


def test_milestones_are_reported_one_after_the_other() -> None:
    _item, purchase = purchase_in(S.CONTRACTED)

    with pytest.raises(PurchaseNotInState, match="还没有轮到"):
        purchase.report_milestone(number=2, report="", actor=manager(), now=NOW)
    with pytest.raises(PurchaseNotInState, match="还没有报告"):
        purchase.check_milestone(number=1, is_passed=True, note="", actor=manager(), now=NOW)


def test_a_milestone_sent_back_is_reported_again() -> None:
    item, purchase = purchase_in(S.CONTRACTED)
    act_on_purchase(item, purchase, "report_purchase_milestone")

    purchase.check_milestone(number=1, is_passed=False, note="有一处未清", actor=manager(), now=NOW)

    assert purchase.instalment_status(purchase.instalments[0], item) is InstalmentStatus.WAITING
    act_on_purchase(item, purchase, "report_purchase_milestone")
    act_on_purchase(item, purchase, "check_purchase_milestone")
    assert purchase.next_milestone is purchase.instalments[1]


def test_nothing_is_accepted_before_every_milestone_is_passed() -> None:
    item, purchase = purchase_in(S.CONTRACTED)

    with pytest.raises(PurchaseNotInState, match="尚未核查通过"):
        act_on_purchase(item, purchase, "accept_purchase")


# ---- money --------------------------------------------------------------------------------------


def test_an_instalment_is_paid_after_its_milestone_and_once() -> None:
    item, purchase = purchase_in(S.CONTRACTED)
    with pytest.raises(InstalmentNotPayable, match="尚未核查通过"):
        ask(purchase, item, 1)
    pass_milestones(item, purchase)

    ask(purchase, item, 1)

    with pytest.raises(InstalmentNotPayable, match="每期只付一次"):
        ask(purchase, item, 1)


def test_a_rejected_payment_may_be_asked_for_again() -> None:
    item, purchase = purchase_in(S.CONTRACTED)
    pass_milestones(item, purchase)
    decide(ask(purchase, item, 1), PaymentStatus.REJECTED)

    pay(purchase, item, 1)

    assert (purchase.asked_fen, purchase.paid_fen) == (30_000, 30_000)


def test_the_holdback_waits_for_acceptance_assessment_and_poll() -> None:
    item, purchase = purchase_in(S.CONTRACTED)
    pass_milestones(item, purchase)
    with pytest.raises(InstalmentNotPayable, match="尚未验收"):
        ask(purchase, item, 3)
    accept(item, purchase)
    with pytest.raises(InstalmentNotPayable, match="尚未完成"):
        ask(purchase, item, 3)

    assert score(item, purchase, poll="90.00") is None
    ask(purchase, item, 3)


@pytest.mark.parametrize(("poll", "assessment"), [("40.00", "88.00"), ("90.00", "20.00")])
def test_a_bad_poll_or_assessment_holds_the_last_part_back_until_put_right(
    poll: str, assessment: str
) -> None:
    item, purchase = purchase_in(S.CONTRACTED)
    pass_milestones(item, purchase)
    accept(item, purchase)

    held = score(item, purchase, poll=poll, assessment=assessment)

    assert (purchase.status, held.held_fen) == (S.HELD_BACK, 8_000)
    with pytest.raises(InstalmentNotPayable, match="未达标"):
        ask(purchase, item, 3)
    rectify(item, is_passed=False)
    assert not purchase.hear_rectified(item)
    rectify(item)
    assert purchase.hear_rectified(item)
    pay(purchase, item, 3)
    assert (purchase.status, purchase.paid_fen) == (S.ACCEPTED, 8_000)


def test_what_was_earned_before_is_paid_while_the_last_part_is_held() -> None:
    item, purchase = purchase_in(S.HELD_BACK)

    pay(purchase, item, 1)

    assert purchase.paid_fen == 30_000


def test_nothing_is_closed_before_all_is_paid() -> None:
    item, purchase = purchase_in(S.ACCEPTED)

    with pytest.raises(PurchaseNotInState, match="没有支付"):
        act_on_purchase(item, purchase, "close_purchase")


def test_what_waits_for_approval_is_decided_before_the_end() -> None:
    item, purchase = purchase_in(S.CONTRACTED)
    pass_milestones(item, purchase)
    payment = ask(purchase, item, 1)
    with pytest.raises(PurchaseNotInState, match="待审批"):
        act_on_purchase(item, purchase, "terminate_purchase")

    decide(payment, PaymentStatus.PAID)
    ended = act_on_purchase(item, purchase, "terminate_purchase")

    assert ended.paid_fen == 30_000


def test_who_sees_a_purchase() -> None:
    _item, purchase = purchase_in(S.CONTRACTED)
    assert purchase.supplier is not None

    seen = [worker(), supervisor(), liaison(purchase.supplier)]
    hidden = [worker(XINGAN), liaison(make_unit()), ANONYMOUS]
    assert all(purchase.may_be_seen_by(actor) for actor in seen)
    assert not any(purchase.may_be_seen_by(actor) for actor in hidden)


def test_a_refusal_names_its_state_and_its_act_in_chinese() -> None:
    item, purchase = purchase_in(S.CLOSED)

    with pytest.raises(GongzhiError, match="采购 CG-2026-0001 现为「已结清」，不能验收。"):
        act_on_purchase(item, purchase, "accept_purchase")
