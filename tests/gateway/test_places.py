"""The gateway's copy of the communities follows staffing's events."""

from collections.abc import Iterator
from typing import Any

from gateway.auth.places import Places
from gateway.storage import grants
from services.chassis.db import Database
from services.contracts.base import Unavailable
from tests.gateway.fakes import FakeServices


class Feed:
    """Tells what it is given; between two events the test may change the world."""

    def __init__(self, *events: tuple[str, Any]) -> None:
        self._events = events

    def subscribe(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, change in self._events:
            if change is not None:
                change()
            yield name, {}


def listed(services: FakeServices, street: str) -> None:
    services.answers["staffing.list_communities"] = {
        "items": [
            {
                "community_id": "0199aaaa-0000-7000-8000-000000000001",
                "community_name": "海兰",
                "street": street,
            }
        ]
    }


def streets(database: Database) -> list[str]:
    with database.reading() as tx:
        return grants.streets(tx.session)


def test_a_community_that_moves_to_another_street_is_followed(
    database: Database, services: FakeServices
) -> None:
    listed(services, "西兴街道")
    places = Places(database, services, timeout=1)

    places.follow(Feed(("hello", None)))
    before = streets(database)
    places.follow(Feed(("hello", None), ("community_changed", lambda: listed(services, "花园街道"))))

    assert (before, streets(database)) == (["西兴街道"], ["花园街道"])


def test_what_does_not_concern_communities_asks_nothing(database: Database, services: FakeServices) -> None:
    listed(services, "西兴街道")

    Places(database, services, timeout=1).follow(Feed(("hello", None), ("item_claimed", None), ("", None)))

    assert len(services.asked) == 1


def test_while_staffing_is_away_the_next_sign_of_life_tries_again(
    database: Database, services: FakeServices
) -> None:
    services.answers["staffing.list_communities"] = Unavailable("暂时无法处理")

    Places(database, services, timeout=1).follow(
        Feed(("hello", None), ("", lambda: listed(services, "西兴街道")))
    )

    assert streets(database) == ["西兴街道"]
