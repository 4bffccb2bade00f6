"""What a person does to sign in with another system, without a browser."""

from werkzeug.test import TestResponse

from tests.gateway.browsing import Person
from tests.sso.servers import OpenId

PASSWORD = "correct-horse-battery"
LABEL = "市统一身份认证"


def leave(person: Person, name: str = "city", **args: str) -> str:
    left = person.client.get(f"/sso/{name}/start", query_string=args)
    assert left.status_code == 303, left.text
    return left.headers["Location"]


def come_back(person: Person, answer: dict[str, str], name: str = "city") -> TestResponse:
    return person.client.get(f"/sso/{name}/return", query_string=answer, headers={"Accept": "text/html"})


def sign_on_at(person: Person, openid: OpenId, **args: str) -> TestResponse:
    return come_back(person, openid.consent(leave(person, **args)))


def is_signed_in(person: Person) -> bool:
    return person.read("/account").status_code == 200
