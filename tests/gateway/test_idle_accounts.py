"""Accounts that nobody uses: after half a year they wait for an administrator."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.auth import accounts
from gateway.auth.accounts import BREAK_GLASS
from gateway.storage.tables import users
from services.chassis.config import Config, ConfigError, load
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.browsing import Person, words
from tests.gateway.fakes import FakeServices

PASSWORD = "sample-pass-2026"


@pytest.fixture(autouse=True)
def people(database: Database, services: FakeServices) -> None:
    services.answers["staffing.list_communities"] = {"items": []}
    for name, role in (("wang", Role.CITY_OFFICER), ("security", Role.SECURITY_ADMIN)):
        accounts.add_user(database, username=name, display_name=name, password=PASSWORD, roles=(role,))


def leave_alone(database: Database, username: str, *, days: int) -> None:
    span = timedelta(days=days)
    moved = {name: users.c[name] - span for name in ("created_at", "signed_in_at", "password_changed_at")}
    with database.transaction() as tx:
        tx.session.execute(sa.update(users).where(users.c.username == username).values(moved))


def enters(client: FlaskClient, username: str = "wang", password: str = PASSWORD) -> bool:
    answered = client.post("/api/v1/session", json={"username": username, "password": password})
    assert answered.status_code in (201, 401)
    return bool(answered.status_code == 201)


@pytest.mark.parametrize(("days", "may"), [(179, True), (181, False)])
def test_an_account_left_alone_for_half_a_year_is_closed(
    client: FlaskClient, database: Database, days: int, may: bool
) -> None:
    leave_alone(database, "wang", days=days)

    assert enters(client) is may


def test_an_administrator_sees_it_and_opens_it_again(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    leave_alone(database, "wang", days=181)
    security = Person.signed_in(app, "security")

    listed = security.page("/admin/users")
    assert "长期未用" in words(listed)
    address = next(
        part.partition('"')[0] for part in listed.split('href="') if ">wang</a>" in part.partition("</td>")[0]
    )
    assert "恢复之前不能登录" in words(security.page(address))
    security.send(address, f"{address}/reopen_account")

    assert "长期未用" not in words(security.page("/admin/users"))
    assert enters(client)


def test_a_new_password_from_an_administrator_opens_it_too(client: FlaskClient, database: Database) -> None:
    leave_alone(database, "wang", days=181)

    password = accounts.reset_password(database, username="wang")

    assert enters(client, password=password)


def test_the_emergency_account_may_wait_for_years(client: FlaskClient, database: Database) -> None:
    accounts.add_user(
        database, username=BREAK_GLASS, display_name="应急", password=PASSWORD, roles=(Role.CITY_ADMIN,)
    )
    leave_alone(database, BREAK_GLASS, days=2000)

    assert enters(client, BREAK_GLASS)


def test_the_office_says_how_long(settings: Config, services: FakeServices, database: Database) -> None:
    leave_alone(database, "wang", days=31)
    config = load({**settings.variables, "GONGZHI_IDLE_DAYS": "30"})

    assert not enters(create_app(config, services, database=database).test_client())
    with pytest.raises(ConfigError, match="GONGZHI_IDLE_DAYS"):
        create_app(load({**settings.variables, "GONGZHI_IDLE_DAYS": "soon"}), services, database=database)
