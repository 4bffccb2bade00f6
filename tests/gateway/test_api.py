"""The API: what reaches the services, and in which form their answers and refusals come back."""

import json
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.contracts.base import (
    Conflict,
    DeadlineExceeded,
    Forbidden,
    Role,
    Unavailable,
    VersionMismatch,
    invalid,
)
from services.contracts.claims.errors import ItemAlreadyClaimed, ItemNotFound
from tests.gateway.fakes import FakeServices, SignIn

ITEM = UUID("0199aaaa-0000-7000-8000-000000000001")
CLAIM = UUID("0199aaaa-0000-7000-8000-000000000002")
UNIT = UUID("0199aaaa-0000-7000-8000-000000000003")
TOKEN = "0199aaaa.signed"


def item(version: int = 7, **more: object) -> dict[str, object]:
    return {"item_id": str(ITEM), "title": "清雪", "version": version, **more}


def test_a_command_reaches_its_service_with_actor_key_and_trace(
    signed_in: SignIn, services: FakeServices
) -> None:
    liaison = signed_in(Role.UNIT_LIAISON, unit_id=UNIT)
    services.answers["claims.claim_item"] = item()

    answered = liaison.post(
        f"/items/{ITEM}/claims",
        json={"unit_id": str(UNIT), "kind": "partial", "quantity": 3},
        headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "X-Request-Id": "request-0001"},
    )

    assert answered.status_code == 201
    assert answered.headers["Location"] == f"/api/v1/items/{ITEM}"
    asked = services.last
    assert (asked.service, asked.method) == ("claims", "claim_item")
    assert asked.data["item_id"] == str(ITEM)
    assert asked.data["kind"] == "partial"
    assert asked.actor.roles == ("unit_liaison",)
    assert asked.actor.unit_id == UNIT
    assert asked.request_id == answered.headers["X-Request-Id"] == "request-0001"
    assert asked.traceparent.startswith(f"00-{'a' * 32}-")
    json.dumps(asked.data)


def test_the_same_key_of_the_same_person_for_the_same_act_arrives_the_same(
    signed_in: SignIn, services: FakeServices
) -> None:
    city = signed_in(Role.CITY_ADMIN)
    other = signed_in(Role.COMMUNITY_MANAGER)
    claim, release = f"/items/{ITEM}/claims", f"/items/{ITEM}/claims/{CLAIM}/release"
    for who, path, key in [
        (city, claim, '"key-1"'),
        (city, claim, "key-1"),
        (other, claim, "key-1"),
        (city, release, "key-1"),
        (city, claim, "k" * 255),
    ]:
        who.post(
            path,
            json={"unit_id": str(UNIT)} if path == claim else {"reason": "设备故障"},
            headers={"Idempotency-Key": key},
        )

    keys = [asked.idempotency_key for asked in services.asked]
    assert keys[0] == keys[1]
    assert len({*keys}) == 4
    assert keys[0] is not None
    assert keys[0].endswith("|claims.claim_item|key-1")
    assert all(key is not None and len(key) <= 200 for key in keys)


def test_a_key_is_made_for_every_change_and_for_no_reading(signed_in: SignIn, services: FakeServices) -> None:
    city = signed_in(Role.CITY_ADMIN)
    for _ in range(2):
        city.post(f"/items/{ITEM}/claims/{CLAIM}/confirmation")
    city.get(f"/items/{ITEM}")

    first, second, reading = [asked.idempotency_key for asked in services.asked]
    assert first
    assert second
    assert first != second
    assert reading is None


@pytest.mark.parametrize("key", ["", '""', "has space", "中", "k" * 256])
def test_an_unusable_key_is_refused(signed_in: SignIn, services: FakeServices, key: str) -> None:
    sent = key.encode().decode("latin-1")

    refused = signed_in(Role.CITY_ADMIN).post(
        f"/items/{ITEM}/claims/{CLAIM}/confirmation", headers={"Idempotency-Key": sent}
    )

    assert refused.status_code == 422
    assert services.asked == []


def test_the_key_of_someone_without_account_tells_no_address(
    client: FlaskClient, services: FakeServices
) -> None:
    for address in ("203.0.113.1", "203.0.113.2"):
        client.post(
            f"/api/v1/ballots/{TOKEN}/answer",
            json={"satisfaction": "satisfied"},
            headers={"Idempotency-Key": "1"},
            environ_base={"REMOTE_ADDR": address},
        )

    keys = [asked.idempotency_key or "" for asked in services.asked]
    assert keys[0] != keys[1]
    assert all("203.0.113" not in key and TOKEN not in key for key in keys)


