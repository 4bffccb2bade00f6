"""The rules of communities and of the people who work in them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.base import Actor, Forbidden, Role, VersionMismatch
from services.contracts.staffing.terms import CommunityGrade
from services.staffing.domain import require_manager_of
from tests.staffing.builders import CITY, NOW, facts, make_community, make_worker, manager_of, worker_of


@pytest.mark.parametrize(
    ("population", "posts"), [(30_000, 54), (8_765, 16), (0, 0), (1, 1), (555, 1), (556, 2), (10_000, 18)]
)
def test_eighteen_workers_are_required_for_every_ten_thousand_residents(population: int, posts: int) -> None:
    assert make_community(population=population).posts_required == posts


@given(st.integers(0, 10_000_000))
def test_the_required_posts_are_the_least_number_that_is_enough(population: int) -> None:
    posts = make_community(population=population).posts_required

    assert posts * 10_000 >= population * 18
    assert posts == 0 or (posts - 1) * 10_000 < population * 18


def test_the_news_of_a_registration_holds_the_public_facts() -> None:
    community = make_community(community_name="海兰社区", population=12_000)

    told = community.registered(now=NOW)

    assert (told.community_name, told.population, told.occurred_at) == ("海兰社区", 12_000, NOW)


def test_a_change_tells_the_new_facts_and_counts_the_version_up() -> None:
    community = make_community(version=3)
    later = NOW + timedelta(days=1)

    told = community.change(
        **facts(community_name="新花园社区", grade=CommunityGrade.BOUTIQUE),
        sort_key="xin1",
        expected_version=3,
        now=later,
    )

    assert (told.community_name, told.grade, told.occurred_at) == (
        "新花园社区",
        CommunityGrade.BOUTIQUE,
        later,
    )
    assert (community.version, community.sort_key) == (4, "xin1")


def test_a_change_of_what_has_changed_since_is_refused() -> None:
    community = make_community(version=3, population=100)

    with pytest.raises(VersionMismatch):
        community.change(**facts(population=200), sort_key="", expected_version=2, now=NOW)

    assert (community.population, community.version) == (100, 3)


def test_the_news_of_an_appointment_does_not_name_the_person() -> None:
    worker = make_worker(worker_name="李海")

    told = worker.appointed(now=NOW)

    assert told.worker_id == worker.worker_id
    assert "李海" not in repr(told)


def test_the_city_and_the_communitys_own_manager_may_change_it() -> None:
    community_id = uuid4()

    require_manager_of(community_id, actor=CITY)
    require_manager_of(community_id, actor=manager_of(community_id))


def test_nobody_else_may() -> None:
    community_id = uuid4()

    for actor in (
        manager_of(uuid4()),
        worker_of(community_id),
        Actor(actor_id="supervisor", roles=(Role.SUPERVISOR,), community_ids=(community_id,)),
        Actor(actor_id="anonymous"),
    ):
        with pytest.raises(Forbidden):
            require_manager_of(community_id, actor=actor)
