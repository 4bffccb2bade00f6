"""Signing out at both ends, whichever is first."""

from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from deploy.local.stack import LocalStack
from gateway.app import create_app
from gateway.auth.sso import sign_on
from gateway.storage.tables import sign_ins
from gateway.storage.users import User
from services.chassis.config import load
from services.chassis.db import Database
from tests.gateway.browsing import Person
from tests.gateway.fake_services import FakePlatform
from tests.sso.people import LABEL, PASSWORD, come_back, is_signed_in, leave, sign_on_at
from tests.sso.servers import LOGOUT, CasServer, OpenId


def test_signing_out_here_leads_to_signing_out_there(app: Flask, openid: OpenId, linked: User) -> None:
    person = Person.visiting(app)
    sign_on_at(person, openid)

    left = person.send("/account", "/signout")

    [address] = [part for part in left.text.split('"') if part.startswith(f"{openid.url}/logout")]
    asked = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
    assert asked["post_logout_redirect_uri"] == ["http://localhost/signin"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert not is_signed_in(person)


def test_signing_out_here_does_not_wait_for_a_system_that_is_away(
    app: Flask, openid: OpenId, linked: User
) -> None:
    person = Person.visiting(app)
    sign_on_at(person, openid)
    app.extensions["single_sign_on"]._drivers["city"]._directory._metadata_at = float("-inf")
    openid.say("/.well-known/openid-configuration", (500, "text/plain", b""))

    left = person.send("/account", "/signout")

    assert (left.status_code, left.headers["Location"]) == (303, "/signin")
    assert not is_signed_in(person)


def test_signing_out_there_ends_the_session_here(
    app: Flask, openid: OpenId, linked: User, database: Database
) -> None:
    openid.claims = {"sid": "s-1"}
    person, elsewhere = Person.visiting(app), Person.visiting(app)
    sign_on_at(person, openid)
    openid.claims = {"sid": "s-2"}
    sign_on_at(elsewhere, openid)

    told = app.test_client().post(
        "/api/sso/city/logout", data={"logout_token": openid.signed(openid.logout_claims(sid="s-1"))}
    )

    assert (told.status_code, told.headers["Cache-Control"]) == (200, "no-store")
    assert not is_signed_in(person)
    assert is_signed_in(elsewhere)
    with database.reading() as tx:
        last = tx.session.execute(sa.select(sign_ins).order_by(sign_ins.c.sign_in_id.desc())).first()
        assert last is not None
        assert (last.outcome, last.note) == ("signed_out", LABEL)


def test_signing_out_there_ends_only_sessions_that_were_opened_from_there(
    app: Flask, openid: OpenId, other: OpenId, linked: User
) -> None:
    local, remote = Person.visiting(app), Person.visiting(app)
    local.send("/signin", "/signin", username="wang", password=PASSWORD)
    sign_on_at(remote, openid)
    client = app.test_client()

    client.post("/api/sso/other/logout", data={"logout_token": other.signed(other.logout_claims())})
    assert is_signed_in(remote)
    client.post("/api/sso/city/logout", data={"logout_token": openid.signed(openid.logout_claims())})

    assert not is_signed_in(remote)
    assert is_signed_in(local)


@pytest.mark.parametrize("form", [{}, {"logout_token": "x.y.z"}, {"logoutRequest": "<x/>"}], ids=str)
def test_a_logout_message_that_nobody_signed_is_refused(
    app: Flask, openid: OpenId, linked: User, form: dict[str, str]
) -> None:
    person = Person.visiting(app)
    sign_on_at(person, openid)

    told = app.test_client().post("/api/sso/city/logout", data=form)

    assert (told.status_code, told.content_type) == (400, "application/problem+json")
    assert is_signed_in(person)


def test_unlinking_ends_the_sessions_from_there(
    app: Flask, openid: OpenId, linked: User, database: Database
) -> None:
    person = Person.visiting(app)
    sign_on_at(person, openid)

    sign_on.unlink(database, provider="city", user=linked)

    assert not is_signed_in(person)
    assert sign_on_at(person, openid).headers["Location"] == "/sso/city/link"


def test_cas_ends_the_session_that_its_ticket_opened(
    stack: LocalStack, database: Database, wang: User
) -> None:
    sign_on.link(database, provider="city", subject="wangxl", user=wang)
    with CasServer() as server:
        variables = {"GONGZHI_SSO_CITY_KIND": "cas", "GONGZHI_SSO_CITY_URL": f"{server.url}/cas"}
        app = create_app(load({**stack.environment(), **variables}), FakePlatform(), database=database)
        person = Person.visiting(app)
        service = parse_qs(urlsplit(leave(person)).query)["service"][0]
        server.tickets["ST-1"] = service
        state = parse_qs(urlsplit(service).query)["state"][0]

        assert come_back(person, {"state": state, "ticket": "ST-1"}).status_code == 303
        assert is_signed_in(person)
        told = app.test_client().post("/api/sso/city/logout", data={"logoutRequest": LOGOUT})

    assert told.status_code == 200
    assert not is_signed_in(person)
