"""Lists of the API, page after page, on the sample city: each record comes once."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from deploy.demo.client import Client
from deploy.demo.load import CITY_ADMIN
from tests.platform import Platform

CITY_ADMIN_ROLE = "city_admin"
PAGE = 7
MOST = 200
MOST_PAGES = 60


class Lists:
    def __init__(self, platform: Platform) -> None:
        people = Client(platform.url)
        signed_in = people.signed_in(CITY_ADMIN, platform.accounts[CITY_ADMIN])
        self.url = platform.url
        self.web = requests.Session()
        self.web.trust_env = False
        self.web.headers["Authorization"] = f"Bearer {signed_in._token}"
        self.document = people.get("/openapi.json")

    def paths(self) -> list[str]:
        """Those that take a cursor, stand by themselves, and are open to the city's administrator."""
        found = {path: item["get"] for path, item in self.document["paths"].items() if "get" in item}
        return [
            path
            for path, operation in found.items()
            if "{" not in path
            and CITY_ADMIN_ROLE in operation.get("x-roles", [CITY_ADMIN_ROLE])
            and any(one.get("name") == "cursor" for one in operation["parameters"])
        ]

    def pages(self, path: str, limit: int) -> Iterator[list[Any]]:
        place: str | None = f"{path}?limit={limit}"
        while place:
            answer = self.web.get(self.url + place, timeout=20)
            assert answer.status_code == 200, answer.text
            view = answer.json()
            yield view.get("items", view.get("rows"))
            following = answer.links.get("next")
            place = following["url"] if following else None
            assert bool(place) == bool(view["next"])
            if place:
                query = parse_qs(urlsplit(place).query)
                assert query == {"limit": [str(limit)], "cursor": [view["next"]]}


@pytest.fixture(scope="module")
def lists(platform: Platform) -> Lists:
    return Lists(platform)


def test_walking_all_pages_of_every_list_gives_each_record_once(lists: Lists) -> None:
    walked: dict[str, int] = {}
    for path in lists.paths():
        whole = [record for page in lists.pages(path, MOST) for record in page]
        pages = [page for _, page in zip(range(MOST_PAGES), lists.pages(path, PAGE), strict=False)]

        records = [record for page in pages for record in page]
        assert all(len(page) == PAGE for page in pages[:-1]), path
        assert records == whole[: len(records)], path
        assert len({str(record) for record in whole}) == len(whole), path
        walked[path] = len(records)

    assert {"/api/v1/items", "/api/v1/units", "/api/v1/notices", "/api/v1/public/items"} <= set(walked)
    assert all(walked[path] > PAGE for path in ("/api/v1/items", "/api/v1/units", "/api/v1/notices")), walked


@pytest.mark.parametrize("cursor", ["x", "AAAA", "😀", "eyJ9", "0" * 500])
def test_a_cursor_that_was_not_given_out_is_refused_by_every_list(lists: Lists, cursor: str) -> None:
    for path in lists.paths():
        answer = lists.web.get(lists.url + path, params={"cursor": cursor}, timeout=20)
        assert answer.status_code == 422, path
        assert answer.json()["type"].startswith("/problems/")
