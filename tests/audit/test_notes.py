"""What the gateway notes of its own, and what reaches the services' audit from it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from gateway import audit
from services.chassis.db import Database
from services.contracts.base import Role
from tests.audit.everybody import Everybody
from tests.audit.people import SignIn, register, rows, told
from tests.gateway.browsing import Person
from tests.gateway.pages_app import PASSWORD


def test_signing_in_and_out_and_being_refused_leave_rows(
    app: Flask, signed_in: SignIn, database: Database
) -> None:
    program = signed_in(Role.CITY_ADMIN)
    app.test_client().post(
        "/api/v1/session", json={"username": f"user-{Role.CITY_ADMIN}", "password": f"{PASSWORD}?"}
    )
    program.open("DELETE", "/session")

    assert told(database) == [
        ("gateway.sign_in", "done", ""),
        ("gateway.sign_in", "refused", "refused"),
        ("gateway.sign_out", "done", ""),
    ]
    entered, refused, _ = rows(database)
    assert entered.actor_id == entered.record_id == refused.record_id
    assert (refused.actor_id, refused.address) == ("anonymous", "127.0.0.1")


def test_who_may_not_use_a_route_leaves_a_row(app: Flask, signed_in: SignIn, database: Database) -> None:
    program = signed_in(Role.CITY_OFFICER)
    program.get("/audit")
    app.test_client().get("/api/v1/audit", headers={"Authorization": "Bearer forged"})
    app.test_client().post("/api/v1/units", json={}, headers={"Idempotency-Key": "k"})
    app.test_client().get("/audit")

    assert told(database)[1:] == [
        ("gateway.api_audit.list_audit", "refused", "forbidden"),
        ("gateway.api_audit.list_audit", "refused", "not_signed_in"),
        ("gateway.api_units.register_unit", "refused", "not_signed_in"),
    ]


def test_a_note_takes_actor_address_and_request_from_the_request(
    app: Flask, signed_in: SignIn, database: Database
) -> None:
    program = signed_in(Role.CITY_ADMIN)
    with app.test_request_context(
        "/api/v1/x",
        headers={"Authorization": f"Bearer {program.token}"},
        environ_base={"REMOTE_ADDR": "192.0.2.9"},
    ):
        audit.note(
            "grant_role",
            record_id="u1",
            reason="接替离任同事",
            before={"roles": []},
            after={"roles": ["auditor"]},
        )

    row = rows(database)[-1]
    assert (row.act, row.record_id, row.reason, row.address) == (
        "gateway.grant_role",
        "u1",
        "接替离任同事",
        "192.0.2.9",
    )
    assert row.actor_id == rows(database)[0].actor_id
    assert bytes(row.before_hash) != bytes(row.after_hash)


def test_the_address_of_who_asks_reaches_the_row_of_the_service(
    signed_in: SignIn, service_db: Callable[[str], Database]
) -> None:
    register(signed_in(Role.CITY_ADMIN), 1)

    [row] = rows(service_db("staffing"))
    assert (row.act, row.address) == ("staffing.register_community", "127.0.0.1")
    assert row.request_id


def test_what_changes_at_the_gateway_alone_is_noted_by_itself(
    app: Flask, signed_in: SignIn, database: Database
) -> None:
    signed_in(Role.CITY_ADMIN)
    subject = rows(database)[-1].record_id
    signed_in(Role.SECURITY_ADMIN)
    security = Person.signed_in(app, f"user-{Role.SECURITY_ADMIN}")

    answered = security.send(
        f"/admin/users/{subject}", f"/admin/users/{subject}/close_account", reason="已离职\x00"
    )

    assert answered.status_code == 303
    row = rows(database)[-1]
    assert (row.act, row.record_id, row.reason) == ("gateway.close_account", subject, "已离职")
    assert row.actor_id == rows(database)[-2].actor_id


def test_what_a_service_has_noted_the_gateway_does_not_note_again(
    signed_in: SignIn, database: Database
) -> None:
    register(signed_in(Role.CITY_ADMIN), 1)

    assert [act for act, _, _ in told(database)] == ["gateway.sign_in"]


def test_a_change_that_is_refused_for_what_it_says_is_not_noted(
    signed_in: SignIn, database: Database
) -> None:
    signed_in(Role.CITY_ADMIN).post("/communities", json={"code": "?"})

    assert [act for act, _, _ in told(database)] == ["gateway.sign_in"]


def test_the_listing_of_personal_links_is_noted(
    signed_in: SignIn, database: Database, services: Everybody, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = signed_in(Role.CITY_ADMIN)
    poll_id = uuid4()
    monkeypatch.setattr(services, "call", lambda *_, **__: {"items": []})

    answered = admin.get(f"/polls/{poll_id}/invitations")

    assert answered.status_code == 200
    assert (rows(database)[-1].act, rows(database)[-1].record_id) == (
        "gateway.list_invitations",
        str(poll_id),
    )
