"""The first account of an empty platform, and the one for the day when nobody else can sign in."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from deploy.gongzhi import db, users
from deploy.local.stack import LocalStack
from gateway.auth import accounts
from gateway.auth.break_glass import BreakGlassAlarm
from gateway.storage.tables import sign_ins
from gateway.storage.tables import users as user_rows
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.browsing import Person
from tests.gateway.fakes import FakeServices

PASSWORD = "correct-horse-battery"
ONE_TIME = re.compile(r"一次性密码：([a-z0-9-]{19})")
ENABLE = ("break-glass", "enable", "--hours", "2", "--reason", "统一登录中断，市局来电确认")


@pytest.fixture
def run(database: Database, stack: LocalStack, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)

    def invoke(*arguments: str, command=users.command) -> Result:  # type: ignore[no-untyped-def]
        return CliRunner().invoke(command, list(arguments))

    return invoke


@pytest.fixture(autouse=True)
def places(services: FakeServices) -> None:
    services.answers["staffing.list_communities"] = {"items": []}


def sign_in(client: FlaskClient, username: str, password: str):  # type: ignore[no-untyped-def]
    return client.post("/api/v1/session", json={"username": username, "password": password})


def emergency_password(told: Result) -> str:
    assert told.exit_code == 0, told.output
    found = ONE_TIME.search(told.output)
    assert found
    return found[1]


def test_an_empty_platform_gets_an_administrator_whose_password_is_shown_once(run, app: Flask) -> None:  # type: ignore[no-untyped-def]
    told = run("migrate", command=db.command)
    again = run("migrate", command=db.command)

    password = emergency_password(told)
    assert "一次性密码" not in again.output
    opened = sign_in(app.test_client(), "admin", password)
    assert set(opened.json["user"]["roles"]) == {"city_admin", "security_admin"}
    person = Person.visiting(app)
    person.send("/signin", "/signin", username="admin", password=password)
    assert person.read("/account").headers["Location"] == "/account/password"


def test_the_first_password_is_told_to_the_terminal_and_not_to_standard_output(run) -> None:  # type: ignore[no-untyped-def]
    told = run("migrate", "--json", command=db.command)

    assert ONE_TIME.search(told.stderr)
    assert not ONE_TIME.search(told.stdout)


def test_a_platform_with_accounts_gets_no_administrator(run, database: Database) -> None:  # type: ignore[no-untyped-def]
    accounts.add_user(
        database, username="wang", display_name="", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )

    told = run("migrate", command=db.command)

    assert "admin" not in told.output
    with database.reading() as tx:
        assert tx.session.scalars(sa.select(user_rows.c.username)).all() == ["wang"]


def test_there_is_no_emergency_account_until_it_is_enabled(run, client: FlaskClient) -> None:  # type: ignore[no-untyped-def]
    assert sign_in(client, "break-glass", "anything").status_code == 401
    refused = run("break-glass", "disable")

    assert refused.exit_code == 1
    assert "没有开启" in refused.output


@pytest.mark.parametrize(("hours", "reason"), [("0", "统一登录中断"), ("73", "统一登录中断"), ("2", "  急 ")])
def test_the_emergency_account_needs_an_end_and_a_reason(run, hours: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    assert run("break-glass", "enable", "--hours", hours, "--reason", reason).exit_code == 1


def test_the_emergency_account_is_loud(  # type: ignore[no-untyped-def]
    run, app: Flask, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    accounts.add_user(
        database, username="wang", display_name="王秀兰", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )
    person = Person.visiting(app)
    person.send("/signin", "/signin", username="wang", password=PASSWORD)
    assert "应急账号正在开启" not in person.page("/account")

    told = run(*ENABLE)
    app.extensions["break_glass"] = BreakGlassAlarm(database)  # as it knows some seconds later

    assert "应急账号正在开启" in person.page("/account")
    assert re.search(r"(?i)error.*break_glass_enabled", told.output + caplog.text)
    with database.reading() as tx:
        noted = tx.session.execute(
            sa.select(sign_ins.c.outcome, sign_ins.c.note).where(sign_ins.c.username == "break-glass")
        ).all()
    assert [tuple(row) for row in noted] == [("break_glass_enabled", ENABLE[-1])]


def test_the_log_complains_while_the_emergency_account_is_open(  # type: ignore[no-untyped-def]
    run, database: Database, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    run(*ENABLE)

    assert BreakGlassAlarm(database).open_until() is not None

    assert "break_glass_is_open" in capsys.readouterr().out + caplog.text


def test_the_emergency_password_opens_the_city_after_it_was_changed(run, app: Flask) -> None:  # type: ignore[no-untyped-def]
    password = emergency_password(run(*ENABLE))
    person = Person.visiting(app)
    person.send("/signin", "/signin", username="break-glass", password=password)

    page = "/account/password"
    person.send(page, page, old_password=password, new_password=PASSWORD, again=PASSWORD)

    assert "市级管理员" in person.page("/account")


def test_the_emergency_account_closes_by_itself(run, client: FlaskClient, database: Database) -> None:  # type: ignore[no-untyped-def]
    password = emergency_password(run(*ENABLE))
    token = sign_in(client, "break-glass", password).json["token"]

    with database.transaction() as tx:
        tx.session.execute(sa.update(user_rows).values(closes_at=user_rows.c.closes_at - timedelta(hours=2)))

    assert client.get("/api/v1/session", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert sign_in(client, "break-glass", password).status_code == 401
    assert BreakGlassAlarm(database).open_until() is None


def test_the_emergency_account_is_closed_by_hand(run, client: FlaskClient, database: Database) -> None:  # type: ignore[no-untyped-def]
    password = emergency_password(run(*ENABLE))
    token = sign_in(client, "break-glass", password).json["token"]

    assert run("break-glass", "disable").exit_code == 0

    assert client.get("/api/v1/session", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert sign_in(client, "break-glass", password).status_code == 401
    assert BreakGlassAlarm(database).open_until() is None


def test_enabling_again_starts_with_a_new_password(run, client: FlaskClient) -> None:  # type: ignore[no-untyped-def]
    first = emergency_password(run(*ENABLE))
    second = emergency_password(run(*ENABLE))

    assert first != second
    assert sign_in(client, "break-glass", first).status_code == 401
    assert sign_in(client, "break-glass", second).status_code == 201


def test_an_administrator_hands_over_a_one_time_password(run, app: Flask, database: Database) -> None:  # type: ignore[no-untyped-def]
    accounts.add_user(
        database, username="wang", display_name="王秀兰", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )

    password = emergency_password(run("reset-password", "wang"))

    person = Person.visiting(app)
    person.send("/signin", "/signin", username="wang", password=password)
    assert person.read("/account").headers["Location"] == "/account/password"
