"""Given money keeps its purpose unless those who gave it agree to another."""

from typing import Any
from uuid import uuid4

import pytest

from services.claims.domain.fund import Fund
from services.claims.domain.fund_acts import REVERSIBLE
from services.contracts.base import Invalid
from services.contracts.claims.errors import (
    ConsentMissing,
    FundShort,
    PostingAlreadyReversed,
    PostingNotReversible,
)
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundSource,
    PaymentStatus,
    PostingKind,
)
from tests.builders import TODAY
from tests.fund_builders import (
    UNIT,
    WANG,
    agree,
    approve,
    charity_papers,
    consent,
    fund_of,
    make_fund,
    manager,
    payer_for,
    propose,
    receive,
    refund,
    reject,
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


# ---- purpose ----------------------------------------------------------------------------------


def change_purpose(fund: Fund, *units: Any) -> None:
    fund.change_purpose(purpose="冬季清雪", category=None, donor_units=units, actor=manager())


def test_the_treasurys_money_may_get_another_purpose() -> None:
    fund = make_fund(received_fen=100)

    change_purpose(fund)

    assert fund.purpose == "冬季清雪"


def test_given_money_gets_another_purpose_only_with_the_donors_consent() -> None:
    fund = make_fund(**charity_papers())
    receive(fund, 100)

    with pytest.raises(ConsentMissing):
        change_purpose(fund)
    fund.record_consent(
        consent(ConsentKind.CHANGE_OF_PURPOSE, unit_id=None, wording="冬季清雪"), actor=WANG, today=TODAY
    )
    change_purpose(fund)

    assert fund.purpose == "冬季清雪"


def test_the_consent_to_one_purpose_is_none_to_another() -> None:
    fund = make_fund(**charity_papers())
    receive(fund, 100)
    fund.record_consent(
        consent(ConsentKind.CHANGE_OF_PURPOSE, unit_id=None, wording="更换路灯"), actor=WANG, today=TODAY
    )

    with pytest.raises(ConsentMissing):
        change_purpose(fund)


def test_every_unit_that_gave_must_agree_to_another_purpose() -> None:
    fund = fund_of(FundSource.UNIT_SPONSORSHIP)
    agree(fund)
    receive(fund, 100, payer=payer_for(fund.fund_source, UNIT))
    fund.record_consent(
        consent(ConsentKind.CHANGE_OF_PURPOSE, unit_id=UNIT, wording="冬季清雪"), actor=WANG, today=TODAY
    )

    with pytest.raises(ConsentMissing, match="还缺 1 份"):
        change_purpose(fund, UNIT, uuid4())
    change_purpose(fund, UNIT)

    assert fund.purpose == "冬季清雪"


@pytest.mark.parametrize(
    ("source", "given", "field"),
    [
        (FundSource.COUNTY, consent(ConsentKind.SPONSORSHIP, unit_id=UNIT, amount_fen=1), "kind"),
        (FundSource.COUNTY, consent(ConsentKind.CHANGE_OF_PURPOSE, unit_id=None, wording="甲"), "kind"),
        (
            FundSource.UNIT_SPONSORSHIP,
            consent(ConsentKind.SPONSORSHIP, unit_id=None, amount_fen=1),
            "unit_id",
        ),
        (FundSource.UNIT_SPONSORSHIP, consent(ConsentKind.SPONSORSHIP, unit_id=UNIT), "amount_fen"),
        (
            FundSource.UNIT_SPONSORSHIP,
            consent(ConsentKind.CHANGE_OF_PURPOSE, unit_id=None, wording="甲"),
            "unit_id",
        ),
        (
            FundSource.MUTUAL_AID,
            consent(ConsentKind.CHANGE_OF_PURPOSE, unit_id=UNIT, wording="甲"),
            "unit_id",
        ),
        (FundSource.MUTUAL_AID, consent(ConsentKind.CHANGE_OF_PURPOSE, unit_id=None), "wording"),
    ],
)
def test_a_consent_that_agrees_to_nothing_is_refused(source: FundSource, given: Any, field: str) -> None:
    fund = fund_of(source)

    with pytest.raises(Invalid) as refusal:
        fund.record_consent(given, actor=WANG, today=TODAY)

    assert list(refusal.value.fields) == [field]
