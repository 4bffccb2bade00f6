"""What must hold for every route: a policy, a place in the document, and the browser's limits."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.auth.policy import policy_of
from services.contracts.base import GongzhiError, Role
from tests.gateway.fakes import SignIn


def test_every_route_names_who_may_use_it(app: Flask) -> None:
    nameless = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and policy_of(app.view_functions[rule.endpoint]) is None
    ]

    assert nameless == []


def test_the_document_lists_exactly_the_routes_there_are(app: Flask) -> None:
    document = app.extensions["openapi"].to_dict()
    described = {
        (path, method.upper())
        for path, methods in document["paths"].items()
        for method in methods
        if method != "parameters"
    }
    served = {
        (re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.rule != "/api/v1/openapi.json"
    }

    assert described == served


def test_the_document_is_valid_openapi_3_1(app: Flask) -> None:
    document = app.extensions["openapi"].to_dict()

    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_document_tells_policy_key_and_patterns(app: Flask) -> None:
    document = app.extensions["openapi"].to_dict()

    publish = document["paths"]["/api/v1/items/{item_id}/publication"]["post"]
    board = document["paths"]["/api/v1/notices"]["get"]
    assert publish["x-roles"] == ["city_admin", "community_manager"]
    assert publish["security"] == [{"bearer": []}]
    assert any(parameter["name"] == "Idempotency-Key" for parameter in publish["parameters"])
    assert board["security"] == []
    assert "\\Z" not in str(document)


@pytest.mark.parametrize(
    "path", ["/healthz", "/api/v1/notices", "/api/v1/session", "/nothing", "/api/docs", "/static/x"]
)
def test_every_answer_carries_the_browsers_limits(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Permissions-Policy"]
    assert headers["Server"] == "gongzhi"
    assert headers["X-Request-Id"]


def test_inline_scripts_run_only_with_this_pages_nonce(client: FlaskClient) -> None:
    shown = client.get("/api/docs")

    nonce = re.search(r"'nonce-([^']+)'", shown.headers["Content-Security-Policy"])
    assert nonce is not None
    assert f'<script nonce="{nonce[1]}">' in shown.text
    assert "unsafe-inline" not in shown.headers["Content-Security-Policy"].replace(
        "style-src-attr 'unsafe-inline'", ""
    )
    assert nonce[1] not in client.get("/api/docs").headers["Content-Security-Policy"]


@pytest.mark.parametrize("sent", ["short", "has space in it", "x" * 65, "läng-genug-aber"])
def test_a_strange_request_id_is_replaced(client: FlaskClient, sent: str) -> None:
    answered = client.get("/healthz", headers={"X-Request-Id": sent})

    assert re.fullmatch(r"[0-9a-f]{32}", answered.headers["X-Request-Id"])


def test_personal_answers_are_kept_by_no_shared_cache(signed_in: SignIn) -> None:
    headers = signed_in(Role.CITY_ADMIN).get("/session").headers

    assert headers["Cache-Control"] == "no-store"
    assert "Authorization" in headers["Vary"]


def test_readiness_is_degraded_without_the_broker_and_down_without_the_database(
    app: Flask, client: FlaskClient
) -> None:
    assert client.get("/readyz").json["status"] == "ok"

    app.extensions["broker_is_connected"] = lambda: False
    degraded = client.get("/readyz")

    assert degraded.status_code == 200
    assert degraded.json == {"status": "degraded", "parts": {"database": "ok", "broker": "down"}}


def test_every_error_has_a_status_of_its_kind() -> None:
    from gateway.errors import status_of

    unknown = [cls.__name__ for cls in _subclasses(GongzhiError) if status_of(cls) == 500]

    assert unknown == []


def _subclasses(cls: type[Any]) -> list[type[Any]]:
    return [found for direct in cls.__subclasses__() for found in (direct, *_subclasses(direct))]
