"""The burden index: one formula, explained line by line; emergencies and refusals stand beside it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.burden import (
    ALL_RULES,
    Counted,
    burden_index,
    burden_rules_on,
    first_day,
    first_day_after,
    formula,
)
from services.contracts.claims.admission_terms import BurdenBasis, BurdenKind

RULES = burden_rules_on(date(2026, 11, 1))


def of(kind: BurdenKind, basis: BurdenBasis, quantity: int) -> Counted:
    return Counted(kind=kind, basis=basis, quantity=quantity)


def test_an_index_is_weights_times_quantities_and_says_so_line_by_line() -> None:
    result = burden_index(
        [
            of(BurdenKind.FORM, BurdenBasis.ADMITTED, 3),
            of(BurdenKind.FORM, BurdenBasis.UNADMITTED, 2),
            of(BurdenKind.INSPECTION, BurdenBasis.ADMITTED, 1),
            of(BurdenKind.ASSESSMENT, BurdenBasis.UNADMITTED, 1),
            of(BurdenKind.MEETING, BurdenBasis.EMERGENCY, 4),
        ],
        sent_back=2,
        rules=RULES,
    )

    assert result.index == 3 * 1 + 2 * 1 * 2 + 1 * 3 + 1 * 5 * 2 == 20
    assert result.explanation == [
        "填报表格（已准入）3 次 × 1 = 3。",
        "填报表格（未准入）2 次 × 1 × 2 = 4。",
        "迎接检查（已准入）1 次 × 3 = 3。",
        "迎接考核（未准入）1 次 × 5 × 2 = 10。",
        "负担指数 3 + 4 + 3 + 10 = 20。",
        "应急 4 次，免于准入，单独计数，不计入指数。",
        "未准入退回 2 件，没有承担，不计入指数。",
    ]
    assert result.quantities == {"form": 5, "inspection": 1, "meeting": 0, "assessment": 1}
    assert (result.unadmitted, result.emergencies, result.sent_back) == (3, 4, 2)


def test_without_burden_the_index_is_nought_and_says_so() -> None:
    result = burden_index([], rules=RULES)

    assert (result.index, result.explanation) == (0, ["本月没有计入指数的负担，负担指数 0。"])


def test_the_formula_shows_every_weight() -> None:
    text = "".join(formula(RULES))

    for words in ("填报表格 1 分", "迎接检查 3 分", "参加会议 2 分", "迎接考核 5 分", "2 倍", "2026-01-01"):
        assert words in text


counts = st.lists(
    st.builds(
        Counted,
        kind=st.sampled_from(list(BurdenKind)),
        basis=st.sampled_from(list(BurdenBasis)),
        quantity=st.integers(1, 1000),
    ),
    max_size=12,
)


@given(counts, st.integers(0, 50), st.integers(1, 500))
def test_emergencies_and_send_backs_never_change_the_index(
    counted: list[Counted], sent_back: int, more: int
) -> None:
    plain = burden_index(counted, rules=RULES)
    emergency = of(BurdenKind.INSPECTION, BurdenBasis.EMERGENCY, more)

    beside = burden_index([*counted, emergency], sent_back=sent_back, rules=RULES)

    assert beside.index == plain.index
    assert beside.emergencies == plain.emergencies + more


@given(counts)
def test_a_sum_is_the_same_in_any_order_and_in_parts(counted: list[Counted]) -> None:
    split = [of(one.kind, one.basis, 1) for one in counted for _ in range(min(one.quantity, 3))]
    whole = [of(one.kind, one.basis, min(one.quantity, 3)) for one in counted]

    assert burden_index(split, rules=RULES) == burden_index(list(reversed(whole)), rules=RULES)


def test_rules_have_dates_of_effect() -> None:
    assert [rules.effective_on for rules in ALL_RULES] == sorted(rules.effective_on for rules in ALL_RULES)
    assert burden_rules_on(date(2020, 1, 1)) is ALL_RULES[0]


@pytest.mark.parametrize(
    ("month", "start", "after"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 12, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2028-02", date(2028, 2, 1), date(2028, 3, 1)),
    ],
)
def test_a_month_ends_where_the_next_begins(month: str, start: date, after: date) -> None:
    assert (first_day(month), first_day_after(month)) == (start, after)
