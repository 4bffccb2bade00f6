"""What auditors, and only they, see of all chains."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from gateway.auth.policy import policy_of
from services.chassis.clock import LOCAL, utc_now
from services.chassis.db import Database
from services.contracts.base import Actor, Forbidden, Role
from tests.audit.everybody import Everybody
from tests.audit.people import NAMES, SignIn, register, rows
from tests.gateway.browsing import Person

ELSEWHERE = "00000000-0000-0000-0000-000000000009"


def test_an_auditor_finds_rows_of_all_chains_newest_first_page_by_page(signed_in: SignIn) -> None:
    admin = signed_in(Role.CITY_ADMIN)
    for number in range(3):
        register(admin, number)
    auditor = signed_in(Role.AUDITOR)

    everything, path = [], "/audit?limit=2"
    while path:
        page = auditor.get(path).json
        everything += page["items"]
        path = f"/audit?limit=2&cursor={page['next']}" if page["next"] else ""

    assert [(row["chain"], row["act"]) for row in everything] == [
        ("gateway", "gateway.sign_in"),
        *[("staffing", "staffing.register_community")] * 3,
        ("gateway", "gateway.sign_in"),
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("act=register", 2),
        ("act=nothing", 0),
        ("outcome=refused", 1),
        ("actor_id={actor_id}", 3),
        ("record_id={actor_id}", 1),
        ("request_id={request_id}", 1),
        (f"community_id={ELSEWHERE}", 1),
        ("since={past}&until={future}", 6),
        ("since={future}", 0),
        ("until={past}", 0),
    ],
)
def test_the_audit_is_searched(
    signed_in: SignIn, query: str, count: int, service_db: Callable[[str], Database]
) -> None:
    admin = signed_in(Role.CITY_ADMIN)
    register(admin, 1)
    register(admin, 2)
    signed_in(Role.CITY_OFFICER).open("PUT", f"/communities/{ELSEWHERE}", json={})
    auditor = signed_in(Role.AUDITOR)
    row = rows(service_db("staffing"))[0]
    hour = timedelta(hours=1)
    filled = query.format(
        actor_id=row.actor_id,
        request_id=row.request_id,
        past=(utc_now() - hour).isoformat().replace("+", "%2B"),
        future=(utc_now() + hour).isoformat().replace("+", "%2B"),
    )

    assert len(auditor.get(f"/audit?{filled}").json["items"]) == count


def test_a_service_that_is_away_is_named_and_the_others_answer(
    signed_in: SignIn, services: Everybody
) -> None:
    register(signed_in(Role.CITY_ADMIN), 1)
    auditor = signed_in(Role.AUDITOR)
    services.away = {"claims"}

    found = auditor.get("/audit").json

    assert found["away"] == ["claims"]
    assert "staffing" in {row["chain"] for row in found["items"]}
    assert auditor.get("/audit/chains").json["away"] == ["claims"]


def test_the_state_of_every_chain_is_told(signed_in: SignIn) -> None:
    auditor = signed_in(Role.AUDITOR)

    states = {state["chain"]: state for state in auditor.get("/audit/chains").json["items"]}

    assert sorted(states) == sorted(NAMES)
    assert (states["gateway"]["size"], states["gateway"]["waiting"], states["gateway"]["finding"]) == (
        0,
        1,
        "",
    )


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_nobody_but_an_auditor_may_look(app: Flask, role: Role) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in ("audit", "api_audit"):
            policy = policy_of(app.view_functions[rule.endpoint])
            assert policy is not None
            assert policy.roles == (Role.AUDITOR,)
            assert not policy.is_public


def test_a_service_itself_shows_its_audit_to_auditors_only(signed_in: SignIn, services: Everybody) -> None:
    admin = Actor(actor_id="a", roles=(Role.CITY_ADMIN, Role.SECURITY_ADMIN))
    rest = {
        "actor": admin,
        "timeout": 5.0,
        "traceparent": "",
        "address": "",
        "idempotency_key": None,
        "request_id": "",
    }

    for method in ("list_audit", "get_audit_state"):
        with pytest.raises(Forbidden):
            services.call("staffing", method, {}, **rest)


def test_no_route_of_the_platform_writes_to_the_audit_itself(app: Flask) -> None:
    """There is nothing to clear it with, and an auditor reads only."""
    methods = {
        method
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in ("audit", "api_audit")
        for method in (rule.methods or set())
    }

    assert methods == {"GET", "HEAD", "OPTIONS"}


def test_the_page_shows_what_happened_and_how_the_chains_stand(
    app: Flask, signed_in: SignIn, database: Database
) -> None:
    register(signed_in(Role.CITY_ADMIN), 1)
    signed_in(Role.AUDITOR)
    browser = Person.signed_in(app, f"user-{Role.AUDITOR}")

    today = utc_now().astimezone(LOCAL).date()
    shown = browser.read(f"/audit?since_on={today}&until_on={today}").text
    none = browser.read("/audit?since_on=2020-01-01&until_on=2020-01-02").text

    assert "登记社区" in shown
    assert 'title="staffing.register_community"' in shown
    assert "最近 0 行无误" in shown
    assert "没有符合条件的审计记录" in none
    assert browser.read("/audit?since_on=yesterday").status_code == 422


def test_an_administrator_does_not_see_the_page(app: Flask, signed_in: SignIn) -> None:
    signed_in(Role.CITY_ADMIN)
    browser = Person.signed_in(app, f"user-{Role.CITY_ADMIN}")

    assert browser.read("/audit").status_code == 403
    assert browser.read("/audit.jsonl").status_code == 403


def test_what_was_found_can_be_taken_along_and_that_is_noted(
    app: Flask, signed_in: SignIn, database: Database
) -> None:
    admin = signed_in(Role.CITY_ADMIN)
    for number in range(3):
        register(admin, number)
    signed_in(Role.AUDITOR)
    browser = Person.signed_in(app, f"user-{Role.AUDITOR}")

    answered = browser.read("/audit.jsonl?act=register_community")

    lines = [json.loads(line) for line in answered.text.splitlines()]
    assert [line["act"] for line in lines] == ["staffing.register_community"] * 3
    assert rows(database)[-1].act == "gateway.export_audit"
    assert rows(database)[-1].reason == "act=register_community"
