"""Calls: answered once, by the right door, in time, or not at all."""

import signal
import time
import urllib.request
from concurrent.futures import wait
from urllib.error import HTTPError
from uuid import UUID, uuid4

import amqp
import pytest

from tests.chassis.calling import Caller, Refused
from tests.chassis.court import Court
from tests.chassis.processes import Process, eventually


def served(court: Court, rally_id: UUID) -> list[int]:
    return court.column(court.ping, "SELECT number FROM serves WHERE rally_id = :rally_id", rally_id=rally_id)


def test_a_call_is_answered_by_its_door_and_knows_who_asks(ping: Process, caller: Caller) -> None:
    answer = caller.call("ping", "echo", {"note": "你好"}, actor="worker-7")

    assert answer == {"note": "你好", "actor": "worker-7"}


def test_the_database_driver_yields_to_the_event_loop(ping: Process, caller: Caller) -> None:
    """Twenty naps of 0.2 s inside PostgreSQL; one after another they would take four seconds."""
    caller.call("ping", "nap", {"note": "x", "sleep": 0.01})
    started = time.monotonic()

    naps = [caller.begin("ping", "nap", {"note": "x", "sleep": 0.2}) for _ in range(20)]

    assert [nap.result(10) for nap in naps] == [{"note": "x"}] * 20
    assert time.monotonic() - started < 1.0