def test_a_record_has_an_etag_and_is_not_sent_twice(signed_in: SignIn, services: FakeServices) -> None:
    city = signed_in(Role.CITY_ADMIN)
    services.answers["claims.get_item"] = item(days_left=3)
    first = city.get(f"/items/{ITEM}")

    again = city.get(f"/items/{ITEM}", headers={"If-None-Match": first.headers["ETag"]})
    services.answers["claims.get_item"] = item(days_left=2)
    tomorrow = city.get(f"/items/{ITEM}", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["ETag"].startswith('"7-')
    assert again.status_code == 304
    assert again.data == b""
    assert tomorrow.status_code == 200


@pytest.mark.parametrize(
    ("sent", "version"), [('"7-0badcafe"', 7), ('W/"7"', 7), ("7", 7), ("*", None), (None, None)]
)
def test_if_match_becomes_the_version_the_asker_saw(
    signed_in: SignIn, services: FakeServices, sent: str | None, version: int | None
) -> None:
    headers = {"If-Match": sent} if sent else {}

    signed_in(Role.CITY_OFFICER).post(f"/items/{ITEM}/assessment", json={"score": "95.50"}, headers=headers)

    assert services.last.data["expected_version"] == version
    assert services.last.data["score"] == "95.50"


def test_replacing_a_record_needs_its_version(signed_in: SignIn, services: FakeServices) -> None:
    city = signed_in(Role.CITY_ADMIN)
    community = {
        "community_name": "海兰社区",
        "street": "海兰街道",
        "grade": "boutique",
        "households": 1,
        "population": 2,
    }

    assert city.open("PUT", f"/communities/{ITEM}", json=community).status_code == 428
    assert (
        city.open("PUT", f"/communities/{ITEM}", json=community, headers={"If-Match": '"x"'}).status_code
        == 422
    )
    assert (
        city.open("PUT", f"/communities/{ITEM}", json=community, headers={"If-Match": '"3"'}).status_code
        == 200
    )
    assert services.last.data["expected_version"] == 3


def test_a_list_says_where_its_next_page_is(client: FlaskClient, services: FakeServices) -> None:
    services.answers["claims.list_items"] = {"items": [], "next": "abc/=", "total": 3}

    listed = client.get("/api/v1/public/items?q=%E9%9B%AA&limit=1&cursor=old")

    assert listed.json["next"] == "abc/="
    assert listed.headers["Link"] == '</api/v1/public/items?q=%E9%9B%AA&limit=1&cursor=abc%2F%3D>; rel="next"'
    assert services.last.data["limit"] == 1


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ItemNotFound("没有这个事项。"), 404, "item_not_found"),
        (ItemAlreadyClaimed("已被认领。"), 409, "item_already_claimed"),
        (Conflict("不行。"), 409, "conflict"),
        (VersionMismatch("记录已被修改。"), 412, "version_mismatch"),
        (Forbidden("您没有这个社区的权限。"), 403, "forbidden"),
        (Unavailable("稍后。"), 503, "unavailable"),
        (DeadlineExceeded("超时。"), 504, "deadline_exceeded"),
        (RuntimeError("password=hunter2"), 500, "internal_error"),
    ],
)
def test_refusals_of_the_services_become_problems(
    signed_in: SignIn, services: FakeServices, error: Exception, status: int, code: str
) -> None:
    services.answers["claims.get_item"] = error

    refused = signed_in(Role.CITY_ADMIN).get(f"/items/{ITEM}")

    assert refused.status_code == status
    assert refused.content_type == "application/problem+json"
    assert refused.json["type"] == f"/problems/{code}"
    assert refused.json["status"] == status
    assert refused.json["request_id"] == refused.headers["X-Request-Id"]
    assert ("Retry-After" in refused.headers) == (status in (503, 504))
    assert "hunter2" not in refused.text


