"""kill -9 at every step: nothing is lost, nothing is done twice, whoever asked gets the first answer."""

import time
from uuid import UUID, uuid4

import pytest

from tests.chassis.calling import Caller, Refused
from tests.chassis.court import Court
from tests.chassis.processes import eventually

pytestmark = pytest.mark.fault

EVENTS = 30
IN_A_CALL = ("db.begin", "db.state_written", "outbox.inserted", "db.before_commit", "db.after_commit")
IN_THE_RELAY = (
    "relay.selected",
    "relay.before_publish",
    "relay.after_publish",
    "relay.after_confirm",
    "relay.marked",
)
IN_A_HANDLER = (
    "consumer.delivered",
    "consumer.inbox_inserted",
    "consumer.effect_done",
    "outbox.inserted",
    "db.before_commit",
    "db.after_commit",
    "consumer.after_commit",
    "consumer.before_ack",
    "consumer.after_ack",
)


def call_until_answered(caller: Caller, rally_id: UUID, number: int) -> int:
    """As a client does that got no answer: the same call with the same key, until there is one."""
    serve = {"rally_id": rally_id, "number": number}
    deadline = time.monotonic() + 90
    while True:
        try:
            key = f"{rally_id}-{number}"
            answer = caller.call("ping", "serve", serve, idempotency_key=key, timeout=15)
        except Refused as refused:
            if refused.kind not in ("Unavailable", "DeadlineExceeded") or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return int(answer["count"])


@pytest.mark.parametrize("point", [*IN_A_CALL, "call.before_reply"])
def test_a_crash_during_a_call_leaves_one_effect_and_the_first_answer(
    court: Court, caller: Caller, rally_id: UUID, point: str
) -> None:
    court.run("pong")

    with court.running_alone("ping", is_supervised=True, faultpoint=point) as ping:
        counts = [call_until_answered(caller, rally_id, number) for number in range(20, 25)]
        eventually(lambda: ping.starts == 2)
        court.until_returned(rally_id, range(20, 25))

    assert counts == [1, 2, 3, 4, 5]
    court.check_conservation(rally_id)


@pytest.mark.parametrize("point", IN_THE_RELAY)
def test_a_crash_of_the_relay_loses_no_event_and_repeats_no_effect(
    court: Court, rally_id: UUID, point: str
) -> None:
    other = uuid4()
    court.run("pong")

    with court.eavesdropping() as hear:
        court.rest("ping")
        court.serve(rally_id, range(EVENTS))
        # A process without rows to publish passes `relay.selected` too: these are there before it starts.
        ping = court.start("ping", is_supervised=True, faultpoint=point)
        try:
            court.serve(other, range(EVENTS))
            court.until_returned(rally_id, range(EVENTS))
            court.until_returned(other, range(EVENTS))
            eventually(lambda: ping.starts == 2 and all(row.published_at for row in court.outbox(other)))
        finally:
            ping.end()
        told = {str(row.event_id) for row in (*court.outbox(rally_id), *court.outbox(other))}

        assert {envelope.event_id for envelope in hear()} == told
    court.check_conservation(rally_id, other)


@pytest.mark.parametrize("point", IN_A_HANDLER)
def test_a_crash_while_an_event_is_handled_repeats_no_effect(
    court: Court, rally_id: UUID, point: str
) -> None:
    other = uuid4()
    court.run("ping")

    with court.running_alone("pong", is_supervised=True, faultpoint=point) as pong:
        court.serve(rally_id, range(EVENTS), spell="answer")
        court.serve(other, range(EVENTS))
        court.until_returned(rally_id, range(EVENTS))
        court.until_returned(other, range(EVENTS))
        eventually(lambda: pong.starts == 2)

    court.check_conservation(rally_id, other)
    told = court.column(
        court.pong,
        "SELECT payload::json->>'number' FROM outbox WHERE aggregate_id = :rally_id ORDER BY sequence",
        rally_id=rally_id,
    )
    assert [int(number) for number in told] == list(range(EVENTS))
