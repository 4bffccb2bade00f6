"""Funds are opened; who may bring money, and how it is kept for items."""

from uuid import uuid4

import pytest

from services.claims.domain.fund import Fund, Payer
from services.claims.domain.fund_acts import PAYERS
from services.contracts.base import Actor, Forbidden, Invalid
from services.contracts.claims.errors import (
    CharityInvalid,
    ConsentMissing,
    FundShort,
    PayerNotAllowed,
    PublicDonationRefused,
    ReceiptAlreadyRecorded,
    ResolutionMissing,
    UsccInvalid,
)
from services.contracts.claims.fund_terms import (
    FundAccount,
    FundSource,
    FundStatus,
    PayerKind,
)
from tests.builders import HUAYUAN, NOW, TODAY, XINGAN, city_officer, liaison, supervisor, worker
from tests.fund_builders import (
    CHARITY_USCC,
    MAY_GIVE,
    UNIT,
    agree,
    charity_papers,
    fund_of,
    hands,
    make_fund,
    manager,
    payer_for,
    propose,
    receive,
)

ITEM = uuid4()


# ---- opening --------------------------------------------------------------------------------


def test_a_new_fund_holds_nothing_and_tells_that_it_was_opened() -> None:
    fund = make_fund()

    assert set(fund.balances.values()) == {0}
    assert fund.status is FundStatus.OPEN


def test_a_fund_of_held_donations_names_the_charity_that_holds_them() -> None:
    fund = make_fund(**charity_papers())

    assert fund.partner_uscc == CHARITY_USCC


@pytest.mark.parametrize("paper", ["partner_name", "partner_uscc", "certificate_number", "filing_number"])
def test_held_donations_need_every_paper_of_the_charity(paper: str) -> None:
    with pytest.raises(CharityInvalid) as refusal:
        make_fund(**charity_papers(**{paper: ""}))

    assert list(refusal.value.fields) == [paper]


def test_a_code_with_a_wrong_check_digit_is_no_charity() -> None:
    with pytest.raises(UsccInvalid):
        make_fund(**charity_papers(partner_uscc=CHARITY_USCC[:-1] + "0"))


def test_an_enterprise_cannot_hold_donations() -> None:
    with pytest.raises(CharityInvalid):
        make_fund(**charity_papers(partner_uscc="91231100MA18ABCD3L"))


def test_money_of_the_treasury_has_no_charity_beside_it() -> None:
    with pytest.raises(CharityInvalid):
        make_fund(partner_name="黑河市慈善总会")


def test_mutual_aid_stays_inside_one_community() -> None:
    with pytest.raises(Invalid, match="一个社区内"):
        make_fund(fund_source=FundSource.MUTUAL_AID, community_id=None)


@pytest.mark.parametrize(
    "actor", [worker(), manager(XINGAN), liaison(UNIT), supervisor()], ids=lambda a: a.name
)
def test_only_who_leads_the_community_opens_its_fund(actor: Actor) -> None:
    with pytest.raises(Forbidden):
        Fund.open(
            fund_id=uuid4(),
            community_id=HUAYUAN,
            fund_source=FundSource.COUNTY,
            fund_name="资金",
            purpose="改造",
            actor=actor,
            today=TODAY,
            now=NOW,
        )


@pytest.mark.parametrize("actor", [manager(), city_officer()], ids=lambda a: a.name)
def test_a_fund_of_the_whole_city_is_led_by_its_administrators(actor: Actor) -> None:
    fund = make_fund(community_id=None)

    with pytest.raises(Forbidden):
        fund.close(actor=actor)


@pytest.mark.parametrize("words", ["资助 13845612345", "救助 11010519491231002X"])
def test_what_everybody_will_read_carries_no_number_of_a_person(words: str) -> None:
    with pytest.raises(Invalid, match="对外公开"):
        make_fund(purpose=words)


# ---- money comes in -----------------------------------------------------------------------------


def test_money_received_is_available_and_stands_against_its_source() -> None:
    fund = make_fund(received_fen=1373_0000_00)

    assert fund.balances == {
        FundAccount.INCOME: -1373_0000_00,
        FundAccount.AVAILABLE: 1373_0000_00,
        FundAccount.EARMARKED: 0,
        FundAccount.COMMITTED: 0,
        FundAccount.SPENT: 0,
    }


