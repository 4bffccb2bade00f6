"""What purchases of services tell others: organisations, sums and days, never the name of a person."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event
from services.contracts.claims.purchase_terms import PurchaseMethod


@dataclass(frozen=True, kw_only=True)
class PurchaseEvent(Event):
    """What every event of a purchase says about it."""

    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "purchase_id"

    purchase_id: UUID
    community_id: UUID
    item_id: UUID
    code: str
    title: str


@dataclass(frozen=True, kw_only=True)
class PurchasePlanned(PurchaseEvent):
    buyer_name: str
    method: PurchaseMethod
    budget_fen: int


@dataclass(frozen=True, kw_only=True)
class PurchaseContracted(PurchaseEvent):
    supplier_name: str
    supplier_uscc: str
    contract_fen: int
    from_on: date
    to_on: date


@dataclass(frozen=True, kw_only=True)
class PurchaseMilestoneReported(PurchaseEvent):
    number: int
    milestone_title: str


@dataclass(frozen=True, kw_only=True)
class PurchaseAccepted(PurchaseEvent):
    """The work was taken over; `ItemVerified` of its item opens the poll."""

    supplier_name: str


@dataclass(frozen=True, kw_only=True)
class PurchaseHeldBack(PurchaseEvent):
    """The last part waits until a bad rating is put right; `RectificationClosed` of its item ends it."""

    held_fen: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PurchasePaid(PurchaseEvent):
    """One instalment; `paid_fen` is the sum of all so far."""

    number: int
    amount_fen: int
    paid_fen: int
    contract_fen: int


@dataclass(frozen=True, kw_only=True)
class PurchaseClosed(PurchaseEvent):
    supplier_name: str
    paid_fen: int


@dataclass(frozen=True, kw_only=True)
class PurchaseTerminated(PurchaseEvent):
    paid_fen: int
    reason: str
