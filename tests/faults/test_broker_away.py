"""The broker goes and comes back: writes go on, calls are answered past it, nothing is lost."""

import contextlib
import threading
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from tests.chassis.calling import Caller
from tests.chassis.court import Court
from tests.chassis.processes import Process, eventually

pytestmark = pytest.mark.fault
# RabbitMQ 3.10 notes a new quorum queue down within three seconds (docs/decisions.md, 13).
QUEUE_IS_NOTED_AFTER = 5.0


@contextlib.contextmanager
def broker_stopped(court: Court) -> Iterator[None]:
    court.rabbitmq.stop_app()
    try:
        yield
    finally:
        court.rabbitmq.start_app()


def until_connected(*processes: Process) -> None:
    for process in processes:
        eventually(process.is_connected, within=60)


def test_a_broker_that_loses_its_power_while_events_flow_loses_none_of_them(
    court: Court, ping: Process, pong: Process
) -> None:
    rally_ids = [uuid4() for _ in range(40)]
    starts = (ping.pid, pong.pid)
    until_connected(ping, pong)
    time.sleep(QUEUE_IS_NOTED_AFTER)

    def serve_slowly() -> None:
        for number in range(50):
            for rally_id in rally_ids:
                court.serve(rally_id, [number])

    server = threading.Thread(target=serve_slowly)
    server.start()
    eventually(lambda: len(court.returned(rally_ids[0])) > 3)
    court.rabbitmq.kill()
    court.rabbitmq.start()
    server.join()

    for rally_id in rally_ids:
        court.until_returned(rally_id, range(50), within=90)
    court.check_conservation(*rally_ids)
    assert (ping.is_alive, pong.is_alive) == (True, True)
    assert (ping.pid, pong.pid) == starts
    until_connected(ping, pong)


def stay_without_broker(
    court: Court, ping: Process, pong: Process, caller: Caller, rally_id: UUID, *, seconds: float
) -> None:
    caller.call("ping", "echo", {"note": "before"})
    in_flight = [
        caller.begin("ping", "echo", {"note": str(number), "sleep": 6}, timeout=40) for number in range(5)
    ]
    changing = caller.begin(
        "ping",
        "serve",
        {"rally_id": rally_id, "number": 0, "sleep": 6},
        idempotency_key=str(uuid4()),
        timeout=40,
    )
    time.sleep(0.3)

    with broker_stopped(court):
        ended = time.monotonic() + seconds
        eventually(lambda: ping.readiness()["status"] == "degraded", within=10)
        number = 0
        while number < 20 or time.monotonic() < ended:
            number += 1
            serve = {"rally_id": rally_id, "number": 100 + number}
            caller.call("ping", "serve", serve, idempotency_key=str(uuid4()), timeout=10)
            time.sleep(seconds / 40)
        assert [call.result(60)["note"] for call in in_flight] == ["0", "1", "2", "3", "4"]
        assert changing.result(60)["count"] >= 1
        assert caller.roads()["direct"] >= 26
        assert ping.readiness()["parts"]["outbox"]["unpublished"] >= 20
        assert (ping.is_alive, pong.is_alive) == (True, True)

    eventually(lambda: len(court.returned(rally_id)) == number + 1, within=60)
    court.check_conservation(rally_id)
    until_connected(ping, pong)
    eventually(lambda: ping.readiness()["status"] == "ok")
    caller.until_connected()


def test_without_the_broker_calls_are_answered_and_events_wait(
    court: Court, ping: Process, pong: Process, caller: Caller, rally_id: UUID
) -> None:
    stay_without_broker(court, ping, pong, caller, rally_id, seconds=8)


@pytest.mark.soak
def test_a_minute_without_the_broker_is_no_different(
    court: Court, ping: Process, pong: Process, caller: Caller, rally_id: UUID
) -> None:
    stay_without_broker(court, ping, pong, caller, rally_id, seconds=60)