@pytest.mark.parametrize("source", FundSource)
def test_no_fund_takes_money_from_the_public(source: FundSource) -> None:
    fund = fund_of(source)

    with pytest.raises(PublicDonationRefused, match="慈善组织"):
        receive(fund, 100, payer=Payer(kind=PayerKind.PUBLIC, name="一位市民"))


@pytest.mark.parametrize("kind", [kind for kind in PayerKind if kind is not PayerKind.PUBLIC])
@pytest.mark.parametrize("source", FundSource)
def test_a_fund_takes_money_only_from_those_its_source_names(source: FundSource, kind: PayerKind) -> None:
    fund = fund_of(source)
    if kind is PAYERS[source]:
        if source in MAY_GIVE:
            agree(fund)
        receive(fund, 100, payer=payer_for(source, UNIT), resolution_id=uuid4())
        assert fund.available_fen == 100
        return

    with pytest.raises(PayerNotAllowed):
        receive(fund, 100, payer=Payer(kind=kind, name="某单位"))


@pytest.mark.parametrize(
    ("source", "kind"),
    [(FundSource.COUNTY, PayerKind.TREASURY), (FundSource.UNIT_SPONSORSHIP, PayerKind.UNIT)],
)
def test_money_without_a_sender_is_refused(source: FundSource, kind: PayerKind) -> None:
    fund = fund_of(source)

    with pytest.raises(Invalid, match="匿名"):
        receive(fund, 100, payer=Payer(kind=kind))


def test_the_charity_that_holds_the_donations_is_who_pays_them_in() -> None:
    fund = make_fund(**charity_papers())

    posting = receive(fund, 500_00)

    assert (posting.payer_name, posting.is_payer_public) == ("黑河市慈善总会", True)


def test_residents_who_help_each_other_are_not_named() -> None:
    fund = fund_of(FundSource.MUTUAL_AID)

    with pytest.raises(Invalid, match="居民姓名不在此登记"):
        receive(fund, 100, payer=Payer(kind=PayerKind.RESIDENTS, name="张三"))


@pytest.mark.parametrize("source", MAY_GIVE)
def test_a_unit_gives_only_after_it_agreed(source: FundSource) -> None:
    fund = fund_of(source)

    with pytest.raises(ConsentMissing):
        receive(fund, 100, payer=payer_for(source, UNIT), resolution_id=uuid4())


@pytest.mark.parametrize("source", MAY_GIVE)
def test_a_unit_gives_no_more_than_it_agreed_to(source: FundSource) -> None:
    fund = fund_of(source)
    agree(fund, amount_fen=1000_00)
    payer = payer_for(source, UNIT)
    receive(fund, 600_00, payer=payer, resolution_id=uuid4())

    with pytest.raises(ConsentMissing, match=r"1,000\.00"):
        receive(
            fund,
            400_01,
            payer=Payer(kind=payer.kind, unit_id=UNIT, name=payer.name, given_fen=600_00),
            resolution_id=uuid4(),
        )


def test_a_contribution_by_the_benefit_principle_needs_a_resolution_first() -> None:
    fund = fund_of(FundSource.BENEFIT_CONTRIBUTION)
    agree(fund)

    with pytest.raises(ResolutionMissing):
        receive(fund, 100, payer=payer_for(fund.fund_source, UNIT))


def test_a_receipt_is_recorded_once() -> None:
    with pytest.raises(ReceiptAlreadyRecorded):
        receive(make_fund(), 100, is_receipt_known=True)


@pytest.mark.parametrize(("is_public", "told"), [(True, "黑河供电公司"), (False, "")])
def test_a_unit_is_named_in_public_only_when_it_agrees(is_public: bool, told: str) -> None:
    fund = fund_of(FundSource.UNIT_SPONSORSHIP)
    agree(fund)

    _, received = fund.receive(
        posting_id=uuid4(),
        amount_fen=100,
        receipt_number="PJ-1",
        is_receipt_known=False,
        payer=Payer(kind=PayerKind.UNIT, unit_id=UNIT, name="黑河供电公司", is_public=is_public),
        resolution_id=None,
        note="",
        hands=hands(),
    )

    assert received.payer_name == told


def test_no_more_is_returned_than_is_available() -> None:
    fund = make_fund(received_fen=100)
    propose(fund, 60)

    with pytest.raises(FundShort):
        fund.give_back(posting_id=uuid4(), amount_fen=41, reason="误汇", hands=hands())

    assert fund.received_fen == 100
