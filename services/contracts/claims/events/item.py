"""What claims tells others."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event
from services.contracts.claims.terms import Category, ClaimKind, ScoreGrade, ServiceClass, UnitKind


@dataclass(frozen=True, kw_only=True)
class UnitRegistered(Event):
    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "unit_id"
    unit_id: UUID
    uscc: str
    unit_name: str
    kind: UnitKind


@dataclass(frozen=True, kw_only=True)
class ItemEvent(Event):
    """What every event of an item says about it."""

    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "item_id"

    item_id: UUID
    community_id: UUID
    code: str
    title: str


@dataclass(frozen=True, kw_only=True)
class ItemPublished(ItemEvent):
    readers: ClassVar[tuple[str, ...]] = ("notifications",)

    service_class: ServiceClass
    category: Category
    quantity: int
    measure: str
    due_on: date
    claim_until_on: date


@dataclass(frozen=True, kw_only=True)
class ItemRevised(ItemEvent):
    """A published item was changed; `changed` names its fields, the others are as they now are."""

    changed: tuple[str, ...]
    quantity: int
    measure: str
    due_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class ItemExpired(ItemEvent):
    """Its claim period ended and `remaining` of it is claimed by nobody."""

    claim_until_on: date
    remaining: int
    measure: str


@dataclass(frozen=True, kw_only=True)
class ItemClosedShort(ItemEvent):
    """Nobody is looked for any more for `unclaimed`; `quantity` is what is claimed and goes on."""

    quantity: int
    unclaimed: int
    measure: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ItemFunded(ItemEvent):
    fund_id: UUID
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class ItemWithdrawn(ItemEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class ItemClaimed(ItemEvent):
    """`unit_ids` and `unit_names`: the lead first, then those who support."""

    readers: ClassVar[tuple[str, ...]] = ("notifications",)

    claim_id: UUID
    kind: ClaimKind
    quantity: int
    remaining: int
    unit_ids: tuple[UUID, ...]
    unit_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClaimConfirmed(ItemEvent):
    claim_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimReleased(ItemEvent):
    readers: ClassVar[tuple[str, ...]] = ("notifications",)

    claim_id: UUID
    remaining: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class MilestoneReported(ItemEvent):
    claim_id: UUID
    milestone_title: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class EvidenceAttached(ItemEvent):
    claim_id: UUID
    evidence_id: UUID
    media_type: str


@dataclass(frozen=True, kw_only=True)
class EvidenceWithdrawn(ItemEvent):
    claim_id: UUID
    evidence_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimSubmitted(ItemEvent):
    claim_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimSentBack(ItemEvent):
    claim_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class ItemVerified(ItemEvent):
    """The whole item is done; the poll of its beneficiaries may open.

    `doer_usccs` lets the sample leave out those who did the work.
    """

    readers: ClassVar[tuple[str, ...]] = ("consultation", "notifications")

    beneficiaries: int
    doer_usccs: tuple[str, ...]
    unit_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ItemScored(ItemEvent):
    """All scores in points of 100 with two decimals (domain rules 2.3); `poll` is null when nobody answered."""

    readers: ClassVar[tuple[str, ...]] = ("notifications",)

    assessment: Decimal
    poll: Decimal | None
    timeliness: Decimal
    total: Decimal
    grade: ScoreGrade
    is_sample_sufficient: bool
    unit_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ItemCommended(ItemEvent):
    readers: ClassVar[tuple[str, ...]] = ("notifications",)

    commendation_id: UUID
    unit_names: tuple[str, ...]
    total: Decimal
    reason: str
    objection_until_on: date
