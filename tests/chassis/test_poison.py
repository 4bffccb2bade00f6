"""Messages that nobody can handle: parked with their reason and their bytes, and never in anybody's way."""

import functools
import pickle
from typing import Any
from uuid import UUID, uuid4

import amqp
import pytest

from services.chassis.clock import utc_now
from services.chassis.wire import dumps
from tests.chassis.court import Court, envelope
from tests.chassis.processes import Process, eventually

RALLY = UUID(int=1)


def message(**changes: Any) -> dict[str, Any]:
    """What `Court.publish` takes, good but for the changes; changed headers are named `ce_…`."""
    good = envelope(changes.pop("rally_id", RALLY), 1)
    headers: dict[str, Any] = dict(good.headers())
    for name in [name for name in changes if name.startswith("ce_")]:
        headers["ce-" + name[3:]] = changes.pop(name)
    return {"body": good.body, "headers": headers, **changes}


def payload(**fields: Any) -> bytes:
    good = {"rally_id": RALLY, "number": 1, "spell": "", "occurred_at": utc_now()}
    return dumps({**good, **fields})


POISON: dict[str, tuple[dict[str, Any], str]] = {
    "bad JSON": (message(body=b"{"), "payload: "),
    "no body": (message(body=b""), "payload: "),
    "zero bytes": (message(body=b"\x00\x00"), "payload: "),
    "a zero byte in a text field's header": (message(ce_subject="a\x00b"), "malformed header"),
    "a zero byte in the type": (message(ce_type="gongzhi.ping.ser\x00ved.v1"), "unknown type"),
    "half a surrogate pair in a header": (message(ce_subject=b"\xed\xa0\x80"), "malformed header"),
    "bytes that are no UTF-8": (message(body=b'{"spell": "\xff"}'), "payload: "),
    "wrong content type": (message(content_type="text/plain"), "content type"),
    "no content type": (message(content_type=None), "content type"),
    "a pickled body": (
        message(body=pickle.dumps({"number": 1}), content_type="application/x-python-serialize"),
        "content type",
    ),
    "a pickled body called JSON": (message(body=pickle.dumps({"number": 1})), "payload: "),
    "an unknown content encoding": (message(body=b"\x1f\x8b\x08", content_encoding="gzip"), "payload: "),
    "no headers": (message() | {"headers": None}, "not a CloudEvents"),
    "no id": (message(ce_id=""), "malformed header"),
    "another specification": (message(ce_specversion="0.3"), "not a CloudEvents"),
    "an unknown type": (message(ce_type="gongzhi.ping.smashed.v1"), "no handler here for ping.smashed"),
    "a type of another source": (
        message(ce_type="gongzhi.pang.served.v1"),
        "no handler here for pang.served",
    ),
    "a newer version": (message(ce_type="gongzhi.ping.served.v2"), "version 2, known is 1"),
    "more than 64 KiB": (message(body=payload(spell="x" * 70_000)), "more than 65536"),
    "JSON nested 10 000 deep": (
        message(body=b'{"more":' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
        "payload: ",
    ),
    "a number beyond all bounds": (message(body=payload().replace(b":1,", b":1e400,")), "payload: "),
    "not a number": (message(body=payload().replace(b":1,", b":NaN,")), "payload: "),
    "a field of the wrong type": (message(body=payload(number="one")), "payload: "),
    "a missing field": (message(body=dumps({"number": 1, "occurred_at": utc_now()})), "payload: "),
    "a list for an object": (message(body=b"[]"), "payload: "),
    "a time without zone": (message(body=payload(occurred_at="2026-11-23T08:00:00")), "time zone"),
    "a header's time without zone": (message(ce_time="2026-11-23T08:00:00"), "time zone"),
    "a sequence beyond 64 bits": (message(ce_sequence=str(10**20)), "ce-sequence"),
    "a sequence of five thousand digits": (message(ce_sequence="9" * 5000), "malformed header"),
    "a table for a header": (message(ce_id={"deep": {"er": [1, None, b"x"]}}), "malformed header"),
    "a count of deliveries that is none": (message(body=b"{", headers={"x-delivery-count": "many"}), "not a"),
}


def newly_parked(court: Court, before: set[str]) -> list[Any]:
    query = "SELECT * FROM inbox WHERE status = 'parked' AND NOT event_id = ANY(:before)"
    return court.rows(court.pong, query, before=list(before))


@pytest.fixture(scope="module")
def parked(court: Court) -> dict[str, Any]:
    """All poison at once with a good event behind each; what was parked, by the poison's name."""
    court.run("pong")
    found: dict[str, Any] = {}
    behind = uuid4()
    before = set(court.column(court.pong, "SELECT event_id FROM inbox"))
    for number, (name, (sent, _reason)) in enumerate(POISON.items()):
        court.publish(**sent)
        good = envelope(behind, number)
        court.publish(good.body, good.headers())
        found[name] = eventually(functools.partial(newly_parked, court, before))
        before |= {row.event_id for row in found[name]}
    court.until_returned(behind, range(len(POISON)))
    return found


@pytest.mark.parametrize("name", POISON)
def test_poison_is_parked_with_its_reason_and_its_bytes(parked: dict[str, Any], name: str) -> None:
    sent, reason = POISON[name]

    [row] = parked[name]

    assert reason in row.reason
    assert bytes(row.body) == sent["body"]
    assert row.handler == "pong.?"


def test_the_process_lives_after_all_poison(court: Court, parked: dict[str, Any], pong: Process) -> None:
    assert pong.starts == 1
    assert not [line for line in pong.log_lines() if line["level"] == "critical"]
    assert not [line for line in pong.log_lines() if line["event"] == "event held"]


def test_two_unreadable_messages_of_one_id_are_both_kept(court: Court, pong: Process) -> None:
    event_id = str(uuid4())
    first, second = message(ce_id=event_id, body=b"{1"), message(ce_id=event_id, body=b"{2")
    for sent in (first, second, second, first):
        court.publish(**sent)

    def kept() -> list[bytes]:
        rows = court.rows(
            court.pong, "SELECT body FROM inbox WHERE headers->>'ce-id' = :event_id", event_id=event_id
        )
        return sorted(bytes(row.body) for row in rows)

    eventually(lambda: len(kept()) == 2)
    good = envelope(uuid4(), 1)
    court.publish(good.body, good.headers())
    court.until_returned(UUID(good.aggregate_id), [1])
    assert kept() == [b"{1", b"{2"]


def test_a_message_sent_past_the_exchange_is_judged_by_what_it_is(court: Court, pong: Process) -> None:
    event_id = str(uuid4())
    with court.channel() as channel:
        sent = amqp.Message(b"{", application_headers={"ce-id": event_id}, content_type="application/json")
        channel.basic_publish(sent, "", "pong.inbox")

    [row] = eventually(
        lambda: court.rows(court.pong, "SELECT * FROM inbox WHERE event_id = :event_id", event_id=event_id)
    )
    assert row.status == "parked"


@pytest.mark.parametrize(
    ("spell", "reason"),
    [
        ("refuse", "out_of_bounds: 这个球不接。"),
        ("crash", "RuntimeError: a mistake in the handler"),
        ("shout", "ValueError: returned has"),
    ],
)
def test_a_handler_that_refuses_or_fails_parks_its_event_and_undoes_its_work(
    court: Court, ping: Process, pong: Process, rally_id: UUID, spell: str, reason: str
) -> None:
    court.serve(rally_id, [1], spell=spell)
    court.serve(rally_id, [2])

    failed, passed = court.until_inbox(rally_id, ["parked", "done"])
    assert failed.reason.startswith(reason)
    assert (failed.handler, failed.attempts) == ("pong.on_served", 1)
    assert bytes(failed.body) == court.outbox(rally_id)[0].payload.encode()
    assert passed.body is None
    assert court.returned(rally_id) == [2]


def test_what_cannot_work_now_is_tried_again_and_its_aggregate_waits_behind_it_in_order(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    other = uuid4()
    court.serve(rally_id, [1], spell="later")
    court.serve(rally_id, range(2, 8))
    court.serve(other, [1])

    court.until_returned(other, [1])
    court.until_returned(rally_id, range(1, 8))
    first, *others = court.inbox(rally_id)
    assert first.attempts == 2
    assert [row.attempts for row in others] == [1] * 6
    court.check_conservation(rally_id, other)


def test_what_never_works_is_parked_when_its_attempts_are_used_up(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    court.serve(rally_id, [1], spell="never")
    court.serve(rally_id, [2])

    failed, _passed = court.until_inbox(rally_id, ["parked", "done"])
    assert failed.attempts == 4
    assert failed.reason == "unavailable: 永远不行。"
    assert court.returned(rally_id) == [2]


def test_a_failure_at_the_commit_of_a_later_attempt_stops_no_other_event(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    """The first attempt finds the database locked; the next tells of something too large."""
    with court.pong.engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE returns IN ACCESS EXCLUSIVE MODE")
        court.serve(rally_id, [1], spell="shout")
        eventually(lambda: [row.status for row in court.inbox(rally_id)] == ["waiting"])
    court.serve(rally_id, [2])

    failed, _passed = court.until_inbox(rally_id, ["parked", "done"])
    assert failed.reason.startswith("ValueError: returned has")


def test_an_older_version_is_read_with_the_defaults_of_what_it_did_not_have(
    court: Court, pong: Process, rally_id: UUID
) -> None:
    old = envelope(rally_id, 3)
    body = dumps({"rally_id": rally_id, "number": 3, "occurred_at": utc_now()})
    assert b"spell" not in body

    court.publish(body, old.headers())

    court.until_returned(rally_id, [3])


def test_an_unknown_field_is_ignored(court: Court, pong: Process, rally_id: UUID) -> None:
    new = envelope(rally_id, 4)
    event = {"rally_id": rally_id, "number": 4, "occurred_at": utc_now(), "spin": {"left": 3}}

    court.publish(dumps(event), new.headers())

    court.until_returned(rally_id, [4])


@pytest.mark.fault
def test_an_event_that_kills_its_process_is_parked_and_takes_no_other_event_along(
    court: Court, ping: Process, rally_id: UUID
) -> None:
    """All that the process held comes back with it, every time; only the guilty one may be parked."""
    others = [uuid4() for _ in range(20)]
    court.rest("pong")
    court.serve(rally_id, [1], spell="kill")
    for other in others:
        court.serve(other, [1])
    eventually(lambda: all(row.published_at for row in court.outbox(others[-1])))

    with court.running_alone("pong", is_supervised=True, GONGZHI_RETRY_SECONDS="0.1") as pong:
        [killer] = court.until_inbox(rally_id, ["parked"], within=120)
        for other in others:
            court.until_returned(other, [1])
        assert pong.starts > 5

    assert "without an end" in killer.reason
    assert court.returned(rally_id) == []
