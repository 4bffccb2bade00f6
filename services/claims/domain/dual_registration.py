"""Dual registration (双报到): organisations and members in service report to a community and serve there."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Forbidden, Role, VersionMismatch, invalid_field
from services.contracts.claims.dual_registration_terms import (
    EvaluationGrade,
    RegistrationKind,
    RegistrationStatus,
)
from services.contracts.claims.errors import (
    AlreadyEvaluated,
    DualRegistrationNotFound,
    DualRegistrationNotInState,
    DualServiceNotFound,
    DualServiceWithdrawn,
    TaskClosed,
)
from services.contracts.claims.events import DualRegistrationOpened, MemberEvaluated, UnitEvaluated
from services.contracts.claims.volunteer_terms import Skill

ERASED_NAME = "已清除"


@dataclass(frozen=True, kw_only=True)
class RegistrationAct:
    label: str
    states: frozenset[RegistrationStatus]
    leads_to: RegistrationStatus | None = None


_REPORTED = frozenset({RegistrationStatus.REPORTED})
REGISTRATION_ACTS: dict[str, RegistrationAct] = {
    "record_dual_service": RegistrationAct(label="登记服务", states=_REPORTED),
    # What was written down wrongly is put right also afterwards, and who left in a year is evaluated for it.
    "withdraw_dual_service": RegistrationAct(label="撤销服务记录", states=frozenset(RegistrationStatus)),
    "evaluate_dual_registration": RegistrationAct(label="评议", states=frozenset(RegistrationStatus)),
    "end_dual_registration": RegistrationAct(
        label="转出", states=_REPORTED, leads_to=RegistrationStatus.ENDED
    ),
}


@dataclass(eq=False, kw_only=True)
class DualService:
    """One service; `minutes` of each of the `people`. Withdrawn ones stay, and count no more."""

    service_id: UUID
    task_id: UUID | None = None
    item_id: UUID | None = None
    shift_id: UUID | None = None
    title: str
    served_on: date
    minutes: int
    people: int = 1
    withdrawn_reason: str = ""

    @property
    def stands(self) -> bool:
        return not self.withdrawn_reason


@dataclass(eq=False, kw_only=True)
class Evaluation:
    year: int
    grade: EvaluationGrade
    comment: str
    evaluated_at: datetime


@dataclass(eq=False, kw_only=True)
class DualRegistration:
    """`member_name` is empty for organisations; it is stored sealed and shown masked."""

    registration_id: UUID
    number: int
    code: str
    community_id: UUID
    unit_id: UUID
    unit_name: str
    kind: RegistrationKind
    organisation_title: str
    headcount: int = 0
    member_name: str = ""
    skills: list[Skill] = field(default_factory=list)
    reported_on: date
    status: RegistrationStatus = RegistrationStatus.REPORTED
    ended_on: date | None = None
    end_reason: str = ""
    services: list[DualService] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    version: int = 1

    @classmethod
    def open(
        cls, *, unit: Unit, actor: Actor, today: date, now: datetime, **fields: Any
    ) -> tuple["DualRegistration", DualRegistrationOpened]:
        """An organisation has members and no name of a person; a member has a name."""
        actor.require_staff_of(fields["community_id"])
        if fields["reported_on"] > today:
            raise invalid_field("reported_on", "报到日期不能晚于今天。")
        is_member = fields["kind"] is RegistrationKind.MEMBER
        if is_member and not fields["member_name"].strip():
            raise invalid_field("member_name", "在职党员报到应填写姓名。")
        if not is_member and fields["member_name"].strip():
            raise invalid_field("member_name", "单位党组织报到不填写个人姓名。")
        if not is_member:
            unit.require_member()
        made = cls(
            **fields | {"member_name": fields["member_name"].strip()},
            unit_id=unit.unit_id,
            unit_name=unit.unit_name,
        )
        return made, DualRegistrationOpened(**made._named(now), kind=made.kind)

    def record_service(self, service: DualService, *, actor: Actor, today: date) -> None:
        self._require("record_dual_service", actor)
        if not self.reported_on <= service.served_on <= today:
            raise invalid_field("served_on", f"服务日期应在报到日期 {self.reported_on} 之后，且不晚于今天。")
        if self.kind is RegistrationKind.MEMBER and service.people != 1:
            raise invalid_field("people", "个人的服务记录人数为 1。")
        if not service.title:
            raise invalid_field("title", "请写明做了什么，或选择任务、事项、班次。")
        self.services.append(service)
        self.version += 1

    def withdraw_service(self, service_id: UUID, *, reason: str, actor: Actor) -> DualService:
        self._require("withdraw_dual_service", actor)
        service = next((one for one in self.services if one.service_id == service_id), None)
        if service is None:
            raise DualServiceNotFound("没有这条服务记录。")
        if not service.stands:
            raise DualServiceWithdrawn("这条服务记录已经撤销。")
        service.withdrawn_reason = reason
        self.version += 1
        return service

    def evaluate(
        self, evaluation: Evaluation, *, actor: Actor, today: date
    ) -> UnitEvaluated | MemberEvaluated:
        """Once a year, for a year in which it was here at least for a day."""
        self._require("evaluate_dual_registration", actor)
        last = self.ended_on.year if self.ended_on else today.year
        if not self.reported_on.year <= evaluation.year <= last:
            raise invalid_field("year", f"可以评议 {self.reported_on.year} 至 {last} 年度。")
        if any(one.year == evaluation.year for one in self.evaluations):
            raise AlreadyEvaluated(f"{self.code} 的 {evaluation.year} 年度已经评议。")
        self.evaluations.append(evaluation)
        self.version += 1
        named = self._named(evaluation.evaluated_at)
        if self.kind is RegistrationKind.MEMBER:
            return MemberEvaluated(**named, year=evaluation.year)
        return UnitEvaluated(**named, year=evaluation.year, grade=evaluation.grade)

    def end(self, *, reason: str, is_anonymised: bool, actor: Actor, today: date) -> None:
        """What was done stays; the name goes when the member wishes so."""
        self._require("end_dual_registration", actor)
        self.status, self.ended_on, self.end_reason = RegistrationStatus.ENDED, today, reason
        if is_anonymised and self.member_name:
            self.member_name = ERASED_NAME
        self.version += 1

    @property
    def minutes(self) -> int:
        """Minutes times people of all services that stand."""
        return sum(one.minutes * one.people for one in self.services if one.stands)

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该报到登记已被他人修改，请刷新后再操作。")

    def may_be_seen_by(self, actor: Actor) -> bool:
        """The community that was reported to, and the unit for its own part."""
        is_own = actor.has_role(Role.UNIT_LIAISON) and actor.unit_id == self.unit_id
        return is_own or (actor.is_staff and actor.reaches(self.community_id))

    def require_seen_by(self, actor: Actor) -> None:
        if not self.may_be_seen_by(actor):
            raise DualRegistrationNotFound("没有这条报到登记。")

    def possible_acts(self, actor: Actor) -> list[str]:
        if not (actor.is_staff and actor.reaches(self.community_id)):
            return []
        return [name for name, act in REGISTRATION_ACTS.items() if self.status in act.states]

    def facts(self) -> dict[str, str]:
        """Without the name of a person."""
        return {
            "状态": self.status.label,
            "服务分钟数": str(self.minutes),
            "评议": "、".join(f"{one.year} {one.grade.label}" for one in self.evaluations),
        }

    def _require(self, act: str, actor: Actor) -> None:
        actor.require_staff_of(self.community_id)
        rule = REGISTRATION_ACTS[act]
        if self.status not in rule.states:
            raise DualRegistrationNotInState(f"{self.code} 现为「{self.status.label}」，不能{rule.label}。")

    def _named(self, now: datetime) -> dict[str, Any]:
        return {
            "registration_id": self.registration_id,
            "community_id": self.community_id,
            "unit_id": self.unit_id,
            "unit_name": self.unit_name,
            "occurred_at": now,
        }


@dataclass(eq=False, kw_only=True)
class Task:
    """What a community asks of those who reported to it (社区派发清单)."""

    task_id: UUID
    community_id: UUID
    title: str
    description: str
    people: int
    until_on: date
    is_open: bool = True
    version: int = 1

    def close(self, *, actor: Actor) -> None:
        actor.require_staff_of(self.community_id)
        if not self.is_open:
            raise TaskClosed(f"任务「{self.title}」已经结束。")
        self.is_open = False
        self.version += 1

    def require_open(self) -> None:
        if not self.is_open:
            raise TaskClosed(f"任务「{self.title}」已经结束，不能再登记服务。")

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该任务已被他人修改，请刷新后再操作。")

    def possible_acts(self, actor: Actor) -> list[str]:
        is_here = actor.is_staff and actor.reaches(self.community_id)
        return ["close_task"] if is_here and self.is_open else []

    def facts(self) -> dict[str, str]:
        return {"任务": self.title, "状态": "进行中" if self.is_open else "已结束"}


def registration_code(year: int, number: int) -> str:
    return f"BD-{year:04d}-{number:05d}"


def require_reader(actor: Actor) -> None:
    if not (actor.is_staff or actor.has_role(Role.UNIT_LIAISON)):
        raise Forbidden("只有社区、市级工作人员和本单位联络员可以查看双报到。")
