"""Scores (domain rules 2.3): assessment, opinion poll and timeliness by weight, and how that is explained."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.contracts.claims.terms import ScoreGrade

FULL = Decimal("100.00")


@dataclass(frozen=True, kw_only=True)
class ScoringRules:
    """Weights and thresholds as a scheme (`source`) sets them; a change is a new scheme with its date of effect.

    That timeliness loses five points for each day past the deadline is our own choice:
    the source names the term and its weight, but not how it is counted.
    """

    effective_on: date
    assessment_weight: Decimal
    poll_weight: Decimal
    timeliness_weight: Decimal
    points_lost_per_day_late: Decimal
    thresholds: tuple[tuple[Decimal, ScoreGrade], ...]
    source: str

    def grade_of(self, total: Decimal) -> tuple[Decimal, ScoreGrade]:
        """The threshold that was reached, and the grade that begins there."""
        return next(step for step in self.thresholds if total >= step[0])


FIRST_DAY = date(2026, 1, 1)


@dataclass(eq=False, kw_only=True)
class PollResult:
    """What the poll of the beneficiaries said; `score` is None when nobody answered."""

    poll_id: UUID
    sampled: int
    answered: int
    satisfaction_percent: Decimal | None
    score: Decimal | None
    is_sample_sufficient: bool


@dataclass(frozen=True, kw_only=True)
class Part:
    name: str
    score: Decimal
    weight: Decimal
    reason: str = ""

    @property
    def points(self) -> Decimal:
        return self.score * self.weight

    @property
    def sentence(self) -> str:
        counted = f"{self.name} {self.score:.2f} × {percent_of(self.weight)} = {exact(self.points)}"
        return f"{counted}（{self.reason}）。" if self.reason else f"{counted}。"


@dataclass(frozen=True, kw_only=True)
class Score:
    """A total with its grade, and every step of the way in words."""

    assessment: Decimal
    poll: Decimal | None
    timeliness: Decimal
    total: Decimal
    grade: ScoreGrade
    explanation: list[str]


def timeliness(*, finished_on: date, due_on: date, rules: ScoringRules) -> Decimal:
    """Full points when the last submission was in time; every day late costs some, down to nought."""
    days_late = max(0, (finished_on - due_on).days)
    return max(Decimal("0.00"), FULL - rules.points_lost_per_day_late * days_late)


def score(
    *,
    assessment: Decimal,
    poll: PollResult,
    finished_on: date,
    due_on: date,
    rules: ScoringRules,
    assessed_by: Sequence[str] = (),
) -> Score:
    """Σ weight·score / Σ weight over the terms that exist, half-up to two decimals.

    When nobody answered the poll there is no such term; the other weights are scaled up to a whole.
    `assessed_by`: how the assessment came about, in words.
    """
    in_time = timeliness(finished_on=finished_on, due_on=due_on, rules=rules)
    parts = [Part(name="考核", score=assessment, weight=rules.assessment_weight)]
    if poll.score is not None:
        parts.append(Part(name="民意测验", score=poll.score, weight=rules.poll_weight))
    parts.append(
        Part(
            name="时效",
            score=in_time,
            weight=rules.timeliness_weight,
            reason=timeliness_reason(finished_on=finished_on, due_on=due_on),
        )
    )
    points = sum((part.points for part in parts), Decimal(0))
    weight = sum((part.weight for part in parts), Decimal(0))
    total = half_up(Fraction(points) / Fraction(weight))
    threshold, grade = rules.grade_of(total)

    explanation = [*assessed_by, *(part.sentence for part in parts)]
    addition = " + ".join(exact(part.points) for part in parts)
    if poll.score is None:
        explanation.append("民意测验无人作答，不计入总分；其余各项的权重按比例放大为 100%。")
        addition = f"（{addition}）÷ {percent_of(weight)}"
    elif not poll.is_sample_sufficient:
        explanation.append(
            f"民意测验样本不足（抽样 {poll.sampled} 人，收回 {poll.answered} 份），结果仅供参考，不能据此表扬。"
        )
    reached = f"达到 {exact_points(threshold)} 分" if threshold else "不足合格分数线"
    explanation.append(f"总分 {addition} = {total:.2f}，{reached}，等级为「{grade.label}」。")
    explanation.append(f"依据{rules.source}。")
    return Score(
        assessment=assessment,
        poll=poll.score,
        timeliness=in_time,
        total=total,
        grade=grade,
        explanation=explanation,
    )


def what_is_missing(*, assessment: Decimal | None, poll: PollResult | None) -> list[str]:
    """Why there is no total yet."""
    sentences = ["考核尚未完成。"] if assessment is None else [f"考核得分 {assessment:.2f}。"]
    if poll is None:
        sentences.append("民意测验尚未结束。")
    elif poll.score is None:
        sentences.append("民意测验无人作答，不计入总分。")
    else:
        sentences.append(f"民意测验得分 {poll.score:.2f}（收回 {poll.answered} 份）。")
    return [*sentences, "两项齐备后自动计算总分。"]


def timeliness_reason(*, finished_on: date, due_on: date) -> str:
    days_late = (finished_on - due_on).days
    return f"{finished_on} 提交，期限 {due_on}，" + (f"逾期 {days_late} 天" if days_late > 0 else "按期")


def half_up(value: Fraction) -> Decimal:
    """Rounded to 0.01, a half upwards; exact, for values of nought and more."""
    return Decimal(math.floor(value * 100 + Fraction(1, 2))).scaleb(-2)


def exact(points: Decimal) -> str:
    """All decimals there are, at least two."""
    return f"{points:.2f}" if points == points.quantize(Decimal("0.01")) else f"{points.normalize():f}"


def exact_points(threshold: Decimal) -> str:
    """90.00 -> 90, as a threshold is spoken."""
    return f"{threshold.normalize():f}"


def percent_of(weight: Decimal) -> str:
    return f"{(weight * 100).normalize():f}%"
