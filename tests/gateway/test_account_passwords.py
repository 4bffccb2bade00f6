"""Passwords: which are refused, how they are changed, and which are good for one sign-in only."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.auth import accounts, passwords
from gateway.auth.password_rules import BreachedPasswords, PasswordRules
from gateway.storage import throttles
from gateway.storage.tables import users
from services.chassis.config import Config, ConfigError, load
from services.chassis.db import Database
from services.contracts.base import Invalid, Role
from tests.gateway.browsing import Person
from tests.gateway.fakes import FakeServices

FIRST, SECOND, THIRD, FOURTH = (
    f"a-long-way-to-{place}" for place in ("tianjin", "xunke", "nenjiang", "sunwu")
)


@pytest.fixture(autouse=True)
def officer(database: Database, services: FakeServices) -> None:
    services.answers["staffing.list_communities"] = {"items": []}
    accounts.add_user(
        database, username="wang", display_name="王秀兰", password=FIRST, roles=(Role.CITY_OFFICER,)
    )


@pytest.fixture
def app_with(settings: Config, services: FakeServices, database: Database) -> Callable[..., Flask]:
    def make(**variables: str) -> Flask:
        return create_app(load({**settings.variables, **variables}), services, database=database)

    return make


def visiting(app: Flask, password: str = FIRST) -> Person:
    person = Person.visiting(app)
    person.send("/signin", "/signin", username="wang", password=password)
    return person


def change(person: Person, old: str, new: str, again: str | None = None) -> tuple[int, str]:
    page = "/account/password"
    answered = person.send(page, page, old_password=old, new_password=new, again=again or new)
    return answered.status_code, answered.text


def sign_in(client: FlaskClient, password: str):  # type: ignore[no-untyped-def]
    return client.post("/api/v1/session", json={"username": "wang", "password": password})


@pytest.mark.parametrize(
    "password",
    [
        "1qaz2wsx",
        "password2026",
        "P@ssw0rd!2026",
        "woaini1314",
        "5201314520",
        "heihe@2026",
        "共治20262026",
        "ｑｗｅｒｔｙ123456",
        "dragon-1988",
        "abcdefgh",
        "xx-WANG-xx-99",
    ],
)
def test_what_everybody_would_try_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        PasswordRules().require_strong(password, username="wang")


@pytest.mark.parametrize(
    "password",
    ["k7#Tq-2m", "四只白鹤飞过黑龙江面", "correct horse battery staple", "é" * 3 + "xyzäöü-" + "长" * 246],
)
def test_any_kind_of_characters_up_to_256_will_do(password: str) -> None:
    PasswordRules().require_strong(password, username="wang")


def test_shorter_than_eight_and_longer_than_256_are_refused() -> None:
    for password in ("k7#Tq-2", "k7#Tq-2m" * 32 + "x"):
        with pytest.raises(Invalid, match="长度"):
            PasswordRules().require_strong(password, username="wang")


def test_an_accent_typed_in_two_ways_is_one_password() -> None:
    composed, decomposed = "caf\u00e9-am-amur", "cafe\u0301-am-amur"

    assert passwords.matches(passwords.hash_password(decomposed), composed)


@pytest.mark.parametrize("width", [40, 16])
@pytest.mark.parametrize("ending", ["", ":3"])
def test_breached_passwords_are_found_in_a_file_on_this_machine(
    tmp_path: Path, width: int, ending: str
) -> None:
    leaked = [f"leaked-{number}" for number in range(500)]
    sums = sorted(hashlib.sha1(each.encode()).hexdigest().upper()[:width] for each in leaked)
    file = tmp_path / "breached.txt"
    file.write_text("".join(f"{each}{ending}\n" for each in sums))
    breached = BreachedPasswords(file)

    assert all(password in breached for password in leaked)
    assert not any(f"another-{number}" in breached for number in range(500))
    with pytest.raises(Invalid, match="泄露"):
        PasswordRules(breached=breached).require_strong(leaked[7], username="wang")


def test_a_list_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="GONGZHI_BREACHED_PASSWORDS"):
        PasswordRules.of({"GONGZHI_BREACHED_PASSWORDS": str(tmp_path / "missing")})


def test_kinds_of_characters_are_asked_for_only_where_the_office_says_so() -> None:
    rules = PasswordRules.of({"GONGZHI_PASSWORD_KINDS": "3"})

    with pytest.raises(Invalid, match="至少 3 种"):
        rules.require_strong("a-long-way-to-xunke", username="wang")
    rules.require_strong("A-long-way-to-xunke", username="wang")


def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(
    app: Flask, client: FlaskClient
) -> None:
    token = sign_in(client, FIRST).json["token"]
    person = visiting(app)

    assert change(person, "not-the-old-one", SECOND)[0] == 422
    assert change(person, FIRST, SECOND, again="something-else")[0] == 422
    assert change(person, FIRST, SECOND)[0] == 303

    assert client.get("/api/v1/session", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert person.read("/account").status_code == 200
    assert sign_in(client, SECOND).status_code == 201
    assert sign_in(client, FIRST).status_code == 401


def test_what_was_typed_is_not_sent_back(app: Flask) -> None:
    _, page = change(visiting(app), "not-the-old-one", SECOND)

    assert "not-the-old-one" not in page
    assert SECOND not in page


def test_guessing_the_old_password_in_a_stolen_session_has_to_wait(app: Flask) -> None:
    person = visiting(app)

    statuses = [change(person, f"guess-{number}", SECOND)[0] for number in range(5)]

    assert statuses == [422, 422, 422, 422, 429]


def test_the_last_three_passwords_do_not_come_back(app: Flask) -> None:
    person = visiting(app)
    assert change(person, FIRST, SECOND)[0] == 303
    assert change(person, SECOND, THIRD)[0] == 303

    refused = change(person, THIRD, FIRST)

    assert refused[0] == 422
    assert "最近用过" in refused[1]
    assert change(person, THIRD, FOURTH)[0] == 303
    assert change(person, FOURTH, FIRST)[0] == 303


def test_a_password_that_somebody_else_set_is_good_for_choosing_ones_own(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    given = accounts.reset_password(database, username="wang")
    token = sign_in(client, given).json["token"]
    person = visiting(app, given)

    refused = client.get("/api/v1/items", headers={"Authorization": f"Bearer {token}"})
    led = person.read("/account")

    assert (refused.status_code, refused.json["type"]) == (403, "/problems/password_change_due")
    assert (led.status_code, led.headers["Location"]) == (303, "/account/password")
    assert change(person, given, given)[0] == 422
    assert change(person, given, SECOND)[0] == 303
    assert person.read("/account").status_code == 200


def test_a_fragment_of_a_page_leads_its_reader_to_the_page_of_the_debt(
    app: Flask, database: Database
) -> None:
    person = visiting(app, accounts.reset_password(database, username="wang"))

    answered = person.client.get("/todo", headers={"Accept": "text/html", "HX-Request": "true"})

    assert (answered.status_code, answered.headers["HX-Redirect"]) == (403, "/account/password")


def test_passwords_expire_only_where_the_office_says_so(
    app: Flask, app_with: Callable[..., Flask], database: Database
) -> None:
    with database.transaction() as tx:
        tx.session.execute(
            sa.update(users).values(password_changed_at=users.c.password_changed_at - timedelta(days=91))
        )

    assert visiting(app).read("/account").status_code == 200
    person = visiting(app_with(GONGZHI_PASSWORD_DAYS="90"))
    led = person.read("/account")

    assert (led.status_code, led.headers["Location"]) == (303, "/account/password")
    assert "已经到期" in person.page("/account/password")


def test_an_unknown_name_costs_as_much_as_a_known_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    verify = passwords._verify

    def counted(password_hash: str, password: str) -> bool:
        verified.append(password_hash[:30])
        return verify(password_hash, password)

    monkeypatch.setattr(passwords, "_verify", counted)
    sign_in(client, "wrong")
    client.post("/api/v1/session", json={"username": "nobody", "password": "wrong"})

    assert len(verified) == 2
    assert verified[0] == verified[1], "the same kind of hash with the same parameters"


def test_trying_one_password_on_many_accounts_is_slowed_and_logged(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"password": "Heihe-2026"}
    spraying = {"REMOTE_ADDR": "203.0.113.9"}
    answered = [
        client.post("/api/v1/session", json={**body, "username": f"name-{number}"}, environ_base=spraying)
        for number in range(24)
    ]

    assert [each.status_code for each in answered] == [401] * 21 + [429] * 3
    told = capsys.readouterr().out + caplog.text
    assert told.count("sign_in_guessing") == 1
    assert "203.0.113.9" in told


def test_strangers_never_lock_anybody_out_for_good(client: FlaskClient, database: Database) -> None:
    """After a thousand wrong guesses the owner waits a quarter of an hour at most, and not at all where known."""
    assert sign_in(client, FIRST).status_code == 201
    with database.transaction() as tx:
        tx.session.execute(
            sa.text(
                "INSERT INTO throttles (key, failed_count, locked_until)"
                " VALUES (:key, 1000, now() + interval '15 minutes')"
            ),
            {"key": throttles.veiled("account:wang")},
        )

    elsewhere = client.post(
        "/api/v1/session",
        json={"username": "wang", "password": FIRST},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )

    assert sign_in(client, FIRST).status_code == 201
    assert elsewhere.status_code == 429
    assert int(elsewhere.headers["Retry-After"]) <= 15 * 60
