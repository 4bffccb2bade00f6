"""The claims of an item: who may take how much of it, and the steps until the work is verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.claims.domain.claim import Claim, Milestone, Party
from services.claims.domain.evidence import Evidence
from services.claims.domain.item_record import ItemRecord
from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Forbidden, Role, invalid_field
from services.contracts.claims.errors import (
    ClaimNotFound,
    ItemAlreadyClaimed,
    ItemNotInState,
    ItemNotOpen,
)
from services.contracts.claims.events import (
    ClaimConfirmed,
    ClaimReleased,
    ClaimSentBack,
    ClaimSubmitted,
    EvidenceAttached,
    EvidenceWithdrawn,
    ItemClaimed,
    ItemVerified,
    MilestoneReported,
)
from services.contracts.claims.terms import ClaimKind, ItemStatus


@dataclass(frozen=True, kw_only=True)
class TakenItem:
    """An item of which nothing remains, as far as a late claimant has to know it."""

    code: str
    community_id: UUID
    status: ItemStatus
    unit_names: Sequence[str]

    def refuse(self, *, actor: Actor, unit_id: UUID) -> ItemAlreadyClaimed:
        """Why the claim comes too late; raises `Forbidden` where it would not be allowed in any case."""
        require_claimant(actor, unit_id=unit_id, community_id=self.community_id)
        holders = "、".join(f"「{name}」" for name in dict.fromkeys(self.unit_names))
        return ItemAlreadyClaimed(f"事项 {self.code} 现为「{self.status.label}」，已由{holders}认领。")


def require_claimant(actor: Actor, *, unit_id: UUID, community_id: UUID) -> None:
    """A liaison claims for the own unit; staff of the community may claim on a unit's behalf."""
    if actor.has_role(Role.UNIT_LIAISON) and not actor.is_staff:
        if actor.unit_id != unit_id:
            raise Forbidden("您只能代表本单位认领。")
    else:
        actor.require_staff_of(community_id)


