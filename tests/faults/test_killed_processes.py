"""kill -9 in the middle of everyday work: what was answered is there, and nothing is done twice."""

import contextlib
import time
from collections.abc import Callable

import pytest
import requests

from tests.chassis.processes import eventually
from tests.faults.drill import Drill
from tests.faults.everyday import Traffic

pytestmark = pytest.mark.fault

FOUR_MINUTES_PASS = "UPDATE deliveries SET lease_until = now() WHERE status = 'sending'"


def test_processes_killed_one_after_the_other_in_the_middle_of_the_work_lose_and_repeat_nothing(
    drill: Drill,
) -> None:
    killed = {}

    with drill.traffic(items=36) as traffic:
        for number, process in enumerate(("claims", "consultation", "notifications", "gateway"), start=1):
            traffic.until_answered(0.2 * number)
            assert traffic.is_under_way
            killed[process] = drill.kill(process)
    for process, pid in killed.items():
        drill.until_restarted(process, was=pid)

    drill.check(traffic, in_doubt=1)


def until_struck(ahead: Callable[[], set[str]]) -> None:
    """Everybody has died everywhere; else the test fails and names where not."""
    with contextlib.suppress(AssertionError):
        eventually(lambda: not ahead(), within=60)
    assert ahead() == set()


def test_services_killed_at_every_step_lose_nothing_and_repeat_nothing(drill: Drill) -> None:
    # What has piled up while a process was away may be one commit, so only the busy ones strike later.
    points = {
        "claims": (
            "db.after_commit:40",
            "call.before_reply:10",
            "relay.after_publish:3",
            "relay.after_confirm:3",
        ),
        "consultation": ("consumer.effect_done:2", "consumer.after_commit", "relay.after_publish"),
        "notifications": ("consumer.effect_done:3", "consumer.after_commit:4", "relay.after_confirm:2"),
    }

    with drill.rehearsing(**points) as ahead:
        with drill.traffic(items=24) as traffic:
            pass
        until_struck(ahead)
    drill.until_healthy()

    drill.check(traffic, in_doubt=len(points["notifications"]))


def test_a_message_that_may_have_gone_out_is_not_sent_again_before_somebody_decides(drill: Drill) -> None:
    """Three groups' messages meet a crash: before it was sent, after it was sent, after that was noted."""
    points = ("delivery.before_send", "delivery.after_send", "delivery.marked")
    with drill.rehearsing(notifications=points) as ahead:
        with drill.traffic(items=6, steps=("create", "publish", "claim")) as traffic:
            pass
        until_struck(ahead)
        drill.until_healthy()
        eventually(lambda: len(drill.texts(traffic)) == 5, within=60)
        drill.until_conserved()

    in_doubt = drill.deliveries_under_way(traffic)
    assert [one["status"] for one in in_doubt] == ["sending", "sending"]
    assert sorted(drill.texts(traffic).values()) == [1] * 5

    drill.rows("notifications", FOUR_MINUTES_PASS)
    eventually(lambda: statuses(drill, traffic) == ["uncertain", "uncertain"], within=30, every=0.3)
    time.sleep(2)
    assert sorted(drill.texts(traffic).values()) == [1] * 5

    for delivery in drill.deliveries_under_way(traffic):
        assert delivery["possible_acts"] == ["resend_delivery"]
        drill.admin.post(f"/deliveries/{delivery['delivery_id']}/resending")
    eventually(lambda: not drill.deliveries_under_way(traffic), within=30, every=0.3)
    assert sorted(drill.texts(traffic).values()) == [1, 1, 1, 1, 1, 2]


def statuses(drill: Drill, traffic: Traffic) -> list[str]:
    return [one["status"] for one in drill.deliveries_under_way(traffic)]


def test_a_retry_after_a_crash_between_commit_and_answer_gets_the_first_answer(drill: Drill) -> None:
    item = drill.published_item(quantity=1)
    unit_id = drill.units[item["community_id"]][0]
    path, body = f"/items/{item['item_id']}/claims", {"unit_id": unit_id}

    with drill.rehearsing(claims=["call.after_commit"]) as ahead:
        try:
            broken = drill.admin.send("POST", path, body, key="first-answer-" + item["item_id"], timeout=30)
        except requests.RequestException:
            broken = None
        committed = drill.rows(
            "claims", "SELECT claimed_at FROM claims WHERE item_id = :item_id", item_id=item["item_id"]
        )
        assert not ahead()
        first = drill.admin.insist("POST", path, body, key="first-answer-" + item["item_id"])
        again = drill.admin.insist("POST", path, body, key="first-answer-" + item["item_id"])

    assert broken is None or broken.status_code in (201, 503, 504)
    assert len(committed) == 1
    assert first == again
    assert first["claims"][0]["claimed_at"].startswith(f"{committed[0].claimed_at:%Y-%m-%dT%H:%M:%S}")
    now = drill.admin.get(f"/items/{item['item_id']}")
    assert [claim["claim_id"] for claim in now["claims"]] == [first["claims"][0]["claim_id"]]
    assert now["version"] == item["version"] + 1
