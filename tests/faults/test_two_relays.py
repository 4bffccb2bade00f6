"""Several processes of one service, one relay that leads, and what happens when it goes."""

import itertools
import random
import threading
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from deploy.local import processes as local
from tests.chassis.court import Court
from tests.chassis.processes import Process, eventually

pytestmark = pytest.mark.fault

RALLIES = 20
LEADS = 'relay_is_leader{service="ping"}'


@pytest.fixture
def two_pings(court: Court) -> Iterator[list[Process]]:
    court.rest("ping")
    pings = [
        court.start("ping", address=f"127.0.0.1:{local.free_port()}", is_supervised=True) for _ in range(2)
    ]
    try:
        yield [ping.until_ready() for ping in pings]
    finally:
        for ping in pings:
            ping.end()


def leader(pings: list[Process]) -> Process:
    def leading() -> list[Process]:
        found = []
        for ping in pings:
            try:
                found += [ping] if ping.metric(LEADS) else []
            except OSError:  # just starting again
                continue
        return found

    return eventually(leading)[0]


def terminate_backends(court: Court) -> int:
    """What an administrator, or a server that is failing over, does to the relay's connections."""
    ended = court.rows(
        court.ping,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gongzhi-ping-relay'",
    )
    return len(ended)


def test_only_one_relay_leads(two_pings: list[Process]) -> None:
    eventually(lambda: sum(ping.metric(LEADS) for ping in two_pings) == 1)
    time.sleep(1)

    assert sum(ping.metric(LEADS) for ping in two_pings) == 1


def test_the_relay_that_leads_hears_of_commits_in_the_other_process(
    court: Court, two_pings: list[Process], rally_id: UUID
) -> None:
    """Quicker than its own slow look: LISTEN and NOTIFY carry the word."""
    court.run("pong")
    first = leader(two_pings)
    times = []
    for number in range(5):
        time.sleep(0.15)
        started = time.monotonic()
        court.serve(rally_id, [number])
        eventually(lambda: court.outbox(rally_id)[-1].published_at, every=0.01)
        times.append(time.monotonic() - started)

    assert first.is_alive
    assert min(times) < 0.5


def test_leaders_killed_and_cut_off_again_and_again_keep_order_and_lose_nothing(
    court: Court, two_pings: list[Process]
) -> None:
    rally_ids = [uuid4() for _ in range(RALLIES)]
    court.run("pong")
    is_over = threading.Event()
    served = itertools.count()

    def keep_serving() -> None:
        for number in served:
            if is_over.is_set():
                return
            for rally_id in rally_ids:
                court.serve(rally_id, [number])

    with court.eavesdropping() as hear:
        server = threading.Thread(target=keep_serving)
        server.start()
        try:
            for _ in range(3):
                time.sleep(random.uniform(0.1, 0.4))
                leader(two_pings).crash()
                time.sleep(random.uniform(0.1, 0.4))
                eventually(lambda: terminate_backends(court))
        finally:
            is_over.set()
            server.join()
        numbers = [len(court.outbox(rally_id)) for rally_id in rally_ids]
        for rally_id, most in zip(rally_ids, numbers, strict=True):
            court.until_returned(rally_id, range(most), within=60)
        unmarked = "SELECT event_id FROM outbox WHERE aggregate_id = ANY(:rally_ids) AND published_at IS NULL"
        eventually(lambda: not court.rows(court.ping, unmarked, rally_ids=rally_ids))
        heard = hear()

    told = {str(row.event_id) for rally_id in rally_ids for row in court.outbox(rally_id)}
    assert {envelope.event_id for envelope in heard} == told
    court.check_conservation(*rally_ids)
    for rally_id in rally_ids:
        first_heard = list(
            dict.fromkeys(envelope.sequence for envelope in heard if envelope.aggregate_id == str(rally_id))
        )
        assert first_heard == sorted(first_heard)
