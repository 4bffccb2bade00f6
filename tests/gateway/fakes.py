"""Services that answer what a test tells them to, and remember what they were asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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
