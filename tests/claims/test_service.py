"""The doors of claims: shapes in, shapes out, each call and each event one effect, any number at once."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import sqlalchemy as sa

from services.chassis import tables as chassis_tables
from services.chassis.calls import Call, read_reply
from services.chassis.db import Database
from services.chassis.inbox import Delivery, Handler, Inbox
from services.chassis.wire import JSON, Envelope, read_error, write_event
from services.claims.domain.item import Item
from services.claims.service import ClaimsService
from services.claims.storage.tables import items, units
from services.contracts.base import ANONYMOUS, Actor, Event, Forbidden, GongzhiError, Invalid
from services.contracts.claims.errors import ItemAlreadyClaimed
from services.contracts.claims.terms import ItemStatus
from tests.builders import (
    HUAYUAN,
    HUAYUAN_CODE,
    TODAY,
    XINGAN,
    act_on_item,
    cells,
    community_registered,
    item_in,
    liaison,
    make_item,
    make_unit,
    make_uscc,
    poll_closed,
    publish,
    worker,
)

AGES_HENCE = {"due_on": TODAY + timedelta(days=36500)}


class Doors:
    """The doors of claims, called as the broker calls them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.service = ClaimsService()
        self.service.db = database  # type: ignore[assignment]  # what nameko puts there

    def ask(self, method: str, data: dict[str, Any], *, actor: Actor | None = None, key: str = "") -> Any:
        """The answer of a call, or its error raised."""
        call = Call(
            method=method,
            data=data,
            deadline=time.time() + 60,
            actor=actor or worker(),
            idempotency_key=key or None,
        )
        reply = read_reply(getattr(self.service, method)(call))
        if reply.error is not None:
            raise read_error(reply.error)
        return msgspec.json.decode(reply.answer)

    def hear(self, event: Event, *, event_id: UUID | None = None) -> str:
        """Delivers an event; how it was handled."""
        door = f"on_{event.name()}"
        envelope = Envelope(
            event_id=str(event_id or uuid4()),
            source=event.source,
            name=event.name(),
            version=event.version,
            aggregate_id=str(event.aggregate_id),
            sequence=1,
            occurred_at=event.occurred_at,
            traceparent="",
            body=write_event(event).encode(),
        )
        handler = Handler(name=f"claims.{door}", event_class=type(event))
        inbox = Inbox(self.database, {event.name(): handler})
        delivery = Delivery(headers=envelope.headers(), content_type=JSON, body=envelope.body)
        result: str = inbox.receive(delivery, getattr(self.service, door))
        return result

    def store(self, *entities: object) -> None:
        with self.database.transaction() as tx:
            tx.session.add_all(entities)

    def event_names(self) -> list[str]:
        outbox = chassis_tables.outbox
        with self.database.engine.connect() as connection:
            return list(connection.scalars(sa.select(outbox.c.name).order_by(outbox.c.outbox_id)))


