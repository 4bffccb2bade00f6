"""Claims (认领): who took on how much of an item, and how far they have come."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.claims.domain.acts import CLAIM_ACTS, Who
from services.claims.domain.evidence import MOST_OF_A_CLAIM, Evidence
from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Forbidden, Role, invalid_field
from services.contracts.claims.errors import ClaimNotInState, EvidenceFull, EvidenceNotFound
from services.contracts.claims.terms import ClaimKind, ClaimStatus

DONE = frozenset({ClaimStatus.SUBMITTED, ClaimStatus.VERIFIED})
BEGUN = DONE | {ClaimStatus.IN_PROGRESS}


@dataclass(eq=False, kw_only=True)
class Party:
    """One unit in a claim; the lead (主认领) stands at position 0, those who support (协同) after it."""

    unit: Unit
    position: int


@dataclass(eq=False, kw_only=True)
class Milestone:
    milestone_id: UUID
    milestone_title: str
    percent: int
    note: str
    reported_at: datetime


@dataclass(eq=False, kw_only=True)
class Claim:
    """Part of its item: only the item's acts change it, under the item's lock."""

    claim_id: UUID
    kind: ClaimKind
    quantity: int
    parties: list[Party]
    claimed_at: datetime
    status: ClaimStatus = ClaimStatus.CLAIMED
    percent: int = 0
    note: str = ""
    agreement: str = ""
    summary: str = ""
    submitted_at: datetime | None = None
    submitted_on: date | None = None
    verified_at: datetime | None = None
    milestones: list[Milestone] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def units(self) -> list[Unit]:
        return [party.unit for party in self.parties]

    @property
    def lead(self) -> Unit:
        return self.parties[0].unit

    @property
    def unit_names(self) -> tuple[str, ...]:
        return tuple(unit.unit_name for unit in self.units)

    @property
    def is_active(self) -> bool:
        return self.status is not ClaimStatus.RELEASED

    @property
    def is_begun(self) -> bool:
        return self.status in BEGUN

    @property
    def is_done(self) -> bool:
        """Handed in: nothing more is expected of the units unless it is sent back."""
        return self.status in DONE

    @property
    def is_verified(self) -> bool:
        return self.status is ClaimStatus.VERIFIED

    def require(self, act: str, *, actor: Actor, community_id: UUID) -> None:
        """Refuse unless this actor may do this act on this claim."""
        if not self.is_open_to(act, actor=actor, community_id=community_id):
            if actor.has_role(Role.UNIT_LIAISON) and CLAIM_ACTS[act].who is not Who.STAFF:
                raise Forbidden(f"这项认领由「{self.lead.unit_name}」承担，您不是该单位的联络员。")
            actor.require_staff_of(community_id)

    def is_open_to(self, act: str, *, actor: Actor, community_id: UUID) -> bool:
        if actor.is_staff and actor.reaches(community_id):
            return True
        if not actor.has_role(Role.UNIT_LIAISON) or actor.unit_id is None:
            return False
        match CLAIM_ACTS[act].who:
            case Who.STAFF_OR_LEAD:
                return actor.unit_id == self.lead.unit_id
            case Who.STAFF_OR_ANY_PARTY:
                return any(actor.unit_id == unit.unit_id for unit in self.units)
            case _:
                return False

    def seen_evidence(self, *, actor: Actor, community_id: UUID) -> list[Evidence]:
        """The units at work, staff and supervisors of the community see all of it; others what was made public."""
        is_party = actor.has_role(Role.UNIT_LIAISON) and actor.unit_id in {one.unit_id for one in self.units}
        sees_all = is_party or (not actor.is_anonymous and actor.reaches(community_id))
        return [one for one in self.evidence if one.is_public or sees_all]

    def get_evidence(self, evidence_id: UUID) -> Evidence:
        for one in self.evidence:
            if one.evidence_id == evidence_id:
                return one
        raise EvidenceNotFound("没有这份佐证材料。")

    def add_evidence(self, evidence: Evidence) -> None:
        if len(self.evidence) >= MOST_OF_A_CLAIM:
            raise EvidenceFull(f"每项认领最多 {MOST_OF_A_CLAIM} 份佐证材料，请先撤下不需要的。")
        if evidence.milestone_id and evidence.milestone_id not in {
            milestone.milestone_id for milestone in self.milestones
        }:
            raise invalid_field("milestone_id", "这项认领没有这条进展。")
        self.evidence.append(evidence)

    def possible_acts(self, *, actor: Actor, community_id: UUID) -> list[str]:
        return [
            name
            for name, act in CLAIM_ACTS.items()
            if self.status in act.states and self.is_open_to(name, actor=actor, community_id=community_id)
        ]

    def move(self, act: str) -> None:
        """Take the step the table of acts allows, or refuse it naming the present state."""
        step = CLAIM_ACTS[act]
        if self.status not in step.states:
            raise ClaimNotInState(f"这项认领现为「{self.status.label}」，不能{step.label}。")
        self.status = step.leads_to or self.status

    def reach(self, percent: int) -> None:
        """Progress is never taken back; work undone is reported in words."""
        if percent < self.percent:
            raise invalid_field("percent", f"进度不能倒退：上次报告为 {self.percent}%。")
        self.percent = percent