def test_a_service_that_names_fields_is_passed_on_as_pointers(
    signed_in: SignIn, services: FakeServices
) -> None:
    services.answers["claims.create_item"] = invalid({"supports": {0: ["没有这一项。"]}, "a/b": ["?"]})
    body = {
        "community_id": str(UNIT),
        "title": "清雪",
        "service_class": "welfare",
        "category": "winter_duty",
        "beneficiaries": 5,
        "quantity": 1,
        "measure": "处",
        "due_on": "2026-12-08",
    }

    refused = signed_in(Role.COMMUNITY_WORKER).post("/items", json=body)

    assert [place["pointer"] for place in refused.json["errors"]] == ["/supports/0", "/a~1b"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"unit_id": "\xff"}', "application/json", 400),
        (b'{"unit_id": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"unit_id=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b"[1]", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b"null", "application/json", 422),
        (b"{}", "application/json; charset=utf-8", 422),
        (b"", "application/json", 422),
        (b'{"unit_id": "no uuid"}', "application/json", 422),
        (b'{"unit_id": 5, "note": "\\u0000"}', "application/json", 422),
        (b'{"unit_id": "0199aaaa-0000-7000-8000-000000000003", "quantity": 1e400}', "application/json", 400),
        (b'{"unit_id": "0199aaaa-0000-7000-8000-000000000003", "quantity": 1.5}', "application/json", 422),
        (
            b'{"unit_id": "0199aaaa-0000-7000-8000-000000000003", "quantity": ' + b"9" * 400 + b"}",
            "application/json",
            400,
        ),
        (b'{"unit_id": "0199aaaa-0000-7000-8000-000000000003", "item_id": "x"}', "application/json", 422),
        (b'{"unit_id": "0199aaaa-0000-7000-8000-000000000003", "kind": ["whole"]}', "application/json", 422),
        (b'{"unit_id": "0199aaaa-0000-7000-8000-000000000003", "kind": {}}', "application/json", 422),
    ],
)
def test_a_body_that_makes_no_sense_is_the_askers_mistake(
    signed_in: SignIn, services: FakeServices, body: bytes, content_type: str, status: int
) -> None:
    refused = signed_in(Role.CITY_ADMIN).post(f"/items/{ITEM}/claims", data=body, content_type=content_type)

    assert refused.status_code == status, refused.text
    assert refused.content_type == "application/problem+json"
    assert services.asked == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422), ("limit=x", 422), ("nonsense=1", 422), ("q=%00", 400), ("q=%ff", 400),
        ("community_id=1", 422), ("status=gone", 422), ("due_from_on=2026-13-01", 422),
        ("is_overdue=perhaps", 422), ("q=" + "x" * 51, 422), ("limit=" + "9" * 5000, 422),
    ],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_the_askers_mistake(
    client: FlaskClient, services: FakeServices, query: str, status: int
) -> None:
    refused = client.get(f"/api/v1/public/items?{query}")

    assert refused.status_code == status, refused.text
    if status == 422:
        assert refused.json["errors"][0]["parameter"] == query.partition("=")[0]
    assert services.asked == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/items/not-a-uuid", 404),
        ("GET", "/api/v1/items/", 404),
        ("PATCH", "/api/v1/items", 405),
        ("DELETE", f"/api/v1/items/{ITEM}", 405),
        ("BREW", "/api/v1/items", 405),
        ("GET", "/api/v1/%00", 400),
        ("GET", "/nothing", 404),
    ],
)
def test_addresses_and_methods_that_do_not_exist(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    refused = client.open(path, method=method, headers={"Accept": "application/json"})

    assert refused.status_code == status
    assert refused.content_type == "application/problem+json"
    if status == 405:
        assert refused.headers["Allow"]


def test_an_address_that_is_no_text_is_refused(client: FlaskClient) -> None:
    refused = client.get("/api/v1/x", environ_overrides={"PATH_INFO": "/api/v1/\xff"})

    assert refused.status_code == 400
    assert refused.json["type"] == "/problems/malformed_address"


def test_a_person_gets_a_page_instead_of_a_problem_document(client: FlaskClient) -> None:
    refused = client.get("/nothing", headers={"Accept": "text/html"})

    assert refused.status_code == 404
    assert refused.mimetype == "text/html"
    assert refused.headers["X-Request-Id"] in refused.text


def test_a_body_over_the_limit_is_refused_before_it_is_read(client: FlaskClient) -> None:
    refused = client.post(
        "/api/v1/session",
        environ_overrides={"CONTENT_LENGTH": str(9 * 1024 * 1024)},
        content_type="application/json",
    )

    assert refused.status_code == 413
    assert refused.json["type"] == "/problems/body_too_large"


def test_the_wrong_role_is_refused_with_the_reason(signed_in: SignIn, services: FakeServices) -> None:
    refused = signed_in(Role.SUPERVISOR).post(f"/items/{ITEM}/commendation", json={"reason": "好"})

    assert refused.status_code == 403
    assert "市级" in refused.json["detail"]
    assert services.asked == []


def test_without_a_token_the_answer_is_401_whatever_the_body(client: FlaskClient) -> None:
    refused = client.post("/api/v1/items", data=b"{", content_type="text/plain")

    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "token", ["Basic d2FuZzp4", "Bearer", "Bearer ", "Bearer " + "x" * 5000, "Bearer \u00e9"]
)
def test_an_impossible_token_is_no_token(client: FlaskClient, token: str) -> None:
    assert client.get("/api/v1/session", headers={"Authorization": token}).status_code == 401


def test_subscriptions_are_removed_without_an_answer_body(signed_in: SignIn, services: FakeServices) -> None:
    removed = signed_in(Role.COMMUNITY_MANAGER).open("DELETE", f"/subscriptions/{ITEM}")

    assert removed.status_code == 204
    assert services.last.data == {"subscription_id": str(ITEM)}
    assert services.last.idempotency_key


def test_what_a_problem_means_can_be_looked_up(client: FlaskClient) -> None:
    assert client.get("/problems/item_already_claimed").json["status"] == 409
    assert client.get("/problems/no_such_thing").status_code == 404


def test_a_program_may_ask_what_a_route_can_do_without_signing_in(client: FlaskClient) -> None:
    told = client.options("/api/v1/items")

    assert told.status_code == 200
    assert set(told.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
