"""Before anybody changes how an account is entered, he shows again that it is his."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.auth import accounts
from gateway.auth.duties import NEEDS_PROOF, PROOF_LASTS
from gateway.auth.second_factors import code_at, step_of
from gateway.storage.tables import sessions
from services.chassis.clock import utc_now
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.browsing import Person, words
from tests.gateway.fakes import FakeServices

PASSWORD = "correct-horse-battery"
PROOF = "/account/proof"
FACTOR = "/account/second-factor"


@pytest.fixture
def person(app: Flask, database: Database, services: FakeServices) -> Person:
    services.answers["staffing.list_communities"] = {"items": []}
    accounts.add_user(
        database, username="wang", display_name="王秀兰", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )
    return entering(app)


def entering(app: Flask) -> Person:
    person = Person.visiting(app)
    person.send("/signin", "/signin", username="wang", password=PASSWORD)
    return person


def let_time_pass(database: Database) -> None:
    with database.transaction() as tx:
        tx.session.execute(
            sa.update(sessions).values(proven_at=sessions.c.proven_at - PROOF_LASTS - timedelta(seconds=1))
        )


def set_up(person: Person) -> str:
    """The secret of the phone; two of its codes are used up or too old afterwards."""
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", person.page(FACTOR))
    assert secret
    shown = person.send(FACTOR, FACTOR, code=code_at(secret[1], step_of(utc_now()) - 1))
    assert shown.status_code == 200
    return secret[1]


def test_for_ten_minutes_signing_in_is_proof_enough(app: Flask, person: Person) -> None:
    entering(app)
    assert person.read(FACTOR).status_code == 200
    assert person.send("/account", "/account/sessions/end_others").headers["Location"] == "/account"


def test_later_the_password_is_asked_for_and_leads_on(person: Person, database: Database) -> None:
    let_time_pass(database)

    led = person.read(FACTOR)
    assert (led.status_code, led.headers["Location"]) == (303, f"{PROOF}?next={FACTOR}")
    page = person.page(led.headers["Location"])
    assert "确认是您本人" in words(page)
    assert 'autocomplete="current-password"' in page
    given = person.send(led.headers["Location"], PROOF, proof=PASSWORD)

    assert (given.status_code, given.headers["Location"]) == (303, FACTOR)
    assert set_up(person)


def test_a_wrong_password_proves_nothing_and_counts_as_a_guess(person: Person, database: Database) -> None:
    let_time_pass(database)
    statuses = [person.send(PROOF, PROOF, proof=f"wrong-{number}").status_code for number in range(5)]

    assert statuses == [422, 422, 422, 422, 429]
    assert person.read(FACTOR).status_code == 303


def test_with_a_second_factor_a_code_is_asked_for(person: Person, database: Database) -> None:
    secret = set_up(person)
    let_time_pass(database)

    led = person.read(FACTOR)
    assert led.headers["Location"] == f"{PROOF}?next={FACTOR}"
    assert "动态验证码" in words(person.page(led.headers["Location"]))
    assert person.send(led.headers["Location"], PROOF, proof=PASSWORD).status_code == 422
    person.send(led.headers["Location"], PROOF, proof=code_at(secret, step_of(utc_now())))

    assert person.read(FACTOR).headers["Location"] == "/account", "where it is already set up"


def test_nothing_changes_without_it(
    app: Flask, person: Person, client: FlaskClient, database: Database
) -> None:
    token = client.post("/api/v1/session", json={"username": "wang", "password": PASSWORD}).json["token"]
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", person.page(FACTOR))
    assert secret
    form = person.page(FACTOR)
    let_time_pass(database)

    csrf = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert csrf
    answered = person.client.post(
        FACTOR,
        data={"csrf_token": csrf[1], "code": code_at(secret[1], step_of(utc_now()))},
        headers={"Accept": "text/html"},
    )
    for action in re.findall(r'action="(/account/sessions/[^"]+)"', person.page("/account")):
        answered_too = person.client.post(
            action, data={"csrf_token": csrf[1]}, headers={"Accept": "application/json"}
        )
        if "/end" in action and answered_too.status_code == 303:  # leaving oneself
            break
        assert answered_too.json["type"] == "/problems/proof_due"

    assert answered.status_code == 303
    still = client.get("/api/v1/session", headers={"Authorization": f"Bearer {token}"})
    assert still.status_code == 200
    assert client.post("/api/v1/session", json={"username": "wang", "password": PASSWORD}).status_code == 201


def test_signing_out_here_needs_no_proof(person: Person, database: Database) -> None:
    let_time_pass(database)
    [own] = re.findall(r'action="(/account/sessions/[^"]+/end)"', person.page("/account"))

    assert person.send("/account", own).headers["Location"] == "/signin"


def test_the_page_leads_nowhere_else(person: Person) -> None:
    given = person.send(f"{PROOF}?next=//elsewhere.example/", PROOF, proof=PASSWORD)

    assert given.headers["Location"] == "/account"


def test_the_acts_that_need_it_are_routes_and_programs_have_none_of_them(app: Flask) -> None:
    endpoints = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}

    assert set(NEEDS_PROOF) | set(NEEDS_PROOF.values()) <= set(endpoints)
    assert not any(endpoints[each].startswith("/api/") for each in NEEDS_PROOF)
    own = {each for each in endpoints if each.startswith("account.") and "second_factor" in each}
    assert own - set(NEEDS_PROOF) == {"account.remove_second_factor"}, "which asks for a code itself"
