"""Signing in: who gets a token, how long it lasts, and how guessing is slowed down."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.auth import accounts
from gateway.auth.accounts import UsernameTaken
from gateway.storage import throttles
from gateway.storage.tables import sessions, sign_ins, users
from gateway.storage.tables import throttles as throttle_rows
from services.chassis.db import Database
from services.contracts.base import Invalid, Role
from tests.gateway.fakes import FakeServices

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def officer(database: Database) -> None:
    accounts.add_user(
        database,
        username="Wang",
        display_name="王秀兰",
        password=PASSWORD,
        roles=(Role.CITY_OFFICER,),
    )


def sign_in(client: FlaskClient, username: str = "wang", password: str = PASSWORD, **kwargs: object):  # type: ignore[no-untyped-def]
    return client.post("/api/v1/session", json={"username": username, "password": password}, **kwargs)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_name_and_password_open_a_session(client: FlaskClient) -> None:
    opened = sign_in(client)

    assert opened.status_code == 201
    assert opened.json["user"]["display_name"] == "王秀兰"
    shown = client.get("/api/v1/session", headers=bearer(opened.json["token"]))
    assert shown.json["user"]["roles"] == ["city_officer"]


def test_the_database_holds_only_a_hash_of_the_token(client: FlaskClient, database: Database) -> None:
    token = sign_in(client).json["token"]

    with database.reading() as tx:
        held = tx.session.scalar(sa.select(sessions.c.token_hash))
    assert token.encode() not in held
    assert len(held) == 32


@pytest.mark.parametrize("username", ["WANG", " wang ", "ｗａｎｇ"])
def test_a_name_is_the_same_however_it_is_typed(client: FlaskClient, username: str) -> None:
    assert sign_in(client, username).status_code == 201


def test_a_wrong_password_and_an_unknown_name_are_refused_alike(client: FlaskClient) -> None:
    wrong, unknown = sign_in(client, password="wrong"), sign_in(client, "nobody", "wrong")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json["detail"] == unknown.json["detail"]
    assert wrong.json["type"] == unknown.json["type"] == "/problems/sign_in_refused"


def test_a_closed_account_cannot_sign_in_and_its_sessions_end(
    client: FlaskClient, database: Database
) -> None:
    token = sign_in(client).json["token"]

    accounts.set_active(database, username="wang", is_active=False)

    assert client.get("/api/v1/session", headers=bearer(token)).status_code == 401
    assert sign_in(client).status_code == 401


def test_signing_out_ends_the_session_at_once(client: FlaskClient) -> None:
    token = sign_in(client).json["token"]

    assert client.delete("/api/v1/session", headers=bearer(token)).status_code == 204

    assert client.get("/api/v1/session", headers=bearer(token)).status_code == 401


def test_a_new_password_ends_every_session(client: FlaskClient, database: Database) -> None:
    token = sign_in(client).json["token"]

    accounts.set_password(database, username="wang", password="another-long-one")

    assert client.get("/api/v1/session", headers=bearer(token)).status_code == 401
    assert sign_in(client).status_code == 401
    assert sign_in(client, password="another-long-one").status_code == 201


@pytest.mark.parametrize("column", ["last_seen_at", "expires_at"])
def test_a_session_ends_when_left_alone_and_at_the_latest_after_half_a_day(
    client: FlaskClient, database: Database, column: str
) -> None:
    token = sign_in(client).json["token"]
    age = timedelta(minutes=31) if column == "last_seen_at" else timedelta(hours=12, minutes=1)

    with database.transaction() as tx:
        tx.session.execute(sa.update(sessions).values({column: sessions.c[column] - age}))

    assert client.get("/api/v1/session", headers=bearer(token)).status_code == 401


def test_using_a_session_keeps_it_alive(client: FlaskClient, database: Database) -> None:
    token = sign_in(client).json["token"]
    for _ in range(3):
        with database.transaction() as tx:
            tx.session.execute(
                sa.update(sessions).values(last_seen_at=sessions.c.last_seen_at - timedelta(minutes=20))
            )

        assert client.get("/api/v1/session", headers=bearer(token)).status_code == 200


def test_a_page_left_open_does_not_keep_its_session_alive(client: FlaskClient, database: Database) -> None:
    client.set_cookie("gongzhi_session", sign_in(client).json["token"])
    with database.transaction() as tx:
        tx.session.execute(
            sa.update(sessions).values(last_seen_at=sessions.c.last_seen_at - timedelta(minutes=20))
        )
        seen_at = tx.session.scalar(sa.select(sessions.c.last_seen_at))

    client.get("/live").close()

    with database.reading() as tx:
        assert tx.session.scalar(sa.select(sessions.c.last_seen_at)) == seen_at


def test_which_sessions_have_not_ended_is_known(app: Flask, client: FlaskClient, database: Database) -> None:
    for _ in range(3):
        sign_in(client)
    with database.transaction() as tx:
        ended, left_alone, used = tx.session.scalars(sa.select(sessions.c.session_id)).all()
        tx.session.execute(sa.delete(sessions).where(sessions.c.session_id == ended))
        long_ago = sessions.c.last_seen_at - timedelta(minutes=31)
        tx.session.execute(
            sa.update(sessions).where(sessions.c.session_id == left_alone).values(last_seen_at=long_ago)
        )

    asked = {ended, left_alone, used}
    assert app.extensions["accounts"].open_among(asked) == {used}
    accounts.set_active(database, username="wang", is_active=False)
    assert app.extensions["accounts"].open_among(asked) == set()


def test_the_api_ignores_cookies_and_pages_ignore_tokens(app: Flask, client: FlaskClient) -> None:
    token = sign_in(client).json["token"]
    client.set_cookie("gongzhi_session", token)

    assert client.get("/api/v1/session").status_code == 401
    assert client.get("/live", headers={"Accept": "text/event-stream"}).status_code == 200
    client.delete_cookie("gongzhi_session")
    assert client.get("/live", headers=bearer(token)).status_code == 401


def test_guessing_on_one_account_has_to_wait_longer_and_longer(
    client: FlaskClient, database: Database
) -> None:
    for _ in range(4):
        assert sign_in(client, password="wrong").status_code == 401

    delayed = sign_in(client)

    assert delayed.status_code == 429
    assert delayed.json["type"] == "/problems/too_many_attempts"
    assert int(delayed.headers["Retry-After"]) == 1


def test_guessing_on_an_unknown_name_waits_just_the_same(client: FlaskClient) -> None:
    for _ in range(4):
        sign_in(client, "nobody", "wrong")

    assert sign_in(client, "nobody", "wrong").status_code == 429


def test_the_wait_doubles_and_never_exceeds_a_quarter_of_an_hour() -> None:
    waits = [throttles.wait_after(count, free=3).total_seconds() for count in (3, 4, 5, 6, 20, 1000)]

    assert waits == [0, 1, 2, 4, 900, 900]


def test_whoever_signed_in_from_an_address_is_not_kept_out_by_guesses_from_elsewhere(
    client: FlaskClient,
) -> None:
    assert sign_in(client).status_code == 201
    for _ in range(5):
        sign_in(client, password="wrong", environ_base={"REMOTE_ADDR": "203.0.113.9"})

    assert sign_in(client, environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 429
    assert sign_in(client).status_code == 201


def test_guessing_many_names_from_one_address_is_slowed_down(client: FlaskClient) -> None:
    for number in range(21):
        assert sign_in(client, f"name-{number}", "wrong").status_code == 401

    assert sign_in(client).status_code == 429


def test_a_success_forgets_the_failures(client: FlaskClient) -> None:
    for _ in range(5):
        for _ in range(3):
            assert sign_in(client, password="wrong").status_code == 401
        assert sign_in(client).status_code == 201


def test_sign_ins_are_kept_but_not_what_was_typed_for_an_unknown_name(
    client: FlaskClient, database: Database
) -> None:
    sign_in(client, "my-password-by-mistake", "x")
    sign_in(client)

    with database.reading() as tx:
        kept = tx.session.execute(sa.select(sign_ins.c.username, sign_ins.c.outcome)).all()
        counted = tx.session.execute(sa.select(throttle_rows.c.key)).scalars().all()
    assert [tuple(row) for row in kept] == [("", "refused"), ("wang", "signed_in")]
    assert len(counted) == 2  # the name typed by mistake, and the address
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in counted)


def test_an_old_hash_is_renewed_at_sign_in(client: FlaskClient, database: Database) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with database.transaction() as tx:
        tx.session.execute(sa.update(users).values(password_hash=weak))

    assert sign_in(client).status_code == 201

    with database.reading() as tx:
        assert "m=19456,t=2,p=1" in tx.session.scalar(sa.select(users.c.password_hash))


@pytest.mark.parametrize(
    "password",
    ["short", "1234567890", "9876543210", "aaaaaaaaaaaa", "password123", "Qwertyuiop1", "xwangx-and-more"],
)
def test_weak_passwords_are_refused(database: Database, password: str) -> None:
    with pytest.raises(Invalid):
        accounts.set_password(database, username="wang", password=password)


def test_a_name_is_given_once(database: Database) -> None:
    with pytest.raises(UsernameTaken):
        accounts.add_user(
            database, username="ＷＡＮＧ", display_name="", password=PASSWORD, roles=(Role.CITY_ADMIN,)
        )


def test_a_liaison_belongs_to_a_unit_and_nobody_else_does(database: Database) -> None:
    with pytest.raises(Invalid):
        accounts.add_user(
            database, username="li", display_name="", password=PASSWORD, roles=(Role.UNIT_LIAISON,)
        )


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"username": "wang"}, ["/password"]),
        ({"username": "wang", "password": "x", "admin": True}, ["/admin"]),
        ({"username": "a\x00b", "password": "x"}, ["/username"]),
        ({"username": 7, "password": ["x"]}, ["/username", "/password"]),
    ],
)
def test_a_malformed_sign_in_names_its_fields(client: FlaskClient, body: object, places: list[str]) -> None:
    refused = client.post("/api/v1/session", json=body)

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == places


def test_nobody_signed_in_is_anonymous_to_the_services(
    client: FlaskClient, services: FakeServices, settings: Callable[..., object]
) -> None:
    client.get("/api/v1/notices", headers=bearer("no-such-token"))

    assert services.last.actor.is_anonymous
