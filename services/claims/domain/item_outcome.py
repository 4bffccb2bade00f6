"""What follows a score: objections to a commendation, its revocation, and rectification of bad work."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.claims.domain import rectification as rectifying
from services.claims.domain.item_expiry import ExpirableItem
from services.claims.domain.objection import Objection
from services.claims.domain.rectification import Rectification
from services.contracts.base import Actor, Forbidden, Role
from services.contracts.claims.errors import (
    ItemNotInState,
    ObjectionNotFound,
    ObjectionPeriodOver,
    RectificationNotInState,
)
from services.contracts.claims.events import (
    CommendationObjected,
    CommendationRevoked,
    ObjectionSettled,
    RectificationClosed,
    RectificationOpened,
    RectificationReported,
)
from services.contracts.claims.terms import ItemStatus, RectificationStatus
from services.contracts.working_days import WorkCalendar


@dataclass(eq=False, kw_only=True)
class AnswerableItem(ExpirableItem):
    """An item whose result can be objected to, taken back and put right."""

    objections: list[Objection] = field(default_factory=list)
    rectification: Rectification | None = None

    def raise_objection(
        self, *, objection_id: UUID, content: str, actor: Actor, today: date, now: datetime
    ) -> CommendationObjected:
        """Within the notice period; supervisors in their own name, staff for whoever came to them."""
        if not (actor.has_role(Role.SUPERVISOR) and actor.reaches(self.community_id)):
            actor.require_staff_of(self.community_id)
        self._require_state("raise_objection")
        assert self.commendation is not None
        until = self.commendation.objection_until_on
        if today > until:
            raise ObjectionPeriodOver(f"公示期已于 {until} 结束，不再受理异议。")
        self.objections.append(Objection(objection_id=objection_id, content=content, raised_at=now))
        self._settle()
        return CommendationObjected(**self._named(now), objection_id=objection_id)

    def answer_objection(
        self, objection_id: UUID, *, is_upheld: bool, answer: str, actor: Actor, now: datetime
    ) -> ObjectionSettled:
        """Also after the notice period; an objection that is upheld takes the commendation with it."""
        actor.require_staff_of(self.community_id)
        self._require_state("answer_objection")
        found = next((one for one in self.objections if one.objection_id == objection_id), None)
        if found is None:
            raise ObjectionNotFound("没有这条异议。")
        found.settle(is_upheld=is_upheld, answer=answer, now=now)
        self._settle()
        return ObjectionSettled(**self._named(now), objection_id=objection_id, is_upheld=is_upheld)

    def revoke_commendation(self, *, reason: str, actor: Actor, now: datetime) -> CommendationRevoked:
        """Taken back in public, with its reason; the item keeps its score."""
        actor.require_staff_of(self.community_id)
        self._require_state("revoke_commendation")
        assert self.commendation is not None
        self.commendation.revoke(reason=reason, now=now)
        self._settle()
        return CommendationRevoked(
            **self._named(now),
            commendation_id=self.commendation.commendation_id,
            unit_names=self.unit_names,
            reason=reason,
        )

    def open_rectification(
        self, *, rectification_id: UUID, calendar: WorkCalendar, today: date, now: datetime
    ) -> RectificationOpened | None:
        """Once, when the score asks for it."""
        if self.score_grade is None or self.poll is None or self.rectification is not None:
            return None
        if not rectifying.is_needed(self.score_grade, self.poll):
            return None
        due_on = calendar.end_of_period(today, working_days=rectifying.WORKING_DAYS)
        self.rectification = Rectification(rectification_id=rectification_id, opened_at=now, due_on=due_on)
        self._settle()
        return RectificationOpened(
            **self._named(now),
            rectification_id=rectification_id,
            due_on=due_on,
            unit_names=self.unit_names,
        )

    def report_rectification(self, *, report: str, actor: Actor, now: datetime) -> RectificationReported:
        """By a unit that did the work, or by staff for it."""
        is_doer = actor.unit_id is not None and actor.unit_id in {unit.unit_id for unit in self.units}
        if not (actor.has_role(Role.UNIT_LIAISON) and is_doer):
            if actor.has_role(Role.UNIT_LIAISON) and not actor.is_staff:
                raise Forbidden("只有承办单位可以提交整改报告。")
            actor.require_staff_of(self.community_id)
        found = self._open_rectification("提交整改报告")
        found.submit(report=report, now=now)
        self._settle()
        return RectificationReported(**self._named(now), rectification_id=found.rectification_id)

    def check_rectification(
        self,
        *,
        is_passed: bool,
        call_back: str,
        calendar: WorkCalendar,
        actor: Actor,
        today: date,
        now: datetime,
    ) -> RectificationClosed | None:
        """After the call-back; None when it failed and begins again."""
        actor.require_staff_of(self.community_id)
        found = self._open_rectification("回访核查")
        again_until = calendar.end_of_period(today, working_days=rectifying.WORKING_DAYS)
        found.check(is_passed=is_passed, call_back=call_back, due_on=again_until, now=now)
        self._settle()
        if not is_passed:
            return None
        return RectificationClosed(
            **self._named(now), rectification_id=found.rectification_id, rounds=found.rounds
        )

    def _open_rectification(self, act: str) -> Rectification:
        if self.status is not ItemStatus.SCORED:
            raise ItemNotInState(f"事项 {self.code} 现为「{self.status.label}」，不能{act}。")
        if self.rectification is None:
            raise RectificationNotInState(f"事项 {self.code} 没有需要整改的问题，不能{act}。")
        return self.rectification

    def _is_outcome_ready(self, act: str, today: date) -> bool:
        """Whether an act on the outcome would fit what there is."""
        status = self.rectification.status if self.rectification else None
        match act:
            case "raise_objection":
                return self.commendation is not None and today <= self.commendation.objection_until_on
            case "answer_objection":
                return any(one.answered_at is None for one in self.objections)
            case "report_rectification":
                return status is RectificationStatus.OPEN
            case "check_rectification":
                return status is RectificationStatus.REPORTED
            case _:
                return True
