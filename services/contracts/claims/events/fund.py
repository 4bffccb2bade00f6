"""What funds tell others: sums, units and public words; never the name of a person."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event
from services.contracts.claims.fund_terms import FundSource, PostingKind


@dataclass(frozen=True, kw_only=True)
class FundEvent(Event):
    """What every event of a fund says about it; `community_id` is null when it is the whole city's."""

    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "fund_id"

    fund_id: UUID
    community_id: UUID | None
    fund_name: str
    fund_source: FundSource


@dataclass(frozen=True, kw_only=True)
class FundOpened(FundEvent):
    purpose: str


@dataclass(frozen=True, kw_only=True)
class MoneyReceived(FundEvent):
    """`payer_name` is empty when the payer did not agree to be named."""

    posting_id: UUID
    amount_fen: int
    available_fen: int
    payer_name: str
    received_on: date


@dataclass(frozen=True, kw_only=True)
class PaymentMade(FundEvent):
    """`payee_name` is empty when a person was paid."""

    posting_id: UUID
    payment_id: UUID
    amount_fen: int
    available_fen: int
    payee_name: str
    purpose: str
    item_id: UUID | None
    paid_on: date


@dataclass(frozen=True, kw_only=True)
class PostingReversed(FundEvent):
    posting_id: UUID
    reversed_posting_id: UUID
    reversed_kind: PostingKind
    amount_fen: int
    reversed_on: date


@dataclass(frozen=True, kw_only=True)
class MonthClosed(FundEvent):
    """`month_on` is the month's first day; `balance_fen` all money not yet spent at its end."""

    month_on: date
    received_fen: int
    spent_fen: int
    balance_fen: int