@pytest.fixture
def doors(db: Database) -> Doors:
    return Doors(db)


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of so many threads that start together got: an answer or a refusal."""
    start = threading.Barrier(count)
    outcomes: list[Any] = [None] * count

    def run(number: int) -> None:
        start.wait()
        try:
            outcomes[number] = act(number)
        except GongzhiError as refusal:
            outcomes[number] = refusal

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def open_item(**given: Any) -> Item:
    """Open for as long as these tests may ever run: doors take the time from the clock."""
    due_on = AGES_HENCE["due_on"]
    return publish(make_item(**AGES_HENCE | given), claim_until_on=due_on)


def written_item(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "community_id": str(HUAYUAN),
        "title": "冬季清雪",
        "service_class": "convenience",
        "category": "winter_duty",
        "beneficiaries": 300,
        "quantity": 3,
        "measure": "处",
        "due_on": str(AGES_HENCE["due_on"]),
    }
    return fields | given


# ---- races --------------------------------------------------------------------------------------


def test_of_fifty_units_that_claim_at_once_one_wins_and_the_others_hear_who(doors: Doors) -> None:
    item = open_item()
    rivals = [make_unit(f"单位{number}", number=number) for number in range(50)]
    doors.store(item, *rivals)

    def race(number: int) -> Any:
        claim = {"item_id": str(item.item_id), "unit_id": str(rivals[number].unit_id)}
        return doors.ask("claim_item", claim, actor=liaison(rivals[number]), key=f"race-{number}")

    outcomes = at_once(50, race)

    won = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, ItemAlreadyClaimed)]
    assert (len(won), len(lost)) == (1, 49)
    [winner] = won[0]["unit_names"]
    assert all(f"已由「{winner}」认领" in refusal.message for refusal in lost)
    assert doors.event_names() == ["item_claimed"]


def test_parts_claimed_at_once_never_add_up_to_more_than_there_is(doors: Doors) -> None:
    item = open_item(quantity=7)
    rivals = [make_unit(f"单位{number}", number=number) for number in range(20)]
    doors.store(item, *rivals)

    def race(number: int) -> Any:
        claim = {
            "item_id": str(item.item_id),
            "unit_id": str(rivals[number].unit_id),
            "kind": "partial",
            "quantity": number % 3 + 1,
        }
        return doors.ask("claim_item", claim, actor=liaison(rivals[number]), key=f"part-{number}")

    outcomes = at_once(20, race)

    shown = doors.ask("get_item", {"item_id": str(item.item_id)})
    promised = sum(claim["quantity"] for claim in shown["claims"])
    assert promised == 7 - shown["remaining"] <= 7
    assert {type(outcome) for outcome in outcomes} == {dict, ItemAlreadyClaimed}
    assert len(shown["claims"]) == sum(isinstance(outcome, dict) for outcome in outcomes)


def test_the_same_call_many_times_at_once_has_one_effect_and_one_answer(doors: Doors) -> None:
    outcomes = at_once(8, lambda _: doors.ask("create_item", written_item(), key="once"))

    assert len({outcome["item_id"] for outcome in outcomes}) == 1
    with doors.database.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(items)) == 1


def test_one_unit_registered_by_many_at_once_is_registered_once(doors: Doors) -> None:
    unit = {
        "uscc": make_uscc(),
        "unit_name": "黑河学院",
        "kind": "institution",
        "community_ids": [str(HUAYUAN)],
    }

    outcomes = at_once(10, lambda number: doors.ask("register_unit", unit, key=f"unit-{number}"))

    assert Counter(getattr(outcome, "code", "registered") for outcome in outcomes) == {
        "registered": 1,
        "unit_already_registered": 9,
    }
    with doors.database.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(units)) == 1


def test_assessment_and_poll_that_meet_score_an_item_once(doors: Doors) -> None:
    item = item_in(ItemStatus.VERIFIED)
    doors.store(item)
    event = poll_closed(item)
    assessment = {"item_id": str(item.item_id), "score": "88.00"}

    at_once(2, lambda n: doors.hear(event) if n else doors.ask("assess_item", assessment, key="assess"))

    assert doors.event_names() == ["item_scored"]
    assert doors.ask("get_item", {"item_id": str(item.item_id)})["score"]["total"] == "86.50"


# ---- shapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "data", "field"),
    [
        ("create_item", written_item(quantity=0), "quantity"),
        ("create_item", written_item(quantity=1.5), "quantity"),
        ("create_item", written_item(title=""), "title"),
        ("create_item", written_item(category="snow"), "category"),
        ("create_item", written_item(grid_code="12"), "grid_code"),
        ("create_item", written_item(secret="x"), "secret"),
        ("get_item", {"item_id": "1"}, "item_id"),
        ("list_items", {"limit": 201}, "limit"),
        ("assess_item", {"item_id": str(uuid4()), "score": "100.01"}, "score"),
        ("register_unit", {"uscc": "1"}, "uscc"),
        ("preview_claim_list", {"rows": []}, "rows"),
        ("import_claim_list", {"rows": [], "file_hash": "zz"}, "file_hash"),
    ],
)
def test_what_has_not_the_shape_is_refused_naming_the_field(
    doors: Doors, method: str, data: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        doors.ask(method, data)

    assert field in refusal.value.fields


def test_an_assessment_has_at_most_two_decimals(doors: Doors) -> None:
    item = item_in(ItemStatus.VERIFIED)
    doors.store(item)

    shown = doors.ask("assess_item", {"item_id": str(item.item_id), "score": "87.5"})

    assert shown["score"]["assessment"] == "87.50"


def test_an_item_is_written_whole_and_plain(doors: Doors) -> None:
    item = item_in(ItemStatus.SCORED)
    doors.store(item)

    shown = doors.ask("get_item", {"item_id": str(item.item_id)}, actor=ANONYMOUS)

    assert (shown["status"], shown["due_on"], shown["community_name"]) == (
        "scored",
        "2026-12-08",
        "花园社区",
    )
    assert shown["score"] == {
        "assessment": "88.00",
        "poll": "81.25",
        "timeliness": "100.00",
        "total": "86.50",
        "grade": "good",
        "explanation": item.score_explanation,
    }
    assert shown["poll"]["satisfaction_percent"] == "90.00"
    [claim] = shown["claims"]
    assert claim["units"] == [{"unit_id": str(item.units[0].unit_id), "unit_name": item.units[0].unit_name}]
    assert [milestone["percent"] for milestone in claim["milestones"]] == [50]
    assert (shown["possible_acts"], claim["possible_acts"]) == ([], [])


def test_an_act_answers_with_the_item_as_it_now_is(doors: Doors) -> None:
    item = item_in(ItemStatus.SCORED)
    doors.store(item)

    shown = doors.ask("commend_item", {"item_id": str(item.item_id), "reason": "清雪及时"})

    assert (shown["status"], shown["version"]) == ("commended", item.version + 1)
    assert shown["commendation"]["reason"] == "清雪及时"
    assert shown["history"][-1]["act"] == "commend_item"


def test_every_reading_door_answers(doors: Doors) -> None:
    doors.store(make_unit(), open_item())

    assert doors.ask("list_units", {})["next"] is None
    assert doors.ask("list_items", {"q": "清雪"}, actor=ANONYMOUS)["total"] == 1
    assert doors.ask("export_items", {})["items"][0]["title"] == "冬季清雪"
    assert doors.ask("count_items", {})["by_status"]["published"] == 1
    assert doors.ask("get_dashboard", {})["claim_rate"] == "0.0"
    assert doors.ask("list_claim_lists", {}) == {"items": [], "next": None}
    preview = doors.ask("preview_claim_list", {"rows": [{"row_number": 2, "cells": cells(title="")}]})
    assert preview["rows"][0]["errors"] == ["第2行「事项名称」：必填。"]


def test_a_list_is_imported_and_published_through_the_doors(doors: Doors) -> None:
    rows = [{"row_number": 2, "cells": cells(due_on=str(AGES_HENCE["due_on"]))}]
    file = {"rows": rows, "title": "清单", "file_name": "清单.xlsx", "file_hash": "a" * 64}

    claim_list = doors.ask("import_claim_list", file)
    published = doors.ask(
        "publish_claim_list",
        {
            "claim_list_id": claim_list["claim_list_id"],
            "party_study_on": "2026-01-05",
            "claim_until_on": str(AGES_HENCE["due_on"]),
        },
    )

    assert (claim_list["draft_count"], published) == (1, {"published": 1})


# ---- what others tell ---------------------------------------------------------------------------


def test_a_poll_result_delivered_twice_takes_effect_once(doors: Doors) -> None:
    item = item_in(ItemStatus.VERIFIED)
    act_on_item(item, "assess_item")
    doors.store(item)
    event, event_id = poll_closed(item), uuid4()

    assert [doors.hear(event, event_id=event_id) for _ in range(3)] == ["ok", "duplicate", "duplicate"]
    assert doors.event_names() == ["item_scored"]


def test_a_result_for_an_item_that_awaits_none_is_parked(doors: Doors) -> None:
    item = make_item()
    doors.store(item)

    assert doors.hear(poll_closed(item)) == "parked"
    assert doors.hear(poll_closed(make_item())) == "parked"


def test_a_new_community_can_be_worked_in_at_once(doors: Doors) -> None:
    hailan = uuid4()
    item = written_item(community_id=str(hailan))
    with pytest.raises(Invalid):
        doors.ask("create_item", item, actor=worker(hailan))

    assert doors.hear(community_registered(hailan, "231102003001", "海兰社区")) == "ok"

    assert doors.ask("create_item", item, actor=worker(hailan))["community_name"] == "海兰社区"
    with pytest.raises(Forbidden):
        doors.ask("create_item", item, actor=worker(XINGAN))


def test_a_grid_belongs_to_its_community(doors: Doors) -> None:
    written = doors.ask("create_item", written_item(grid_code=f"{HUAYUAN_CODE}007"))

    assert written["grid_code"] == f"{HUAYUAN_CODE}007"
