"""POSTs whose effect is in the gateway's own database: one effect and one answer for each key."""

import inspect
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask, request
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.auth import accounts
from gateway.auth.policy import public
from gateway.first_answers import answered_once
from gateway.jobs import desk
from gateway.jobs.items_sheet import KIND
from gateway.storage import jobs as queue
from gateway.storage.tables import first_answers, jobs, personal_requests, unit_invitations, uploads, users
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from tests.audit.people import rows
from tests.gateway.browsing import Person, hidden_fields, words
from tests.gateway.conftest import PASSWORD
from tests.gateway.fakes import FakeServices, Program, SignIn

HAILAN, UNIT = UUID(int=11), UUID(int=13)
UNITS_PAGE = f"/units/{UNIT}/invitations"
NEW_REQUEST = "/privacy/requests/new"
ASKS_A_SERVICE = re.compile(r"\b(?:claims|consultation|staffing|notifications)\.(?!export_|list_|get_)\w+\(")


@pytest.fixture
def city(signed_in: SignIn, services: FakeServices) -> Program:
    services.answers["claims.export_items"] = {"items": [{"事项名称": "清雪"}], "next": None}
    return signed_in(Role.CITY_ADMIN)


@pytest.fixture
def enter(app: Flask, database: Database) -> Callable[..., Person]:
    def sign_in(role: Role, **rights: Any) -> Person:
        accounts.add_user(
            database, username="chen", display_name="陈", password=PASSWORD, roles=(role,), **rights
        )
        person = Person.visiting(app)
        assert person.send("/signin", "/signin", username="chen", password=PASSWORD).status_code == 303
        return person

    return sign_in


def export(program: Program, key: str, narrowed: str = "") -> TestResponse:
    return program.post(f"/items/exports{narrowed}", headers={"Idempotency-Key": key})


def count(database: Database, table: sa.Table) -> int:
    with database.reading() as tx:
        return tx.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def acts_of(program: Program, database: Database) -> list[str]:
    user_id = program.get("/session").json["user"]["user_id"]
    return [row.act for row in rows(database) if row.actor_id == user_id]


def send_twice(person: Person, page: str, action: str, **fields: str) -> list[TestResponse]:
    """The same form, sent twice."""
    data = {**hidden_fields(person.page(page), action), **fields}
    return [person.client.post(action, data=data, headers={"Accept": "text/html"}) for _ in range(2)]


def test_the_same_key_gets_the_same_answer_whatever_has_become_of_the_work(
    city: Program, database: Database
) -> None:
    first = export(city, "k-1")
    city.post(f"/jobs/{first.json['job_id']}/cancellation")

    second = export(city, "k-1")

    assert first.status_code == second.status_code == 202
    assert first.data == second.data
    assert first.headers["Location"] == second.headers["Location"]
    assert first.content_type == second.content_type
    assert (count(database, jobs), count(database, uploads)) == (1, 1)
    assert acts_of(city, database) == ["gateway.sign_in", "gateway.start_export", "gateway.cancel_job"]


def test_calling_off_is_answered_as_it_was_at_first(city: Program) -> None:
    job_id = export(city, "k-1").json["job_id"]

    answered = [
        city.post(f"/jobs/{job_id}/cancellation", headers={"Idempotency-Key": "k-2"}) for _ in range(2)
    ]

    assert [each.status_code for each in answered] == [200, 200]
    assert answered[0].data == answered[1].data
    assert answered[0].json["status"] == "cancelled"


def test_the_same_key_for_something_else_is_refused(city: Program, database: Database) -> None:
    job_id = export(city, "k-1").json["job_id"]

    narrowed = export(city, "k-1", "?q=%E9%9B%AA")
    city.post(f"/jobs/{job_id}/cancellation", headers={"Idempotency-Key": "k-2"})
    elsewhere = city.post(f"/jobs/{uuid4()}/cancellation", headers={"Idempotency-Key": "k-2"})

    assert (narrowed.status_code, elsewhere.status_code) == (422, 422)
    assert narrowed.json["type"] == elsewhere.json["type"] == "/problems/idempotency_key_reused"
    assert count(database, jobs) == 1