class ClaimableItem(ItemRecord):
    """Quantities are promised and given back under the item's row lock, so never twice."""

    def claim(
        self,
        *,
        claim_id: UUID,
        kind: ClaimKind,
        quantity: int | None,
        units: Sequence[Unit],
        note: str,
        actor: Actor,
        today: date,
        now: datetime,
    ) -> ItemClaimed:
        """Promise what remains, or part of it, to units that serve the community; the lead comes first."""
        require_claimant(actor, unit_id=units[0].unit_id, community_id=self.community_id)
        self._require_open(today, actor=actor, unit_id=units[0].unit_id)
        self._require_fitting_units(kind, units)
        claimed = self._claimable(kind, quantity)
        self.claims.append(
            Claim(
                claim_id=claim_id,
                kind=kind,
                quantity=claimed,
                parties=[Party(unit=unit, position=position) for position, unit in enumerate(units)],
                note=note,
                claimed_at=now,
            )
        )
        self._settle()
        return ItemClaimed(
            **self._named(now),
            claim_id=claim_id,
            kind=kind,
            quantity=claimed,
            remaining=self.remaining,
            unit_ids=tuple(unit.unit_id for unit in units),
            unit_names=tuple(unit.unit_name for unit in units),
        )

    def _require_open(self, today: date, *, actor: Actor, unit_id: UUID) -> None:
        if self.remaining == 0:
            taken = TakenItem(
                code=self.code,
                community_id=self.community_id,
                status=self.status,
                unit_names=self.unit_names,
            )
            raise taken.refuse(actor=actor, unit_id=unit_id)
        if self.status is not ItemStatus.PUBLISHED:
            raise ItemNotInState(f"事项 {self.code} 现为「{self.status.label}」，不能认领。")
        if self.is_claim_period_over(today):
            raise ItemNotOpen(f"事项 {self.code} 的认领期已于 {self.claim_until_on} 截止。")

    def _require_fitting_units(self, kind: ClaimKind, units: Sequence[Unit]) -> None:
        if len({unit.unit_id for unit in units}) < len(units):
            raise invalid_field("supporting_unit_ids", "同一单位不能重复参加一项认领。")
        if kind is ClaimKind.JOINT and len(units) < 2:
            raise invalid_field("supporting_unit_ids", "联合认领至少需要一个协同单位。")
        if kind is not ClaimKind.JOINT and len(units) > 1:
            raise invalid_field("supporting_unit_ids", "只有联合认领可以有协同单位。")
        for unit in units:
            unit.require_member()
            if not unit.serves(self.community_id):
                raise Forbidden(f"「{unit.unit_name}」没有登记为服务本社区的单位，不能认领。")

    def _claimable(self, kind: ClaimKind, quantity: int | None) -> int:
        if kind is not ClaimKind.PARTIAL:
            if quantity is not None:
                raise invalid_field("quantity", "只有部分认领需要填写数量。")
            return self.remaining
        if quantity is None:
            raise invalid_field("quantity", "部分认领应填写数量。")
        if quantity > self.remaining:
            raise ItemAlreadyClaimed(
                f"事项 {self.code} 只剩 {self.remaining} {self.measure}，不足 {quantity} {self.measure}。"
            )
        return quantity

    def get_claim(self, claim_id: UUID) -> Claim:
        for claim in self.claims:
            if claim.claim_id == claim_id:
                return claim
        raise ClaimNotFound("没有这项认领。")

    def confirm_claim(self, claim_id: UUID, *, agreement: str, actor: Actor, now: datetime) -> ClaimConfirmed:
        claim = self._step("confirm_claim", claim_id, actor)
        claim.agreement = agreement
        self._settle()
        return ClaimConfirmed(**self._named(now), claim_id=claim_id)

    def report_milestone(
        self, claim_id: UUID, *, milestone: Milestone, actor: Actor, now: datetime
    ) -> MilestoneReported:
        claim = self._step("report_milestone", claim_id, actor)
        claim.reach(milestone.percent)
        claim.milestones.append(milestone)
        self._settle()
        return MilestoneReported(
            **self._named(now),
            claim_id=claim_id,
            milestone_title=milestone.milestone_title,
            percent=milestone.percent,
        )

    def attach_evidence(
        self, claim_id: UUID, *, evidence: Evidence, actor: Actor, now: datetime
    ) -> EvidenceAttached:
        self._step("attach_evidence", claim_id, actor).add_evidence(evidence)
        self._settle()
        return EvidenceAttached(
            **self._named(now),
            claim_id=claim_id,
            evidence_id=evidence.evidence_id,
            media_type=evidence.media_type,
        )

    def withdraw_evidence(
        self, claim_id: UUID, evidence_id: UUID, *, actor: Actor, now: datetime
    ) -> EvidenceWithdrawn:
        claim = self._step("withdraw_evidence", claim_id, actor)
        claim.evidence.remove(claim.get_evidence(evidence_id))
        self._settle()
        return EvidenceWithdrawn(**self._named(now), claim_id=claim_id, evidence_id=evidence_id)

    def show_evidence(self, claim_id: UUID, evidence_id: UUID, *, is_public: bool, actor: Actor) -> None:
        claim = self._step("show_evidence", claim_id, actor)
        claim.get_evidence(evidence_id).is_public = is_public
        self._settle()

    def submit_claim(
        self, claim_id: UUID, *, summary: str, actor: Actor, today: date, now: datetime
    ) -> ClaimSubmitted:
        claim = self._step("submit_claim", claim_id, actor)
        claim.summary, claim.submitted_at, claim.submitted_on = summary, now, today
        self._settle()
        return ClaimSubmitted(**self._named(now), claim_id=claim_id)

    def send_back_claim(self, claim_id: UUID, *, reason: str, actor: Actor, now: datetime) -> ClaimSentBack:
        """The units go on working; only their next submission counts for timeliness."""
        claim = self._step("send_back_claim", claim_id, actor)
        claim.submitted_at = claim.submitted_on = None
        self._settle()
        return ClaimSentBack(**self._named(now), claim_id=claim_id, reason=reason)

    def verify_claim(self, claim_id: UUID, *, actor: Actor, now: datetime) -> ItemVerified | None:
        """Accept the work of one claim; the last one makes the whole item verified, which is told once."""
        claim = self._step("verify_claim", claim_id, actor)
        claim.verified_at, claim.percent = now, 100
        self._settle()
        return self._told_when_verified(now)

    def _told_when_verified(self, now: datetime) -> ItemVerified | None:
        if self.status is not ItemStatus.VERIFIED:
            return None
        self.verified_at = now
        self.finished_on = max(claim.submitted_on for claim in self.active_claims if claim.submitted_on)
        return ItemVerified(
            **self._named(now),
            beneficiaries=self.beneficiaries,
            doer_usccs=tuple(unit.uscc for unit in self.units),
            unit_names=self.unit_names,
        )

    def release_claim(self, claim_id: UUID, *, reason: str, actor: Actor, now: datetime) -> ClaimReleased:
        """Give the quantity back; others may claim it while the claim period lasts."""
        self._step("release_claim", claim_id, actor)
        self._settle()
        return ClaimReleased(**self._named(now), claim_id=claim_id, remaining=self.remaining, reason=reason)

    def _step(self, act: str, claim_id: UUID, actor: Actor) -> Claim:
        claim = self.get_claim(claim_id)
        claim.require(act, actor=actor, community_id=self.community_id)
        claim.move(act)
        return claim
