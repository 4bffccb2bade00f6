"""Second factors and passwords of those who come from another system."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from gateway.auth import accounts
from gateway.auth.second_factors import SecondFactors, code_at, step_of
from gateway.storage.tables import sign_ins
from gateway.storage.users import User
from services.chassis.clock import utc_now
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.browsing import Person
from tests.sso.people import LABEL, is_signed_in, sign_on_at
from tests.sso.servers import OpenId


def second_factor_of(user: User, database: Database, app: Flask) -> str:
    """Set up here; returns the secret."""
    factors = SecondFactors(database, app.extensions["settings"].sealer)
    secret = factors.offer(user.user_id)
    factors.confirm(user.user_id, code_at(secret, step_of(utc_now()) - 1))
    return secret


def test_a_second_factor_set_up_here_is_asked_for_here(
    app: Flask, openid: OpenId, linked: User, database: Database
) -> None:
    secret = second_factor_of(linked, database, app)
    person = Person.visiting(app)

    halfway = sign_on_at(person, openid, next="/items")
    assert halfway.headers["Location"] == "/signin/code?next=/items"
    assert not is_signed_in(person)
    assert person.send("/signin/code", "/signin/code", code="000000").status_code == 401
    done = person.send("/signin/code?next=/items", "/signin/code", code=code_at(secret, step_of(utc_now())))

    assert done.headers["Location"] == "/items"
    with database.reading() as tx:
        last = tx.session.scalar(sa.select(sign_ins.c.note).order_by(sign_ins.c.sign_in_id.desc()))
    assert last == LABEL
    app.test_client().post(
        "/api/sso/city/logout", data={"logout_token": openid.signed(openid.logout_claims())}
    )
    assert not is_signed_in(person)


def test_a_second_factor_asked_for_there_is_not_asked_for_again(
    app: Flask, openid: OpenId, linked: User, database: Database
) -> None:
    second_factor_of(linked, database, app)
    openid.claims = {"amr": ["pwd", "mfa"]}
    person = Person.visiting(app)

    assert sign_on_at(person, openid).headers["Location"] == "/dashboard"
    assert is_signed_in(person)


@pytest.mark.parametrize(("amr", "status"), [(["pwd"], 303), (["mfa"], 200)], ids=str)
def test_a_role_that_needs_a_second_factor_may_have_it_there(
    app: Flask, openid: OpenId, linked: User, amr: list[str], status: int
) -> None:
    found = app.extensions["settings"]
    app.extensions["settings"] = replace(found, second_factor_roles=frozenset({Role.CITY_OFFICER}))
    openid.claims = {"amr": amr}
    person = Person.visiting(app)
    sign_on_at(person, openid)

    assert person.read("/account").status_code == status


def test_a_one_time_password_does_not_bother_whoever_comes_without_a_password(
    app: Flask, openid: OpenId, linked: User, database: Database
) -> None:
    accounts.reset_password(database, username="wang")
    person = Person.visiting(app)
    sign_on_at(person, openid)

    assert is_signed_in(person)
