"""Typing the short code from paper."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.contracts.consultation.errors import CodeMistyped, CodeNotFound
from tests.gateway.browsing import Person
from tests.gateway.fakes import FakeServices


@pytest.fixture(autouse=True)
def one_code(services: FakeServices) -> None:
    def open_code(asked: dict[str, str]) -> dict[str, str]:
        if asked["code"] != "7KMP-2XQ9":
            raise CodeNotFound("没有这个答题码，或民意测验已经结束。")
        return {"token": "the-token"}

    services.answers["consultation.open_code"] = open_code


def type_in(app: Flask, code: str) -> TestResponse:
    return Person.visiting(app).send("/code", "/code", code=code)


def test_a_code_opens_the_page_of_the_personal_link(app: Flask) -> None:
    answered = type_in(app, "7KMP-2XQ9")

    assert answered.status_code == 303
    assert answered.location == "/polls/answer/the-token"


def test_a_wrong_code_says_so_and_keeps_what_was_typed(app: Flask, services: FakeServices) -> None:
    unknown = type_in(app, "2222-2222")
    services.answers["consultation.open_code"] = CodeMistyped("答题码有误，请核对。")
    mistyped = type_in(app, "7KMP-2XQ8")

    assert (unknown.status_code, mistyped.status_code) == (404, 422)
    assert "没有这个答题码" in unknown.text
    assert 'value="7KMP-2XQ8"' in mistyped.text


def test_programs_get_the_token(client: FlaskClient) -> None:
    assert client.get("/api/v1/ballot-codes/7KMP-2XQ9").json == {"token": "the-token"}
    assert client.get("/api/v1/ballot-codes/2222-2222").status_code == 404


def test_an_address_that_guesses_has_to_wait(client: FlaskClient) -> None:
    for _ in range(11):
        assert client.get("/api/v1/ballot-codes/2222-2222").status_code == 404

    delayed = client.get("/api/v1/ballot-codes/7KMP-2XQ9")
    elsewhere = client.get("/api/v1/ballot-codes/7KMP-2XQ9", environ_base={"REMOTE_ADDR": "203.0.113.9"})

    assert delayed.status_code == 429
    assert int(delayed.headers["Retry-After"]) == 1
    assert elsewhere.status_code == 200


def test_right_codes_cost_nothing(client: FlaskClient) -> None:
    answers = [client.get("/api/v1/ballot-codes/7KMP-2XQ9").status_code for _ in range(15)]

    assert set(answers) == {200}
