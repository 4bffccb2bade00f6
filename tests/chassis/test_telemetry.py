"""What a process says of itself is true: metrics, readiness, logs."""

import json
import signal
import time
from uuid import UUID, uuid4

import pytest

from services.chassis import tracing
from tests.chassis.calling import Caller, Refused
from tests.chassis.court import Court
from tests.chassis.processes import eventually

CONSUMED = 'events_consumed_total{{handler="pong.on_served",result="{result}",service="pong"}}'


def test_metrics_equal_the_database_after_a_run(court: Court, caller: Caller) -> None:
    """Fresh processes, so that their counters and these rows begin together."""
    rally_ids = [uuid4() for _ in range(5)]
    court.rest()
    [started_at] = court.column(court.pong, "SELECT clock_timestamp()")
    ping, pong = court.run("ping"), court.run("pong")
    for rally_id in rally_ids:
        court.serve(rally_id, range(20))
        court.serve(rally_id, [20], spell="refuse")
        court.serve(rally_id, [21], spell="later")
    for number in range(7):
        caller.call("ping", "serve", {"rally_id": rally_ids[0], "number": 100 + number})
    for _ in range(3):
        with pytest.raises(Refused):
            caller.call("ping", "serve", {"rally_id": rally_ids[0], "number": 13})
    eventually(lambda: sum(len(court.returned(rally_id)) for rally_id in rally_ids) == 5 * 21 + 7)

    def counted(result: str) -> float:
        return pong.metric(CONSUMED.format(result=result))

    query = "SELECT count(*) FROM inbox WHERE aggregate_id = ANY(:rally_ids) AND status = '{}'"
    wanted = [str(rally_id) for rally_id in rally_ids]
    [done] = court.column(court.pong, query.format("done"), rally_ids=wanted)
    [parked] = court.column(court.pong, query.format("parked"), rally_ids=wanted)
    assert (done, parked) == (112, 5)
    # What earlier tests left in the queue and the outbox was handled by the fresh processes, too.
    since = "SELECT count(*) FROM inbox WHERE finished_at > :started_at AND status = 'done'"
    eventually(lambda: [counted("ok")] == court.column(court.pong, since, started_at=started_at), within=10)
    assert counted("parked") == parked
    assert counted("duplicate") == 0
    sent = "SELECT count(*) FROM outbox WHERE published_at > :started_at"
    published = court.column(court.ping, sent, started_at=started_at)
    assert published[0] >= 117
    eventually(lambda: [ping.metric('events_published_total{service="ping"}')] == published, within=10)
    answered = 'calls_answered_total{{method="serve",outcome="{}",service="ping"}}'
    assert ping.metric(answered.format("ok")) == 7
    assert ping.metric(answered.format("conflict")) == 3
    [held] = court.column(court.pong, "SELECT count(*) FROM inbox WHERE status = 'parked'")
    eventually(lambda: pong.metric('dead_letters{service="pong"}') == held)
    eventually(lambda: ping.metric('outbox_unpublished{service="ping"}') == 0)
    assert ping.metric('relay_is_leader{service="ping"}') == 1


def test_every_line_of_the_log_is_json_with_time_level_and_trace(
    court: Court, caller: Caller, rally_id: UUID
) -> None:
    trace = tracing.new_traceparent()
    court.rest("ping")
    ping = court.run("ping")
    with pytest.raises(Refused):
        caller.call("ping", "blunder", {"note": "x"}, traceparent=trace, request_id="r-1")
    court.rest("ping")

    lines = [json.loads(line) for line in ping.log.read_text().splitlines()]

    assert all({"ts", "level", "event", "process"} <= line.keys() for line in lines)
    [failed] = [line for line in lines if line["event"] == "call failed"]
    assert (failed["trace_id"], failed["request_id"]) == (tracing.trace_id(trace), "r-1")
    assert "RuntimeError: a mistake with x" in failed["exception"]


def test_no_line_of_any_log_holds_a_password(court: Court) -> None:
    secrets = {court.config.secret, court.config.database_password("ping"), court.rabbitmq.password}
    for log in court.folder.glob("*.log"):
        text = log.read_text()
        assert not [secret for secret in secrets if secret in text]


def test_a_process_is_ready_with_its_parts_named(court: Court) -> None:
    ready = court.run("pong").readiness()

    assert ready["status"] == "ok"
    assert set(ready["parts"]) == {"database", "outbox", "broker:calls", "broker:events"}
    assert json.loads(court.run("pong").ask("/healthz")) == {"status": "ok"}


def test_a_second_signal_does_not_hurry_a_process_that_is_stopping(court: Court, caller: Caller) -> None:
    ping = court.run("ping")
    slow = caller.begin("ping", "echo", {"note": "last", "sleep": 1}, timeout=20)
    time.sleep(0.4)

    ping.send(signal.SIGTERM)
    ping.send(signal.SIGINT)

    assert ping.end(gracefully=True) == 0

    assert slow.result(20)["note"] == "last"
