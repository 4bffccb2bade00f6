"""How often one client may ask: 429 with `Retry-After` beyond it.

    GONGZHI_LIMIT_WRITE=3000/60     at most 3000 at once, refilled over 60 seconds; off: no limit

A client is an account, or an address while nobody has signed in. Each process counts for itself.
A route counts as what its method says (read, write, public form); `counts_as` says otherwise.
"""

import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self, TypeVar

from flask import Flask, current_app, request

from gateway.auth.policy import policy_of
from gateway.auth.session import current_user
from gateway.calls import READING
from gateway.errors import TooManyRequests
from services.chassis.config import ConfigError

V = TypeVar("V", bound=Callable[..., Any])

# With more clients than this, those whose bucket is full again are forgotten.
MOST_CLIENTS = 50_000
# Probes and the parts of pages; what they cost is bounded by the number of connections.
_FREE = frozenset({"static", "health.get_health", "health.get_readiness"})
_LIMIT = re.compile(r"([1-9][0-9]{0,6})/([1-9][0-9]{0,4})")


class RouteClass(StrEnum):
    READ = "read"
    WRITE = "write"
    SIGN_IN = "sign_in"
    PUBLIC_FORM = "public_form"
    EXPORT = "export"


# A whole office, or a whole neighbourhood behind its provider's one address, stays far below these.
DEFAULTS = {
    RouteClass.READ: "6000/60",
    RouteClass.WRITE: "3000/60",
    RouteClass.SIGN_IN: "300/60",
    RouteClass.PUBLIC_FORM: "3000/60",
    RouteClass.EXPORT: "120/60",
}


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A bucket of `count` tokens that fills up again in `seconds`."""

    count: int
    seconds: int

    @classmethod
    def read(cls, name: str, text: str) -> Self | None:
        """None is no limit."""
        if text == "off":
            return None
        matched = _LIMIT.fullmatch(text)
        if matched is None:
            raise ConfigError(f"{name} 应为“次数/秒数”（如 3000/60）或 off，现在是“{text}”。")
        return cls(count=int(matched[1]), seconds=int(matched[2]))


class Buckets:
    """One bucket for each client; kept as the moment at which it will be full again."""

    def __init__(self, limit: Limit, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._token_seconds = limit.seconds / limit.count
        self._seconds = limit.seconds
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def take(self, client: str) -> float:
        """One token; nought, or after how many seconds there will be one."""
        now = self._clock()
        full_at = max(now, self._full_at.get(client, now)) + self._token_seconds
        wait = full_at - now - self._seconds
        if wait > 1e-9:
            return wait
        self._full_at[client] = full_at
        if len(self._full_at) > MOST_CLIENTS:
            self._full_at = {client: at for client, at in self._full_at.items() if at > now}
        return 0.0


def limits_of(variables: Mapping[str, str]) -> dict[RouteClass, Buckets]:
    """Raises `ConfigError`."""
    found: dict[RouteClass, Buckets] = {}
    for route_class, default in DEFAULTS.items():
        name = f"GONGZHI_LIMIT_{route_class.name}"
        if limit := Limit.read(name, variables.get(name, default)):
            found[route_class] = Buckets(limit)
    return found


def counts_as(route_class: RouteClass) -> Callable[[V], V]:
    def decorate(view: V) -> V:
        view.counts_as = route_class  # type: ignore[attr-defined]
        return view

    return decorate


def register(app: Flask) -> None:
    """`app.extensions["limits"]` holds the buckets."""

    def take() -> None:
        if request.endpoint is None or request.endpoint in _FREE or request.method == "OPTIONS":
            return
        bucket = current_app.extensions["limits"].get(
            class_of(current_app.view_functions[request.endpoint], request.method)
        )
        if bucket is not None and (wait := bucket.take(_client())):
            seconds = math.ceil(wait)
            refusal = TooManyRequests(f"请求太频繁，请 {seconds} 秒后再试。")
            refusal.retry_after = seconds
            raise refusal

    app.before_request(take)


def class_of(view: Callable[..., Any], method: str) -> RouteClass:
    declared: RouteClass | None = getattr(view, "counts_as", None)
    if declared is not None:
        return declared
    if method in READING:
        return RouteClass.READ
    policy = policy_of(view)
    return RouteClass.PUBLIC_FORM if policy and policy.is_public else RouteClass.WRITE


def _client() -> str:
    """An unknown token is nobody: made-up ones would otherwise be as many clients."""
    user = current_user()
    return str(user.user_id) if user else request.remote_addr or ""
