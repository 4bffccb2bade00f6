"""Rectification (整改) of badly rated work: fifteen working days, and every one called back (domain rules 2.3)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.claims.domain.score import PollResult
from services.contracts.claims.errors import RectificationNotInState
from services.contracts.claims.terms import RectificationStatus, ScoreGrade

WORKING_DAYS = 15
CHECK_WORKING_DAYS = 5
# Below this share of satisfied answers, in percent, good points elsewhere do not make up for it. Our own choice.
LEAST_SATISFACTION = Decimal(60)


@dataclass(eq=False, kw_only=True)
class Rectification:
    """`rounds` counts how often it was reported and found wanting; `call_back` is what the people said of it."""

    rectification_id: UUID
    opened_at: datetime
    due_on: date
    status: RectificationStatus = RectificationStatus.OPEN
    rounds: int = 0
    report: str = ""
    reported_at: datetime | None = None
    call_back: str = ""
    closed_at: datetime | None = None

    def submit(self, *, report: str, now: datetime) -> None:
        self._require(RectificationStatus.OPEN, "提交整改报告")
        self.report, self.reported_at, self.status = report, now, RectificationStatus.REPORTED

    def check(self, *, is_passed: bool, call_back: str, due_on: date, now: datetime) -> None:
        """Nothing is closed without asking those who rated it badly; what failed gets a new period."""
        self._require(RectificationStatus.REPORTED, "回访核查")
        self.call_back = call_back
        if is_passed:
            self.status, self.closed_at = RectificationStatus.CLOSED, now
        else:
            self.status, self.due_on, self.rounds = RectificationStatus.OPEN, due_on, self.rounds + 1

    def _require(self, status: RectificationStatus, act: str) -> None:
        if self.status is not status:
            raise RectificationNotInState(f"整改现为「{self.status.label}」，不能{act}。")


def is_needed(grade: ScoreGrade, poll: PollResult) -> bool:
    """By the total, or by the people alone when enough of them answered."""
    if grade is ScoreGrade.RECTIFY:
        return True
    satisfied = poll.satisfaction_percent
    return poll.is_sample_sufficient and satisfied is not None and satisfied < LEAST_SATISFACTION