def test_a_refusal_arrives_as_its_own_class_with_its_message(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    with pytest.raises(Refused) as refused:
        caller.call("ping", "serve", {"rally_id": rally_id, "number": 13})

    assert (refused.value.kind, refused.value.message) == ("OutOfBounds", "球出界了。")
    assert (served(court, rally_id), court.outbox(rally_id)) == ([], [])


def test_a_wrong_shape_arrives_with_the_names_of_its_fields(ping: Process, caller: Caller) -> None:
    with pytest.raises(Refused) as refused:
        caller.call("ping", "serve", {"rally_id": "x", "number": 1.5, "spin": "left"})

    assert refused.value.kind == "Invalid"
    assert refused.value.fields == {
        "rally_id": ["应为 UUID。"],
        "number": ["应为整数。"],
        "spin": ["没有这个字段。"],
    }


def test_a_mistake_inside_a_service_is_told_without_its_inside(ping: Process, caller: Caller) -> None:
    with pytest.raises(Refused) as refused:
        caller.call("ping", "blunder", {"note": "secret"})

    assert refused.value.kind == "CallFailed"
    assert "secret" not in refused.value.message
    assert caller.call("ping", "echo", {"note": "still here"})["note"] == "still here"


def test_an_unknown_method_is_unavailable(ping: Process, caller: Caller) -> None:
    with pytest.raises(Refused, match="服务没有这个操作") as refused:
        caller.call("ping", "smash")

    assert refused.value.kind == "Unavailable"


def test_a_service_that_has_never_run_is_unavailable_at_once(caller: Caller) -> None:
    started = time.monotonic()

    with pytest.raises(Refused, match="服务尚未启动") as refused:
        caller.call("nobody", "echo", {"note": "?"}, timeout=10)

    assert refused.value.kind == "Unavailable"
    assert time.monotonic() - started < 3


def test_a_call_without_an_answer_ends_at_its_deadline(ping: Process, caller: Caller) -> None:
    with pytest.raises(Refused) as refused:
        caller.call("ping", "echo", {"note": "slow", "sleep": 2}, timeout=0.4)

    assert refused.value.kind == "DeadlineExceeded"


def test_a_call_whose_caller_gave_up_while_the_service_was_frozen_never_runs(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    ping.freeze()
    try:
        with pytest.raises(Refused) as refused:
            caller.call("ping", "serve", {"rally_id": rally_id, "number": 1}, timeout=0.5)
        time.sleep(0.2)
    finally:
        ping.thaw()

    assert refused.value.kind == "DeadlineExceeded"
    caller.call("ping", "serve", {"rally_id": rally_id, "number": 2}, timeout=30)
    assert served(court, rally_id) == [2]


def test_a_call_whose_caller_gave_up_while_no_service_ran_never_runs(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    court.rest("ping")

    with pytest.raises(Refused) as refused:
        caller.call("ping", "serve", {"rally_id": rally_id, "number": 1}, timeout=0.5)

    court.run("ping")
    assert refused.value.kind == "DeadlineExceeded"
    caller.call("ping", "serve", {"rally_id": rally_id, "number": 2}, timeout=30)
    assert served(court, rally_id) == [2]


def test_a_call_that_got_its_connection_too_late_never_runs(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    """Every connection of the pool is taken by naps that outlast the caller's patience."""
    naps = [caller.begin("ping", "nap", {"note": "x", "sleep": 2}, timeout=20) for _ in range(16)]
    time.sleep(0.5)

    with pytest.raises(Refused) as refused:
        caller.call("ping", "serve", {"rally_id": rally_id, "number": 1}, timeout=0.5)

    wait(naps, 30)
    assert refused.value.kind == "DeadlineExceeded"
    caller.call("ping", "serve", {"rally_id": rally_id, "number": 2}, timeout=30)
    assert served(court, rally_id) == [2]


def test_the_same_key_gets_the_first_answer(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    serve = {"rally_id": rally_id, "number": 1}

    answers = [caller.call("ping", "serve", serve, idempotency_key=str(rally_id)) for _ in range(3)]

    assert answers == [{"count": 1}] * 3
    assert served(court, rally_id) == [1]


def test_fifty_calls_of_one_key_at_once_have_one_effect_and_one_answer(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    serve = {"rally_id": rally_id, "number": 1, "sleep": 0.05}

    calls = [
        caller.begin("ping", "serve", serve, idempotency_key=str(rally_id), timeout=30) for _ in range(50)
    ]

    assert [call.result(60) for call in calls] == [{"count": 1}] * 50
    assert served(court, rally_id) == [1]
    assert len(court.outbox(rally_id)) == 1


def test_the_same_key_with_another_body_or_act_is_refused(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    key = str(rally_id)
    caller.call("ping", "serve", {"rally_id": rally_id, "number": 1}, idempotency_key=key)

    for method, number in (("serve", 2), ("serve_again", 1)):
        with pytest.raises(Refused, match="Idempotency-Key") as refused:
            caller.call("ping", method, {"rally_id": rally_id, "number": number}, idempotency_key=key)
        assert refused.value.kind == "IdempotencyKeyReused"
    assert served(court, rally_id) == [1]


def test_what_a_door_calls_private_leaves_no_trace_with_the_key(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    """Even a hash of it would tell whoever tries out what it may have been."""
    serve, key = {"rally_id": rally_id, "number": 1}, str(rally_id)

    first = caller.call("ping", "serve_quietly", {**serve, "spell": "yes"}, idempotency_key=key)
    again = caller.call("ping", "serve_quietly", {**serve, "spell": "never"}, idempotency_key=key)

    assert (first, again) == ({"spelt": 3}, {"spelt": 3})
    with pytest.raises(Refused, match="Idempotency-Key"):
        caller.call("ping", "serve_quietly", {**serve, "number": 2, "spell": "yes"}, idempotency_key=key)


def test_a_refused_call_may_succeed_later_with_the_same_key(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    key = str(rally_id)
    with pytest.raises(Refused):
        caller.call("ping", "serve", {"rally_id": rally_id, "number": 13}, idempotency_key=key)

    caller.call("ping", "serve", {"rally_id": rally_id, "number": 1}, idempotency_key=key)

    assert served(court, rally_id) == [1]


def test_an_answer_of_five_megabytes_crosses_while_others_go_on(ping: Process, caller: Caller) -> None:
    large = caller.begin("ping", "roar", {"megabytes": 5}, timeout=20)
    small = [caller.begin("ping", "echo", {"note": str(number)}, timeout=20) for number in range(50)]

    assert [call.result(30)["note"] for call in small] == [str(number) for number in range(50)]
    assert len(large.result(30)["roar"]) == 5 * 1024 * 1024


def test_whatever_a_query_writes_is_rolled_back(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    assert caller.call("ping", "peek", {"rally_id": rally_id}) == {"count": 1}

    assert served(court, rally_id) == []


def test_the_direct_road_needs_the_derived_token(ping: Process) -> None:
    request = urllib.request.Request(f"http://{ping.address}/call", b"{}", {"Authorization": "Bearer guess"})
    with pytest.raises(HTTPError, match="403") as refused:
        urllib.request.urlopen(request, timeout=5)

    refused.value.close()


def test_what_runs_when_a_service_is_stopped_is_answered_and_what_waits_goes_to_the_next(
    court: Court, caller: Caller, rally_id: UUID
) -> None:
    """A rolling release: the old process ends its work, the new one takes the rest; nobody notices."""
    court.rest("ping")
    old = court.start("ping").until_ready()
    slow = [
        caller.begin(
            "ping",
            "serve",
            {"rally_id": rally_id, "number": number, "sleep": 0.5},
            idempotency_key=str(uuid4()),
            timeout=60,
        )
        for number in range(20, 40)
    ]
    flood = [caller.begin("ping", "echo", {"note": "x", "sleep": 0.02}, timeout=60) for _ in range(1000)]
    eventually(lambda: sum(call.done() for call in flood) > 50)

    assert old.end(gracefully=True) == 0
    assert not all(call.done() for call in flood)
    court.run("ping")

    assert [call.result(60)["note"] for call in flood] == ["x"] * 1000
    assert len([call.result(60) for call in slow]) == 20
    assert sorted(served(court, rally_id)) == list(range(20, 40))


def test_a_process_that_is_stopping_takes_no_direct_calls_and_the_broker_brings_them_to_the_next(
    court: Court, caller: Caller
) -> None:
    """After a silence the caller goes past the broker for a while; here it is sent back to it."""
    court.rest("ping")
    with pytest.raises(Refused):
        caller.call("ping", "echo", {"note": "nobody"}, timeout=0.4)
    old = court.start("ping").until_ready()
    before = caller.roads()
    last = caller.begin("ping", "echo", {"note": "last", "sleep": 1.5}, timeout=30)
    time.sleep(0.4)

    old.send(signal.SIGTERM)
    eventually(lambda: '"stopping"' in old.log.read_text())
    time.sleep(0.2)
    later = [caller.begin("ping", "echo", {"note": "later"}, timeout=60) for _ in range(20)]
    court.run("ping")

    assert [call.result(60)["note"] for call in (last, *later)] == ["last", *["later"] * 20]
    assert caller.roads() == {"broker": before["broker"] + 20, "direct": before["direct"] + 1}
    eventually(lambda: not old.is_alive)
    assert old.end() == 0


def test_an_unreadable_call_is_dropped_and_stops_nothing(court: Court, ping: Process, caller: Caller) -> None:
    with court.channel() as channel:
        for body in (b"", b"{", b"\x80\x04", b"[" * 100_000, b'{"method":1}'):
            channel.basic_publish(amqp.Message(body, reply_to="amq.rabbitmq.reply-to.x"), "", "ping.calls")

    assert caller.call("ping", "echo", {"note": "on"})["note"] == "on"
    assert ping.is_alive


def test_a_call_that_finds_its_service_starting_is_answered_in_time(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    """It lies in the queue while neither road leads anywhere."""
    court.rest("ping")
    call = caller.begin("ping", "serve", {"rally_id": rally_id, "number": 1}, timeout=40)
    time.sleep(0.2)

    court.run("ping")

    assert call.result(60) == {"count": 1}
    assert served(court, rally_id) == [1]
