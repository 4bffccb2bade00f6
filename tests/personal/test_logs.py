"""What a process says of itself tells nothing of a person."""

import ast
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from deploy.gongzhi import PROJECT
from services.chassis import logs
from services.chassis.db import Database

NUMBER = "231102190001010019"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a configured process writes to its standard output."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    logs.configure(process="test")
    yield written
    root.handlers[:], level = before[0], before[1]
    root.setLevel(level)


def sources() -> Iterator[Path]:
    for area in ("services", "gateway"):
        yield from (file for file in (PROJECT / area).rglob("*.py") if "node_modules" not in file.parts)


def test_every_name_in_a_log_line_of_the_code_is_allowed() -> None:
    unknown = {
        f"{file.relative_to(PROJECT)}:{node.lineno} {keyword.arg}"
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
        for keyword in node.keywords
        if keyword.arg and keyword.arg not in logs.ALLOWED
    }

    assert unknown == set()


def test_a_value_under_an_unknown_name_is_withheld(said: io.StringIO) -> None:
    logs.get_logger("test").info("done", resident_name="张海", count=3)

    line = json.loads(said.getvalue())
    assert line["resident_name"] == logs.WITHHELD
    assert line["count"] == 3


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"number {NUMBER} refused", "number *** refused"),
        ("身份证23110219000101006X重复", "身份证***重复"),
        ("call 13812341234.", "call ***."),
        ("call +8613812341234", "call +***"),
        ("to <wang.fang@mail.example.cn>", "to <***>"),
        ("event 019ac000-0000-7000-8000-138123412345", "event 019ac000-0000-7000-8000-138123412345"),
        ("at 127.0.0.1:8600, 2026-11-23T04:00:00Z", "at 127.0.0.1:8600, 2026-11-23T04:00:00Z"),
    ],
)
def test_what_looks_like_a_persons_number_or_mailbox_is_starred_out(said: str, told: str) -> None:
    assert logs.scrubbed({"a": [said]}) == {"a": [told]}


def test_a_traceback_and_a_library_line_are_scrubbed_too(said: io.StringIO) -> None:
    try:
        int(f"number {NUMBER}")
    except ValueError:
        logs.get_logger("test").exception("failed")
    logging.getLogger("library").warning("number %s", NUMBER)

    assert said.getvalue().count("***") == 2
    assert NUMBER not in said.getvalue()


def test_an_error_of_the_database_is_logged_without_the_values_of_its_statement(
    service_db: Callable[[str], Database],
) -> None:
    database = service_db("consultation")

    with pytest.raises(sa.exc.DBAPIError) as caught, database.engine.begin() as connection:
        connection.execute(sa.text("SELECT CAST(:name AS text) FROM nowhere"), {"name": "张海"})

    assert "张海" not in logs.scrubbed(str(caught.value))
