"""Messages that nobody can read, put into the inboxes past the platform: parked in sight, and in nobody's way."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import amqp
import pytest

from services.chassis.broker import connect
from services.chassis.clock import utc_now
from services.chassis.wire import JSON, Envelope, dumps
from tests.chassis.processes import eventually
from tests.faults.drill import Drill
from tests.faults.everyday import View

pytestmark = pytest.mark.fault


# Both read what consultation tells of a closed poll.
READERS = ("claims", "notifications")


def put_into_inboxes(drill: Drill, body: bytes, headers: dict[str, Any]) -> None:
    """As any program with the broker's password could; on return the broker holds the message."""
    connection = connect(drill.config)
    try:
        channel = connection.channel()
        channel.confirm_select()
        message = amqp.Message(body, content_type=JSON, delivery_mode=2, application_headers=headers)
        channel.basic_publish_confirm(message, "consultation.events", "poll_closed", mandatory=True)
    finally:
        connection.collect()


def headers_of(**changes: Any) -> dict[str, Any]:
    event = Envelope(
        event_id=str(uuid4()),
        source="consultation",
        name="poll_closed",
        version=1,
        aggregate_id=str(uuid4()),
        sequence=1,
        occurred_at=utc_now(),
        traceparent="",
        body=b"",
    )
    return {**event.headers(), **changes}


POISONS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "half a JSON": (b'{"poll_id": "', {}),
    "another type": (dumps({"poll_id": 7}), {}),
    "no UTF-8": (b'{"poll_id": "\xff\xfe"}', {}),
    "nested too deeply": (b'{"poll_id": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", {}),
    "of tomorrow": (b"{}", {"ce-type": "gongzhi.consultation.poll_closed.v9"}),
    "no event at all": (b"{}", {"ce-specversion": None}),
}


def test_poison_is_parked_with_its_reason_and_good_events_pass(drill: Drill) -> None:
    all_headers = [headers_of(**changes) for _, changes in POISONS.values()]
    event_ids = [headers["ce-id"] for headers in all_headers]
    for (body, _), headers in zip(POISONS.values(), all_headers, strict=True):
        put_into_inboxes(drill, body, headers)

    item = scored_item(drill)
    parked = eventually(lambda: held(drill, count=len(READERS) * len(POISONS)), every=0.3)

    assert item["status"] == "scored"
    assert {(event["service"], event["event_id"]) for event in parked} == {
        (reader, event_id) for reader in READERS for event_id in event_ids
    }
    for event in parked:
        assert event["status"] == "parked"
        assert event["reason"].startswith("unreadable: ")
    shown = drill.gongzhi("events", "show", event_ids[0], "--service", "claims")
    assert shown["body"] == '{"poll_id": "'

    def discard(event: View) -> str:
        place = (event["event_id"], "--service", event["service"])
        done = drill.gongzhi("events", "discard", *place, "--reason", "演练：不是我们发出的")
        return str(done["outcome"])

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(discard, parked)) == {"discarded"}
    assert drill.gongzhi("events", "list") == []
    drill.until_conserved()


def held(drill: Drill, *, count: int) -> list[View]:
    found: list[View] = drill.gongzhi("events", "list")
    return found if len(found) >= count else []


def scored_item(drill: Drill) -> View:
    """The whole way of an item whose poll tells its result to claims, behind the poison."""
    with drill.traffic(items=1) as traffic:
        pass
    item_id = traffic.journeys[0].item_id
    poll = eventually(lambda: drill.admin.get("/polls", item_id=item_id)["items"])[0]
    drill.admin.post(f"/items/{item_id}/assessment", {"score": "90.00", "comment": ""})
    drill.admin.post(f"/polls/{poll['poll_id']}/closing")
    return eventually(lambda: item_if_scored(drill, item_id), every=0.1)


def item_if_scored(drill: Drill, item_id: str) -> View:
    item: View = drill.admin.get(f"/items/{item_id}")
    return item if item["status"] == "scored" else {}
