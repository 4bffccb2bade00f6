"""Shifts (志愿服务班次): slots that volunteers take in order, sign in to and out of, and get hours for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.claims.domain.enrolment import ENROLMENT_ACTS, Enrolment
from services.claims.domain.volunteer import Volunteer
from services.contracts.base import Actor, VersionMismatch, invalid_field
from services.contracts.claims.errors import (
    AlreadyEnrolled,
    EnrolmentNotInState,
    InsuranceMissing,
    ShiftNotInState,
    VolunteerNotFound,
)
from services.contracts.claims.events import HoursConfirmed, ShiftCancelled, ShiftOpened, VolunteerEnrolled
from services.contracts.claims.volunteer_terms import EnrolmentStatus, ShiftStatus, Skill

LONGEST = timedelta(hours=24)
SIGN_IN_BEFORE = timedelta(minutes=60)
SIGN_OUT_AFTER = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class ShiftAct:
    label: str
    states: frozenset[ShiftStatus]


_OPEN = frozenset({ShiftStatus.OPEN})
# The whole law: what is not in it is refused.
SHIFT_ACTS: dict[str, ShiftAct] = {
    "enrol_volunteer": ShiftAct(label="报名", states=_OPEN),
    "withdraw_from_shift": ShiftAct(label="退出班次", states=_OPEN),
    "sign_in_volunteer": ShiftAct(label="签到", states=_OPEN),
    "sign_out_volunteer": ShiftAct(label="签退", states=_OPEN),
    "confirm_hours": ShiftAct(label="确认时长", states=_OPEN),
    "cancel_shift": ShiftAct(label="取消", states=_OPEN),
}


@dataclass(eq=False, kw_only=True)
class Shift:
    """Whoever changes it holds its row lock, so no slot is ever given twice."""

    shift_id: UUID
    community_id: UUID
    item_id: UUID | None = None
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    slots: int
    skills: list[Skill] = field(default_factory=list)
    is_risky: bool = False
    status: ShiftStatus = ShiftStatus.OPEN
    cancel_reason: str = ""
    enrolled: int = 0
    waiting: int = 0
    enrolments: list[Enrolment] = field(default_factory=list)
    version: int = 1

    @classmethod
    def open(cls, *, actor: Actor, now: datetime, **fields: Any) -> tuple["Shift", ShiftOpened]:
        shift = cls(**fields)
        actor.require_staff_of(shift.community_id)
        if shift.ends_at <= shift.starts_at:
            raise invalid_field("ends_at", "结束时间应晚于开始时间。")
        if shift.ends_at - shift.starts_at > LONGEST:
            raise invalid_field("ends_at", "一个班次不超过 24 小时。")
        if shift.ends_at <= now:
            raise invalid_field("starts_at", "班次不能安排在过去。")
        return shift, ShiftOpened(
            **shift._named(now),
            place=shift.place,
            ends_at=shift.ends_at,
            slots=shift.slots,
            is_risky=shift.is_risky,
        )

    @property
    def record_id(self) -> UUID:
        return self.shift_id

    @property
    def remaining(self) -> int:
        return self.slots - self.enrolled

    @property
    def length_minutes(self) -> int:
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)

    @property
    def token_expires_at(self) -> datetime:
        return self.ends_at + SIGN_OUT_AFTER

    @property
    def minutes(self) -> int:
        return sum(one.minutes or 0 for one in self.enrolments)

    def enrol(
        self, volunteer: Volunteer, *, enrolment_id: UUID, day: date, actor: Actor, now: datetime
    ) -> VolunteerEnrolled | None:
        """A slot, or the last place of the waiting list (then None); `day` is the shift's, for the insurance."""
        actor.require_staff_of(self.community_id)
        if volunteer.community_id != self.community_id:
            raise VolunteerNotFound("没有这位志愿者。")
        self._require("enrol_volunteer", now)
        volunteer.require_active()
        if self.is_risky and not volunteer.is_insured(day):
            raise InsuranceMissing(f"本班次有风险，志愿者 {volunteer.code} 在当日没有有效保险，请先办理。")
        if self._find(volunteer.volunteer_id) is not None:
            raise AlreadyEnrolled(f"志愿者 {volunteer.code} 已经报名本班次。")
        has_slot = self.remaining > 0
        self.enrolments.append(
            Enrolment(
                enrolment_id=enrolment_id,
                shift_id=self.shift_id,
                volunteer_id=volunteer.volunteer_id,
                number=len(self.enrolments) + 1,
                status=EnrolmentStatus.ENROLLED if has_slot else EnrolmentStatus.WAITING,
                starts_at=self.starts_at,
                ends_at=self.ends_at,
                enrolled_at=now,
            )
        )
        self._settle()
        return self._enrolled(volunteer.volunteer_id, now, has_waited=False) if has_slot else None

    def withdraw(self, volunteer: Volunteer, *, actor: Actor, now: datetime) -> VolunteerEnrolled | None:
        """Frees the slot for the first of the waiting list, who then has it (the event)."""
        actor.require_staff_of(self.community_id)
        self._require("withdraw_from_shift", now)
        leaving = self._get(volunteer)
        had_slot = leaving.is_holding
        leaving.move("withdraw_from_shift", code=volunteer.code)
        following = next((one for one in self.enrolments if one.status is EnrolmentStatus.WAITING), None)
        event = None
        if had_slot and following is not None:
            following.status = EnrolmentStatus.ENROLLED
            event = self._enrolled(following.volunteer_id, now, has_waited=True)
        self._settle()
        return event

    def sign_in(self, volunteer: Volunteer, *, now: datetime) -> Enrolment:
        self._require("sign_in_volunteer", now)
        signing = self._get(volunteer)
        signing.move("sign_in_volunteer", code=volunteer.code)
        signing.signed_in_at = now
        self._settle()
        return signing

    def sign_out(self, volunteer: Volunteer, *, now: datetime) -> Enrolment:
        self._require("sign_out_volunteer", now)
        signing = self._get(volunteer)
        signing.move("sign_out_volunteer", code=volunteer.code)
        signing.signed_out_at = now
        self._settle()
        return signing

    def cancel(self, *, reason: str, actor: Actor, now: datetime) -> ShiftCancelled:
        actor.require_staff_of(self.community_id)
        self._require("cancel_shift", now)
        bound = [one for one in self.enrolments if one.is_bound]
        for one in bound:
            one.status = EnrolmentStatus.CANCELLED
        self.status, self.cancel_reason = ShiftStatus.CANCELLED, reason
        self._settle()
        return ShiftCancelled(
            **self._named(now), reason=reason, volunteer_ids=tuple(one.volunteer_id for one in bound)
        )

    def confirm_hours(
        self, corrections: Mapping[UUID, int], *, actor: Actor, now: datetime
    ) -> HoursConfirmed:
        """The minutes of everybody at once: by the signatures, or as staff know them better."""
        actor.require_staff_of(self.community_id)
        self._require("confirm_hours", now)
        holding = {one.volunteer_id: one for one in self.enrolments if one.is_holding}
        if set(corrections) - set(holding):
            raise EnrolmentNotInState("更正的时长里有未获名额的志愿者，请核对。")
        if any(minutes > self.length_minutes for minutes in corrections.values()):
            raise invalid_field("corrections", f"时长不能超过班次的 {self.length_minutes} 分钟。")
        unsigned = [
            one
            for one in holding.values()
            if one.status is EnrolmentStatus.SIGNED_IN and one.volunteer_id not in corrections
        ]
        if unsigned:
            raise EnrolmentNotInState(f"有 {len(unsigned)} 人签到后没有签退，请逐一填写时长。")
        for one in self.enrolments:
            one.settle(corrections.get(one.volunteer_id, one.minutes_by_signatures))
        self.status = ShiftStatus.CONFIRMED
        self._settle()
        served = [one for one in self.enrolments if one.status is EnrolmentStatus.CONFIRMED]
        return HoursConfirmed(**self._named(now), minutes=self.minutes, volunteers=len(served))

    def possible_acts(self, *, actor: Actor, now: datetime) -> list[str]:
        if not (actor.is_staff and actor.reaches(self.community_id)):
            return []
        return [act for act in SHIFT_ACTS if self._refusal(act, now) is None]

    def possible_acts_on(self, enrolment: Enrolment, *, actor: Actor, now: datetime) -> list[str]:
        open_acts = self.possible_acts(actor=actor, now=now)
        return [
            act
            for act, rule in ENROLMENT_ACTS.items()
            if act in open_acts and enrolment.status in rule.states
        ]

    def possible_signings(self, now: datetime) -> list[str]:
        """What the page behind the QR code offers."""
        return [act for act in ("sign_in_volunteer", "sign_out_volunteer") if self._refusal(act, now) is None]

    def facts(self) -> dict[str, str]:
        return {
            "状态": self.status.label,
            "已报名": f"{self.enrolled}/{self.slots}",
            "候补": str(self.waiting),
            "确认时长": f"{self.minutes} 分钟",
        }

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该班次已被他人修改，请刷新后再操作。")

    def _require(self, act: str, now: datetime) -> None:
        if (refusal := self._refusal(act, now)) is not None:
            raise ShiftNotInState(refusal)

    def _refusal(self, act: str, now: datetime) -> str | None:
        """Why this act is not open now; None when it is."""
        rule = SHIFT_ACTS[act]
        if self.status not in rule.states:
            return f"班次现为「{self.status.label}」，不能{rule.label}。"
        match act:
            case "enrol_volunteer" | "withdraw_from_shift" if now >= self.ends_at:
                return f"班次已经结束，不能{rule.label}。"
            case "sign_in_volunteer" if now < self.starts_at - SIGN_IN_BEFORE:
                return "班次开始前 60 分钟起可以签到。"
            case "sign_in_volunteer" if now >= self.ends_at:
                return "班次已经结束，不能签到。"
            case "sign_out_volunteer" if now >= self.token_expires_at:
                return "班次结束已超过 2 小时，请由工作人员填写时长。"
            case "confirm_hours" if now < self.ends_at:
                return "班次结束后才能确认时长。"
            case "cancel_shift" if any(one.signed_in_at is not None for one in self.enrolments):
                return "已有志愿者签到，不能取消，请在结束后确认时长。"
        return None

    def _find(self, volunteer_id: UUID) -> Enrolment | None:
        """The place that still counts; whoever withdrew may come again."""
        gone = EnrolmentStatus.WITHDRAWN
        return next(
            (one for one in self.enrolments if one.volunteer_id == volunteer_id and one.status is not gone),
            None,
        )

    def _get(self, volunteer: Volunteer) -> Enrolment:
        found = self._find(volunteer.volunteer_id)
        if found is None:
            raise EnrolmentNotInState(f"志愿者 {volunteer.code} 没有报名本班次。")
        return found

    def _settle(self) -> None:
        """Bring the counts in line with the enrolments; every act ends here."""
        self.enrolled = sum(one.is_holding for one in self.enrolments)
        self.waiting = sum(one.status is EnrolmentStatus.WAITING for one in self.enrolments)
        self.version += 1

    def _enrolled(self, volunteer_id: UUID, now: datetime, *, has_waited: bool) -> VolunteerEnrolled:
        return VolunteerEnrolled(**self._named(now), volunteer_id=volunteer_id, has_waited=has_waited)

    def _named(self, now: datetime) -> dict[str, Any]:
        """What every event of a shift says about it."""
        return {
            "shift_id": self.shift_id,
            "community_id": self.community_id,
            "item_id": self.item_id,
            "title": self.title,
            "starts_at": self.starts_at,
            "occurred_at": now,
        }
