"""Services that answer what a test tells them to, and a program that has signed in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.contracts.base import Actor, GongzhiError

Answer = dict[str, Any] | GongzhiError | Exception | Callable[[dict[str, Any]], Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    service: str
    method: str
    data: dict[str, Any]
    actor: Actor
    idempotency_key: str | None
    request_id: str
    traceparent: str
    address: str
    timeout: float


@dataclass
class FakeServices:
    """Answers an empty object unless told otherwise."""

    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)

    def call(self, service: str, method: str, data: dict[str, Any], **rest: Any) -> Any:
        self.asked.append(Asked(service=service, method=method, data=data, **rest))
        answer = self.answers.get(f"{service}.{method}", {})
        if isinstance(answer, Exception):
            raise answer
        return answer(data) if callable(answer) else answer

    @property
    def last(self) -> Asked:
        return self.asked[-1]


@dataclass
class Program:
    """A program that has signed in: the API with its token; every POST has a key of its own."""

    client: FlaskClient
    token: str

    def open(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        if method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid4()))
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.open("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> TestResponse:
        return self.open("POST", path, **kwargs)


SignIn = Callable[..., Program]
