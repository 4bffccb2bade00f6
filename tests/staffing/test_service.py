"""The doors of staffing: shapes in, shapes out, one effect for a repeated call."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from services.chassis.calls import Call, read_reply
from services.chassis.db import Database
from services.chassis.wire import read_error
from services.contracts.base import ANONYMOUS, Actor, Forbidden, GongzhiError, Invalid
from services.contracts.staffing import views
from services.staffing.service import StaffingService
from tests.staffing.builders import CITY, told

Ask = Callable[..., Any]

HUAYUAN = {
    "code": "231102001001",
    "community_name": "花园社区",
    "street": "花园街道",
    "grade": "demonstration",
    "households": 3200,
    "population": 30000,
}


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("staffing")


@pytest.fixture
def ask(database: Database) -> Ask:
    """Calls a door as the broker would, and gives the answer or raises the error."""
    service = StaffingService()
    service.db = database  # type: ignore[assignment]  # what nameko puts there

    def ask(method: str, data: dict[str, Any], *, actor: Actor = CITY, key: str | None = None) -> Any:
        call = Call(method=method, data=data, deadline=time.time() + 10, actor=actor, idempotency_key=key)
        reply = read_reply(getattr(service, method)(call))
        if reply.error is not None:
            raise read_error(reply.error)
        assert reply.answer is not None
        return msgspec.json.decode(reply.answer)

    return ask


def test_a_community_from_registration_to_change(ask: Ask) -> None:
    registered = ask("register_community", HUAYUAN)
    changed = ask(
        "change_community",
        {
            **{name: value for name, value in HUAYUAN.items() if name != "code"},
            "community_id": registered["community_id"],
            "population": 8765,
            "expected_version": registered["version"],
        },
    )

    assert (registered["posts_required"], registered["posts_filled"]) == (54, 0)
    assert (changed["posts_required"], changed["version"]) == (16, 2)
    assert ask("get_community", {"community_id": registered["community_id"]}, actor=ANONYMOUS) == changed
    assert ask("list_communities", {}, actor=ANONYMOUS) == {"items": [changed]}


def test_views_hold_every_field_that_the_contract_names(ask: Ask) -> None:
    community = ask("register_community", HUAYUAN)
    worker = ask(
        "appoint_worker",
        {
            "community_id": community["community_id"],
            "worker_name": "李海",
            "post": "grid_worker",
            "since_on": "2026-12-01",
        },
    )

    assert set(community) == set(views.CommunityView().fields)
    assert set(worker) == set(views.WorkerView().fields)
    assert worker["worker_name"] == "李*", "the answer of a change is stored, so it is masked"
    assert ask("list_workers", {}) == {"items": [{**worker, "worker_name": "李海"}], "next": None}
    assert ask("list_communities", {})["items"][0]["posts_filled"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "23110200100"),
        ("code", "23110200100a"),
        ("community_name", ""),
        ("community_name", "长" * 51),
        ("grade", "示范"),
        ("households", -1),
        ("population", 1.5),
        ("surprise", 1),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(ask: Ask, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        ask("register_community", {**HUAYUAN, field: value})

    assert list(refused.value.fields) == [field]


def test_the_same_call_twice_registers_once_and_answers_the_same(ask: Ask, database: Database) -> None:
    first = ask("register_community", HUAYUAN, key="key-1")
    second = ask("register_community", HUAYUAN, key="key-1")

    assert first == second
    with database.reading() as tx:
        assert told(tx) == ["community_registered"]


def test_a_refused_call_may_be_repeated_with_its_key(ask: Ask) -> None:
    with pytest.raises(Forbidden):
        ask("register_community", HUAYUAN, actor=ANONYMOUS, key="key-2")

    assert ask("register_community", HUAYUAN, key="key-2")["code"] == HUAYUAN["code"]


def test_an_unknown_community_crosses_as_its_own_error(ask: Ask) -> None:
    with pytest.raises(GongzhiError) as refused:
        ask("get_community", {"community_id": str(uuid4())})

    assert refused.value.code == "community_not_found"
