"""A broker that is there but does not take the events: nothing is marked that it does not hold."""

from uuid import UUID

import pytest

from tests.chassis.court import Court
from tests.chassis.processes import Process, eventually

pytestmark = pytest.mark.fault


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
    court.rabbitmq.set_disk_free_limit("99999GB")
    try:
        court.serve(rally_id, range(10))

        eventually(lambda: failures(ping, "timeout") > before, within=40)
        assert not any(row.published_at for row in court.outbox(rally_id))
        assert court.returned(rally_id) == []
    finally:
        court.rabbitmq.set_disk_free_limit("50MB")

    court.until_returned(rally_id, range(10), within=60)
    eventually(lambda: is_published(court, rally_id))
    court.check_conservation(rally_id)
