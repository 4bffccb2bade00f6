"""Values sealed at rest open only where, and as what, they were sealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.config import load
from services.chassis.sealing import SealBroken, Sealer

CONFIG = load({"GONGZHI_SECRET": "s" * 32})
SEALER = Sealer(CONFIG, purpose="identity")


@given(st.text(), st.text())
def test_what_was_sealed_opens_again(text: str, context: str) -> None:
    assert SEALER.unseal(SEALER.seal(text, context=context), context=context) == text


def test_a_value_copied_to_another_row_does_not_open() -> None:
    sealed = SEALER.seal("231102199001010017", context="residents/1")

    with pytest.raises(SealBroken):
        SEALER.unseal(sealed, context="residents/2")


@pytest.mark.parametrize("position", [0, 1, 12, 13, -1])
def test_a_changed_byte_is_noticed(position: int) -> None:
    sealed = bytearray(SEALER.seal("text", context="row"))
    sealed[position] ^= 1

    with pytest.raises(SealBroken):
        SEALER.unseal(bytes(sealed), context="row")


@pytest.mark.parametrize("cut", [b"", b"1", b"1" + b"x" * 12, b"1" + b"x" * 20])
def test_a_cut_value_is_noticed(cut: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.unseal(cut, context="row")


def test_another_purpose_or_secret_does_not_open_it() -> None:
    sealed = SEALER.seal("text", context="row")

    for other in (
        Sealer(CONFIG, purpose="contact"),
        Sealer(load({"GONGZHI_SECRET": "t" * 32}), purpose="identity"),
    ):
        with pytest.raises(SealBroken):
            other.unseal(sealed, context="row")


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    assert SEALER.seal("text", context="row") != SEALER.seal("text", context="row")


def test_a_keyed_hash_finds_the_same_text_again_and_needs_the_key() -> None:
    other = Sealer(load({"GONGZHI_SECRET": "t" * 32}), purpose="identity")

    assert SEALER.keyed_hash("text") == SEALER.keyed_hash("text")
    assert SEALER.keyed_hash("text") != other.keyed_hash("text")
    assert b"text" not in SEALER.seal("text", context="row")
