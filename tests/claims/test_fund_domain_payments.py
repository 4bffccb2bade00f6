"""Who may take money out of a fund, and how a posting is corrected."""

from uuid import uuid4

import pytest

from services.claims.domain.fund import Payee
from services.contracts.base import Actor, Forbidden, Invalid
from services.contracts.claims.errors import (
    ApproverIsProposer,
    FundShort,
    PayeeIsDonor,
)
from services.contracts.claims.fund_terms import (
    FundAccount,
    FundSource,
    PayeeKind,
    PaymentStatus,
)
from tests.builders import XINGAN, city_officer, supervisor, worker
from tests.fund_builders import (
    MAY_GIVE,
    UNIT,
    WANG,
    agree,
    approve,
    earmark,
    fund_of,
    hands,
    make_fund,
    manager,
    payer_for,
    propose,
    receive,
    refund,
    reject,
    release,
)

ITEM = uuid4()


# ---- money is kept for items ----------------------------------------------------------------------


def test_an_earmark_moves_money_out_of_what_is_available() -> None:
    fund = make_fund(received_fen=100)

    earmark(fund, ITEM, 70)

    assert (fund.available_fen, fund.earmarked_fen, fund.earmarked_for(ITEM)) == (30, 70, 70)


def test_no_more_is_earmarked_than_is_available() -> None:
    fund = make_fund(received_fen=100)

    with pytest.raises(FundShort, match=r"可用余额不足：现有 1\.00 元，需要 1\.01 元"):
        earmark(fund, ITEM, 101)

    assert fund.balances[FundAccount.AVAILABLE] == 100


def test_the_earmark_of_one_item_does_not_pay_for_another() -> None:
    fund = make_fund(received_fen=100)
    earmark(fund, ITEM, 70)

    with pytest.raises(FundShort, match="该事项的专项预留不足"):
        propose(fund, 1, item_id=uuid4())


def test_what_is_released_is_available_again() -> None:
    fund = make_fund(received_fen=100)
    earmark(fund, ITEM, 70)

    release(fund, ITEM, 20)

    assert (fund.available_fen, fund.earmarked_for(ITEM)) == (50, 50)


# ---- money goes out ----------------------------------------------------------------------------


def test_a_proposed_payment_is_set_aside_at_once() -> None:
    fund = make_fund(received_fen=100)

    propose(fund, 60)

    assert (fund.available_fen, fund.committed_fen, fund.spent_fen) == (40, 60, 0)


def test_a_payment_above_the_balance_is_refused() -> None:
    fund = make_fund(received_fen=100)
    propose(fund, 60)

    with pytest.raises(FundShort):
        propose(fund, 41)


def test_another_person_approves_and_then_the_money_is_spent() -> None:
    fund = make_fund(received_fen=100)
    payment, _ = propose(fund, 60)

    approve(fund, payment)

    assert (fund.committed_fen, fund.spent_fen, payment.status) == (0, 60, PaymentStatus.PAID)


def test_nobody_approves_what_he_proposed_himself() -> None:
    fund = make_fund(received_fen=100)
    payment, _ = propose(fund, 60, hands=hands(manager()))

    with pytest.raises(ApproverIsProposer):
        approve(fund, payment, actor=manager())

    assert payment.status is PaymentStatus.PROPOSED


@pytest.mark.parametrize(
    "actor", [worker(name="刘社工"), city_officer(), supervisor(), manager(XINGAN)], ids=lambda a: a.name
)
def test_only_who_leads_the_community_approves(actor: Actor) -> None:
    fund = make_fund(received_fen=100)
    payment, _ = propose(fund, 60)

    with pytest.raises(Forbidden):
        approve(fund, payment, actor=actor)


def test_a_rejected_payment_leaves_the_money_where_it_was() -> None:
    fund = make_fund(received_fen=100)
    earmark(fund, ITEM, 70)
    payment, _ = propose(fund, 60, item_id=ITEM)

    reject(fund, payment)

    assert (fund.earmarked_for(ITEM), fund.committed_fen) == (70, 0)
    assert (payment.status, payment.rejection_reason) == (PaymentStatus.REJECTED, "缺发票")


def test_a_worker_takes_back_his_own_proposal_but_not_another_ones() -> None:
    fund = make_fund(received_fen=100)
    payment, _ = propose(fund, 60)

    with pytest.raises(Forbidden):
        reject(fund, payment, actor=worker(name="刘社工"))
    reject(fund, payment, actor=WANG)

    assert payment.status is PaymentStatus.REJECTED


def test_what_is_refunded_returns_to_the_item_it_was_kept_for() -> None:
    fund = make_fund(received_fen=100)
    earmark(fund, ITEM, 70)
    payment, _ = propose(fund, 60, item_id=ITEM)
    approve(fund, payment)

    refund(fund, payment, 25)

    assert (fund.spent_fen, fund.earmarked_for(ITEM), payment.refunded_fen) == (35, 35, 25)


def test_no_more_is_refunded_than_was_paid() -> None:
    fund = make_fund(received_fen=100)
    payment, _ = propose(fund, 60)
    approve(fund, payment)
    refund(fund, payment, 25)

    with pytest.raises(Invalid, match=r"最多还能退回 0\.35 元"):
        refund(fund, payment, 36)


@pytest.mark.parametrize("source", [FundSource.HELD_DONATION, FundSource.MUTUAL_AID, *MAY_GIVE])
def test_who_proposes_declares_that_no_donor_has_an_interest_in_the_payee(source: FundSource) -> None:
    fund = fund_of(source)
    payee = Payee(kind=PayeeKind.ORGANISATION, name="某公司")

    with pytest.raises(Invalid, match="利害关系人"):
        propose(fund, 1, payee=payee)


@pytest.mark.parametrize(
    "payee",
    [
        Payee(kind=PayeeKind.UNIT, unit_id=UNIT, name="黑河供电公司", is_independent=True),
        Payee(kind=PayeeKind.ORGANISATION, name="黑河供电公司", is_independent=True),
    ],
    ids=["by unit", "by name"],
)
def test_a_donor_does_not_benefit_from_what_it_gave(payee: Payee) -> None:
    fund = fund_of(FundSource.UNIT_SPONSORSHIP)
    agree(fund)
    receive(fund, 100, payer=payer_for(fund.fund_source, UNIT))

    with pytest.raises(PayeeIsDonor):
        propose(fund, 50, payee=payee, donors={UNIT: "黑河供电公司"})


@pytest.mark.parametrize(
    ("payee", "field"),
    [
        (Payee(kind=PayeeKind.UNIT), "payee_unit_id"),
        (Payee(kind=PayeeKind.ORGANISATION), "payee_name"),
        (Payee(kind=PayeeKind.PERSON, name="张三"), "payee_name"),
        (Payee(kind=PayeeKind.PERSON), "voucher_number"),
    ],
)
def test_units_are_named_and_people_are_not(payee: Payee, field: str) -> None:
    fund = make_fund(received_fen=100)

    with pytest.raises(Invalid) as refusal:
        propose(fund, 50, payee=payee)

    assert list(refusal.value.fields) == [field]
