"""A person at the pages, in tests: signs in, reads, fills in forms with their hidden fields."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.gateway.pages_app import PASSWORD

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Person:
    client: FlaskClient

    @classmethod
    def visiting(cls, app: Flask) -> "Person":
        return cls(app.test_client())

    @classmethod
    def signed_in(cls, app: Flask, username: str) -> "Person":
        person = cls.visiting(app)
        answered = person.send("/signin", "/signin", username=username, password=PASSWORD)
        assert answered.status_code == 303, answered.text
        return person

    def read(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Accept": "text/html"})

    def page(self, path: str) -> str:
        answered = self.read(path)
        assert answered.status_code == 200, f"{path}: {answered.status_code}"
        return answered.text

    def send(self, page: str, action: str, **fields: Any) -> TestResponse:
        """Send the form of `page` that goes to `action`, with its hidden fields."""
        return self.client.post(
            action,
            data={**hidden_fields(self.read(page).text, action), **fields},
            headers={"Accept": "text/html"},
            content_type="multipart/form-data" if "file" in fields else None,
        )


def hidden_fields(page: str, action: str) -> dict[str, str]:
    _, _, after = page.partition(f'action="{action}"')
    assert after, f"no form goes to {action}"
    return {name: unescape(value) for name, value in _HIDDEN.findall(after.partition("</form>")[0])}


def words(page: str) -> str:
    """What a person reads: the text without markup."""
    body = re.sub(r"<(script|style|svg).*?</\1>", "", page.partition("<main")[2], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
