"""What is written about the API: the committed documents, and what each type of problem means."""

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from deploy.gongzhi import PROJECT, openapi
from gateway.api.problems import documentation, problem_types
from gateway.errors import ADVICE, PLAIN, TITLES, code_of
from services.contracts.claims.errors import ItemAlreadyClaimed
from tests.gateway.fakes import FakeServices

TRACE = "a" * 32


def test_the_committed_documents_are_what_the_routes_and_errors_say() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "deploy.gongzhi", "openapi", "--check"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


def test_an_outdated_document_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi, "FOLDER", PROJECT / "docs" / "missing")

    outcome = CliRunner().invoke(openapi.command, ["--check"])

    assert outcome.exit_code == 1
    assert "gongzhi openapi" in outcome.output


def test_every_type_of_problem_is_documented_at_its_own_address(client: FlaskClient) -> None:
    types = problem_types()
    assert {"/problems/item_already_claimed", "/problems/body_too_large"} <= {one.type for one in types}
    for one in types:
        told = client.get(one.type, headers={"Accept": "application/json"})
        assert told.status_code == 200
        assert (told.json or {})["type"] == one.type
        assert (told.json or {})["status"] == one.status
        assert f"| `{one.type}` |" in documentation()
    shown = client.get("/problems/item_already_claimed", headers={"Accept": "text/html"})
    assert shown.mimetype == "text/html"
    assert ADVICE[409] in shown.text


def test_types_have_one_status_each_and_every_status_a_title_and_advice() -> None:
    types = [one.type for one in problem_types()]

    assert sorted(set(types)) == sorted(types)
    assert {one.status for one in problem_types()} <= set(TITLES) & set(ADVICE)
    assert [code_of(status) for status in (400, 404, 413, 429, 500)] == [
        "bad_request", "not_found", "body_too_large", "too_many_requests", "internal_error",
    ]  # fmt: skip
    assert set(PLAIN.values()) <= set(TITLES)


def test_a_problem_can_be_followed_by_its_numbers(client: FlaskClient, services: FakeServices) -> None:
    services.answers["notifications.list_notices"] = ItemAlreadyClaimed("已被认领。")

    refused = client.get("/api/v1/notices", headers={"traceparent": f"00-{TRACE}-{'b' * 16}-01"})
    problem = refused.json or {}

    assert problem["trace_id"] == TRACE
    assert problem["request_id"] == refused.headers["X-Request-Id"]
    assert problem["instance"] == "/api/v1/notices"
    assert re.fullmatch("[0-9a-f]{32}", (client.get("/api/v1/nothing").json or {})["trace_id"])
