"""PostgreSQL goes and comes back: calls say so, messages wait at the broker, nothing is lost."""

import functools
import threading
import time
from uuid import UUID, uuid4

import pytest

from services.contracts.base import Unavailable
from tests.chassis.calling import Caller, Refused
from tests.chassis.court import Court
from tests.chassis.processes import Process, eventually

pytestmark = pytest.mark.fault


def has_returned(court: Court, rally_id: UUID, times: int) -> bool:
    return len(court.returned(rally_id)) == times


@pytest.fixture(autouse=True)
def fresh_connections(court: Court) -> None:
    """The test's own ones have not survived what the test before did to the server."""
    court.ping.dispose()
    court.pong.dispose()


def test_messages_wait_for_the_database_and_calls_say_that_it_is_away(
    court: Court, ping: Process, pong: Process, caller: Caller
) -> None:
    rally_ids = [uuid4() for _ in range(20)]
    served = dict.fromkeys(rally_ids, 0)
    is_over = threading.Event()

    def keep_serving() -> None:
        while not is_over.is_set():
            for rally_id in rally_ids:
                try:
                    court.serve(rally_id, [served[rally_id]])
                except Unavailable:
                    time.sleep(0.05)
                else:
                    served[rally_id] += 1

    server = threading.Thread(target=keep_serving)
    server.start()
    eventually(lambda: len(court.returned(rally_ids[0])) > 2)
    court.postgres.kill()
    try:
        with pytest.raises(Refused, match="数据库暂时不可用") as refused:
            caller.call("ping", "count", {"rally_id": rally_ids[0]}, timeout=20)
        assert ping.readiness()["status"] == "down"
        time.sleep(2)
    finally:
        court.postgres.start()
    time.sleep(0.5)
    is_over.set()
    server.join()

    assert refused.value.kind == "Unavailable"
    assert (ping.is_alive, pong.is_alive) == (True, True)
    for rally_id in rally_ids:
        # A commit whose answer the power cut swallowed counts too.
        told = len(court.outbox(rally_id))
        assert told >= served[rally_id]
        eventually(functools.partial(has_returned, court, rally_id, told), within=60)
    court.check_conservation(*rally_ids)
    assert caller.call("ping", "count", {"rally_id": rally_ids[0]}, timeout=20)["count"] > 2
    eventually(lambda: ping.readiness()["status"] == "ok")


def test_after_the_database_returned_no_query_notices_its_old_connections(
    court: Court, ping: Process, caller: Caller, rally_id: UUID
) -> None:
    naps = [caller.begin("ping", "nap", {"note": "x", "sleep": 0.1}) for _ in range(16)]
    assert all(nap.result(20) for nap in naps)

    court.postgres.stop()
    court.postgres.start()

    asked = [caller.begin("ping", "count", {"rally_id": rally_id}, timeout=20) for _ in range(16)]
    assert [call.result(30) for call in asked] == [{"count": 0}] * 16


def test_a_locked_table_holds_up_only_those_who_need_it(
    court: Court, ping: Process, pong: Process, rally_id: UUID
) -> None:
    """The bounds of every connection end the wait; the event waits in the inbox and is taken up again."""
    other = uuid4()
    with court.pong.engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE returns IN ACCESS EXCLUSIVE MODE")
        court.serve(rally_id, [1])
        eventually(lambda: [row.status for row in court.inbox(rally_id)] == ["waiting"], within=20)
        assert pong.readiness()["status"] == "ok"

    court.serve(other, [1])
    court.until_returned(other, [1])
    court.until_returned(rally_id, [1])
    court.check_conservation(rally_id, other)
