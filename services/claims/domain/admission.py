"""Applications of departments to hand a task to communities (社区工作事项准入), from entry to automatic exit."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.claims.domain.admission_rules import GateRules, on_list_basis, title_key
from services.claims.domain.gate_list import GateEntry
from services.contracts.base import CITY_ROLES, STAFF_ROLES, Actor, Forbidden, Role, VersionMismatch
from services.contracts.claims.admission_terms import AdmissionStatus, Frequency, GateList, TaskKind
from services.contracts.claims.errors import (
    AdmissionNotInState,
    AppliedTooLate,
    OpinionAlreadyRecorded,
    OpinionsMissing,
)
from services.contracts.claims.events import (
    AdmissionApplied,
    AdmissionDecided,
    AdmissionExpired,
    AdmissionRevoked,
)

LONGEST = timedelta(days=3 * 366)


@dataclass(frozen=True, kw_only=True)
class AdmissionAct:
    label: str
    states: frozenset[AdmissionStatus]
    roles: frozenset[Role]


# The whole law of transitions; what is not in it is refused. Expiry is nobody's act: the day does it.
ADMISSION_ACTS: dict[str, AdmissionAct] = {
    "record_opinion": AdmissionAct(
        label="登记会商意见", states=frozenset({AdmissionStatus.APPLIED}), roles=CITY_ROLES
    ),
    "decide_admission": AdmissionAct(
        label="作出准入决定", states=frozenset({AdmissionStatus.APPLIED}), roles=frozenset({Role.CITY_ADMIN})
    ),
    "revoke_admission": AdmissionAct(
        label="撤销准入", states=frozenset({AdmissionStatus.ADMITTED}), roles=frozenset({Role.CITY_ADMIN})
    ),
    "send_back_task": AdmissionAct(
        label="未准入—退回",
        states=frozenset(AdmissionStatus) - {AdmissionStatus.ADMITTED},
        roles=STAFF_ROLES,
    ),
}


@dataclass(eq=False, kw_only=True)
class Opinion:
    """What one office said in the joint decision."""

    opinion_id: UUID
    office: str
    agrees: bool
    reason: str
    recorded_at: datetime


@dataclass(eq=False, kw_only=True)
class Admission:
    """Whoever changes it holds its row lock. No communities means the whole city."""

    admission_id: UUID
    code: str
    department: str
    uscc: str = ""
    task_title: str
    title_key: str
    kind: TaskKind
    legal_basis: str
    from_on: date
    until_on: date
    frequency: Frequency
    funds_fen: int = 0
    people: int = 0
    training: str = ""
    form_count: int = 0
    assessed_how: str = ""
    community_ids: list[UUID] = field(default_factory=list)

    applied_on: date
    applied_at: datetime
    opinions_needed: int
    status: AdmissionStatus = AdmissionStatus.APPLIED
    decide_by_on: date | None = None
    opinions: list[Opinion] = field(default_factory=list)
    decided_at: datetime | None = None
    decided_on: date | None = None
    is_by_rule: bool = False
    decision_reason: str = ""
    entry_id: UUID | None = None
    revoked_on: date | None = None
    revocation_reason: str = ""
    version: int = 1

    # ---- what it is on a day ----------------------------------------------------------------

    def status_on(self, today: date) -> AdmissionStatus:
        """The status by the day alone, so that no timer can forget to end an admission."""
        if self.status is AdmissionStatus.ADMITTED and self.until_on < today:
            return AdmissionStatus.EXPIRED
        return self.status

    def is_in_force_on(self, day: date) -> bool:
        """Whether the task was admitted on that day, also seen from a later one."""
        if self.decided_on is None or self.status in (AdmissionStatus.APPLIED, AdmissionStatus.REFUSED):
            return False
        is_revoked = self.revoked_on is not None and self.revoked_on <= day
        return not is_revoked and max(self.from_on, self.decided_on) <= day <= self.until_on

    def covers(self, community_id: UUID, day: date) -> bool:
        return self.concerns(community_id) and self.is_in_force_on(day)

    def concerns(self, community_id: UUID) -> bool:
        return not self.community_ids or community_id in self.community_ids

    def is_late(self, today: date) -> bool:
        """Decided after the last day for it, or still not decided then."""
        return self.decide_by_on is not None and (self.decided_on or today) > self.decide_by_on

    def possible_acts(self, *, actor: Actor, today: date) -> list[str]:
        """Acts that would not be refused to this actor now."""
        return [name for name in ADMISSION_ACTS if self._is_open(name, actor, today)]

    def _is_open(self, act: str, actor: Actor, today: date) -> bool:
        law = ADMISSION_ACTS[act]
        if not actor.has_role(*law.roles) or self.status_on(today) not in law.states:
            return False
        if act == "decide_admission":
            return not self.opinions_missing
        if act == "send_back_task":
            return actor.reaches_whole_city or any(self.concerns(one) for one in actor.community_ids)
        return True

    @property
    def opinions_missing(self) -> int:
        return max(0, self.opinions_needed - len(self.opinions))

    def facts(self) -> dict[str, str]:
        """What history compares before and after an act, in words for people."""
        return {
            "状态": self.status.label,
            "会商意见": f"{len(self.opinions)} 份" if self.opinions else "",
            "决定": self.decision_reason,
            "撤销原因": self.revocation_reason,
        }

    # ---- acts -------------------------------------------------------------------------------

    def apply(self, *, decide_by_on: date, entries: Collection[GateEntry]) -> list[Any]:
        """Enter it; a list that names the task decides at once, the negative one before the others.

        `entries` are those in force on the day the task begins that name it.
        """
        entry = deciding_entry(entries)
        self.decide_by_on = None if entry else decide_by_on
        applied = AdmissionApplied(
            **self._named(self.applied_at),
            from_on=self.from_on,
            until_on=self.until_on,
            decide_by_on=self.decide_by_on,
        )
        if entry is None:
            return [applied]
        self.entry_id, self.is_by_rule = entry.entry_id, True
        is_admitted = entry.gate_list is not GateList.NEGATIVE
        reason = on_list_basis(entry.gate_list.label, entry.title, entry.basis)
        return [
            applied,
            self._settle(is_admitted=is_admitted, reason=reason, today=self.applied_on, now=self.applied_at),
        ]

    def record_opinion(self, opinion: Opinion, *, actor: Actor, today: date) -> None:
        actor.require_city()
        self._require_state("record_opinion", today)
        if any(title_key(said.office) == title_key(opinion.office) for said in self.opinions):
            raise OpinionAlreadyRecorded(f"「{opinion.office}」的会商意见已登记，每个单位只登记一次。")
        self.opinions.append(opinion)
        self.version += 1

    def decide(
        self, *, is_admitted: bool, reason: str, actor: Actor, today: date, now: datetime
    ) -> AdmissionDecided:
        """The joint decision, once enough offices have spoken; too late to admit what is already over."""
        require_city_admin(actor)
        self._require_state("decide_admission", today)
        if self.opinions_missing:
            raise OpinionsMissing(
                f"申请 {self.code} 须有 {self.opinions_needed} 个单位的会商意见，"
                f"现有 {len(self.opinions)} 个，还差 {self.opinions_missing} 个。"
            )
        if is_admitted and self.until_on < today:
            raise AdmissionNotInState(f"申请 {self.code} 的期限 {self.until_on} 已过，只能不予准入。")
        return self._settle(is_admitted=is_admitted, reason=reason, today=today, now=now)

    def revoke(self, *, reason: str, actor: Actor, today: date, now: datetime) -> AdmissionRevoked:
        require_city_admin(actor)
        self._require_state("revoke_admission", today)
        self.status = AdmissionStatus.REVOKED
        self.revoked_on, self.revocation_reason = today, reason
        self.version += 1
        return AdmissionRevoked(**self._named(now), reason=reason)

    def expire(self, *, today: date, now: datetime) -> AdmissionExpired:
        """The automatic exit, the day after the last one."""
        if self.status is not AdmissionStatus.ADMITTED or self.until_on >= today:
            raise AdmissionNotInState(f"申请 {self.code} 现为「{self.status.label}」，未到退出日期。")
        self.status = AdmissionStatus.EXPIRED
        self.version += 1
        return AdmissionExpired(**self._named(now), until_on=self.until_on)

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该申请已被他人修改，请刷新后再操作。")

    def _settle(self, *, is_admitted: bool, reason: str, today: date, now: datetime) -> AdmissionDecided:
        self.status = AdmissionStatus.ADMITTED if is_admitted else AdmissionStatus.REFUSED
        self.decision_reason, self.decided_on, self.decided_at = reason, today, now
        self.version += 1
        return AdmissionDecided(
            **self._named(now),
            is_admitted=is_admitted,
            is_by_rule=self.is_by_rule,
            reason=reason,
            from_on=self.from_on,
            until_on=self.until_on,
        )

    def _require_state(self, act: str, today: date) -> None:
        status = self.status_on(today)
        if status not in ADMISSION_ACTS[act].states:
            raise AdmissionNotInState(
                f"申请 {self.code} 现为「{status.label}」，不能{ADMISSION_ACTS[act].label}。"
            )

    def _named(self, now: datetime) -> dict[str, Any]:
        """What every event of an application says about it."""
        return {
            "admission_id": self.admission_id,
            "code": self.code,
            "department": self.department,
            "task_title": self.task_title,
            "kind": self.kind,
            "community_ids": tuple(self.community_ids),
            "occurred_at": now,
        }


def deciding_entry(entries: Collection[GateEntry]) -> GateEntry | None:
    """What is forbidden stays forbidden, whatever the other lists say."""
    return min(entries, key=lambda entry: entry.gate_list is not GateList.NEGATIVE, default=None)


def require_in_time(*, from_on: date, earliest_on: date, rules: GateRules) -> None:
    """A task is applied for so many working days before it begins."""
    if from_on < earliest_on:
        sentence = (
            f"须提前 {rules.lead_working_days} 个工作日申请，今天申请的事项最早可从 {earliest_on} 开始。"
        )
        refusal = AppliedTooLate(sentence)
        refusal.fields = {"from_on": [sentence]}
        raise refusal


def require_city_admin(actor: Actor) -> None:
    if not actor.has_role(Role.CITY_ADMIN):
        raise Forbidden("只有市级管理员可以进行此操作。")
