"""A unit's result of a period: scored, frozen, put up for objections, commended, told to the unit's parent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.claims.domain.commendation import (
    OBJECTION_WORKING_DAYS,
    WORTHY,
    Commendation,
    require_plain_praise,
)
from services.claims.domain.objection import Objection
from services.claims.domain.period import AssessedItem, AssessmentPeriod, period_result
from services.claims.domain.scheme import Scheme, Scoring, missing_scorers, require_scorer, take_scoring
from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Role, VersionMismatch
from services.contracts.claims.errors import (
    CommendationNotInForce,
    GradeTooLow,
    ObjectionNotFound,
    ObjectionPeriodOver,
    ResultInNotice,
    ResultNotInState,
    SampleInsufficient,
    ScoringIncomplete,
)
from services.contracts.claims.events import UnitCommendationRevoked, UnitCommended, UnitScored
from services.contracts.claims.scheme_terms import ResultStatus, ScorerKind
from services.contracts.claims.terms import ScoreGrade
from services.contracts.working_days import WorkCalendar

OPEN, FROZEN, REVIEW, COMMENDED = ResultStatus
# A result that an upheld objection reopened is settled anew within so many working days. Our own choice.
REVIEW_WORKING_DAYS = 10
RESULT_ACTS: dict[str, tuple[str, frozenset[ResultStatus]]] = {
    "score_unit": ("评分", frozenset({OPEN, REVIEW})),
    "settle_unit_assessment": ("复核定分", frozenset({REVIEW})),
    "object_to_result": ("提出异议", frozenset({FROZEN, COMMENDED})),
    "answer_result_objection": ("答复异议", frozenset({FROZEN, REVIEW, COMMENDED})),
    "commend_unit": ("通报表扬", frozenset({FROZEN})),
    "revoke_unit_commendation": ("撤销表扬", frozenset({COMMENDED})),
    "record_feedback": ("反馈上级", frozenset({FROZEN, COMMENDED})),
}


@dataclass(eq=False, kw_only=True)
class UnitAssessment:
    """What `items` and `explanation` say is what was so when the result was settled."""

    assessment_id: UUID
    period_id: UUID
    community_id: UUID
    unit_id: UUID
    period: AssessmentPeriod
    unit: Unit
    status: ResultStatus = ResultStatus.OPEN
    items: list[AssessedItem] = field(default_factory=list)
    scorings: list[Scoring] = field(default_factory=list)
    items_score: Decimal | None = None
    periodic_score: Decimal | None = None
    total: Decimal | None = None
    grade: ScoreGrade | None = None
    is_sufficient: bool = False
    explanation: list[str] = field(default_factory=list)
    notice_until_on: date | None = None
    objections: list[Objection] = field(default_factory=list)
    commendation: Commendation | None = None
    feedback_to: str = ""
    feedback_on: date | None = None
    version: int = 1

    @property
    def record_id(self) -> UUID:
        return self.assessment_id

    @property
    def is_settled(self) -> bool:
        return self.status in (ResultStatus.FROZEN, ResultStatus.COMMENDED)

    @property
    def objection_until_on(self) -> date | None:
        """The last day of the notice that runs: of the result, or of the commendation that followed it."""
        if self.status is ResultStatus.COMMENDED and self.commendation is not None:
            return self.commendation.objection_until_on
        return self.notice_until_on

    def is_in_notice(self, today: date) -> bool:
        until = self.objection_until_on
        return self.is_settled and self.total is not None and until is not None and today <= until

    def may_be_seen_by(self, actor: Actor) -> bool:
        """A settled result is public; one in the making is for staff, supervisors and the unit itself."""
        if self.is_settled:
            return True
        watches = (actor.is_staff or actor.has_role(Role.SUPERVISOR)) and actor.reaches(self.community_id)
        return watches or self._is_of(actor)

    def add_scoring(self, scoring: Scoring, *, actor: Actor, scheme: Scheme) -> None:
        require_scorer(actor, scoring.scorer, self.community_id)
        self._require_state("score_unit")
        take_scoring(self.scorings, scoring, scheme.rule_of(scoring.scorer))
        self.version += 1

    def missing(self, items: Sequence[AssessedItem], scheme: Scheme) -> list[ScorerKind]:
        """Whose points have to come before the result is settled: all parties', if one spoke or there is work."""
        if scheme.periodic_weight == 0 or not (items or self.scorings):
            return []
        return missing_scorers(scheme, self.scorings)

    def freeze(
        self,
        items: Sequence[AssessedItem],
        *,
        scheme: Scheme,
        calendar: WorkCalendar,
        today: date,
        now: datetime,
    ) -> UnitScored | None:
        """Settle it for good, with its lines; None when there was nothing to assess."""
        if missing := self.missing(items, scheme):
            parties = "、".join(one.label for one in missing)
            raise ScoringIncomplete(f"「{self.unit.unit_name}」还缺{parties}的评分。")
        result = period_result(items, self.scorings, scheme)
        self.items[:] = items
        self.items_score, self.periodic_score = result.items_score, result.periodic_score
        self.total, self.grade = result.total, result.grade
        self.is_sufficient, self.explanation = result.is_sufficient, result.explanation
        self.status = ResultStatus.FROZEN
        self.version += 1
        if result.total is None or result.grade is None:
            return None
        self.notice_until_on = calendar.end_of_period(today, working_days=OBJECTION_WORKING_DAYS)
        return UnitScored(
            **self._named(now),
            total=result.total,
            grade=result.grade,
            is_sample_sufficient=result.is_sufficient,
            notice_until_on=self.notice_until_on,
        )

    def settle(
        self,
        items: Sequence[AssessedItem],
        *,
        scheme: Scheme,
        calendar: WorkCalendar,
        actor: Actor,
        today: date,
        now: datetime,
    ) -> UnitScored | None:
        """After an upheld objection, when those who score have looked again; a new notice begins."""
        actor.require_staff_of(self.community_id)
        self._require_state("settle_unit_assessment")
        return self.freeze(items, scheme=scheme, calendar=calendar, today=today, now=now)

    def object(self, *, objection_id: UUID, content: str, actor: Actor, today: date, now: datetime) -> None:
        """By the unit itself, by supervisors, and by staff for whoever came to them."""
        supervises = actor.has_role(Role.SUPERVISOR) and actor.reaches(self.community_id)
        if not (supervises or self._is_of(actor)):
            actor.require_staff_of(self.community_id)
        self._require_state("object_to_result")
        if not self.is_in_notice(today):
            until = f"已于 {self.objection_until_on} 结束" if self.objection_until_on else "没有开始"
            raise ObjectionPeriodOver(f"公示期{until}，不受理异议。")
        self.objections.append(Objection(objection_id=objection_id, content=content, raised_at=now))
        self.version += 1

    def answer(
        self, objection_id: UUID, *, is_upheld: bool, answer: str, actor: Actor, now: datetime
    ) -> UnitCommendationRevoked | None:
        """An objection that is upheld takes the commendation with it, and the result is looked at again."""
        actor.require_staff_of(self.community_id)
        self._require_state("answer_result_objection")
        found = next((one for one in self.objections if one.objection_id == objection_id), None)
        if found is None:
            raise ObjectionNotFound("没有这条异议。")
        found.settle(is_upheld=is_upheld, answer=answer, now=now)
        self.version += 1
        if not is_upheld:
            return None
        revoked = None
        if self.commendation is not None and not self.commendation.is_revoked:
            revoked = self._revoke(reason=answer, now=now)
        self.status = ResultStatus.REVIEW
        return revoked

    def commend(
        self,
        *,
        commendation_id: UUID,
        reason: str,
        calendar: WorkCalendar,
        actor: Actor,
        today: date,
        now: datetime,
    ) -> UnitCommended:
        """In words only, for good work, on enough opinions, after a notice without open objections."""
        actor.require_staff_of(self.community_id)
        self._require_state("commend_unit")
        if self.total is None or self.grade not in WORTHY:
            label = self.grade.label if self.grade else "无"
            raise GradeTooLow(f"本期等级为「{label}」，良好以上才能通报表扬。")
        if not self.is_sufficient:
            raise SampleInsufficient("本期样本不足，不能据此通报表扬。")
        if self.commendation is not None:
            raise CommendationNotInForce("本期的通报表扬已撤销，不能再次表扬。")
        self._require_undisputed(today)
        require_plain_praise(reason)
        until = calendar.end_of_period(today, working_days=OBJECTION_WORKING_DAYS)
        self.commendation = Commendation(
            commendation_id=commendation_id, reason=reason, commended_at=now, objection_until_on=until
        )
        self.status = ResultStatus.COMMENDED
        self.version += 1
        return UnitCommended(
            **self._named(now),
            commendation_id=commendation_id,
            total=self.total,
            reason=reason,
            objection_until_on=until,
        )

    def revoke(self, *, reason: str, actor: Actor, now: datetime) -> UnitCommendationRevoked:
        """Taken back in public, with its reason; the result stays."""
        actor.require_staff_of(self.community_id)
        self._require_state("revoke_unit_commendation")
        self.version += 1
        return self._revoke(reason=reason, now=now)

    def tell_parent(self, *, recipient: str, actor: Actor, today: date) -> None:
        """The letter to the unit's superior, once nobody can object any more."""
        actor.require_staff_of(self.community_id)
        self._require_state("record_feedback")
        self._require_undisputed(today)
        self.feedback_to, self.feedback_on = recipient, today
        self.version += 1

    def possible_acts(self, *, actor: Actor, today: date) -> list[str]:
        if actor.is_staff and actor.reaches(self.community_id):
            open_to = set(RESULT_ACTS)
        elif (actor.has_role(Role.SUPERVISOR) and actor.reaches(self.community_id)) or self._is_of(actor):
            open_to = {"object_to_result"}
        else:
            open_to = set()
        return [
            name
            for name, (_, states) in RESULT_ACTS.items()
            if name in open_to and self.status in states and self._is_ready(name, today)
        ]

    def _is_ready(self, act: str, today: date) -> bool:
        is_undisputed = not self.is_in_notice(today) and not self._has_open_objections
        match act:
            case "object_to_result":
                return self.is_in_notice(today)
            case "answer_result_objection":
                return self._has_open_objections
            case "commend_unit":
                is_worthy = self.grade in WORTHY and self.is_sufficient and self.commendation is None
                return is_worthy and is_undisputed
            case "record_feedback":
                return self.total is not None and is_undisputed
            case _:
                return True

    @property
    def _has_open_objections(self) -> bool:
        return any(one.answered_at is None for one in self.objections)

    def _require_undisputed(self, today: date) -> None:
        if self.total is None:
            raise ResultNotInState("本期没有评定，不能进行此操作。")
        if self.is_in_notice(today):
            raise ResultInNotice(f"公示期至 {self.objection_until_on}，期满后才能进行此操作。")
        if self._has_open_objections:
            raise ResultInNotice("还有异议没有答复。")

    def _is_of(self, actor: Actor) -> bool:
        return actor.has_role(Role.UNIT_LIAISON) and actor.unit_id == self.unit_id

    def _revoke(self, *, reason: str, now: datetime) -> UnitCommendationRevoked:
        assert self.commendation is not None
        self.commendation.revoke(reason=reason, now=now)
        self.status = ResultStatus.FROZEN
        return UnitCommendationRevoked(
            **self._named(now), commendation_id=self.commendation.commendation_id, reason=reason
        )

    def _require_state(self, act: str) -> None:
        label, states = RESULT_ACTS[act]
        if self.status not in states:
            raise ResultNotInState(f"本期结果现为「{self.status.label}」，不能{label}。")

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("这份考核结果已有变化，请刷新后再操作。")

    def facts(self) -> dict[str, str]:
        return {
            "状态": self.status.label,
            "总分": "" if self.total is None else f"{self.total:.2f}",
            "等级": self.grade.label if self.grade else "",
            **{f"{one.scorer.label}评分": f"{one.total:.2f}" for one in self.scorings},
            "公示至": str(self.objection_until_on or ""),
            "反馈": self.feedback_to,
        }

    def _named(self, now: datetime) -> dict[str, Any]:
        """What every event of a result says about it."""
        return {
            "assessment_id": self.assessment_id,
            "community_id": self.community_id,
            "unit_id": self.unit_id,
            "unit_name": self.unit.unit_name,
            "period": self.period.label,
            "occurred_at": now,
        }
