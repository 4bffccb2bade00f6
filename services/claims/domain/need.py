"""Residents' needs (需求): taken in, triaged, and led to an outcome that their author sees."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.claims.domain.need_acts import NEED_ACTS, WAITING
from services.contracts.base import Actor, Role, VersionMismatch, invalid_field
from services.contracts.claims.errors import NeedNotInState
from services.contracts.claims.events import (
    NeedAnswered,
    NeedBecameItem,
    NeedBecameMatter,
    NeedMerged,
    NeedReceived,
    NeedReferred,
    NeedTriaged,
)
from services.contracts.claims.need_terms import NeedPriority, NeedSource, NeedStatus
from services.contracts.claims.terms import Category, ServiceClass

TITLE_LENGTH = 30
LEFT_OUT = "［号码已隐去］"
# Mobile numbers (with their usual gaps), fixed lines with area code, identity numbers.
_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9])")
_FIXED_LINE = re.compile(r"(?<![0-9])0[0-9]{2,3}[- ]?[0-9]{7,8}(?![0-9])")


@dataclass(frozen=True, kw_only=True)
class AnswerPeriod:
    """Within so many working days needs of that source are answered; a change is a new line with its day."""

    source: NeedSource
    working_days: int
    effective_on: date


ANSWER_PERIODS = tuple(
    AnswerPeriod(source=source, working_days=5, effective_on=date(2026, 1, 1)) for source in NeedSource
)


def working_days_for(source: NeedSource, *, on: date) -> int:
    """The period in force on that day; days before the first line fall under the first."""
    lines = [line for line in ANSWER_PERIODS if line.source is source]
    in_force = [line for line in lines if line.effective_on <= on]
    return (in_force[-1] if in_force else lines[0]).working_days


@dataclass(eq=False, kw_only=True)
class Need:
    """Its author is not stored; whoever has the reference (kept as a hash) may follow it."""

    need_id: UUID
    number: int
    code: str
    community_id: UUID
    source: NeedSource
    title: str
    description: str
    place: str = ""
    order_number: str | None = None
    need_import_id: UUID | None = None
    reference_hash: str | None = None
    received_at: datetime
    due_on: date
    category: Category | None = None
    service_class: ServiceClass | None = None
    priority: NeedPriority = NeedPriority.NORMAL
    status: NeedStatus = NeedStatus.RECEIVED
    department: str = ""
    reply: str = ""
    merged_into_id: UUID | None = None
    version: int = 1

    @property
    def record_id(self) -> UUID:
        return self.need_id

    @property
    def is_waiting(self) -> bool:
        return self.status in WAITING

    def days_left(self, today: date) -> int | None:
        """Days to the answer's last day, negative when overdue; None once there is an outcome."""
        return (self.due_on - today).days if self.is_waiting else None

    def may_be_seen_by(self, actor: Actor) -> bool:
        return (actor.is_staff or actor.has_role(Role.SUPERVISOR)) and actor.reaches(self.community_id)

    def possible_acts(self, actor: Actor) -> list[str]:
        if not (actor.is_staff and actor.reaches(self.community_id)):
            return []
        return [name for name, act in NEED_ACTS.items() if self.status in act.states]

    def facts(self) -> dict[str, str]:
        """What history compares before and after an act, in words for people."""
        return {
            "状态": self.status.label,
            "服务类型": self.service_class.label if self.service_class else "",
            "类别": self.category.label if self.category else "",
            "优先级": self.priority.label,
            "转办部门": self.department,
        }

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("该需求已被他人修改，请刷新后再操作。")

    def received(self, now: datetime) -> NeedReceived:
        return NeedReceived(**self._named(now), came_by=self.source)

    def triage(
        self,
        *,
        service_class: ServiceClass,
        category: Category,
        priority: NeedPriority,
        actor: Actor,
        now: datetime,
    ) -> NeedTriaged:
        self._move("triage_need", actor)
        self.service_class, self.category, self.priority = service_class, category, priority
        return NeedTriaged(**self._named(now), category=category, priority=priority)

    def turn_into_item(self, item_id: UUID, *, actor: Actor, now: datetime) -> NeedBecameItem:
        self._move("turn_need_into_item", actor)
        return NeedBecameItem(**self._named(now), item_id=item_id)

    def turn_into_matter(self, *, actor: Actor, now: datetime) -> NeedBecameMatter:
        self._move("turn_need_into_matter", actor)
        assert self.category is not None  # triage gave it one
        return NeedBecameMatter(**self._named(now), category=self.category)

    def refer(self, *, department: str, actor: Actor, now: datetime) -> NeedReferred:
        """Another department does the work; who took the need in goes on owing the answer."""
        self._move("refer_need", actor)
        self.department = department
        return NeedReferred(**self._named(now))

    def give_reply(self, reply: str, *, actor: Actor, now: datetime) -> NeedAnswered:
        self._move("answer_need", actor)
        self.reply = reply
        return NeedAnswered(**self._named(now), is_declined=False)

    def decline(self, reason: str, *, actor: Actor, now: datetime) -> NeedAnswered:
        self._move("decline_need", actor)
        self.reply = reason
        return NeedAnswered(**self._named(now), is_declined=True)

    def merge_into(self, other: "Need", *, actor: Actor, now: datetime) -> NeedMerged:
        """The author follows the other one from now on; mergers lead on, never in a circle."""
        if other.need_id == self.need_id:
            raise invalid_field("into_need_id", "不能与自己合并。")
        if other.community_id != self.community_id:
            raise invalid_field("into_need_id", "只能与本社区的需求合并。")
        if other.status is NeedStatus.MERGED:
            raise invalid_field("into_need_id", f"需求 {other.code} 已合并到别的需求，请选择合并后的那一件。")
        self._move("merge_need", actor)
        self.merged_into_id = other.need_id
        return NeedMerged(**self._named(now), into_need_id=other.need_id)

    def require_act(self, act: str, actor: Actor) -> None:
        """Refuse what the table of acts does not allow, naming the present state."""
        actor.require_staff_of(self.community_id)
        step = NEED_ACTS[act]
        if self.status not in step.states:
            raise NeedNotInState(f"需求 {self.code} 现为「{self.status.label}」，不能{step.label}。")

    def _move(self, act: str, actor: Actor) -> None:
        self.require_act(act, actor)
        self.status = NEED_ACTS[act].leads_to
        self.version += 1

    def _named(self, now: datetime) -> dict[str, Any]:
        """What every event of a need says about it."""
        return {
            "need_id": self.need_id,
            "community_id": self.community_id,
            "code": self.code,
            "service_class": self.service_class,
            "occurred_at": now,
        }


@dataclass(eq=False, kw_only=True)
class NeedImport:
    """One imported file; `file_hash` keeps the same file from being imported twice."""

    need_import_id: UUID
    file_name: str
    file_hash: str
    imported_at: datetime
    imported_by: str
    imported_by_id: str
    imported: int
    known: int


def need_code(year: int, number: int) -> str:
    return f"XQ-{year:04d}-{number:05d}"


def without_numbers(text: str) -> str:
    """The text without telephone and identity numbers, which have no place here."""
    for numbers in (_IDENTITY, _MOBILE, _FIXED_LINE):
        text = numbers.sub(LEFT_OUT, text)
    return text


def title_of(title: str, description: str) -> str:
    """The title, or how the text begins."""
    if title:
        return title
    first = description.strip().splitlines()[0] if description.strip() else description
    return first if len(first) <= TITLE_LENGTH else f"{first[: TITLE_LENGTH - 1]}…"
