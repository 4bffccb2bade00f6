"""How a score comes about (domain rules 2.3), and how it is explained."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.scheme import FIRST_SCHEME
from services.claims.domain.score import Score, score, timeliness, what_is_missing
from services.contracts.claims.terms import ScoreGrade
from tests.builders import make_poll

DUE = date(2026, 12, 8)
RULES = FIRST_SCHEME.rules
POINTS = st.decimals(0, 100, places=2)


def scored(
    assessment: str = "88.00", poll: str | None = "81.25", finished_on: date = DUE, **given: bool
) -> Score:
    return score(
        assessment=Decimal(assessment),
        poll=make_poll(poll, **given),
        finished_on=finished_on,
        due_on=DUE,
        rules=RULES,
    )


def test_assessment_poll_and_timeliness_count_five_four_and_one_tenth() -> None:
    result = scored("88.00", "81.25")

    assert result.total == Decimal("86.50")
    assert result.grade is ScoreGrade.GOOD


def test_the_explanation_shows_every_term() -> None:
    assert scored("88.00", "81.25").explanation == [
        "考核 88.00 × 50% = 44.00。",
        "民意测验 81.25 × 40% = 32.50。",
        "时效 100.00 × 10% = 10.00（2026-12-08 提交，期限 2026-12-08，按期）。",
        "总分 44.00 + 32.50 + 10.00 = 86.50，达到 80 分，等级为「良好」。",
        "依据《认领事项考核方案》第 1 版（2026-01-01 起施行）。",
    ]


def test_terms_are_shown_exactly_and_only_the_total_is_rounded() -> None:
    result = scored("88.01", "81.25")

    assert result.explanation[0] == "考核 88.01 × 50% = 44.005。"
    assert result.total == Decimal("86.51")


@pytest.mark.parametrize(
    ("finished_on", "points"),
    [
        (date(2026, 12, 1), "100.00"),
        (date(2026, 12, 8), "100.00"),
        (date(2026, 12, 9), "95.00"),
        (date(2026, 12, 27), "5.00"),
        (date(2026, 12, 28), "0.00"),
        (date(2027, 6, 1), "0.00"),
    ],
)
def test_every_day_late_costs_five_points_of_timeliness(finished_on: date, points: str) -> None:
    assert timeliness(finished_on=finished_on, due_on=DUE, rules=RULES) == Decimal(points)


def test_lateness_is_explained() -> None:
    late = scored(finished_on=date(2026, 12, 10))

    assert late.explanation[2] == "时效 90.00 × 10% = 9.00（2026-12-10 提交，期限 2026-12-08，逾期 2 天）。"


def test_without_any_answer_the_other_weights_are_scaled_to_a_whole() -> None:
    result = scored("88.00", None)

    assert result.total == Decimal("90.00")
    assert result.poll is None
    assert result.explanation[-3:-1] == [
        "民意测验无人作答，不计入总分；其余各项的权重按比例放大为 100%。",
        "总分 （44.00 + 10.00）÷ 60% = 90.00，达到 90 分，等级为「优秀」。",
    ]


def test_too_small_a_sample_is_said() -> None:
    result = scored(is_sample_sufficient=False)

    assert "样本不足（抽样 60 人，收回 40 份）" in result.explanation[3]


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        ("90.00", ScoreGrade.EXCELLENT),
        ("89.99", ScoreGrade.GOOD),
        ("80.00", ScoreGrade.GOOD),
        ("79.99", ScoreGrade.PASSED),
        ("60.00", ScoreGrade.PASSED),
        ("59.99", ScoreGrade.RECTIFY),
    ],
)
def test_a_grade_begins_at_its_threshold(points: str, grade: ScoreGrade) -> None:
    late = date(2026, 12, 8)
    # With all three terms equal the total equals them; timeliness is 100, so the others make up for it.
    rest = (Decimal(points) - 10) / Decimal("0.9")
    result = score(assessment=rest, poll=make_poll(str(rest)), finished_on=late, due_on=DUE, rules=RULES)

    assert result.total == Decimal(points)
    assert result.grade is grade


@pytest.mark.parametrize(
    ("assessment", "total"),
    [("88.01", "86.51"), ("88.00", "86.50"), ("87.99", "86.50"), ("87.98", "86.49")],
)
def test_half_a_hundredth_is_rounded_up(assessment: str, total: str) -> None:
    assert scored(assessment).total == Decimal(total)


@given(assessment=POINTS, poll=st.none() | POINTS, days_late=st.integers(0, 40))
def test_a_total_lies_between_its_lowest_and_highest_term(
    assessment: Decimal, poll: Decimal | None, days_late: int
) -> None:
    finished_on = date.fromordinal(DUE.toordinal() + days_late)
    result = scored(str(assessment), None if poll is None else str(poll), finished_on)

    terms = [result.assessment, result.timeliness, *([] if result.poll is None else [result.poll])]
    assert min(terms) <= result.total <= max(terms)
    assert result.total == result.total.quantize(Decimal("0.01"))


def test_what_is_missing_for_a_total_is_said() -> None:
    assert what_is_missing(assessment=None, poll=None) == [
        "考核尚未完成。",
        "民意测验尚未结束。",
        "两项齐备后自动计算总分。",
    ]
    assert (
        what_is_missing(assessment=Decimal(88), poll=make_poll(None))[1] == "民意测验无人作答，不计入总分。"
    )
