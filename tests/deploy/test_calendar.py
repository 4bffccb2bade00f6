"""`gongzhi calendar`: a notice is read, loaded into every service that keeps clocks, and moves them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click
import pytest
from click.testing import CliRunner

from deploy.gongzhi import calendar as cli
from services.chassis import clocks
from services.chassis.db import Database


def notice(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "notice.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_notice_is_read_with_comments_and_either_words(tmp_path: Path) -> None:
    days = list(cli.read_notice(notice(tmp_path, "# 2028\n2028-01-26,休,春节\n\n2028-02-05,work\n")))

    assert [(day.day.isoformat(), day.is_working_day, day.note) for day in days] == [
        ("2028-01-26", False, "春节"),
        ("2028-02-05", True, ""),
    ]


@pytest.mark.parametrize("line", ["2028-13-01,休", "2028-01-26,假", "2028-01-26"])
def test_a_wrong_line_is_named_and_nothing_is_loaded(tmp_path: Path, line: str) -> None:
    with pytest.raises(click.ClickException, match="第 2 行"):
        list(cli.read_notice(notice(tmp_path, f"2028-01-24,休\n{line}\n")))


def test_a_notice_moves_the_clocks_that_run(
    tmp_path: Path, service_db: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = service_db("claims")
    monkeypatch.setattr(cli, "_keeping_clocks", lambda: iter([claims]))
    start = datetime(2028, 2, 14, 2, tzinfo=UTC)
    with claims.transaction(now=start) as tx:
        due_on = clocks.start(tx, "verify_claim", uuid4(), working_days=5, title="除雪", on=start.date())
    assert due_on.isoformat() == "2028-02-21"

    loaded = CliRunner().invoke(cli.command, ["load", str(notice(tmp_path, "2028-02-16,休,试\n"))])

    assert loaded.exit_code == 0, loaded.output
    assert "claims：1 个期限随之改变" in loaded.output
    with claims.reading() as tx:
        [clock] = clocks.list_open(tx.session, clocks.Wanted())
    assert clock.due_on.isoformat() == "2028-02-22"
