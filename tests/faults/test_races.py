"""Many at once, through two gateways: one of them wins, and whoever asks again gets the first answer."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests

from tests.faults.drill import Drill
from tests.faults.everyday import item_body
from tests.faults.person import PROBLEM

pytestmark = pytest.mark.fault

RIVALS = 50
REPEATS = 50
# Through whichever gateway it comes: the first request of that key has no answer yet.
STILL_RUNNING = "/problems/first_still_running"


@pytest.fixture(scope="module", autouse=True)
def two_gateways(practised: Drill) -> Iterator[None]:
    with practised.second_gateway() as calls_sent:
        yield
        assert calls_sent() > RIVALS / 2


@pytest.fixture(scope="module")
def rivals(practised: Drill) -> list[dict[str, str]]:
    """Units that all serve one community."""
    return practised.registered_units(RIVALS, community_id=practised.communities[0]["community_id"])


def all_at_once(count: int, send: Callable[[int], requests.Response]) -> list[requests.Response]:
    """Everybody waits at the barrier, each on a connection of his own."""
    barrier = threading.Barrier(count)

    def start(number: int) -> requests.Response:
        barrier.wait(60)
        return send(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


def test_of_fifty_units_that_claim_one_item_at_the_same_moment_one_gets_it(
    drill: Drill, rivals: list[dict[str, str]]
) -> None:
    item = drill.published_item(community_id=drill.communities[0]["community_id"], quantity=1)

    answers = all_at_once(
        RIVALS,
        lambda number: drill.admin.send(
            "POST",
            f"/items/{item['item_id']}/claims",
            {"unit_id": rivals[number]["unit_id"]},
            key=str(uuid4()),
            timeout=60,
        ),
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: RIVALS - 1}
    winner = rivals[[answer.status_code for answer in answers].index(201)]
    refusals = [answer for answer in answers if answer.status_code == 409]
    for refusal in refusals:
        problem = refusal.json()
        assert refusal.headers["Content-Type"] == PROBLEM
        assert problem["type"] == "/problems/item_already_claimed"
        assert winner["unit_name"] in problem["detail"]
        assert re.search("已由.+认领", problem["detail"])
    now = drill.admin.get(f"/items/{item['item_id']}")
    assert [claim["units"][0]["unit_id"] for claim in now["claims"]] == [winner["unit_id"]]
    assert (now["status"], now["remaining"], now["version"]) == ("claimed", 0, item["version"] + 1)
    assert [entry["act"] for entry in now["history"]].count("claim_item") == 1


def test_no_more_is_promised_than_there_is(drill: Drill, rivals: list[dict[str, str]]) -> None:
    item = drill.published_item(community_id=drill.communities[0]["community_id"], quantity=7)

    answers = all_at_once(
        RIVALS,
        lambda number: drill.admin.send(
            "POST",
            f"/items/{item['item_id']}/claims",
            {"unit_id": rivals[number]["unit_id"], "kind": "partial", "quantity": 2},
            key=str(uuid4()),
            timeout=60,
        ),
    )

    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: RIVALS - 3}
    assert sorted(answer.json()["remaining"] for answer in answers if answer.ok) == [1, 3, 5]
    now = drill.admin.get(f"/items/{item['item_id']}")
    assert [claim["quantity"] for claim in now["claims"]] == [2, 2, 2]
    assert (now["remaining"], now["version"]) == (1, item["version"] + 3)


def test_the_same_key_sent_fifty_times_at_once_has_one_effect_and_one_answer(drill: Drill) -> None:
    journey = drill.journey(f"演练{uuid4().hex[:10]}")
    body = item_body(journey)
    key = str(uuid4())

    at_once = all_at_once(REPEATS, lambda _: drill.admin.send("POST", "/items", body, key=key, timeout=60))
    created = [answer for answer in at_once if answer.ok]
    told_to_wait = [answer for answer in at_once if not answer.ok]
    created += [drill.admin.send("POST", "/items", body, key=key) for _ in told_to_wait]

    for answer in told_to_wait:
        assert (answer.status_code, answer.json()["type"]) == (409, STILL_RUNNING)
        assert answer.headers["Retry-After"] == "1"
    assert {(answer.status_code, answer.text, answer.headers["ETag"]) for answer in created} == {
        (201, created[0].text, created[0].headers["ETag"])
    }
    assert [one["item_id"] for one in drill.admin.each("/items", q=journey.title)] == [
        created[0].json()["item_id"]
    ]


def test_the_same_key_with_another_content_is_refused(drill: Drill) -> None:
    journey = drill.journey(f"演练{uuid4().hex[:10]}")
    key = str(uuid4())
    body = item_body(journey)
    bodies = [{**body, "quantity": 1 + number} for number in range(10)]

    answers = all_at_once(10, lambda number: drill.admin.send("POST", "/items", bodies[number], key=key))
    later = [drill.admin.send("POST", "/items", one, key=key) for one in bodies]

    assert Counter(answer.status_code for answer in answers)[201] == 1
    refused = {answer.json()["type"] for answer in answers if not answer.ok}
    assert refused <= {"/problems/idempotency_key_reused", STILL_RUNNING}
    assert Counter(answer.status_code for answer in later) == {201: 1, 422: 9}
    assert len(drill.admin.each("/items", q=journey.title)) == 1
