"""Valid funds for tests; a test names only what it is about."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.chassis.ids import new_id
from services.claims.domain.fund import Fund, Payee, Payer
from services.claims.domain.fund_book import Hands
from services.claims.domain.fund_ledger import Posting
from services.claims.domain.fund_payment import Payment
from services.claims.domain.fund_record import Consent, MonthSums
from services.contracts.base import Actor, Role
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundSource,
    PayeeKind,
    PayerKind,
)
from tests.builders import HUAYUAN, NOW, TODAY, worker

CHARITY_USCC = "52231100MJ41234539"
TREASURY = Payer(kind=PayerKind.TREASURY, name="黑河市财政局")
WANG = worker()


def manager(*community_ids: UUID, name: str = "陈书记") -> Actor:
    return Actor(
        actor_id=f"manager-{name}",
        name=name,
        roles=(Role.COMMUNITY_MANAGER,),
        community_ids=community_ids or (HUAYUAN,),
    )


def city_admin() -> Actor:
    return Actor(actor_id="city-admin", name="周主任", roles=(Role.CITY_ADMIN,))


def hands(actor: Actor | None = None, *, posted_on: date | None = None, today: date = TODAY) -> Hands:
    return Hands(actor=actor or manager(), now=NOW, today=today, posted_on=posted_on)


def fund_fields(**given: Any) -> dict[str, Any]:
    """What a person writes to open a fund."""
    fields: dict[str, Any] = {
        "community_id": HUAYUAN,
        "fund_name": "花园社区设施改造资金",
        "fund_source": FundSource.COUNTY,
        "purpose": "公共设施改造和购买服务",
        "category": None,
        "partner_name": "",
        "partner_uscc": "",
        "certificate_number": "",
        "filing_number": "",
    }
    return fields | given


def charity_papers(**given: Any) -> dict[str, Any]:
    papers: dict[str, Any] = {
        "fund_source": FundSource.HELD_DONATION,
        "partner_name": "黑河市慈善总会",
        "partner_uscc": CHARITY_USCC,
        "certificate_number": "慈募证字第 231100 号",
        "filing_number": "51231100MJ0001A26001",
    }
    return papers | given


def make_fund(*, received_fen: int = 0, **given: Any) -> Fund:
    """A fund of Huayuan, by its manager; `received_fen` came from the treasury."""
    fields = fund_fields(**given)
    actor = manager() if fields["community_id"] == HUAYUAN else city_admin()
    fund, _ = Fund.open(fund_id=new_id(), actor=actor, today=TODAY, now=NOW, **fields)
    if received_fen:
        receive(fund, received_fen, actor=actor)
    return fund


def fund_of(source: FundSource, **given: Any) -> Fund:
    if source is FundSource.HELD_DONATION:
        return make_fund(**charity_papers(**given))
    return make_fund(fund_source=source, **given)


def payer_for(source: FundSource, unit_id: UUID | None = None) -> Payer:
    match source:
        case FundSource.HELD_DONATION:
            return Payer(kind=PayerKind.CHARITY)
        case FundSource.UNIT_SPONSORSHIP | FundSource.BENEFIT_CONTRIBUTION:
            return Payer(kind=PayerKind.UNIT, unit_id=unit_id or uuid4(), name="黑河供电公司")
        case FundSource.MUTUAL_AID:
            return Payer(kind=PayerKind.RESIDENTS)
        case _:
            return TREASURY


def receive(
    fund: Fund, amount_fen: int, *, payer: Payer | None = None, actor: Actor | None = None, **given: Any
) -> Posting:
    fields: dict[str, Any] = {
        "posting_id": new_id(),
        "amount_fen": amount_fen,
        "receipt_number": f"PJ-{new_id()}",
        "is_receipt_known": False,
        "payer": payer or payer_for(fund.fund_source),
        "resolution_id": None,
        "note": "",
        "hands": hands(actor),
    }
    posting, _ = fund.receive(**fields | given)
    return posting


def earmark(fund: Fund, item_id: UUID, amount_fen: int, **given: Any) -> Posting:
    fields: dict[str, Any] = {
        "posting_id": new_id(),
        "item_id": item_id,
        "item_words": "事项 RL-2026-0001",
        "amount_fen": amount_fen,
        "note": "",
        "hands": hands(),
    }
    return fund.earmark(**fields | given)


def release(fund: Fund, item_id: UUID, amount_fen: int, **given: Any) -> Posting:
    fields: dict[str, Any] = {
        "posting_id": new_id(),
        "item_id": item_id,
        "item_words": "事项 RL-2026-0001",
        "amount_fen": amount_fen,
        "note": "",
        "hands": hands(),
    }
    return fund.release(**fields | given)


def propose(fund: Fund, amount_fen: int, **given: Any) -> tuple[Payment, Posting]:
    """By the worker Wang, so that the manager may approve it."""
    fields: dict[str, Any] = {
        "posting_id": new_id(),
        "payment_id": new_id(),
        "amount_fen": amount_fen,
        "payee": Payee(kind=PayeeKind.ORGANISATION, name="黑河市政工程有限公司", is_independent=True),
        "purpose": "更换路灯",
        "voucher_number": "",
        "item_id": None,
        "donors": {},
        "hands": hands(WANG),
    }
    return fund.propose(**fields | given)


def approve(fund: Fund, payment: Payment, *, actor: Actor | None = None, **given: Any) -> Posting:
    posting, _ = fund.approve(payment, posting_id=new_id(), hands=hands(actor, **given))
    return posting


def reject(fund: Fund, payment: Payment, *, actor: Actor | None = None) -> Posting:
    return fund.reject(payment, posting_id=new_id(), reason="缺发票", hands=hands(actor))


def refund(fund: Fund, payment: Payment, amount_fen: int, *, actor: Actor | None = None) -> Posting:
    return fund.refund(payment, posting_id=new_id(), amount_fen=amount_fen, reason="多付", hands=hands(actor))


def reverse(
    fund: Fund, original: Posting, *, payment: Payment | None = None, is_reversed: bool = False, **given: Any
) -> Posting:
    posting, _ = fund.reverse(
        original,
        posting_id=new_id(),
        is_reversed=is_reversed,
        payment=payment,
        reason="记错金额",
        hands=given.pop("hands", None) or hands(**given),
    )
    return posting


def consent(
    kind: ConsentKind, *, unit_id: UUID | None, amount_fen: int | None = None, wording: str = ""
) -> Consent:
    return Consent(
        consent_id=new_id(),
        kind=kind,
        unit_id=unit_id,
        reference="同意书 2026-1 号",
        consented_on=TODAY,
        amount_fen=amount_fen,
        wording=wording,
        recorded_at=NOW,
        recorded_by_id="worker",
    )


SUMS = MonthSums(received_fen=0, spent_fen=0, balance_fen=0)


UNIT = uuid4()
MAY_GIVE = {
    FundSource.UNIT_SPONSORSHIP: ConsentKind.SPONSORSHIP,
    FundSource.BENEFIT_CONTRIBUTION: ConsentKind.BENEFIT_CONTRIBUTION,
}


def agree(fund: Fund, *, amount_fen: int = 10_000_00) -> None:
    """The unit agrees to give, up to that sum."""
    given = consent(MAY_GIVE[fund.fund_source], unit_id=UNIT, amount_fen=amount_fen)
    fund.record_consent(given, actor=WANG, today=TODAY)
