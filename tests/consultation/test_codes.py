"""The short code from paper."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.consultation import usecases
from services.consultation.domain import read_code, write_code
from services.consultation.domain.code import SIGNS
from services.consultation.storage.invitation import invitations
from services.contracts.consultation.errors import CodeMistyped, CodeNotFound
from tests.consultation.builders import LINK_KEY, a_poll_of, answer, close

KEY = b"a key of the tests"
CODE = write_code(UUID(int=1), key=KEY)


def test_a_code_is_eight_characters_that_look_like_no_other() -> None:
    codes = [write_code(uuid4(), key=KEY) for _ in range(300)]

    assert {len(code) for code in codes} == {9}
    assert not set("".join(codes)) & set("01ILO")
    assert len(set(codes)) == 300


@pytest.mark.parametrize(
    "typed", [CODE.lower(), CODE.replace("-", " "), f"  {CODE}\n", CODE.replace("-", "－")]
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == CODE.replace("-", "")


def test_every_wrong_character_is_found() -> None:
    code = read_code(CODE)
    for place, right in enumerate(code):
        for wrong in set(SIGNS) - {right}:
            with pytest.raises(CodeMistyped):
                read_code(code[:place] + wrong + code[place + 1 :])


def test_two_characters_that_changed_places_are_found() -> None:
    code = read_code(CODE)
    for first in range(6):
        for second in range(first + 1, 7):
            if code[first] != code[second]:
                swapped = list(code)
                swapped[first], swapped[second] = code[second], code[first]
                with pytest.raises(CodeMistyped):
                    read_code("".join(swapped))


@pytest.mark.parametrize("typed", ["", "ABC", "0O1I-LLLL", f"{CODE}2", "一二三四五六七八"])
def test_what_cannot_be_a_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeMistyped):
        read_code(typed)


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("consultation")


def opened(database: Database, code: str) -> str:
    with database.reading() as tx:
        return usecases.open_code(tx, code=code, link_key=LINK_KEY)


def test_a_code_leads_where_the_link_of_the_same_resident_leads(database: Database) -> None:
    _, tokens = a_poll_of(database, residents=3)

    codes = [usecases.code_for(token, link_key=LINK_KEY) for token in tokens]

    assert [opened(database, code) for code in codes] == tokens
    assert len(set(codes)) == 3


def test_a_code_ends_with_its_poll(database: Database) -> None:
    poll_id, (token, *_) = a_poll_of(database, residents=3)
    code = usecases.code_for(token, link_key=LINK_KEY)
    answer(database, token)
    close(database, poll_id)

    with pytest.raises(CodeNotFound):
        opened(database, code)


def test_a_code_that_nobody_was_given_is_refused(database: Database) -> None:
    a_poll_of(database, residents=3)

    with pytest.raises(CodeNotFound):
        opened(database, CODE)


def test_the_table_does_not_hold_the_code(database: Database) -> None:
    _, (token, *_) = a_poll_of(database, residents=1)
    code = usecases.code_for(token, link_key=LINK_KEY)

    with database.reading() as tx:
        held = tx.session.scalars(sa.select(invitations.c.code_hash)).one()

    assert len(held) == 32
    assert read_code(code).encode() not in held
