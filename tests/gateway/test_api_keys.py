"""Idempotency keys at the API's door: who needs one, and what happens while the first request is at work."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.api.keys import KeysInUse
from gateway.errors import FirstStillRunning
from services.chassis.db import Database
from services.contracts.base import Conflict, IdempotencyKeyReused, Role
from tests.gateway.fakes import FakeServices, Program, SignIn

ITEM = UUID("0199aaaa-0000-7000-8000-000000000001")
PLACE = f"/items/{ITEM}/commendation"
REASON = {"reason": "行动迅速"}
# Signing in, and questions whose text is too long for an address.
WITHOUT_KEY = {"/api/v1/session", "/api/v1/claim-lists/previews", "/api/v1/needs/previews"}


class Slow:
    """A service that answers when it is told to."""

    def __init__(self) -> None:
        self.began, self.may_answer = threading.Event(), threading.Event()

    def __call__(self, _data: dict[str, Any]) -> dict[str, Any]:
        self.began.set()
        assert self.may_answer.wait(20)
        return {"item_id": str(ITEM), "version": 7}


@pytest.fixture
def slow(services: FakeServices) -> Slow:
    made = Slow()
    services.answers["claims.commend_item"] = made
    return made


def commend(program: Program, key: str) -> Any:
    return program.post(PLACE, json=REASON, headers={"Idempotency-Key": key})


def test_a_change_without_a_key_is_refused_and_says_what_is_missing(
    client: FlaskClient, signed_in: SignIn, services: FakeServices
) -> None:
    token = signed_in(Role.CITY_ADMIN).token

    refused = client.post(f"/api/v1{PLACE}", json=REASON, headers={"Authorization": f"Bearer {token}"})

    assert refused.status_code == 400
    assert (refused.json or {})["type"] == "/problems/idempotency_key_required"
    assert "Idempotency-Key" in (refused.json or {})["detail"]
    assert services.asked == []


def test_who_may_not_ask_at_all_is_told_that_first(client: FlaskClient, signed_in: SignIn) -> None:
    officer = signed_in(Role.SUPERVISOR).token

    assert client.post(f"/api/v1{PLACE}", json=REASON).status_code == 401
    refused = client.post(f"/api/v1{PLACE}", json=REASON, headers={"Authorization": f"Bearer {officer}"})
    assert refused.status_code == 403


def test_every_post_of_the_api_needs_a_key_unless_it_is_named_here(app: Flask) -> None:
    paths = app.extensions["openapi"].to_dict()["paths"]
    posts = {path: item["post"] for path, item in paths.items() if "post" in item}
    without = {
        path
        for path, operation in posts.items()
        if not any(one["name"] == "Idempotency-Key" and one["required"] for one in operation["parameters"])
    }

    assert without >= WITHOUT_KEY
    assert {path for path in without - WITHOUT_KEY if posts[path]["tags"] != ["session"]} == set()


def test_while_the_first_is_at_work_a_second_one_is_told_to_come_again(
    signed_in: SignIn, services: FakeServices, slow: Slow
) -> None:
    city = signed_in(Role.CITY_ADMIN)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(commend, city, "k-1")
        assert slow.began.wait(20)

        second = commend(city, "k-1")
        slow.may_answer.set()
        answered = first.result()
    third = commend(city, "k-1")

    assert second.status_code == 409
    assert second.json["type"] == "/problems/first_still_running"
    assert second.headers["Retry-After"] == "1"
    assert (answered.status_code, third.status_code) == (200, 200)
    assert answered.data == third.data
    assert len({asked.idempotency_key for asked in services.asked}) == 1


def test_other_keys_other_people_and_other_acts_are_not_held_up(signed_in: SignIn, slow: Slow) -> None:
    city, officer = signed_in(Role.CITY_ADMIN), signed_in(Role.CITY_OFFICER)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(commend, city, "k-1")
        assert slow.began.wait(20)
        slow.may_answer.set()

        assert commend(city, "k-2").status_code == 200
        assert commend(officer, "k-1").status_code == 200
        key = {"Idempotency-Key": "k-1"}
        assert city.post(f"/items/{ITEM}/assessment", json={"score": "95"}, headers=key).status_code == 200
        assert first.result().status_code == 200


def test_a_refused_request_lets_go_of_its_key(signed_in: SignIn, services: FakeServices) -> None:
    city = signed_in(Role.CITY_ADMIN)
    statuses = []
    for refusal in (Conflict("不行。"), IdempotencyKeyReused("内容不同。"), RuntimeError("broken")):
        services.answers["claims.commend_item"] = refusal
        statuses.append(commend(city, "k-1").status_code)
    services.answers["claims.commend_item"] = {"version": 7}
    statuses.append(commend(city, "k-1").status_code)

    assert statuses == [409, 422, 500, 200]


def test_a_key_in_use_is_in_use_in_every_gateway_process(database: Database) -> None:
    here, there = KeysInUse(database.url), KeysInUse(database.url)

    with here.held("k"):
        with pytest.raises(FirstStillRunning), there.held("k"):
            pass
        with there.held("another"):
            pass
    with there.held("k"), pytest.raises(FirstStillRunning), here.held("k"):
        pass


def test_many_keys_at_once_are_all_taken_and_all_let_go(database: Database) -> None:
    here, there = KeysInUse(database.url), KeysInUse(database.url)
    everybody = threading.Barrier(20)

    def use(number: int) -> None:
        with here.held(f"k-{number}"):
            everybody.wait(20)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(use, range(20)))

    for number in range(20):
        with there.held(f"k-{number}"):
            pass


def test_a_lost_connection_holds_nobody_up(database: Database) -> None:
    here = KeysInUse(database.url)
    with here.held("k"):
        with database.looking() as connection:
            ended = connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'gongzhi-gateway-keys'"
                )
            )
            assert ended.rowcount >= 1
        with here.held("another"):
            pass

    with here.held("k"), pytest.raises(FirstStillRunning), KeysInUse(database.url).held("k"):
        pass
