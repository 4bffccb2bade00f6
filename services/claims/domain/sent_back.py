"""未准入—退回: tasks that a community sends back to the department, and the emergencies that it may not."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.claims.domain.admission_rules import GateRules
from services.contracts.base import invalid_field
from services.contracts.claims.admission_terms import EmergencyKind, TaskKind
from services.contracts.claims.events import EmergencyDeclared, TaskSentBack


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How often a department's tasks were sent back this year."""

    here: int
    in_city: int

    def one_more(self) -> "Counted":
        return Counted(here=self.here + 1, in_city=self.in_city + 1)


@dataclass(eq=False, kw_only=True)
class SentBackTask:
    sent_back_id: UUID
    code: str
    community_id: UUID
    department: str
    task_title: str
    kind: TaskKind
    admission_id: UUID | None = None
    entry_id: UUID | None = None
    basis: str
    note: str = ""
    letter: str = ""
    times_here: int
    times_in_city: int
    sent_back_on: date
    sent_back_at: datetime

    @classmethod
    def send_back(
        cls,
        *,
        sent_back_id: UUID,
        code: str,
        community_id: UUID,
        community_name: str,
        department: str,
        task_title: str,
        kind: TaskKind,
        admission_id: UUID | None,
        entry_id: UUID | None,
        basis: str,
        note: str,
        counted: Counted,
        today: date,
        now: datetime,
    ) -> tuple["SentBackTask", TaskSentBack]:
        """A task that is neither listed, admitted nor an emergency; the letter is made here and never changes."""
        task = cls(
            sent_back_id=sent_back_id,
            code=code,
            community_id=community_id,
            department=department,
            task_title=task_title,
            kind=kind,
            admission_id=admission_id,
            entry_id=entry_id,
            basis=basis,
            note=note,
            times_here=counted.here,
            times_in_city=counted.in_city,
            sent_back_on=today,
            sent_back_at=now,
        )
        task.letter = letter(task, community_name=community_name)
        event = TaskSentBack(
            sent_back_id=sent_back_id,
            code=code,
            community_id=community_id,
            department=department,
            task_title=task_title,
            kind=kind,
            basis=basis,
            occurred_at=now,
        )
        return task, event


def letter(task: SentBackTask, *, community_name: str) -> str:
    """The text that goes to the department."""
    day = task.sent_back_on
    lines = [
        f"未准入事项退回单（{task.code}）",
        f"{task.department}：",
        f"贵单位交由{community_name}承担的{task.kind.label}「{task.task_title}」未经准入，现予退回。",
        f"退回依据：{task.basis}",
        f"本年度贵单位的未准入事项，{community_name}已退回 {task.times_here} 次，"
        f"全市各社区共退回 {task.times_in_city} 次（均含本次）。",
    ]
    if task.note:
        lines.append(f"说明：{task.note}")
    lines += [
        "确需社区承担的，请按规定提出准入申请，写明依据、期限、频次、经费和人员；"
        "涉及生命安全、公共安全、公共卫生、生态环境的紧急事项，可由市级宣布应急后先行办理。",
        community_name,
        f"{day.year} 年 {day.month} 月 {day.day} 日",
    ]
    return "\n".join(lines)


@dataclass(eq=False, kw_only=True)
class Emergency:
    """Exempt from admission for its days, and counted apart. No communities means the whole city."""

    emergency_id: UUID
    code: str
    department: str
    title: str
    title_key: str
    kind: EmergencyKind
    reason: str
    from_on: date
    until_on: date
    community_ids: list[UUID] = field(default_factory=list)
    declared_at: datetime

    def declare(self, *, today: date, rules: GateRules) -> EmergencyDeclared:
        """It begins when it is declared or began shortly before; it is short, and declared anew if it must be."""
        if self.until_on < self.from_on:
            raise invalid_field("until_on", "结束日期不能早于开始日期。")
        if (self.until_on - self.from_on).days >= rules.longest_emergency_days:
            raise invalid_field(
                "until_on", f"应急最长 {rules.longest_emergency_days} 天，仍有需要的，到期前重新宣布。"
            )
        if (today - self.from_on).days > rules.longest_emergency_days:
            raise invalid_field("from_on", f"最多补记 {rules.longest_emergency_days} 天前开始的应急。")
        if self.until_on < today:
            raise invalid_field("until_on", "结束日期不能早于今天。")
        return EmergencyDeclared(
            emergency_id=self.emergency_id,
            code=self.code,
            department=self.department,
            title=self.title,
            kind=self.kind,
            from_on=self.from_on,
            until_on=self.until_on,
            community_ids=tuple(self.community_ids),
            occurred_at=self.declared_at,
        )

    def covers(self, community_id: UUID, day: date) -> bool:
        is_there = not self.community_ids or community_id in self.community_ids
        return is_there and self.from_on <= day <= self.until_on