def test_a_form_sent_to_a_door_without_body_is_refused_and_not_overlooked(city: Program) -> None:
    refused = city.post("/items/exports", headers={"Idempotency-Key": "k-1"}, data={"community_id": "x"})

    assert refused.status_code == 415


def test_the_key_of_somebody_else_is_another_one(
    city: Program, signed_in: SignIn, database: Database
) -> None:
    officer = signed_in(Role.CITY_OFFICER)

    assert export(city, "k-1").json["job_id"] != export(officer, "k-1").json["job_id"]
    assert count(database, jobs) == 2


def test_fifty_at_once_have_one_effect(app: Flask, city: Program, database: Database) -> None:
    def ask(_number: int) -> TestResponse:
        return export(Program(app.test_client(), city.token), "k-1")

    with ThreadPoolExecutor(50) as pool:
        answered = list(pool.map(ask, range(50)))

    assert {each.status_code for each in answered} <= {202, 409}
    assert len({each.data for each in answered if each.status_code == 202}) == 1
    assert export(city, "k-1").status_code == 202
    assert count(database, jobs) == 1


def test_fifty_at_once_have_one_effect_also_while_keys_in_use_are_not_shared(
    app: Flask, city: Program, database: Database
) -> None:
    """As with several processes whose connection for the locks is lost: every wish is granted."""

    class Granted:
        @contextmanager
        def held(self, key: str) -> Iterator[None]:
            yield

    app.extensions["keys_in_use"] = Granted()

    def ask(_number: int) -> TestResponse:
        return export(Program(app.test_client(), city.token), "k-1")

    with ThreadPoolExecutor(50) as pool:
        answered = list(pool.map(ask, range(50)))

    assert {each.status_code for each in answered} == {202}
    assert len({each.data for each in answered}) == 1
    assert (count(database, jobs), count(database, first_answers)) == (1, 1)
    assert acts_of(city, database) == ["gateway.sign_in", "gateway.start_export"]


def test_what_does_not_come_to_its_answer_has_no_effect(
    settings: Config, services: FakeServices, database: Database
) -> None:
    app = create_app(settings, services, database=database)
    client = app.test_client()

    def start() -> dict[str, str]:
        job_id = desk.start_job(KIND, b"[]", {})
        if request.args["fails"] == "raised":
            raise RuntimeError("the process is at its end")
        return {"job_id": str(job_id)}, 409 if request.args["fails"] == "refused" else 201  # type: ignore[return-value]

    app.add_url_rule("/api/v1/tried", methods=["POST"], view_func=public(answered_once(start)))

    def ask(fails: str) -> int:
        sent = client.post(f"/api/v1/tried?fails={fails}", headers={"Idempotency-Key": "k-1"})
        return sent.status_code

    assert (ask("raised"), ask("refused")) == (500, 409)
    assert [count(database, table) for table in (jobs, uploads, first_answers)] == [0, 0, 0]

    assert ask("no") == 201
    assert [count(database, table) for table in (jobs, uploads, first_answers)] == [1, 1, 1]


def test_an_answer_is_kept_for_as_long_as_its_key_counts(city: Program, database: Database) -> None:
    def pass_by(days: timedelta) -> None:
        with database.transaction() as tx:
            tx.session.execute(
                sa.update(first_answers).values(answered_at=first_answers.c.answered_at - days)
            )
            queue.remove_old(tx.session)

    export(city, "k-1")
    pass_by(timedelta(days=6, hours=23))
    assert count(database, first_answers) == 1

    pass_by(timedelta(hours=2))
    assert count(database, first_answers) == 0


