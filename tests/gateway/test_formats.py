"""How values look in front of people."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway import formats


@pytest.mark.parametrize(
    ("fen", "shown"), [(3_600_000, "36,000"), (3_600_050, "36,000.50"), (5, "0.05"), (0, "0"), (None, "--")]
)
def test_money_is_shown_in_yuan_and_fen_only_when_there_are_any(fen: int | None, shown: str) -> None:
    assert formats.yuan(fen) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2860, "2,860"), ("92.90", "92.9"), ("100.00", "100"), (0, "0"), (None, "--"), ("", "--")],
)
def test_numbers_have_separators_and_no_idle_noughts(value: Any, shown: str) -> None:
    assert formats.number(value) == shown


def test_times_are_shown_as_clocks_here_show_them() -> None:
    assert formats.local_datetime("2026-11-23T00:05:00+00:00") == "2026-11-23 08:05"
    assert formats.local_datetime("2026-11-23T20:05:00+00:00") == "2026-11-24 04:05"
    assert formats.local_datetime(None) == "--"


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=5), "5 分钟前"),
        (timedelta(hours=3, minutes=10), "3 小时前"),
    ],
)
def test_what_has_just_happened_is_told_by_how_long_ago(ago: timedelta, shown: str) -> None:
    assert formats.moment((datetime.now(UTC) - ago).isoformat()) == shown


def test_terms_are_shown_by_their_word_and_unknown_ones_as_they_are() -> None:
    assert formats.label("joint", "ClaimKind") == "联合认领"
    assert formats.label("brand_new", "ClaimKind") == "brand_new"
    assert formats.label(None, "ClaimKind") == "--"


def test_many_units_are_counted_and_two_are_named() -> None:
    assert formats.names(["甲", "乙", "丙"]) == "甲、乙 等 3 家"
    assert formats.names(["甲"]) == "甲"
    assert formats.names([]) == "--"


def test_a_code_to_scan_is_svg_without_a_style() -> None:
    code = formats.qr('http://localhost/polls/answer/x"><script>')

    assert code.startswith("<svg")
    assert "style" not in code
    assert "script" not in code
