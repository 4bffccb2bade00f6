"""What every answer tells the browser, whatever the route and however it ends; and what every form carries."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any, Never
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from gateway.app import create_app
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import NotFound
from tests.gateway.browsing import Person
from tests.gateway.fake_services import FakePlatform
from tests.gateway.fakes import FakeServices
from tests.gateway.pages_app import make_app

SOME_ID = UUID("0199aaaa-0000-7000-8000-000000000001")
LIMITS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "gongzhi",
}
PEOPLE = (None, "city", "manager", "liaison", "security", "operator")
# Pages of one kind need not all be looked at.
MOST_OF_A_KIND = 2


class NothingThere:
    """Services in which no record exists."""

    def call(self, service: str, method: str, data: dict[str, Any], **_: Any) -> Never:
        raise NotFound("没有找到。")


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Every route with every method, ids filled in."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) | {"PATCH"}):
            yield method, address(rule)


def address(rule: Rule) -> str:
    return re.sub(
        r"<([^:<>]+:)?[^<>]+>", lambda found: str(SOME_ID) if found[1] == "uuid:" else "x", rule.rule
    )


def check(answer: TestResponse, *, is_production: bool = False) -> None:
    told = f"{answer.request.method} {answer.request.path}: {answer.status_code}"
    for name, value in LIMITS.items():
        assert answer.headers.getlist(name) == [value], f"{told} {name}"
    assert "camera=(self)" in answer.headers["Permissions-Policy"], told
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"]), told
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy, told
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", ""), told
    assert "unsafe-eval" not in policy, told
    assert ("Strict-Transport-Security" in answer.headers) == is_production, told
    if answer.mimetype == "text/html":
        assert re.search(r"script-src 'self' 'nonce-[\w-]{20,}'", policy), told
    else:
        assert policy.startswith("default-src 'none'"), told
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie, told
        assert "SameSite=Lax" in cookie, told
        assert cookie.startswith("__Host-") == is_production, told
        assert ("; Secure" in cookie) == is_production, told
    answer.close()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_route_tells_the_browser_its_limits(settings: Config, database: Database, accept: str) -> None:
    app = create_app(settings, NothingThere(), database=database)
    visitor = app.test_client()
    seen: Counter[int] = Counter()
    for method, place in addresses(app):
        answer = visitor.open(place, method=method, headers={"Accept": accept})
        check(answer)
        seen[answer.status_code] += 1

    assert {200, 400, 401, 404, 405} <= set(seen)


def test_refusals_and_accidents_tell_them_too(
    app: Flask, client: FlaskClient, services: FakeServices
) -> None:
    services.answers["notifications.list_notices"] = RuntimeError("broken")
    answers = [
        client.get("/nothing"),
        client.get("/api/v1/%00"),
        client.get("/api/v1/notices"),
        client.post("/api/v1/session", environ_overrides={"CONTENT_LENGTH": str(9 * 1024 * 1024)}),
        client.get("/static/nothing.js"),
        client.get("/static/../gateway/app.py"),
    ]

    assert [answer.status_code for answer in answers] == [404, 400, 500, 413, 404, 404]
    for answer in answers:
        check(answer)
        assert answer.headers["Cache-Control"] == "no-store" or answer.request.path.startswith("/static")


def test_in_production_everything_is_for_https_and_this_host_alone(
    settings: Config, database: Database
) -> None:
    config = replace(settings, environment="production", secret="s" * 40)
    app = create_app(config, NothingThere(), database=database)
    visitor = app.test_client()
    cookies = []
    for method, place in addresses(app):
        answer = visitor.open(
            place, method=method, base_url="https://localhost", headers={"Accept": "text/html"}
        )
        check(answer, is_production=True)
        cookies += answer.headers.getlist("Set-Cookie")

    assert cookies


def test_signing_out_leaves_nothing_in_the_browser() -> None:
    person = Person.signed_in(make_app(FakePlatform()), "city")

    left = person.send("/dashboard", "/signout")

    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in person.read("/signin").headers


# ---- forms -------------------------------------------------------------------------------------------


def forms_routes(app: Flask) -> list[Rule]:
    found = [
        rule
        for rule in app.url_map.iter_rules()
        if {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
    ]
    return [rule for rule in found if not rule.rule.startswith("/api/")]


def test_no_form_is_taken_without_its_token(
    settings: Config, services: FakeServices, database: Database
) -> None:
    app = create_app(settings, services, database=database)
    routes = forms_routes(app)
    for rule in routes:
        for fields in ({}, {"csrf_token": "made-up"}):
            answer = app.test_client().post(
                address(rule), data=fields, headers={"Accept": "application/json"}
            )
            assert (answer.status_code, (answer.json or {})["type"]) == (400, "/problems/page_expired"), (
                rule.rule
            )

    assert len(routes) > 15
    assert services.asked == []


def test_a_token_of_another_browser_is_worth_nothing(app: Flask) -> None:
    [token] = re.findall(r'name="csrf_token" value="([^"]+)"', app.test_client().get("/signin").text)[:1]

    answer = app.test_client().post(
        "/signin", data={"csrf_token": token}, headers={"Accept": "application/json"}
    )

    assert (answer.json or {})["type"] == "/problems/page_expired"


@pytest.fixture(scope="module")
def pages() -> dict[tuple[str, str], str]:
    """Every kind of page that some person comes to by links: (who, path) -> text."""
    found: dict[tuple[str, str], str] = {}
    for who in PEOPLE:
        app = make_app(FakePlatform())
        person = Person.signed_in(app, who) if who else Person.visiting(app)
        for path, text in crawl(app, person):
            found[who or "visitor", path] = text
    return found


def crawl(app: Flask, person: Person) -> Iterator[tuple[str, str]]:
    ahead, kinds = ["/", "/signin", "/account", "/dashboard", "/polls/answer/open-token"], Counter[str]()
    known = set(ahead)
    while ahead:
        path = ahead.pop(0)
        kind, _ = app.url_map.bind("localhost").match(path.partition("?")[0], return_rule=True)
        kinds[kind.rule] += 1
        if kinds[kind.rule] > MOST_OF_A_KIND:
            continue
        answer = person.read(path)
        if answer.status_code in (301, 302, 303, 308):
            links = [answer.location]
        elif answer.mimetype == "text/html":
            yield path, answer.text
            links = [unescape(link) for link in re.findall(r'(?:href|action)="(/[^"#]*)', answer.text)]
        else:
            links = []
        for link in links:
            if link not in known and not link.startswith("/static/") and is_page(app, link):
                known.add(link)
                ahead.append(link)


def is_page(app: Flask, link: str) -> bool:
    return bool(app.url_map.bind("localhost").test(link.partition("?")[0], "GET"))


def test_every_form_that_changes_something_carries_the_token(pages: dict[tuple[str, str], str]) -> None:
    forms = 0
    for place, text in pages.items():
        for form in re.findall(r"<form\b.*?</form>", text, flags=re.DOTALL):
            if re.search(r'method="post"', form.partition(">")[0], flags=re.IGNORECASE):
                forms += 1
                assert re.search(r'<input type="hidden" name="csrf_token" value="[^"]{20,}"', form), (
                    place,
                    form,
                )

    assert forms > 30
    assert len({path.partition("?")[0] for _, path in pages}) > 15


def test_no_page_has_scripts_or_styles_in_its_text(pages: dict[tuple[str, str], str]) -> None:
    for place, text in pages.items():
        assert not re.search(r"<[a-z][^>]*\son[a-z]+=", text), place
        assert not re.search(r"<[a-z][^>]*\sstyle=", text), place
        assert not re.search(r"<style(?![^>]*nonce=)", text), place
        assert not re.search(r"<script(?![^>]*(nonce|src)=)", text), place
        assert not re.search(r'(?:href|src|action)="(?:javascript:|https?://|//)', text), place


def test_people_of_every_kind_come_to_pages(pages: dict[tuple[str, str], str]) -> None:
    assert {who for who, _ in pages} == {who or "visitor" for who in PEOPLE}
