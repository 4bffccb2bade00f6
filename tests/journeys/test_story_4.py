"""Story 4: a department asks for a new form, and is told by rule why not; an emergency is exempt but counted."""

from typing import Any

import pytest

from deploy.demo.load import CITY_ADMIN
from tests.faults.person import Person
from tests.journeys.telling import FormRefused, LoopOfANeed

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def admin(platform: Any) -> Person:
    return Person(platform.url).signed_in(CITY_ADMIN, platform.accounts[CITY_ADMIN])


def test_story_4_leaves_the_index_as_it_was(admin: Person) -> None:
    community = Person(admin.url).get("/communities")["items"][0]
    story = FormRefused(admin, community["community_id"])

    story.tell()

    story.check()


def test_story_1_begins_with_a_need_and_its_author_sees_the_end(admin: Person) -> None:
    [unit, *_] = units = admin.each("/units")
    community_id = unit["community_ids"][0]
    serving = [one["unit_id"] for one in units if community_id in one["community_ids"]]
    story = LoopOfANeed(admin, community_id, serving[:2])

    story.tell()

    story.check()
