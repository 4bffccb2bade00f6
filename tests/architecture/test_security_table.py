"""What docs/security.md says is shown by a test or stands in a file is there."""

import ast
import re
from functools import cache
from typing import NamedTuple

from deploy.gongzhi import PROJECT

# In backticks: a file, or a test of a file (and class).
_NAMED = re.compile(r"`([\w.-]+/[\w./-]*)(?:::(?:\w+::)?(\w+))?`")
_REQUIREMENT = re.compile(r"\| (V[0-9]|8\.1\.4)")


class Row(NamedTuple):
    id: str
    meaning: str
    shown_by: str
    met: str


TEXT = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
JUDGED = TEXT.partition("\n## What does not apply\n")[0].splitlines()
CELLS = [line.strip("| ").split(" | ") for line in JUDGED if _REQUIREMENT.match(line)]
ROWS = [Row(*cells) for cells in CELLS if len(cells) == len(Row._fields)]


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_has_its_cells_and_a_verdict() -> None:
    assert [cells for cells in CELLS if len(cells) != len(Row._fields) or not all(cells)] == []
    assert {row.id: row.met for row in ROWS if row.met not in ("yes", "partly", "no")} == {}


def test_no_requirement_is_judged_twice() -> None:
    ids = [row.id for row in ROWS]

    assert len(ids) > 200
    assert {each for each in ids if ids.count(each) > 1} == set()


def test_whatever_is_named_is_there() -> None:
    named = _NAMED.findall(TEXT)

    assert {file for file, _ in named if not (PROJECT / file).exists()} == set()
    assert {(file, test) for file, test in named if test and test not in functions_of(file)} == set()


def test_whatever_is_met_shows_where() -> None:
    assert [row.id for row in ROWS if row.met != "no" and not _NAMED.search(row.shown_by)] == []


def test_whatever_is_not_met_says_why() -> None:
    assert [row.id for row in ROWS if row.met != "yes" and len(_NAMED.sub("", row.shown_by)) < 15] == []
