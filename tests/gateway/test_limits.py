"""How often one client may ask: buckets that empty and fill, and what is answered beyond them."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway import limits
from gateway.app import create_app
from gateway.limits import DEFAULTS, Buckets, Limit, RouteClass, class_of, limits_of
from services.chassis.config import Config, ConfigError
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.fakes import FakeServices, SignIn

TIGHT = {
    "GONGZHI_LIMIT_READ": "3/600",
    "GONGZHI_LIMIT_WRITE": "2/600",
    "GONGZHI_LIMIT_SIGN_IN": "30/600",
    "GONGZHI_LIMIT_PUBLIC_FORM": "1/600",
    "GONGZHI_LIMIT_EXPORT": "off",
}
BALLOT = "/api/v1/ballots/a-token/answer"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def app(settings: Config, services: FakeServices, database: Database) -> Flask:
    tight = replace(settings, variables={**settings.variables, **TIGHT})
    return create_app(tight, services, database=database)


def answer_poll(client: FlaskClient, *, address: str = "203.0.113.1", **headers: str) -> Any:
    return client.post(
        BALLOT,
        json={"satisfaction": "satisfied"},
        headers={"Idempotency-Key": "1", **headers},
        environ_base={"REMOTE_ADDR": address},
    )


def test_a_bucket_gives_its_tokens_at_once_and_fills_up_evenly() -> None:
    clock = Clock()
    buckets = Buckets(Limit(count=3, seconds=30), clock=clock)

    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, pytest.approx(10)]
    clock.now += 9
    assert buckets.take("a") == pytest.approx(1)
    clock.now += 1
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0
    clock.now += 1000
    assert [buckets.take("a") for _ in range(4)][:3] == [0, 0, 0]


def test_one_client_takes_nothing_from_another() -> None:
    buckets = Buckets(Limit(count=1, seconds=60), clock=Clock())
    buckets.take("a")

    assert buckets.take("a") > 0
    assert buckets.take("b") == 0


def test_clients_who_have_gone_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CLIENTS", 100)
    clock = Clock()
    buckets = Buckets(Limit(count=2, seconds=10), clock=clock)
    for number in range(100):
        buckets.take(str(number))
    clock.now += 60

    buckets.take("the last")

    assert set(buckets._full_at) == {"the last"}


def test_beyond_the_limit_the_answer_says_when_to_come_again(client: FlaskClient) -> None:
    assert answer_poll(client).status_code == 200

    refused = answer_poll(client)

    assert refused.status_code == 429
    assert refused.content_type == "application/problem+json"
    assert refused.json["type"] == "/problems/too_many_requests"
    assert 590 <= int(refused.headers["Retry-After"]) <= 600
    assert answer_poll(client, address="203.0.113.2").status_code == 200


def test_a_made_up_token_is_no_client_of_its_own(client: FlaskClient) -> None:
    answers = [answer_poll(client, Authorization=f"Bearer made-up-{number}") for number in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]


def test_reading_and_writing_are_counted_apart_and_by_account(signed_in: SignIn) -> None:
    city, manager = signed_in(Role.CITY_ADMIN), signed_in(Role.COMMUNITY_MANAGER)
    body = {"channel": "email", "label": "街道办", "address": "jd@example.org"}

    assert [city.post("/subscriptions", json=body).status_code for _ in range(3)] == [201, 201, 429]
    assert [city.get("/session").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert manager.post("/subscriptions", json=body).status_code == 201


def test_what_is_switched_off_and_what_is_free_has_no_limit(client: FlaskClient, signed_in: SignIn) -> None:
    city = signed_in(Role.CITY_ADMIN)

    assert {city.get("/items/sheet").status_code for _ in range(20)} == {200}
    assert {client.get("/healthz").status_code for _ in range(20)} == {200}


def test_a_person_beyond_the_limit_gets_a_page(client: FlaskClient) -> None:
    for _ in range(3):
        client.get("/signin")

    refused = client.get("/signin", headers={"Accept": "text/html"})

    assert refused.status_code == 429
    assert refused.mimetype == "text/html"
    assert "请求太频繁" in refused.text


def test_every_route_belongs_to_the_class_of_what_it_does(app: Flask) -> None:
    classes = {
        (rule.rule, method): class_of(app.view_functions[rule.endpoint], method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.endpoint != "static"
    }

    assert classes["/api/v1/session", "POST"] is RouteClass.SIGN_IN
    assert classes["/signin", "POST"] is RouteClass.SIGN_IN
    assert classes["/signin/code", "POST"] is RouteClass.SIGN_IN
    assert classes["/signin", "GET"] is RouteClass.READ
    assert classes["/api/v1/ballots/<string(maxlength=300):token>/answer", "POST"] is RouteClass.PUBLIC_FORM
    assert classes["/api/v1/items", "POST"] is RouteClass.WRITE
    assert classes["/api/v1/items/sheet", "GET"] is RouteClass.EXPORT


@pytest.mark.parametrize("text", ["", "x", "0/60", "10", "10/0", "-1/60", "1.5/60", "10/60/1", "OFF"])
def test_a_limit_that_cannot_be_read_is_told_in_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="GONGZHI_LIMIT_WRITE"):
        limits_of({"GONGZHI_LIMIT_WRITE": text})


def test_the_defaults_are_limits() -> None:
    assert set(limits_of({})) == set(DEFAULTS) == set(RouteClass)
    assert limits_of({f"GONGZHI_LIMIT_{one.name}": "off" for one in RouteClass}) == {}
