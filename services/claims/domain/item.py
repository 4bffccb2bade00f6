"""Items of the claim list (事项): the aggregate that claims, scores and commendation belong to."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.claims.domain.acts import ITEM_ACTS, Who
from services.claims.domain.commendation import (
    OBJECTION_WORKING_DAYS,
    WORTHY,
    Commendation,
    require_plain_praise,
)
from services.claims.domain.item_outcome import AnswerableItem
from services.claims.domain.scheme import (
    FIRST_SCHEME,
    Scheme,
    Scoring,
    assessed,
    require_scorer,
    take_scoring,
)
from services.claims.domain.score import PollResult, score
from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Forbidden, Invalid, Role, invalid_field
from services.contracts.claims.errors import (
    CommendationNotInForce,
    GradeTooLow,
    ItemBargainFixed,
    ItemNotInState,
    PartyStudyMissing,
    SampleInsufficient,
    ScoredByParts,
)
from services.contracts.claims.events import ItemCommended, ItemPublished, ItemRevised, ItemScored
from services.contracts.claims.terms import ItemStatus
from services.contracts.working_days import WorkCalendar

# What a person writes, and what of it may still change once somebody took the work on.
WRITTEN = (
    "title", "service_class", "category", "description", "beneficiaries", "quantity", "measure",
    "budget_fen", "supports", "place", "grid_code", "due_on",
)  # fmt: skip
OUTSIDE_THE_BARGAIN = ("description", "beneficiaries", "place", "grid_code", "due_on")


class Item(AnswerableItem):
    """From draft to commendation; what the units do in between is in `ClaimableItem`,
    what becomes of unclaimed items in `ExpirableItem`, what follows the score in `AnswerableItem`."""

    def rewrite(self, **fields: Any) -> bool:
        """Replace what a person wrote; only while nobody outside has seen it.

        Answers whether that changed anything; moving to another list alone does not.
        """
        if self.status is not ItemStatus.DRAFT:
            raise ItemNotInState(f"事项 {self.code} 现为「{self.status.label}」，不能修改内容。")
        is_changed = any(getattr(self, name) != fields[name] for name in fields.keys() - {"claim_list_id"})
        for name, value in fields.items():
            setattr(self, name, value)
        self.version += is_changed
        return is_changed

    @property
    def is_taken_on(self) -> bool:
        return bool(self.active_claims) or self.way is not None

    @property
    def revisable_fields(self) -> tuple[str, ...]:
        if self.status not in ITEM_ACTS["revise_item"].states:
            return ()
        return OUTSIDE_THE_BARGAIN if self.is_taken_on else WRITTEN

    def revise(
        self, changed: Mapping[str, Any], *, reason: str, actor: Actor, today: date, now: datetime
    ) -> ItemRevised | None:
        """Fields that differ -> their new values. Whoever took the work on keeps the bargain and never
        gets less time; others are told unless it is a draft.
        """
        actor.require_staff_of(self.community_id)
        self._require_state("revise_item")
        if not self._may_revise(actor):
            raise Forbidden("已发布的事项由社区书记/主任或市级管理员修订。")
        if not changed:
            raise Invalid(f"事项 {self.code} 没有改动任何内容。")
        is_draft = self.status is ItemStatus.DRAFT
        if not is_draft and not reason:
            raise invalid_field("reason", "已发布的事项须说明修订原因，对外公开。")
        if fixed := [name for name in changed if name not in self.revisable_fields]:
            raise self._bargain_fixed(fixed)
        self._require_sound_due_on(changed.get("due_on", self.due_on), today)
        for name, value in changed.items():
            setattr(self, name, value)
        self._settle()
        if is_draft:
            return None
        return ItemRevised(
            **self._named(now),
            changed=tuple(changed),
            quantity=self.quantity,
            measure=self.measure,
            due_on=self.due_on,
            reason=reason,
        )

    def _may_revise(self, actor: Actor) -> bool:
        return self.status is ItemStatus.DRAFT or actor.has_role(Role.COMMUNITY_MANAGER, Role.CITY_ADMIN)

    def _bargain_fixed(self, names: Sequence[str]) -> ItemBargainFixed:
        refusal = ItemBargainFixed(
            f"事项 {self.code} 已有单位承办，只能修订事项描述、受益人数、实施地点、网格编码，或延长办结期限。"
        )
        refusal.fields = {name: ["已有单位承办，不能再改。"] for name in names}
        return refusal

    def _require_sound_due_on(self, due_on: date, today: date) -> None:
        if due_on == self.due_on:
            return
        if self.is_taken_on and due_on < self.due_on:
            raise invalid_field("due_on", f"事项已有单位承办，办结期限不能早于原期限 {self.due_on}。")
        if self.is_taken_on and self.due_on < today:
            raise invalid_field("due_on", f"原期限 {self.due_on} 已过，不能再延期。")
        if self.claim_until_on is not None and due_on < self.claim_until_on:
            raise invalid_field("due_on", f"办结期限不能早于认领截止日期 {self.claim_until_on}。")

    def publish(
        self,
        *,
        party_study_on: date,
        claim_until_on: date,
        due_on: date | None = None,
        actor: Actor,
        today: date,
        now: datetime,
    ) -> ItemPublished:
        """Open the claim period, after the party organisation studied the item.

        What nobody claimed in time may be published again, with a later deadline if need be.
        """
        actor.require_staff_of(self.community_id)
        self._require_state("publish_item")
        if self.status is ItemStatus.PUBLISHED and not self.is_claim_period_over(today):
            raise ItemNotInState(
                f"事项 {self.code} 现为「{self.status.label}」，认领期至 {self.claim_until_on}，期满后才能重新发布。"
            )
        if party_study_on > today:
            raise PartyStudyMissing(f"事项 {self.code} 须先经社区党组织研究，研究日期不能晚于今天。")
        due_on = due_on or self.due_on
        if claim_until_on < today:
            raise invalid_field("claim_until_on", "认领截止日期不能早于今天。")
        if claim_until_on > due_on:
            raise invalid_field(
                "claim_until_on", f"认领截止日期不能晚于事项 {self.code} 的办结期限 {due_on}。"
            )
        self.due_on, self.party_study_on, self.claim_until_on = due_on, party_study_on, claim_until_on
        self.published_at, self.expired_at = now, None
        self._settle()
        return ItemPublished(
            **self._named(now),
            service_class=self.service_class,
            category=self.category,
            quantity=self.quantity,
            measure=self.measure,
            due_on=self.due_on,
            claim_until_on=claim_until_on,
        )

    def assess(
        self,
        *,
        assessment: Decimal,
        comment: str,
        actor: Actor,
        scheme: Scheme = FIRST_SCHEME,
        now: datetime,
    ) -> ItemScored | None:
        """The assessment (考核) as one number; with the poll's result already there, the item is scored."""
        actor.require_staff_of(self.community_id)
        self._require_state("assess_item")
        if scheme.is_by_parts:
            raise ScoredByParts(f"按{scheme.words}，事项须由各评分方按评分项评分。")
        self.assessment, self.assessment_comment = assessment, comment
        return self._score_when_complete(scheme, now)

    def add_scoring(
        self, scoring: Scoring, *, actor: Actor, scheme: Scheme, now: datetime
    ) -> ItemScored | None:
        """One party's points; a party may correct its own until the last part and the poll are there."""
        require_scorer(actor, scoring.scorer, self.community_id)
        self._require_state("score_item")
        take_scoring(self.scorings, scoring, scheme.rule_of(scoring.scorer))
        if result := assessed(scheme, self.scorings):
            self.assessment = result[0]
        self.assessment_comment = scoring.comment or self.assessment_comment
        return self._score_when_complete(scheme, now)

    def hear_poll(
        self, poll: PollResult, *, scheme: Scheme = FIRST_SCHEME, now: datetime
    ) -> ItemScored | None:
        """The poll's result (民意测验); with the assessment already there, the item is scored."""
        if self.status is not ItemStatus.VERIFIED or self.poll is not None:
            raise ItemNotInState(f"事项 {self.code} 现为「{self.status.label}」，不再接受民意测验结果。")
        self.poll = poll
        return self._score_when_complete(scheme, now)

    def _score_when_complete(self, scheme: Scheme, now: datetime) -> ItemScored | None:
        if self.assessment is None or self.poll is None or self.finished_on is None:
            self._settle()
            return None
        result = score(
            assessment=self.assessment,
            poll=self.poll,
            finished_on=self.finished_on,
            due_on=self.due_on,
            rules=scheme.rules,
            assessed_by=how[1] if (how := assessed(scheme, self.scorings)) else (),
        )
        self.timeliness, self.score_total, self.score_grade = result.timeliness, result.total, result.grade
        self.score_explanation = result.explanation
        self._settle()
        return ItemScored(
            **self._named(now),
            assessment=result.assessment,
            poll=result.poll,
            timeliness=result.timeliness,
            total=result.total,
            grade=result.grade,
            is_sample_sufficient=self.poll.is_sample_sufficient,
            unit_names=self.unit_names,
        )

    @property
    def _has_sufficient_sample(self) -> bool:
        return self.poll is not None and self.poll.is_sample_sufficient

    def commend(
        self,
        *,
        commendation_id: UUID,
        reason: str,
        calendar: WorkCalendar,
        actor: Actor,
        today: date,
        now: datetime,
    ) -> ItemCommended:
        """Praise in public (通报表扬); only good work, and only on a poll that enough people answered."""
        actor.require_staff_of(self.community_id)
        self._require_state("commend_item")
        if self.score_total is None or self.score_grade is None or self.score_grade not in WORTHY:
            label = self.score_grade.label if self.score_grade else "无"
            raise GradeTooLow(f"事项 {self.code} 的等级为「{label}」，良好以上才能通报表扬。")
        if self.commendation is not None:
            raise CommendationNotInForce(f"事项 {self.code} 的通报表扬已撤销，不能再次表扬。")
        if not self._has_sufficient_sample:
            raise SampleInsufficient(f"事项 {self.code} 的民意测验样本不足，不能据此通报表扬。")
        require_plain_praise(reason)
        self.commendation = Commendation(
            commendation_id=commendation_id,
            reason=reason,
            commended_at=now,
            objection_until_on=calendar.end_of_period(today, working_days=OBJECTION_WORKING_DAYS),
        )
        self._settle()
        return ItemCommended(
            **self._named(now),
            commendation_id=commendation_id,
            unit_names=self.unit_names,
            total=self.score_total,
            reason=reason,
            objection_until_on=self.commendation.objection_until_on,
        )

    def may_be_seen_by(self, actor: Actor) -> bool:
        """Drafts are for the staff of their community; everything published is public."""
        return self.status is not ItemStatus.DRAFT or (actor.is_staff and actor.reaches(self.community_id))

    def possible_acts(
        self, *, actor: Actor, unit: Unit | None, today: date, scheme: Scheme = FIRST_SCHEME
    ) -> list[str]:
        """Acts that would not be refused to this actor now; `unit` is the one a liaison acts for."""
        other_way = "assess_item" if scheme.is_by_parts else "score_item"
        return [
            name
            for name in ITEM_ACTS
            if name != other_way and self._is_open_to(name, actor, unit) and self._is_ready(name, today)
        ]

    def _is_open_to(self, act: str, actor: Actor, unit: Unit | None) -> bool:
        if actor.is_staff and actor.reaches(self.community_id):
            return act != "revise_item" or self._may_revise(actor)
        who = ITEM_ACTS[act].who
        if who is Who.STAFF_OR_SUPERVISOR:
            return actor.has_role(Role.SUPERVISOR) and actor.reaches(self.community_id)
        if who is Who.STAFF_OR_DOER:
            return actor.has_role(Role.UNIT_LIAISON) and unit in self.units
        return (
            who is Who.STAFF_OR_SERVING_UNIT
            and actor.has_role(Role.UNIT_LIAISON)
            and unit is not None
            and unit.unit_id == actor.unit_id
            and unit.is_member
            and unit.serves(self.community_id)
        )

    def _is_ready(self, act: str, today: date) -> bool:
        if self.status not in ITEM_ACTS[act].states:
            return False
        match act:
            case "publish_item":
                is_shut = self.status in (ItemStatus.DRAFT, ItemStatus.EXPIRED)
                return is_shut or self.is_claim_period_over(today)
            case "claim_item":
                return not self.is_claim_period_over(today)
            case "close_item_short" | "fund_item" | "plan_purchase" | "withdraw_item":
                return self._is_expiry_act_ready(act)
            case "commend_item":
                is_new = self.commendation is None
                return is_new and self.score_grade in WORTHY and self._has_sufficient_sample
            case _:
                return self._is_outcome_ready(act, today)


def objections(*, due_on: date, grid_code: str, community_code: str, today: date) -> dict[str, str]:
    """What is wrong with a new or changed draft: field -> sentence. Shapes have checked the rest."""
    wrong = {}
    if due_on < today:
        wrong["due_on"] = "办结期限不能早于今天。"
    if grid_code and not grid_code.startswith(community_code):
        wrong["grid_code"] = f"前 12 位应为所在社区的代码 {community_code}。"
    return wrong


def require_sound(wrong: dict[str, str]) -> None:
    if wrong:
        refusal = Invalid("".join(wrong.values()))
        refusal.fields = {name: [sentence] for name, sentence in wrong.items()}
        raise refusal
