"""Accounts by the command line."""

import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from deploy.gongzhi.users import command
from deploy.local.stack import LocalStack
from gateway.auth.accounts import Accounts
from gateway.auth.attempts import Client
from gateway.auth.errors import SignInRefused
from gateway.settings import Settings
from services.chassis.audit_tables import entries
from services.chassis.config import Config
from services.chassis.db import Database

COMMUNITY = "0199aaaa-0000-7000-8000-000000000001"


@pytest.fixture
def run(database: Database, stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    return CliRunner()


def add(run: CliRunner, *more: str, password: str = "correct-horse-battery") -> str:
    arguments = [
        "add",
        "Wang",
        "--name",
        "王秀兰",
        "--role",
        "community_worker",
        "--community",
        COMMUNITY,
        *more,
    ]
    return run.invoke(command, arguments, input=f"{password}\n{password}\n").output


def test_an_account_is_opened_and_listed(run: CliRunner) -> None:
    assert "已开通账号 wang（社区工作者）" in add(run)

    listed = json.loads(run.invoke(command, ["list", "--json"]).output)
    assert [(user["username"], user["community_ids"]) for user in listed] == [("wang", [COMMUNITY])]
    assert "王秀兰" in run.invoke(command, ["list"]).output


def test_what_was_done_stands_in_the_audit(run: CliRunner, database: Database) -> None:
    add(run)
    run.invoke(command, ["close", "wang"])
    run.invoke(command, ["break-glass", "enable", "--hours", "1", "--reason", "全员无法登录"])

    with database.reading() as tx:
        rows = tx.session.execute(sa.select(entries).order_by(entries.c.entry_id)).all()
    # Nothing ever leaves the audit, also not between tests.
    assert [row.act for row in rows if row.actor_id.startswith("console:")][-3:] == [
        "gateway.add_user",
        "gateway.close_user",
        "gateway.enable_break_glass",
    ]
    assert rows[-1].reason == "全员无法登录"


def test_what_cannot_be_is_said_in_a_sentence(run: CliRunner) -> None:
    assert "太容易被猜到" in add(run, password="1234567890")
    add(run)

    assert "已经有人使用" in add(run)
    refused = run.invoke(command, ["close", "nobody"])
    assert refused.exit_code == 1
    assert "没有用户" in refused.output


def test_a_closed_account_is_refused_until_it_is_opened_again(
    run: CliRunner, database: Database, settings: Config
) -> None:
    add(run)
    accounts, client = Accounts(database, Settings.of(settings)), Client(address="127.0.0.1")

    run.invoke(command, ["close", "wang"])
    with pytest.raises(SignInRefused):
        accounts.sign_in(username="wang", password="correct-horse-battery", client=client)
    run.invoke(command, ["reopen", "wang"])
    run.invoke(command, ["set-password", "wang"], input="another-long-one\nanother-long-one\n")

    assert accounts.sign_in(username="wang", password="another-long-one", client=client).token
