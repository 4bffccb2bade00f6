"""The shape of the files: small, described, and free of what does not belong in them."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from deploy.gongzhi import PROJECT

MOST_LINES = 400
GENERATED = re.compile(
    r"(\.lock$|package-lock\.json$|^docs/events/|^docs/api/|^docs/policy\.md$|\.svg$|\.json$|\.xlsx$|\.csv$)"
)
TEXT = {".py", ".sh", ".html", ".css", ".js", ".mjs", ".md", ".toml", ".yaml", ".yml", ".txt", ".mako", ""}


def committed() -> list[Path]:
    """Everything that is, or would be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    files = [Path(name) for name in done.stdout.split("\0") if name]
    return [file for file in files if (PROJECT / file).is_file()]


FILES = [file for file in committed() if file.suffix in TEXT and not GENERATED.search(str(file))]
MODULES = [
    file for file in FILES if file.suffix == ".py" and file.parts[0] in ("services", "gateway", "deploy")
]


def text(file: Path) -> str:
    return (PROJECT / file).read_text(encoding="utf-8")


def test_no_file_is_longer_than_anybody_wants_to_read() -> None:
    long = {str(file): text(file).count("\n") for file in FILES}

    assert {file: lines for file, lines in long.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize("file", MODULES, ids=str)
def test_a_module_begins_with_a_line_that_says_what_is_in_it(file: Path) -> None:
    source = text(file)
    if not source.strip():
        assert file.name == "__init__.py"
        return

    docstring = ast.get_docstring(ast.parse(source)) or ""

    assert docstring.splitlines(), f"{file} has no docstring"
    assert docstring.splitlines()[0].endswith((".", ":", "?")) or "─" in docstring


def test_nothing_is_left_to_do_in_the_code() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX)\b")
    found = [str(file) for file in FILES if file.parts[0] != "tests" and marks.search(text(file))]

    assert found == []


def test_no_file_knows_where_it_was_written_or_fetched_from() -> None:
    """Absolute paths of a machine and hosts of package registries age badly, and tell too much."""
    strange = re.compile(
        r"(/home/[a-z]|/root/|/Users/|registry\.npmjs|files\.pythonhosted|pypi\.org|mirrors?\.[a-z])"
    )
    found = [
        str(file)
        for file in committed()
        if file.suffix not in (".xlsx", ".png") and file != Path("tests/architecture/test_files.py")
        if strange.search((PROJECT / file).read_text(encoding="utf-8", errors="replace"))
    ]

    assert found == []
