"""A route that will go says so: in every answer, and in the document."""

from datetime import date
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from gateway.api import document
from gateway.api.deprecation import deprecated
from gateway.api.doors import PREFIX, Blueprint, page
from gateway.auth.policy import public
from gateway.errors import register
from services.contracts.base import Conflict, View

SUCCESSOR = f"{PREFIX}/new-things"


@pytest.fixture
def app() -> Flask:
    blueprint = Blueprint("things", description="旧的和新的")

    @blueprint.route("/things", methods=["GET"])
    @deprecated(since=date(2026, 12, 1), sunset=date(2027, 6, 1), successor=SUCCESSOR)
    @public
    @blueprint.response(200, View)
    def list_things() -> Response:
        """旧的"""
        return page({"items": [], "next": "abc"})

    @blueprint.route("/broken-things", methods=["GET"])
    @deprecated(since=date(2026, 12, 1), sunset=date(2027, 6, 1), successor=SUCCESSOR)
    @public
    @blueprint.response(200, View)
    def list_broken_things() -> Response:
        """坏的"""
        raise Conflict("不行。")

    @blueprint.route("/new-things", methods=["GET"])
    @public
    @blueprint.response(200, View)
    def list_new_things() -> Response:
        """新的"""
        return page({"items": []})

    app = Flask(__name__)
    register(app)
    document.register(app, [blueprint])
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_answers_name_both_days_and_the_successor(client: FlaskClient) -> None:
    headers = client.get(f"{PREFIX}/things").headers

    assert headers["Deprecation"] == "@1796083200"
    assert headers["Sunset"] == "Tue, 01 Jun 2027 00:00:00 GMT"
    assert headers.getlist("Link") == [
        f'<{PREFIX}/things?cursor=abc>; rel="next"',
        f'<{SUCCESSOR}>; rel="successor-version"',
    ]


def test_refusals_say_it_too(client: FlaskClient) -> None:
    refused = client.get(f"{PREFIX}/broken-things")

    assert refused.status_code == 409
    assert refused.headers["Sunset"]


def test_other_routes_say_nothing(client: FlaskClient) -> None:
    headers = client.get(SUCCESSOR).headers

    assert not {"Deprecation", "Sunset", "Link"} & set(headers.keys())


def test_the_document_tells_which_routes_will_go(app: Flask) -> None:
    paths: dict[str, Any] = app.extensions["openapi"].to_dict()["paths"]

    old, new = paths[f"{PREFIX}/things"]["get"], paths[SUCCESSOR]["get"]
    assert old["deprecated"] is True
    assert "2027-06-01" in old["description"]
    assert SUCCESSOR in old["description"]
    assert "deprecated" not in new


def test_a_route_does_not_end_before_it_was_said() -> None:
    with pytest.raises(ValueError, match="after"):
        deprecated(since=date(2027, 1, 1), sunset=date(2027, 1, 1), successor=SUCCESSOR)
