"""A broker that is there but does not take the events: nothing is marked that it does not hold."""

import contextlib
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from tests.chassis.calling import Caller
from tests.chassis.court import Court
from tests.chassis.processes import Process, eventually

pytestmark = pytest.mark.fault


@contextlib.contextmanager
def disk_alarm(court: Court) -> Iterator[None]:
    court.rabbitmq.set_disk_free_limit("99999GB")
    try:
        yield
    finally:
        court.rabbitmq.set_disk_free_limit("50MB")


def failures(ping: Process, reason: str) -> float:
    return ping.metric(f'outbox_publish_failures_total{{reason="{reason}",service="ping"}}')


def is_published(court: Court, rally_id: UUID) -> bool:
    return all(row.published_at for row in court.outbox(rally_id))


def test_what_the_broker_refuses_stays_unmarked_and_arrives_when_there_is_room(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    before = failures(ping, "nack")
    with court.channel() as channel:
        full = {"x-max-length": 1, "x-overflow": "reject-publish"}
        channel.queue_declare("full", durable=True, exclusive=False, auto_delete=False, arguments=full)
        channel.queue_bind("full", "ping.events", "served")
    try:
        court.serve(rally_id, range(10))

        eventually(lambda: failures(ping, "nack") >= before + 2)
        assert not any(row.published_at for row in court.outbox(rally_id))
    finally:
        with court.channel() as channel:
            channel.queue_delete("full")

    eventually(lambda: is_published(court, rally_id))
    court.until_returned(rally_id, range(10))
    court.check_conservation(rally_id)


def test_what_no_queue_takes_stays_unmarked_until_its_readers_queue_stands_again(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    before = failures(ping, "unroutable")
    with court.channel() as channel:
        channel.queue_unbind("pong.inbox", "ping.events", "served")

    court.serve(rally_id, range(10))

    eventually(lambda: failures(ping, "unroutable") > before)
    eventually(lambda: is_published(court, rally_id))
    court.until_returned(rally_id, range(10))
    court.check_conservation(rally_id)


def test_what_the_broker_does_not_confirm_stays_unmarked_and_arrives_later(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    """A disk alarm: the broker takes connections, and nothing that is published."""
    before = failures(ping, "timeout")
    with disk_alarm(court):
        court.serve(rally_id, range(10))

        eventually(lambda: failures(ping, "timeout") > before, within=40)
        assert not any(row.published_at for row in court.outbox(rally_id))
        assert court.returned(rally_id) == []

    court.until_returned(rally_id, range(10), within=60)
    eventually(lambda: is_published(court, rally_id))
    court.check_conservation(rally_id)


def test_calls_are_answered_past_a_broker_that_has_fallen_mute(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    """The first of them finds out; the others go the direct road at once."""
    caller.call("ping", "echo", {"note": "before"})
    before = caller.roads()["direct"]

    with disk_alarm(court):
        for number in range(20, 30):
            serve = {"rally_id": rally_id, "number": number}
            caller.call("ping", "serve", serve, idempotency_key=str(uuid4()), timeout=6)
        assert caller.roads()["direct"] == before + 10

    eventually(lambda: speaks_again(caller), within=60)
    court.run("pong")
    court.until_returned(rally_id, range(20, 30), within=60)
    court.check_conservation(rally_id)


def speaks_again(caller: Caller) -> bool:
    before = caller.roads()["broker"]
    caller.call("ping", "echo", {"note": "after"}, timeout=6)
    return caller.roads()["broker"] > before
