"""Calls to the services, on behalf of whoever sent the request at hand.

    from gateway.calls import claims
    item = claims.get_item(item_id=item_id)

sends the query `get_item` to claims and returns its view as JSON values; refusals arrive as the
contracts' errors. Values may be what shapes load (UUID, date, Enum, Decimal): they travel as JSON.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol
from uuid import UUID, uuid4

from flask import current_app, g, request

from gateway.auth.session import current_actor
from services.chassis import tracing
from services.contracts.base import Actor, Invalid

READING = frozenset({"GET", "HEAD", "OPTIONS"})

# Seconds; a file of some thousand rows takes longer than the usual deadline.
_SLOW = {
    "import_claim_list": 60.0,
    "import_needs": 60.0,
    "preview_claim_list": 60.0,
    "preview_needs": 60.0,
    "publish_claim_list": 60.0,
    "import_residents": 60.0,
}

_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")
_MOST_KEY = 200


class Services(Protocol):
    """How calls travel; `services.chassis.rpc` in a process, a fake in tests."""

    def call(
        self,
        service: str,
        method: str,
        data: dict[str, Any],
        *,
        actor: Actor,
        idempotency_key: str | None,
        request_id: str,
        traceparent: str,
        address: str,
        timeout: float,
    ) -> Any: ...


class Area:
    """One service; its attributes are its doors."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        if method.startswith("_"):
            raise AttributeError(method)

        def call(**wanted: Any) -> dict[str, Any]:
            return _call(self._service, method, wanted)

        return call


claims = Area("claims")
consultation = Area("consultation")
staffing = Area("staffing")
notifications = Area("notifications")


def _call(service: str, method: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    actor = current_actor()
    data = {name: plain(value) for name, value in wanted.items()}
    services: Services = current_app.extensions["services"]
    answer: dict[str, Any] = services.call(
        service,
        method,
        data,
        actor=actor,
        idempotency_key=_idempotency_key(actor, f"{service}.{method}"),
        request_id=tracing.request_id.get(),
        traceparent=tracing.traceparent.get(),
        # Who answers a poll has no name with us, and leaves no address with the services either.
        address="" if actor.is_anonymous else request.remote_addr or "",
        timeout=_SLOW.get(method, current_app.extensions["settings"].rpc_timeout),
    )
    return answer


def plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    return value


def sent_idempotency_key() -> str | None:
    """The key the client chose: the header (quoted or bare), or a form's hidden field of that name."""
    sent = request.headers.get("Idempotency-Key")
    if sent is None:
        is_form = request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data")
        sent = request.form.get("idempotency_key") if is_form else None
        if not sent:
            return None
    key = sent.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.match(key):
        raise Invalid("Idempotency-Key 应为 1 至 255 个可见的 ASCII 字符。")
    return key


def _idempotency_key(actor: Actor, operation: str) -> str | None:
    """The key by which the service knows this very act again, whatever road its copy takes.

    Scoped by actor and operation, so that nobody gets another's answer by guessing a key.
    When one request does the same operation several times, the later ones are numbered.
    """
    if request.method in READING:
        return None
    counts: dict[str, int] = g.setdefault("operation_counts", {})
    counts[operation] = counts.get(operation, 0) + 1
    nth = counts[operation]
    chosen = sent_idempotency_key() or str(uuid4())
    key = f"{actor.actor_id}|{operation}|{_veiled(chosen) if actor.is_anonymous else chosen}"
    if nth > 1:
        key = f"{key}|{nth}"
    if len(key) > _MOST_KEY:
        return f"{operation}|sha256:{hashlib.sha256(key.encode()).hexdigest()}"
    return key


def _veiled(chosen: str) -> str:
    """All who have no account share one actor id; where they are and what they open keeps them apart.

    The services store this beside a resident's answer, so it must not tell anybody's address.
    """
    told = f"{request.remote_addr}|{request.path}|{chosen}"
    return hmac.new(current_app.extensions["settings"].secret_key, told.encode(), hashlib.sha256).hexdigest()
