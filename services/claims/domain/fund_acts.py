"""The acts on funds, payments and postings: in which state each is allowed and who may do it.

This table is the whole law of transitions; what is not in it is refused.
"""

from dataclasses import dataclass
from enum import Enum, auto

from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundSource,
    FundStatus,
    PayerKind,
    PaymentStatus,
    PostingKind,
)


class Hand(Enum):
    """Always of the fund's community, or of the city; a fund of the whole city is the city's alone."""

    STAFF = auto()
    LEADER = auto()


@dataclass(frozen=True, kw_only=True)
class FundAct:
    label: str
    states: frozenset[FundStatus]
    who: Hand = Hand.STAFF


@dataclass(frozen=True, kw_only=True)
class PaymentAct:
    """An act on a payment is an act on its fund as well; both states must allow it."""

    label: str
    states: frozenset[PaymentStatus]
    leads_to: PaymentStatus
    who: Hand


_OPEN = frozenset({FundStatus.OPEN})
_ANY = frozenset(FundStatus)

FUND_ACTS: dict[str, FundAct] = {
    "receive_money": FundAct(label="登记收入", states=_OPEN),
    "return_money": FundAct(label="退还来款", states=_OPEN, who=Hand.LEADER),
    "earmark_money": FundAct(label="专项预留", states=_OPEN),
    "release_earmark": FundAct(label="解除预留", states=_OPEN),
    "propose_payment": FundAct(label="申请付款", states=_OPEN),
    "approve_payment": FundAct(label="批准付款", states=_OPEN, who=Hand.LEADER),
    "reject_payment": FundAct(label="驳回付款", states=_OPEN),
    "refund_payment": FundAct(label="登记付款退回", states=_OPEN),
    "reverse_posting": FundAct(label="冲正", states=_OPEN, who=Hand.LEADER),
    "record_consent": FundAct(label="登记同意书", states=_OPEN),
    "change_purpose": FundAct(label="变更用途", states=_OPEN, who=Hand.LEADER),
    # The last month of a closed fund is closed like every other.
    "close_month": FundAct(label="月结", states=_ANY, who=Hand.LEADER),
    "close_fund": FundAct(label="关闭资金", states=_OPEN, who=Hand.LEADER),
}

PAYMENT_ACTS: dict[str, PaymentAct] = {
    "approve_payment": PaymentAct(
        label="批准付款",
        states=frozenset({PaymentStatus.PROPOSED}),
        leads_to=PaymentStatus.PAID,
        who=Hand.LEADER,
    ),
    # Whoever proposed it may also take it back himself.
    "reject_payment": PaymentAct(
        label="驳回付款",
        states=frozenset({PaymentStatus.PROPOSED}),
        leads_to=PaymentStatus.REJECTED,
        who=Hand.LEADER,
    ),
    "refund_payment": PaymentAct(
        label="登记付款退回",
        states=frozenset({PaymentStatus.PAID}),
        leads_to=PaymentStatus.PAID,
        who=Hand.STAFF,
    ),
}

# A proposal is undone by a rejection, a rejection by a new proposal; a reversal stands.
REVERSIBLE = frozenset(
    {
        PostingKind.RECEIPT,
        PostingKind.RETURN,
        PostingKind.EARMARK,
        PostingKind.RELEASE,
        PostingKind.PAYMENT,
        PostingKind.REFUND,
    }
)

# Who may pay into a fund of which source (Charity Law 2023, Art. 26 and 122; the benefit principle).
PAYERS: dict[FundSource, PayerKind] = {
    FundSource.PROVINCE_CITY: PayerKind.TREASURY,
    FundSource.COUNTY: PayerKind.TREASURY,
    FundSource.HELD_DONATION: PayerKind.CHARITY,
    FundSource.UNIT_SPONSORSHIP: PayerKind.UNIT,
    FundSource.BENEFIT_CONTRIBUTION: PayerKind.UNIT,
    FundSource.MUTUAL_AID: PayerKind.RESIDENTS,
}
# What a unit must have agreed to before its money may be taken.
CONSENTS: dict[FundSource, ConsentKind] = {
    FundSource.UNIT_SPONSORSHIP: ConsentKind.SPONSORSHIP,
    FundSource.BENEFIT_CONTRIBUTION: ConsentKind.BENEFIT_CONTRIBUTION,
}
PUBLIC_MONEY = frozenset({FundSource.PROVINCE_CITY, FundSource.COUNTY})
