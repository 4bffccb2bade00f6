"""W3C trace context: one trace from a request through calls and events to their handlers."""

import re
import secrets
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")

traceparent: ContextVar[str] = ContextVar("traceparent", default="")
request_id: ContextVar[str] = ContextVar("request_id", default="")


def new_traceparent() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def continued(incoming: str | None) -> str:
    """The incoming trace with a span of our own; a new trace if there is none or it is malformed."""
    match = _TRACEPARENT.match(incoming or "")
    if match is None or set(match[1]) == {"0"}:
        return new_traceparent()
    return f"00-{match[1]}-{secrets.token_hex(8)}-{match[3]}"


def trace_id(header: str) -> str:
    match = _TRACEPARENT.match(header)
    return match[1] if match else ""
