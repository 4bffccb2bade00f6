"""Cursors: what comes back is what was given out, and nothing else is taken."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.paging import decode_cursor, encode_cursor
from services.contracts.base import Invalid

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))


@given(TEXT, st.integers(-(2**63), 2**63 - 1), st.uuids(), st.datetimes(timezones=st.just(UTC)))
def test_a_key_survives_its_cursor(text: str, number: int, key: UUID, moment: datetime) -> None:
    cursor = encode_cursor(text, number, key, moment)

    assert decode_cursor(cursor, str, int, UUID, datetime) == (text, number, key, moment)


@pytest.mark.parametrize("cursor", [None, ""])
def test_no_cursor_is_the_first_page(cursor: str | None) -> None:
    assert decode_cursor(cursor, str) is None


@given(st.text(min_size=1))
def test_a_made_up_cursor_is_refused_and_never_fails_otherwise(cursor: str) -> None:
    with pytest.raises(Invalid, match="翻页标记无效"):
        decode_cursor(cursor, UUID, int)


@pytest.mark.parametrize(
    "cursor",
    [
        encode_cursor("a"),
        encode_cursor("a", 1, 2),
        encode_cursor(1, "a"),
        encode_cursor("a\x00b", 1),
        encode_cursor("a", 2**70),
        encode_cursor("a", 1)[:-2],
        "====",
        "é",
        "a" * 100_000,
    ],
)
def test_a_cursor_of_another_list_or_of_nobody_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode_cursor(cursor, str, int)

    assert "cursor" in refused.value.fields
