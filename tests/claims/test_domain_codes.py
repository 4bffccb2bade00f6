"""Codes and calendars: the unified social credit code, item codes, working days."""

from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.claim_list import free_codes, item_code
from services.claims.domain.uscc import ALPHABET, code_check, normal_uscc, organisation_check
from services.contracts.claims.errors import UsccInvalid
from services.contracts.working_days import WorkCalendar
from tests.builders import make_uscc


@pytest.mark.parametrize(
    "code",
    [
        "55231102MF0000013B",
        "55231102MF00001522",
        "52231100MJ41234539",
        "91231100MA18ABCD3L",
        "11231100001234562F",
        "55231102MF00002160",  # the check digit is nought
        "91110000600037341L",
        "N2231102MF76543270",  # departments N, A and Y are letters
        "A1231102MF7654327F",
        "Y1231102MF7654327T",
    ],
)
def test_a_code_with_both_check_digits_right_is_accepted(code: str) -> None:
    assert normal_uscc(code) == code


def test_a_code_may_be_written_in_small_letters_and_groups() -> None:
    assert normal_uscc(" 5523 1102 mf00 0001 3b ") == "55231102MF0000013B"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "55231102MF0000013",
        "55231102MF0000013BB",
        "55231102MI0000013B",  # I, O, S, V and Z do not occur
        "5523110ZMF0000013B",
        "5523A102MF0000013B",  # a division has digits only
        "55231102MF000001AB",  # the seventeenth is a digit or X
    ],
)
def test_a_code_of_wrong_form_is_refused(code: str) -> None:
    with pytest.raises(UsccInvalid, match="18 位"):
        normal_uscc(code)


def test_a_wrong_organisation_check_digit_is_refused_even_when_the_last_one_fits() -> None:
    body = "55231102MF0000014"
    code = body + code_check(body)

    with pytest.raises(UsccInvalid, match="第 17 位"):
        normal_uscc(code)


def test_a_wrong_last_check_digit_is_refused() -> None:
    with pytest.raises(UsccInvalid, match="第 18 位"):
        normal_uscc("55231102MF0000013C")


@pytest.mark.parametrize(("body", "check"), [("MF000000", "5"), ("MF000001", "3"), ("MF000003", "X")])
def test_the_organisation_check_digit_counts_letters_from_ten(body: str, check: str) -> None:
    assert organisation_check(body) == check


@given(st.integers(0, 999_999), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(number: int, position: int, char: str) -> None:
    code = make_uscc(number)
    changed = code[:position] + char + code[position + 1 :]

    if changed == code:
        assert normal_uscc(changed) == code
    else:
        with pytest.raises(UsccInvalid):
            normal_uscc(changed)


def test_an_item_code_has_year_and_at_least_four_digits() -> None:
    assert item_code(2026, 7) == "RL-2026-0007"
    assert item_code(2026, 12345) == "RL-2026-12345"


def test_free_codes_step_over_those_that_files_gave() -> None:
    codes = free_codes(year=2026, last=1, taken={"RL-2026-0002", "RL-2026-0004"})

    assert list(islice(codes, 3)) == [(3, "RL-2026-0003"), (5, "RL-2026-0005"), (6, "RL-2026-0006")]


def days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=step) for step in range((last - first).days + 1)}


# The notice for 2026, domain rules 1.6.
NOTICE_2026 = WorkCalendar(
    days_off=frozenset(
        days(date(2026, 1, 1), date(2026, 1, 3))
        | days(date(2026, 2, 15), date(2026, 2, 23))
        | days(date(2026, 4, 4), date(2026, 4, 6))
        | days(date(2026, 5, 1), date(2026, 5, 5))
        | days(date(2026, 6, 19), date(2026, 6, 21))
        | days(date(2026, 9, 25), date(2026, 9, 27))
        | days(date(2026, 10, 1), date(2026, 10, 7))
    ),
    days_worked=frozenset(
        {
            date(2026, 1, 4),
            date(2026, 2, 14),
            date(2026, 2, 28),
            date(2026, 5, 9),
            date(2026, 9, 20),
            date(2026, 10, 10),
        }
    ),
)


@pytest.mark.parametrize(
    ("start", "working_days", "end"),
    [
        (date(2026, 9, 22), 7, date(2026, 10, 9)),
        (date(2026, 2, 11), 5, date(2026, 2, 25)),  # Saturday 14 February is worked
        (date(2026, 4, 30), 5, date(2026, 5, 11)),  # Saturday 9 May is worked
        (date(2026, 11, 23), 7, date(2026, 12, 2)),
    ],
)
def test_a_period_in_working_days_leaves_out_its_first_day_and_days_off(
    start: date, working_days: int, end: date
) -> None:
    assert NOTICE_2026.end_of_period(start, working_days=working_days) == end


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(1, 30))
def test_a_period_always_ends_on_a_working_day(start: date, working_days: int) -> None:
    end = NOTICE_2026.end_of_period(start, working_days=working_days)

    assert NOTICE_2026.is_working_day(end)
    counted = [day for day in days(start, end) - {start} if NOTICE_2026.is_working_day(day)]
    assert len(counted) == working_days
