"""From a change to its one effect elsewhere."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from services.chassis import tracing
from tests.chassis.calling import Caller
from tests.chassis.court import SERVES, Court, envelope
from tests.chassis.pingpong import OutOfBounds, Served
from tests.chassis.processes import Process, eventually


def serve_and_fail(court: Court, rally_id: UUID, number: int) -> None:
    with court.ping.transaction() as tx:
        tx.session.execute(SERVES, {"rally_id": rally_id, "number": number})
        tx.emit(Served(rally_id=rally_id, number=number, occurred_at=tx.now))
        raise OutOfBounds("球出界了。")


def test_events_take_effect_in_their_order_each_once(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    court.serve(rally_id, range(300))

    court.until_returned(rally_id, range(300))
    court.check_conservation(rally_id)


def test_an_event_delivered_many_times_takes_effect_once(court: Court, pong: Process, rally_id: UUID) -> None:
    sent = envelope(rally_id, 7)

    for _ in range(20):
        court.publish(sent.body, sent.headers())

    court.until_returned(rally_id, [7])
    duplicates = 'events_consumed_total{handler="pong.on_served",result="duplicate",service="pong"}'
    eventually(lambda: pong.metric(duplicates) >= 19)
    assert court.returned(rally_id) == [7]


def test_replaying_the_whole_outbox_changes_nothing(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    court.serve(rally_id, range(200))
    court.until_returned(rally_id, range(200))

    with court.ping.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET published_at = NULL")

    eventually(lambda: all(row.published_at for row in court.outbox(rally_id)))
    court.serve(rally_id, [200])
    court.until_returned(rally_id, range(201))
    court.check_conservation(rally_id)


def test_a_change_and_its_event_vanish_together(court: Court, rally_id: UUID) -> None:
    with pytest.raises(OutOfBounds):
        serve_and_fail(court, rally_id, 1)

    assert court.outbox(rally_id) == []
    assert (
        court.column(court.ping, "SELECT 1 FROM serves WHERE rally_id = :rally_id", rally_id=rally_id) == []
    )


def test_an_event_too_large_for_the_wire_takes_its_change_along(court: Court, rally_id: UUID) -> None:
    with pytest.raises(ValueError, match="more than 65536"):
        court.serve(rally_id, [1], spell="x" * 70_000)

    assert (
        court.column(court.ping, "SELECT 1 FROM serves WHERE rally_id = :rally_id", rally_id=rally_id) == []
    )


def test_the_events_of_an_aggregate_are_numbered_without_gaps_under_concurrency(
    court: Court, rally_id: UUID
) -> None:
    start = threading.Barrier(8)

    def serve(first: int) -> None:
        start.wait()
        for number in range(first, first + 10):
            court.serve(rally_id, [number])
            with suppress(OutOfBounds):
                serve_and_fail(court, rally_id, number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(serve, range(0, 80, 10)))

    rows = court.outbox(rally_id)
    assert [row.sequence for row in rows] == list(range(1, 81))
    assert [row.outbox_id for row in rows] == sorted(row.outbox_id for row in rows)


def test_transactions_that_tell_of_the_same_aggregates_in_other_orders_never_block_each_other(
    court: Court,
) -> None:
    rally_ids = [uuid4() for _ in range(12)]
    start = threading.Barrier(6)

    def serve(seed: int) -> None:
        chance = random.Random(seed)
        start.wait()
        for _ in range(25):
            with court.ping.transaction() as tx:
                for rally_id in chance.sample(rally_ids, len(rally_ids)):
                    tx.emit(Served(rally_id=rally_id, number=seed, occurred_at=tx.now))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(serve, range(6)))

    for rally_id in rally_ids:
        rows = court.outbox(rally_id)
        assert [row.sequence for row in rows] == list(range(1, 151))
        assert [row.outbox_id for row in rows] == sorted(row.outbox_id for row in rows)


def test_one_trace_leads_from_the_request_to_the_handler_of_its_event(
    court: Court, ping: Process, pong: Process, caller: Caller, rally_id: UUID
) -> None:
    trace = tracing.new_traceparent()

    caller.call(
        "ping", "serve", {"rally_id": rally_id, "number": 1}, traceparent=trace, idempotency_key=str(rally_id)
    )

    court.until_returned(rally_id, [1])
    [handled] = court.column(
        court.pong, "SELECT traceparent FROM returns WHERE rally_id = :rally_id", rally_id=rally_id
    )
    [told] = court.outbox(rally_id)
    assert {tracing.trace_id(trace)} == {tracing.trace_id(told.traceparent), tracing.trace_id(handled)}
    assert handled != trace


def test_a_handler_may_tell_of_its_own_change_in_the_same_transaction(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    court.serve(rally_id, [1], spell="answer")

    court.until_returned(rally_id, [1])
    [told] = eventually(
        lambda: court.rows(
            court.pong,
            "SELECT * FROM outbox WHERE aggregate_id = :rally_id AND published_at IS NOT NULL",
            rally_id=rally_id,
        )
    )
    assert told.name == "returned"
    assert tracing.trace_id(told.traceparent) == tracing.trace_id(court.outbox(rally_id)[0].traceparent)


def test_an_event_that_nobody_reads_stops_nothing(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    """`returned` has no reader: it is public, and goes out without a queue that waits for it."""
    court.serve(rally_id, range(5), spell="answer")

    eventually(
        lambda: (
            court.column(
                court.pong,
                "SELECT count(*) FROM outbox WHERE aggregate_id = :rally_id AND published_at IS NOT NULL",
                rally_id=rally_id,
            )
            == [5]
        )
    )


def test_a_reader_that_has_never_run_misses_nothing(court: Court, ping: Process, rally_id: UUID) -> None:
    court.rest("pong")
    with court.channel() as channel:
        channel.queue_delete("pong.inbox")
    court.rest("ping")

    court.serve(rally_id, range(3))
    court.run("ping")
    eventually(lambda: all(row.published_at for row in court.outbox(rally_id)))
    court.run("pong")

    court.until_returned(rally_id, range(3))
