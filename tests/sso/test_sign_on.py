"""From the button to the session: leaving, coming back, and linking the account."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from gateway.auth import accounts
from gateway.auth.sso import sign_on
from gateway.storage import identities, users
from gateway.storage.tables import sessions, sign_ins, sign_on_steps
from gateway.storage.users import User
from services.chassis.db import Database
from services.contracts.base import Role
from tests.audit.people import rows
from tests.gateway.browsing import Person, hidden_fields, words
from tests.sso.people import LABEL, PASSWORD, come_back, is_signed_in, leave, sign_on_at
from tests.sso.servers import OpenId


def test_the_sign_in_page_offers_every_system(app: Flask) -> None:
    page = Person.visiting(app).page("/signin?next=/items")

    assert 'href="/sso/city/start?next=/items"' in page
    assert "省统一身份认证登录" in page


def test_a_linked_identity_opens_a_session_and_leads_to_the_page_wanted(
    app: Flask, openid: OpenId, linked: User, database: Database
) -> None:
    person = Person.visiting(app)

    back = sign_on_at(person, openid, next="/items?q=x")

    assert (back.status_code, back.headers["Location"]) == (303, "/items?q=x")
    assert is_signed_in(person)
    with database.reading() as tx:
        [entry] = tx.session.execute(sa.select(sign_ins)).all()
        [identity] = identities.list_identities(tx.session)
    assert (entry.outcome, entry.username, entry.note) == ("signed_in", "wang", LABEL)
    assert identity.last_used_at is not None


def test_the_page_wanted_is_one_of_ours(app: Flask, openid: OpenId, linked: User) -> None:
    back = sign_on_at(Person.visiting(app), openid, next="//elsewhere.example/")

    assert back.headers["Location"] == "/dashboard"


def test_an_unknown_identity_is_linked_by_signing_in_here_once(
    app: Flask, openid: OpenId, wang: User, database: Database
) -> None:
    person = Person.visiting(app)

    back = sign_on_at(person, openid)
    assert back.headers["Location"] == "/sso/city/link"
    assert not is_signed_in(person)
    assert "此身份尚未绑定账号" in words(person.page("/sso/city/link"))

    signed_in = person.send("/signin?next=/sso/city/link", "/signin", username="wang", password=PASSWORD)
    assert signed_in.headers["Location"] == "/sso/city/link"
    assert "绑定到账号“王秀兰”" in words(person.page("/sso/city/link"))
    done = person.send("/sso/city/link", "/sso/city/link")
    assert done.status_code == 303

    with database.reading() as tx:
        assert identities.find_owner(tx.session, provider="city", subject="u-1001") == "wang"
    [noted] = [row for row in rows(database) if row.record_id == str(wang.user_id) and row.reason == "city"]
    assert (noted.act, noted.actor_id) == ("gateway.link_identity", str(wang.user_id))
    assert sign_on_at(Person.visiting(app), openid).headers["Location"] == "/dashboard"


def test_nobody_links_what_he_has_not_shown(app: Flask, openid: OpenId, wang: User) -> None:
    person = Person.visiting(app)
    person.send("/signin", "/signin", username="wang", password=PASSWORD)

    assert "请重新开始" in words(person.page("/sso/city/link"))
    token = hidden_fields(person.page("/account"), "/signout")["csrf_token"]
    refused = person.client.post("/sso/city/link", data={"csrf_token": token})

    assert refused.status_code == 403


def test_an_identity_belongs_to_one_account(
    app: Flask, openid: OpenId, linked: User, database: Database
) -> None:
    second = accounts.add_user(
        database, username="li", display_name="李敏", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )

    with pytest.raises(sign_on.IdentityTaken, match="别的账号"):
        sign_on.link(database, provider="city", subject="u-1001", user=second)
    with pytest.raises(sign_on.IdentityTaken, match="另一个身份"):
        sign_on.link(database, provider="city", subject="u-2", user=linked)
    sign_on.link(database, provider="city", subject="u-1001", user=linked)
    sign_on.link(database, provider="other", subject="u-1001", user=second)


def test_a_closed_account_stays_closed(app: Flask, openid: OpenId, linked: User, database: Database) -> None:
    with database.transaction() as tx:
        users.set_active(tx.session, user_id=linked.user_id, is_active=False, now=tx.now)
    person = Person.visiting(app)

    back = sign_on_at(person, openid)

    assert back.status_code == 401
    assert "已停用" in back.text
    assert not is_signed_in(person)


def test_roles_are_never_taken_from_the_other_system(app: Flask, openid: OpenId, linked: User) -> None:
    openid.claims = {"roles": ["city_admin"], "groups": ["admin"]}
    person = Person.visiting(app)
    sign_on_at(person, openid)

    assert "市级工作人员" in words(person.page("/account"))
    assert "市级管理员" not in words(person.page("/account"))


@pytest.mark.parametrize("state", ["", "of-nobody"])
def test_a_state_that_we_did_not_give_is_refused(
    app: Flask, openid: OpenId, linked: User, state: str
) -> None:
    person = Person.visiting(app)
    answer = openid.consent(leave(person))

    back = come_back(person, {**answer, "state": state})

    assert back.status_code == 401
    assert "没有成功" in back.text
    assert openid.asked("/token") == []


def test_a_state_is_good_once(app: Flask, openid: OpenId, linked: User) -> None:
    person = Person.visiting(app)
    answer = openid.consent(leave(person))
    assert come_back(person, answer).status_code == 303

    assert come_back(person, answer).status_code == 401
    assert len(openid.asked("/token")) == 1


def test_a_state_is_good_for_ten_minutes(
    app: Flask, openid: OpenId, linked: User, database: Database
) -> None:
    person = Person.visiting(app)
    answer = openid.consent(leave(person))
    with database.transaction() as tx:
        expires_at = sign_on_steps.c.expires_at - timedelta(minutes=10)
        tx.session.execute(sa.update(sign_on_steps).values(expires_at=expires_at))

    assert come_back(person, answer).status_code == 401


def test_one_browser_cannot_finish_what_another_began(app: Flask, openid: OpenId, linked: User) -> None:
    attacker, victim = Person.visiting(app), Person.visiting(app)
    answer = openid.consent(leave(attacker))
    leave(victim)

    assert come_back(victim, answer).status_code == 401
    assert not is_signed_in(victim)


def test_two_tabs_of_one_browser_do_not_disturb_each_other(app: Flask, openid: OpenId, linked: User) -> None:
    person = Person.visiting(app)
    first, second = openid.consent(leave(person)), openid.consent(leave(person))

    assert come_back(person, second).status_code == 303
    assert come_back(person, first).status_code == 303


def test_the_answer_of_one_provider_is_not_good_for_another(
    app: Flask, openid: OpenId, other: OpenId, linked: User
) -> None:
    """The mix-up attack: a code of one provider must never reach the token endpoint of another."""
    person = Person.visiting(app)
    answer = openid.consent(leave(person))

    assert come_back(person, answer, name="other").status_code == 401
    assert other.asked("/token") == []
    assert not is_signed_in(person)


def test_the_same_subject_at_another_provider_is_somebody_else(
    app: Flask, openid: OpenId, other: OpenId, linked: User
) -> None:
    person = Person.visiting(app)

    back = come_back(person, other.consent(leave(person, "other")), name="other")

    assert back.headers["Location"] == "/sso/other/link"


def test_an_outage_there_is_told_on_the_sign_in_page(app: Flask, openid: OpenId, linked: User) -> None:
    openid.say("/token", (503, "text/html", b"busy"))

    back = sign_on_at(Person.visiting(app), openid)

    assert back.status_code == 503
    assert "暂时没有回应" in words(back.text)
    assert "用户名" in back.text


def test_an_unknown_provider_is_no_page(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/sso/nobody/start").status_code == 404
    assert client.get("/sso/nobody/return?state=x").status_code == 404
    assert client.post("/api/sso/nobody/logout").status_code == 404


def test_the_database_holds_neither_states_nor_tokens(
    app: Flask, openid: OpenId, linked: User, database: Database
) -> None:
    person = Person.visiting(app)
    sign_on_at(person, openid)
    state = parse_qs(urlsplit(leave(person)).query)["state"][0]

    with database.reading() as tx:
        kept = [
            *tx.session.scalars(sa.text("SELECT s::text FROM sign_on_steps s")),
            *tx.session.scalars(sa.text("SELECT s::text FROM sign_on_sessions s")),
        ]
        count = tx.session.scalar(sa.select(sa.func.count()).select_from(sessions))
    assert count == 1
    assert len(kept) == 2
    token_start = openid.signed({})[:24]
    assert not any(
        secret in row for row in kept for secret in (state, token_start, token_start.encode().hex())
    )
