"""What an item of the claim list (事项) is: its fields, and the status that follows from them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.claims.domain.acts import ITEM_ACTS
from services.claims.domain.claim import Claim
from services.claims.domain.commendation import Commendation
from services.claims.domain.scheme import Scoring
from services.claims.domain.score import PollResult
from services.claims.domain.unit import Unit
from services.contracts.base import VersionMismatch
from services.contracts.claims.errors import ItemNotInState
from services.contracts.claims.terms import (
    Category,
    ItemStatus,
    ItemWay,
    ScoreGrade,
    ServiceClass,
    Support,
)

# While the deadline's clock runs; drafts have none, and verified work is finished.
RUNNING = frozenset(
    {
        ItemStatus.PUBLISHED,
        ItemStatus.EXPIRED,
        ItemStatus.CLAIMED,
        ItemStatus.IN_PROGRESS,
        ItemStatus.SUBMITTED,
        ItemStatus.PURCHASED,
        ItemStatus.FUNDED,
    }
)
WAYS = {ItemWay.PURCHASE: ItemStatus.PURCHASED, ItemWay.FUND: ItemStatus.FUNDED}


@dataclass(eq=False, kw_only=True)
class ItemRecord:
    """Its status always follows from its claims, score and commendation; see `derived_status`.

    Whoever changes it holds its row lock, so quantities can never be promised twice.
    It comes from a need, a resolution or a plan; `way` says how it is done when no unit claimed it,
    and `doer` who did it then. `unclaimed_quantity` is what was closed short.
    """

    item_id: UUID
    community_id: UUID
    claim_list_id: UUID | None = None
    need_id: UUID | None = None
    resolution_id: UUID | None = None
    plan_reference: str = ""
    code: str
    title: str
    service_class: ServiceClass
    category: Category
    description: str = ""
    beneficiaries: int
    quantity: int
    measure: str
    budget_fen: int = 0
    supports: list[Support] = field(default_factory=list)
    place: str = ""
    grid_code: str = ""
    due_on: date

    status: ItemStatus = ItemStatus.DRAFT
    claimed_quantity: int = 0
    percent: int = 0
    party_study_on: date | None = None
    published_at: datetime | None = None
    claim_until_on: date | None = None
    verified_at: datetime | None = None
    finished_on: date | None = None
    claims: list[Claim] = field(default_factory=list)
    expired_at: datetime | None = None
    unclaimed_quantity: int = 0
    withdrawn_at: datetime | None = None
    withdrawn_reason: str = ""
    way: ItemWay | None = None
    purchase_id: UUID | None = None
    fund_id: UUID | None = None
    doer: Unit | None = None

    assessment: Decimal | None = None
    assessment_comment: str = ""
    scorings: list[Scoring] = field(default_factory=list)
    poll: PollResult | None = None
    timeliness: Decimal | None = None
    score_total: Decimal | None = None
    score_grade: ScoreGrade | None = None
    score_explanation: list[str] = field(default_factory=list)
    commendation: Commendation | None = None

    version: int = 1

    @property
    def record_id(self) -> UUID:
        return self.item_id

    @property
    def remaining(self) -> int:
        return self.quantity - self.claimed_quantity

    @property
    def active_claims(self) -> list[Claim]:
        return [claim for claim in self.claims if claim.is_active]

    @property
    def units(self) -> list[Unit]:
        """All units at work on it, each once, leads of earlier claims first."""
        units = {unit.unit_id: unit for claim in self.active_claims for unit in claim.units}
        if self.doer is not None:
            units[self.doer.unit_id] = self.doer
        return list(units.values())

    @property
    def unit_names(self) -> tuple[str, ...]:
        return tuple(unit.unit_name for unit in self.units)

    @property
    def derived_status(self) -> ItemStatus:
        """What the item's facts make it; nobody sets a status by hand."""
        if self.withdrawn_at is not None:
            return ItemStatus.WITHDRAWN
        if self.score_total is not None:
            is_commended = self.commendation is not None and not self.commendation.is_revoked
            return ItemStatus.COMMENDED if is_commended else ItemStatus.SCORED
        if self.way is not None:
            return WAYS[self.way] if self.verified_at is None else ItemStatus.VERIFIED
        if self.published_at is None:
            return ItemStatus.DRAFT
        if self.remaining > 0:
            return ItemStatus.PUBLISHED if self.expired_at is None else ItemStatus.EXPIRED
        if all(claim.is_verified for claim in self.active_claims):
            return ItemStatus.VERIFIED
        if all(claim.is_done for claim in self.active_claims):
            return ItemStatus.SUBMITTED
        if any(claim.is_begun for claim in self.active_claims):
            return ItemStatus.IN_PROGRESS
        return ItemStatus.CLAIMED

    def days_left(self, today: date) -> int | None:
        """Days to the deadline, negative when overdue; None while no clock runs."""
        return (self.due_on - today).days if self.status in RUNNING else None

    def is_claim_period_over(self, today: date) -> bool:
        return self.claim_until_on is not None and self.claim_until_on < today

    def facts(self) -> dict[str, str]:
        """What history compares before and after an act, in words for people."""
        claims = {f"「{claim.lead.unit_name}」的{claim.kind.label}": claim for claim in self.claims}
        return {
            "状态": self.status.label,
            "余量": f"{self.remaining} {self.measure}",
            "进度": f"{self.percent}%",
            "办结期限": str(self.due_on),
            "认领截止": str(self.claim_until_on or ""),
            "未认领": f"{self.unclaimed_quantity} {self.measure}" if self.unclaimed_quantity else "",
            "撤回原因": self.withdrawn_reason,
            "考核得分": "" if self.assessment is None else f"{self.assessment:.2f}",
            "总分": "" if self.score_total is None else f"{self.score_total:.2f}",
            **{label: claim.status.label for label, claim in claims.items()},
        }

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该事项已被他人修改，请刷新后再操作。")

    def _require_state(self, act: str) -> None:
        if self.status not in ITEM_ACTS[act].states:
            raise ItemNotInState(
                f"事项 {self.code} 现为「{self.status.label}」，不能{ITEM_ACTS[act].label}。"
            )

    def _settle(self) -> None:
        """Bring quantity, progress and status in line with the claims; every act ends here."""
        active = self.active_claims
        self.claimed_quantity = sum(claim.quantity for claim in active)
        self.percent = sum(claim.percent * claim.quantity for claim in active) // self.quantity
        if self.way is not None and self.verified_at is not None:
            self.percent = 100
        self.status = self.derived_status
        self.version += 1

    def _named(self, now: datetime) -> dict[str, Any]:
        """What every event of an item says about it."""
        return {
            "item_id": self.item_id,
            "community_id": self.community_id,
            "code": self.code,
            "title": self.title,
            "occurred_at": now,
        }
