"""The broker or the database goes and comes back under the whole platform."""

import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from deploy.demo.load import CITY_ADMIN
from tests.chassis.processes import eventually
from tests.faults.drill import Drill
from tests.faults.person import Person

pytestmark = pytest.mark.fault

# However long a server has been away: so soon after it is back, everything has arrived.
CAUGHT_UP_WITHIN = 45


def pages_of_somebody_signed_in(drill: Drill) -> dict[str, int]:
    """What a person with a browser gets: signs in through the form and looks at some pages."""
    url = drill.platform.url
    with requests.Session() as browser:
        browser.trust_env = False
        form = browser.get(f"{url}/signin", timeout=20).text
        token = re.search('name="csrf_token" value="([^"]+)"', form)
        assert token is not None
        filled = {"csrf_token": token[1], "username": CITY_ADMIN, "next": "/items"}
        filled["password"] = drill.platform.accounts[CITY_ADMIN]
        signed_in = browser.post(f"{url}/signin", data=filled, timeout=20, allow_redirects=False)
        pages = {"/signin": signed_in.status_code}
        for path in ("/items", "/dashboard", "/board", "/units"):
            pages[path] = browser.get(url + path, timeout=20, allow_redirects=False).status_code
        return pages


def test_without_the_broker_everybody_works_on_and_afterwards_everything_arrives(drill: Drill) -> None:
    """Its node loses its power; the same processes go on, and catch up when it is back."""
    rabbitmq = drill.platform.running.stack.rabbitmq
    assert rabbitmq is not None
    before = drill.pids()

    rabbitmq.kill()
    try:
        eventually(lambda: readiness(drill)[1]["status"] == "degraded", within=30)
        degraded = {"status": "degraded", "parts": {"database": "ok", "broker": "down"}}
        assert readiness(drill) == (200, degraded)
        started = time.monotonic()
        with drill.traffic(items=6) as traffic:
            pass
        took = time.monotonic() - started
        # No answer was a "not now": every one of the 42 calls went past the broker.
        assert set(traffic.person.statuses) == {200, 201}
        assert traffic.person.broken == 0
        assert took < 60
        drill.visitor.signed_in(CITY_ADMIN, drill.platform.accounts[CITY_ADMIN])
        pages = pages_of_somebody_signed_in(drill)
        assert pages == {"/signin": 303, "/items": 200, "/dashboard": 200, "/board": 200, "/units": 200}
        told = drill.visitor.get("/notices", item_id=traffic.journeys[0].item_id)["items"]
        assert told == []
    finally:
        rabbitmq.start()

    eventually(lambda: has_arrived(drill, traffic.journeys[0].item_id), within=CAUGHT_UP_WITHIN, every=0.2)
    drill.until_healthy(within=CAUGHT_UP_WITHIN)
    drill.check(traffic)
    assert drill.pids() == before


def readiness(drill: Drill) -> tuple[int, dict[str, Any]]:
    answer = drill.visitor.send("GET", "/readyz")
    return answer.status_code, answer.json()


def has_arrived(drill: Drill, item_id: str) -> bool:
    kinds = {notice["kind"] for notice in drill.visitor.get("/notices", item_id=item_id)["items"]}
    return kinds == {"item_published", "item_claimed", "item_verified", "poll_opened"}


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_a_database_that_goes_in_the_middle_of_the_work_costs_some_patience_and_nothing_else(
    drill: Drill, how: str
) -> None:
    postgres = drill.platform.running.stack.postgres
    assert postgres is not None
    go: Callable[[], None] = {"restarted": postgres.stop, "killed": postgres.kill}[how]
    before = drill.pids()
    reader = Reader(drill)

    with drill.traffic(items=18) as traffic, reader:
        traffic.until_answered(0.4)
        go()
        time.sleep(1.5)
        status, ready = readiness(drill)
        postgres.start()

    assert (status, ready["status"]) == (503, "down")
    assert traffic.person.broken == reader.person.broken == 0
    assert {503} <= set(reader.person.statuses) <= {200, 503, 504}
    assert reader.person.unworthy == []
    drill.until_healthy(within=CAUGHT_UP_WITHIN)
    drill.check(traffic, in_doubt=1)
    assert drill.pids() == before


class Reader:
    """Somebody who looks at the list all the time, whatever comes back."""

    def __init__(self, drill: Drill) -> None:
        self.person = Person(drill.platform.url, drill.admin.token)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(0.05):
            self.person.send("GET", "/items")