def test_a_new_account_sent_twice_is_one_and_shows_its_password_again(
    enter: Callable[..., Person], app: Flask, database: Database
) -> None:
    security = enter(Role.SECURITY_ADMIN)

    first, second = send_twice(
        security, "/admin/users/new", "/admin/users/new", username="liu", display_name="刘洋"
    )

    password = re.findall(r'id="one-time-password" value="([^"]+)"', first.text + second.text)
    assert (first.status_code, second.status_code) == (200, 200)
    assert len(password) == 2
    assert len(set(password)) == 1
    assert count(database, users) == 2
    entered = Person.visiting(app).send("/signin", "/signin", username="liu", password=password[0])
    assert entered.status_code == 303
    with database.reading() as tx:
        [sealed] = tx.session.scalars(sa.select(first_answers.c.answer_sealed))
    assert password[0].encode() not in bytes(sealed)
    assert "一次性".encode() not in bytes(sealed)


def test_a_password_reset_twice_by_one_click_is_the_one_that_was_shown_first(
    enter: Callable[..., Person], app: Flask, database: Database
) -> None:
    security = enter(Role.SECURITY_ADMIN)
    liu = accounts.add_user(
        database, username="liu", display_name="刘洋", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )
    page = f"/admin/users/{liu.user_id}"

    answered = send_twice(security, page, f"{page}/reset_password")

    shown = [re.findall(r'id="one-time-password" value="([^"]+)"', each.text) for each in answered]
    assert shown[0] == shown[1]
    entered = Person.visiting(app).send("/signin", "/signin", username="liu", password=shown[0][0])
    assert entered.status_code == 303


def test_an_invitation_sent_twice_is_one_link(
    enter: Callable[..., Person], services: FakeServices, database: Database
) -> None:
    worker = enter(Role.COMMUNITY_WORKER, community_ids=(HAILAN,))
    services.answers["claims.get_unit"] = {
        "unit_id": str(UNIT),
        "unit_name": "黑河热力公司",
        "community_ids": [str(HAILAN)],
    }

    refused, _ = send_twice(worker, UNITS_PAGE, UNITS_PAGE, contact_name=" ")
    first, second = send_twice(worker, UNITS_PAGE, UNITS_PAGE, contact_name="刘洋")

    assert refused.status_code == 422
    assert first.data == second.data
    assert count(database, unit_invitations) == 1


def test_the_wish_of_a_person_sent_twice_is_one_request(app: Flask, database: Database) -> None:
    person = Person.visiting(app)
    asked = {"kind": "access", "resident_name": "张海", "identity_number": "231102190001010019"}

    first, second = send_twice(person, NEW_REQUEST, NEW_REQUEST, **asked)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert count(database, personal_requests) == 1
    assert person.read(first.headers["Location"]).status_code == 200
    with database.reading() as tx:
        kept = tx.session.scalar(sa.text("SELECT first_answers::text FROM first_answers"))
    assert "231102190001010019" not in str(kept)


def test_a_grant_sent_twice_is_one(
    enter: Callable[..., Person], database: Database, services: FakeServices
) -> None:
    security = enter(Role.SECURITY_ADMIN)
    liu = accounts.add_user(database, username="liu", display_name="刘洋", password=PASSWORD, roles=())
    page = f"/admin/users/{liu.user_id}"
    action = f"{page}/add_grant"

    answered = send_twice(security, page, action, role=Role.CITY_OFFICER.value, where="city:")

    assert [each.status_code for each in answered] == [303, 303]
    after = security.page(page)
    assert after.count(f"{page}/grants/") == 1
    assert "已授权，立即生效" in words(after)


def test_every_post_of_the_api_is_answered_once_by_a_service_or_by_the_gateway(app: Flask) -> None:
    posts = {
        rule.endpoint: app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith("api_")
    }
    keyed = {name: view for name, view in posts.items() if getattr(view, "_apidoc", {}).get("needs_key")}

    forgetful = {
        name
        for name, view in keyed.items()
        if not getattr(view, "is_answered_once", False)
        and not ASKS_A_SERVICE.search(inspect.getsource(inspect.unwrap(view)))
    }

    assert len(keyed) > 15
    assert forgetful == set()
