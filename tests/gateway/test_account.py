"""Second factors and one's own account: what a sign-in asks for, and what people can do about it themselves."""

import re
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.auth import accounts, second_factors
from gateway.auth.second_factors import code_at, step_of
from gateway.storage.tables import second_factors as factor_rows
from gateway.storage.tables import sessions, sign_ins
from services.chassis.clock import utc_now
from services.chassis.config import Config, load
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.browsing import Person, words
from tests.gateway.fakes import FakeServices

PASSWORD = "correct-horse-battery"
ADDRESS = "/api/v1/session"
# Without a second factor they may go no further, when the office asks for one.
STRICT = {"GONGZHI_SECOND_FACTOR_ROLES": "security_admin"}


@pytest.fixture(autouse=True)
def officer(database: Database) -> None:
    accounts.add_user(
        database, username="wang", display_name="王秀兰", password=PASSWORD, roles=(Role.SECURITY_ADMIN,)
    )


@pytest.fixture
def strict_app(settings: Config, services: FakeServices, database: Database) -> Flask:
    return create_app(load({**settings.variables, **STRICT}), services, database=database)


@pytest.fixture(autouse=True)
def places(services: FakeServices) -> None:
    services.answers["staffing.list_communities"] = {"items": []}


class Phone:
    """An app that shows codes; the clock of the test stands still, so each code is from another step."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._step = step_of(utc_now()) - 2

    def next_code(self) -> str:
        self._step += 1
        assert self._step <= step_of(utc_now()) + 1, "a third code within half a minute"
        return code_at(self._secret, self._step)


def visiting(app: Flask, password: str = PASSWORD) -> Person:
    person = Person.visiting(app)
    person.send("/signin", "/signin", username="wang", password=password)
    return person


def set_up(person: Person) -> tuple[Phone, list[str]]:
    """The phone, and the recovery codes that were shown."""
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", person.page("/account/second-factor"))
    assert secret
    phone = Phone(secret[1])
    shown = person.send("/account/second-factor", "/account/second-factor", code=phone.next_code())
    assert shown.status_code == 200, shown.text
    return phone, re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", shown.text)


def sign_in(client: FlaskClient, **more: str):  # type: ignore[no-untyped-def]
    return client.post(ADDRESS, json={"username": "wang", "password": PASSWORD, **more})


def code_of(answered) -> str:  # type: ignore[no-untyped-def]
    return str(answered.json["type"]).rpartition("/")[2]


def test_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the RFC's "12345678901234567890" in base 32

    assert code_at(secret, 59 // second_factors.STEP_SECONDS, digits=8) == "94287082"


def test_a_second_factor_is_confirmed_by_one_code_and_asked_for_from_then_on(
    app: Flask, client: FlaskClient
) -> None:
    phone, codes = set_up(visiting(app))

    assert len(set(codes)) == 10
    assert code_of(sign_in(client)) == "code_required"
    assert sign_in(client, code=phone.next_code()).status_code == 201


def test_a_wrong_code_confirms_nothing(app: Flask, client: FlaskClient) -> None:
    person = visiting(app)

    refused = person.send("/account/second-factor", "/account/second-factor", code="abcdef")

    assert refused.status_code == 422
    assert "验证码不正确" in refused.text
    assert sign_in(client).status_code == 201


def test_the_qr_code_says_what_the_page_spells_out(app: Flask) -> None:
    page = visiting(app).page("/account/second-factor")

    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret
    assert "<svg" in page.partition('class="qr"')[2]
    address = pyotp.parse_uri(app.extensions["own_account"].second_factors.address(secret[1], "wang"))
    assert (address.secret, address.name, address.issuer) == (secret[1], "wang", "共治")


def test_the_database_holds_neither_secret_nor_recovery_codes(app: Flask, database: Database) -> None:
    person = visiting(app)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", person.page("/account/second-factor"))
    assert secret

    with database.reading() as tx:
        held = tx.session.scalar(sa.select(factor_rows.c.sealed_secret))
    assert secret[1].encode() not in held
    assert pyotp.TOTP(secret[1]).byte_secret() not in held


def test_each_code_works_once(app: Flask, client: FlaskClient) -> None:
    phone, _ = set_up(visiting(app))
    code = phone.next_code()

    assert sign_in(client, code=code).status_code == 201
    assert code_of(sign_in(client, code=code)) == "code_refused"


def test_an_earlier_code_is_worth_nothing_after_a_later_one(app: Flask, client: FlaskClient) -> None:
    phone, _ = set_up(visiting(app))
    earlier, later = phone.next_code(), phone.next_code()

    assert sign_in(client, code=later).status_code == 201
    assert code_of(sign_in(client, code=earlier)) == "code_refused"


def test_a_code_two_steps_away_is_refused(app: Flask, client: FlaskClient) -> None:
    person = visiting(app)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", person.page("/account/second-factor"))
    assert secret

    # Three steps: the clock may move on by one between here and there.
    late = code_at(secret[1], step_of(utc_now()) - 3)

    assert person.send("/account/second-factor", "/account/second-factor", code=late).status_code == 422


def test_a_recovery_code_works_once_however_it_is_typed(app: Flask, client: FlaskClient) -> None:
    _, codes = set_up(visiting(app))

    assert sign_in(client, code=codes[0].upper().replace("-", " ")).status_code == 201
    assert code_of(sign_in(client, code=codes[0])) == "code_refused"
    assert sign_in(client, code=codes[1]).status_code == 201


def test_new_recovery_codes_replace_the_old_ones(app: Flask, client: FlaskClient) -> None:
    person = visiting(app)
    phone, before = set_up(person)

    renewed = person.send("/account", "/account/second-factor/renew_recovery_codes", code=phone.next_code())

    after = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", renewed.text)
    assert len(after) == 10
    assert code_of(sign_in(client, code=before[0])) == "code_refused"
    assert sign_in(client, code=after[0]).status_code == 201


def test_the_page_asks_for_the_code_in_a_second_step(app: Flask) -> None:
    phone, _ = set_up(visiting(app))
    person = Person.visiting(app)

    halfway = person.send("/signin", "/signin", username="wang", password=PASSWORD)
    assert halfway.headers["Location"] == "/signin/code"
    assert person.read("/account").status_code == 303, "half a sign-in is none"
    assert person.send("/signin/code", "/signin/code", code="12 34 56").status_code == 401
    person.send("/signin/code", "/signin/code", code=phone.next_code())

    assert "王秀兰" in person.page("/account")


def test_the_second_step_has_to_follow_soon(app: Flask, database: Database) -> None:
    phone, _ = set_up(visiting(app))
    person = visiting(app)

    with database.transaction() as tx:
        tx.session.execute(sa.text("UPDATE half_sessions SET expires_at = expires_at - interval '6 minutes'"))
    late = person.send("/signin/code", "/signin/code", code=phone.next_code())

    assert late.status_code == 401
    assert "登录已超时" in late.text


def test_the_second_step_without_the_first_leads_nowhere(app: Flask) -> None:
    phone, _ = set_up(visiting(app))

    refused = Person.visiting(app).send("/signin/code", "/signin/code", code=phone.next_code())

    assert refused.status_code == 401


def test_guessing_codes_has_to_wait_like_guessing_passwords(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    _, codes = set_up(visiting(app))
    stranger = {"REMOTE_ADDR": "203.0.113.9"}
    for number in range(4):
        body = {"username": "wang", "password": PASSWORD, "code": f"00000{number}"}
        assert client.post(ADDRESS, json=body, environ_base=stranger).status_code == 401

    body = {"username": "wang", "password": PASSWORD, "code": codes[0]}
    assert client.post(ADDRESS, json=body, environ_base=stranger).status_code == 429

    with database.reading() as tx:
        outcomes = tx.session.scalars(sa.select(sign_ins.c.outcome)).all()
    assert outcomes.count("code_refused") == 4


def test_giving_the_right_password_again_does_not_forget_wrong_codes(app: Flask, client: FlaskClient) -> None:
    set_up(visiting(app))
    stranger = {"REMOTE_ADDR": "203.0.113.9"}
    statuses = []
    for number in range(5):
        for body in (
            {"username": "wang", "password": PASSWORD},
            {"username": "wang", "password": PASSWORD, "code": f"00000{number}"},
        ):
            statuses.append(client.post(ADDRESS, json=body, environ_base=stranger).status_code)

    assert 429 in statuses


def test_who_must_have_a_second_factor_can_do_nothing_before_it_is_set_up(strict_app: Flask) -> None:
    client = strict_app.test_client()
    token = sign_in(client).json["token"]
    person = visiting(strict_app)

    refused = client.get("/api/v1/items", headers={"Authorization": f"Bearer {token}"})
    led = person.read("/account")

    assert (refused.status_code, code_of(refused)) == (403, "second_factor_due")
    assert (led.status_code, led.headers["Location"]) == (303, "/account/second-factor")
    set_up(person)
    assert "还有 10 个备用码可用" in words(person.page("/account"))


def test_setting_it_up_ends_sessions_opened_without_it(app: Flask, client: FlaskClient) -> None:
    token = sign_in(client).json["token"]

    set_up(visiting(app))

    assert client.get(ADDRESS, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_code_moves_the_second_factor_to_another_phone(app: Flask, client: FlaskClient) -> None:
    person = visiting(app)
    _, codes = set_up(person)

    refused = person.send("/account", "/account/second-factor/remove", code="wrong")
    assert refused.status_code == 422
    person.send("/account", "/account/second-factor/remove", code=codes[3])
    new_phone, _ = set_up(person)

    assert code_of(sign_in(client, code=codes[4])) == "code_refused"
    assert sign_in(client, code=new_phone.next_code()).status_code == 201


def test_people_see_where_they_are_signed_in_and_end_it(app: Flask, client: FlaskClient) -> None:
    agent = {"User-Agent": "公共电脑"}
    body = {"username": "wang", "password": PASSWORD}
    token = client.post(ADDRESS, json=body, headers={**agent}).json["token"]
    person = visiting(app)

    page = person.page("/account")
    assert "公共电脑" in page
    assert "本次登录" in page
    action = re.findall(r'action="(/account/sessions/[^"]+/end)"', page)
    other = next(each for each in action if "本次登录）" not in page.partition(each)[0].rpartition("<tr>")[2])
    person.send("/account", other)

    assert client.get(ADDRESS, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert "公共电脑" not in person.page("/account")


def test_all_other_sessions_end_at_once(app: Flask, client: FlaskClient, database: Database) -> None:
    for _ in range(3):
        sign_in(client)
    person = visiting(app)

    person.send("/account", "/account/sessions/end_others")

    with database.reading() as tx:
        assert tx.session.scalar(sa.select(sa.func.count()).select_from(sessions)) == 1
    assert person.read("/account").status_code == 200


def test_nobody_ends_a_session_of_somebody_else(app: Flask, database: Database) -> None:
    accounts.add_user(database, username="li", display_name="李", password=PASSWORD, roles=(Role.OPERATOR,))
    stranger = Person.visiting(app)
    stranger.send("/signin", "/signin", username="li", password=PASSWORD)
    person = visiting(app)
    with database.reading() as tx:
        theirs = tx.session.scalars(sa.select(sessions.c.session_id).order_by(sessions.c.created_at)).first()

    page = person.page("/account")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answered = person.client.post(f"/account/sessions/{theirs}/end", data={"csrf_token": token[1]})

    assert answered.status_code == 404
    assert stranger.read("/account").status_code == 200


def test_an_administrator_signs_somebody_out_everywhere(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    opened = sign_in(client).json
    person = visiting(app)

    app.extensions["accounts"].end_sessions_of(opened["user"]["user_id"])

    assert client.get(ADDRESS, headers={"Authorization": f"Bearer {opened['token']}"}).status_code == 401
    assert person.read("/account").status_code == 303


def test_a_lost_phone_is_taken_off_by_an_administrator(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    set_up(visiting(app))

    accounts.remove_second_factor(database, username="wang")

    assert sign_in(client).status_code == 201


def test_a_session_that_is_too_old_ends_even_while_it_is_used(
    client: FlaskClient, database: Database
) -> None:
    token = sign_in(client).json["token"]

    with database.transaction() as tx:
        tx.session.execute(
            sa.update(sessions).values(
                expires_at=sessions.c.expires_at - timedelta(hours=12), last_seen_at=utc_now()
            )
        )

    assert client.get(ADDRESS, headers={"Authorization": f"Bearer {token}"}).status_code == 401
