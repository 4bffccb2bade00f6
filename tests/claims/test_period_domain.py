"""How a unit's result of a period comes about, and how a period is closed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.period import (
    AssessedItem,
    PeriodResult,
    bounds_of,
    period_label,
    period_result,
)
from services.claims.domain.scheme import FIRST_SCHEME
from services.contracts.base import Forbidden, Invalid
from services.contracts.claims.errors import (
    PeriodNotInState,
)
from services.contracts.claims.scheme_terms import (
    ItemWeighting,
    PeriodKind,
)
from services.contracts.claims.terms import ScoreGrade
from tests.builders import NOW, XINGAN, worker
from tests.claims.test_scheme_domain import make_scheme
from tests.claims.unit_results import CLOSED, END, START, make_assessed, make_period, make_scoring


def computed(*items: AssessedItem, points: str | None = "90.00", **scheme: Any) -> PeriodResult:
    rules = make_scheme(scorers=FIRST_SCHEME.scorers, **scheme)
    return period_result(items, [make_scoring(points)] if points else [], rules)


def test_items_and_the_periodic_assessment_count_as_the_scheme_says_and_every_step_is_shown() -> None:
    result = period_result(
        [make_assessed("86.50"), make_assessed("90.00"), make_assessed(None)], [make_scoring()], FIRST_SCHEME
    )

    assert (result.items_score, result.total, result.grade) == (
        Decimal("88.25"),
        Decimal("88.78"),
        ScoreGrade.GOOD,
    )
    assert result.explanation == [
        "事项 RL-2026-0001「冬季清雪」86.50 分。",
        "事项 RL-2026-0001「冬季清雪」90.00 分。",
        "事项 RL-2026-0001「冬季清雪」尚未评分，不计入。",
        "2 个事项每项同等平均 88.25。",
        "社区评分：工作完成情况 90.00/100，合计 90.00。",
        "事项 88.25 × 70% = 61.775。",
        "周期评分 90.00 × 30% = 27.00。",
        "总分 61.775 + 27.00 = 88.78，达到 80 分，等级为「良好」。",
        "样本不足：民意测验样本足够的事项 2 个，少于 3 个，结果仅供参考，不能据此表扬。",
        "依据《认领事项考核方案》第 1 版（2026-01-01 起施行）。",
    ]


def test_items_may_weigh_as_much_as_they_helped_people() -> None:
    result = computed(
        make_assessed("60.00", weight=300),
        make_assessed("90.00", weight=100),
        item_weighting=ItemWeighting.BENEFICIARIES,
    )

    assert result.items_score == Decimal("67.50")
    assert "300 人受益" in result.explanation[0]


def test_without_items_the_periodic_assessment_is_scaled_to_a_whole_and_said_to_be_too_little() -> None:
    result = computed()

    assert (result.items_score, result.total, result.is_sufficient) == (None, Decimal("90.00"), False)
    assert "权重按比例放大为 100%" in "".join(result.explanation)
    assert "样本不足" in result.explanation[-2]


def test_without_anything_there_is_no_result() -> None:
    result = computed(make_assessed(None), points=None)

    assert (result.total, result.grade, result.is_sufficient) == (None, None, False)
    assert "不参加评定" in result.explanation[-2]


def test_only_items_that_enough_people_rated_make_a_sample() -> None:
    few = [make_assessed(is_sufficient=False), make_assessed(), make_assessed()]

    assert not computed(*few).is_sufficient
    assert computed(*few, make_assessed()).is_sufficient


@given(
    totals=st.lists(st.decimals(0, 100, places=2), max_size=6),
    points=st.none() | st.decimals(0, 100, places=2),
    items_weight=st.integers(1, 99),
)
def test_a_total_lies_between_the_lowest_and_the_highest_part(
    totals: list[Decimal], points: Decimal | None, items_weight: int
) -> None:
    result = computed(
        *(make_assessed(str(one)) for one in totals),
        points=None if points is None else str(points),
        items_weight=items_weight,
    )

    parts = [*totals, *([] if points is None else [points])]
    if not parts:
        assert result.total is None
    else:
        assert result.total is not None
        assert min(parts) <= result.total <= max(parts)


@pytest.mark.parametrize(
    ("quarter", "start_on", "end_on"),
    [(1, date(2026, 1, 1), date(2026, 3, 31)), (2, date(2026, 4, 1), date(2026, 6, 30)), (4, START, END)],
)
def test_a_quarter_has_three_months(quarter: int, start_on: date, end_on: date) -> None:
    assert bounds_of(PeriodKind.QUARTER, year=2026, quarter=quarter) == (start_on, end_on)
    assert period_label(PeriodKind.QUARTER, start_on) == f"2026 年第 {quarter} 季度"


def test_a_year_names_no_quarter_and_a_quarter_does() -> None:
    assert bounds_of(PeriodKind.YEAR, year=2026, quarter=None) == (date(2026, 1, 1), END)
    with pytest.raises(Invalid):
        bounds_of(PeriodKind.YEAR, year=2026, quarter=1)
    with pytest.raises(Invalid):
        bounds_of(PeriodKind.QUARTER, year=2026, quarter=None)


def test_a_period_closes_once_and_not_before_it_is_over() -> None:
    period = make_period()

    with pytest.raises(PeriodNotInState, match="期满"):
        period.close(actor=worker(), today=END, now=NOW)
    assert period.possible_acts(actor=worker(), today=END) == []
    assert period.possible_acts(actor=worker(), today=CLOSED) == ["close_period"]
    period.close(actor=worker(), today=CLOSED, now=NOW)

    with pytest.raises(PeriodNotInState, match="已经结束"):
        period.close(actor=worker(), today=CLOSED, now=NOW)
    with pytest.raises(Forbidden):
        make_period().close(actor=worker(XINGAN), today=CLOSED, now=NOW)
