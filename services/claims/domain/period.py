"""Periods of assessment (季度、年度), one community's each, and how a unit's result of one comes about."""

import calendar as days_of_months
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.claims.domain.scheme import WHOLE, Scheme, Scoring, assessed
from services.claims.domain.score import exact, exact_points, half_up
from services.contracts.base import Actor, VersionMismatch, invalid_field
from services.contracts.claims.errors import PeriodNotInState
from services.contracts.claims.scheme_terms import ItemWeighting, PeriodKind
from services.contracts.claims.terms import ScoreGrade

MONTHS_OF_A_QUARTER = 3
# After the last day of the period, in working days. Our own choice.
CLOSE_WORKING_DAYS = 10


@dataclass(eq=False, kw_only=True)
class AssessmentPeriod:
    """Its scheme is the one in force on its first day, so that nobody is measured by rules that came later."""

    period_id: UUID
    community_id: UUID
    kind: PeriodKind
    start_on: date
    end_on: date
    scheme_number: int
    opened_at: datetime
    closed_at: datetime | None = None
    version: int = 1

    @property
    def record_id(self) -> UUID:
        return self.period_id

    @property
    def label(self) -> str:
        return period_label(self.kind, self.start_on)

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    def close(self, *, actor: Actor, today: date, now: datetime) -> None:
        """Only when it is over; what was computed then is never computed anew."""
        actor.require_staff_of(self.community_id)
        if self.is_closed:
            raise PeriodNotInState(f"{self.label}考核已经结束。")
        if today <= self.end_on:
            raise PeriodNotInState(f"{self.label}至 {self.end_on} 才期满，不能提前结束考核。")
        self.closed_at = now
        self.version += 1

    def possible_acts(self, *, actor: Actor, today: date) -> list[str]:
        is_staff = actor.is_staff and actor.reaches(self.community_id)
        return ["close_period"] if is_staff and not self.is_closed and today > self.end_on else []

    def facts(self) -> dict[str, str]:
        return {"状态": "已结束" if self.is_closed else "进行中"}

    def require_version(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise VersionMismatch("这一期考核已有变化，请刷新后再操作。")


def bounds_of(kind: PeriodKind, *, year: int, quarter: int | None) -> tuple[date, date]:
    """The first and the last day of a quarter or a year."""
    if kind is PeriodKind.YEAR:
        if quarter is not None:
            raise invalid_field("quarter", "年度考核不填季度。")
        return date(year, 1, 1), date(year, 12, 31)
    if quarter is None:
        raise invalid_field("quarter", "季度考核须填写季度。")
    last_month = quarter * MONTHS_OF_A_QUARTER
    _, last_day = days_of_months.monthrange(year, last_month)
    return date(year, last_month - 2, 1), date(year, last_month, last_day)


def period_label(kind: PeriodKind, start_on: date) -> str:
    if kind is PeriodKind.YEAR:
        return f"{start_on.year} 年度"
    return f"{start_on.year} 年第 {(start_on.month + 2) // MONTHS_OF_A_QUARTER} 季度"


@dataclass(eq=False, kw_only=True)
class AssessedItem:
    """An item as it was when the result was settled; without a total it does not count."""

    item_id: UUID
    code: str
    title: str
    score_total: Decimal | None
    weight: int
    is_sample_sufficient: bool


@dataclass(frozen=True, kw_only=True)
class PeriodResult:
    """`total` is None when there was nothing to assess."""

    items_score: Decimal | None
    periodic_score: Decimal | None
    total: Decimal | None
    grade: ScoreGrade | None
    is_sufficient: bool
    explanation: list[str]


def item_weight(weighting: ItemWeighting, *, beneficiaries: int) -> int:
    return beneficiaries if weighting is ItemWeighting.BENEFICIARIES else 1


def period_result(items: Sequence[AssessedItem], scorings: Sequence[Scoring], scheme: Scheme) -> PeriodResult:
    """Σ weight·part / Σ weight over the parts that exist: the items' mean and the periodic assessment.

    Half-up to two decimals; every step in words.
    """
    scored = [item for item in items if item.score_total is not None]
    lines = [_item_line(item, scheme) for item in items]
    items_score = _mean(scored)
    if items_score is not None:
        lines.append(f"{len(scored)} 个事项{scheme.item_weighting.label}平均 {items_score:.2f}。")
    periodic = assessed(scheme, scorings)
    lines += periodic[1] if periodic else []

    parts = [("事项", items_score, scheme.items_weight)]
    parts.append(("周期评分", periodic[0] if periodic else None, scheme.periodic_weight))
    there = [(name, value, weight) for name, value, weight in parts if value is not None and weight]
    sufficient = sum(1 for item in scored if item.is_sample_sufficient)
    is_sufficient = sufficient >= scheme.least_items
    if not there:
        nothing = "本期没有可以计分的事项和评分，不参加评定。"
        return PeriodResult(
            items_score=items_score,
            periodic_score=periodic[0] if periodic else None,
            total=None,
            grade=None,
            is_sufficient=False,
            explanation=[*lines, nothing, f"依据{scheme.words}。"],
        )
    points = [Fraction(value) * weight / WHOLE for _, value, weight in there]
    whole = sum(weight for _, _, weight in there)
    total = half_up(sum(points, Fraction(0)) * WHOLE / whole)
    threshold, grade = scheme.rules.grade_of(total)
    worth = [exact(value * weight / WHOLE) for _, value, weight in there]
    lines += [
        f"{name} {value:.2f} × {weight}% = {one}。"
        for (name, value, weight), one in zip(there, worth, strict=True)
    ]
    addition = " + ".join(worth)
    if whole < WHOLE:
        lines.append("其余部分本期没有，权重按比例放大为 100%。")
        addition = f"（{addition}）÷ {whole}%"
    reached = f"达到 {exact_points(threshold)} 分" if threshold else "不足合格分数线"
    lines.append(f"总分 {addition} = {total:.2f}，{reached}，等级为「{grade.label}」。")
    if not is_sufficient:
        lines.append(
            f"样本不足：民意测验样本足够的事项 {sufficient} 个，少于 {scheme.least_items} 个，"
            "结果仅供参考，不能据此表扬。"
        )
    lines.append(f"依据{scheme.words}。")
    return PeriodResult(
        items_score=items_score,
        periodic_score=periodic[0] if periodic else None,
        total=total,
        grade=grade,
        is_sufficient=is_sufficient,
        explanation=lines,
    )


def _mean(scored: Sequence[AssessedItem]) -> Decimal | None:
    whole = sum(item.weight for item in scored)
    if not whole:
        return None
    return half_up(
        sum((Fraction(item.score_total or 0) * item.weight for item in scored), Fraction(0)) / whole
    )


def _item_line(item: AssessedItem, scheme: Scheme) -> str:
    named = f"事项 {item.code}「{item.title}」"
    if item.score_total is None:
        return f"{named}尚未评分，不计入。"
    weighed = f"，{item.weight} 人受益" if scheme.item_weighting is ItemWeighting.BENEFICIARIES else ""
    few = "" if item.is_sample_sufficient else "，民意测验样本不足"
    return f"{named}{item.score_total:.2f} 分{weighed}{few}。"
