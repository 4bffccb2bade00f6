"""kill -9 in the middle of the stories of the domain: each ends as if nothing had happened."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chassis.processes import eventually
from tests.faults.drill import Drill
from tests.journeys.bought import SUPPLIERS, ItemBought
from tests.journeys.telling import FormRefused, LoopOfANeed

pytestmark = pytest.mark.fault

# Where a process dies once each; what happens seldom in a story strikes at its first passage.
POINTS = {
    "claims": (
        "db.state_written:5",
        "outbox.inserted:9",
        "db.before_commit:12",
        "db.after_commit:15",
        "call.before_reply:8",
        "consumer.effect_done",
        "consumer.after_commit",
        "relay.after_publish:3",
        "relay.after_confirm:3",
    ),
    "consultation": (
        "consumer.inbox_inserted:2",
        "consumer.effect_done:2",
        "consumer.after_commit",
        "db.before_commit:20",
        "db.after_commit:20",
        "relay.after_publish",
    ),
    "notifications": ("consumer.effect_done:3", "consumer.after_commit:4"),
}


# Heads of communities of the sample city.
MANAGERS = ("huayuan", "tongjiang")


def test_stories_1_4_and_5_end_well_though_every_service_dies_at_every_step(drill: Drill) -> None:
    loops = []
    for community in drill.communities[:4]:
        rivals = drill.units[community["community_id"]][:2]
        loops.append(LoopOfANeed(drill.admin, community["community_id"], rivals))
    forms = [FormRefused(drill.admin, one["community_id"]) for one in drill.communities[:4]]
    bought = [item_bought(drill, username) for username in MANAGERS]
    stories: list[LoopOfANeed | FormRefused | ItemBought] = [*loops, *forms, *bought]

    with drill.rehearsing(**POINTS) as ahead:
        with ThreadPoolExecutor(len(stories)) as pool:
            told = [pool.submit(story.tell) for story in stories]
        for each in told:
            each.result()
        with contextlib.suppress(AssertionError):
            eventually(lambda: not ahead(), within=30)
        assert ahead() == set()
    drill.until_healthy()
    drill.until_conserved()

    for story in stories:
        story.check()
    assert drill.admin.unworthy == []
    assert [story.manager.unworthy for story in bought] == [[]] * len(bought)


def item_bought(drill: Drill, username: str) -> ItemBought:
    manager = drill.visitor.signed_in(username, drill.platform.accounts[username])
    [community_id] = manager.get("/session")["user"]["community_ids"]
    unit_id = next(
        unit_id
        for unit_id in drill.units[community_id]
        if drill.admin.get(f"/units/{unit_id}")["kind"] in SUPPLIERS
    )
    return ItemBought(manager, drill.admin, community_id, unit_id, drill.expire)
