"""What stands on every request and every answer: its number, its trace, and the browser's limits."""

import re
import secrets
import time
from urllib.parse import unquote_to_bytes
from uuid import uuid4

from flask import Flask, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.errors import MalformedAddress
from gateway.settings import Settings
from services.chassis import metrics, tracing

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# ECharts and Bootstrap set style attributes; they cannot run anything, scripts need the nonce.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
BROWSER_LIMITS = {
    "Server": "gongzhi",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def browser_limits(*, is_production: bool) -> dict[str, str]:
    """What stands on every answer, also on those that never come as far as the app."""
    return BROWSER_LIMITS | _HTTPS_ONLY if is_production else BROWSER_LIMITS


def register(app: Flask, settings: Settings) -> None:
    app.before_request(_begin)
    app.before_request(_refuse_malformed)
    # Last registered runs first: the counters see the answer as it leaves.
    app.after_request(_count)
    app.after_request(lambda response: _finish(response, settings))
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """The one-time word that lets an inline script of this page run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _begin() -> None:
    sent = request.headers.get("X-Request-Id", "")
    tracing.request_id.set(sent if _REQUEST_ID.match(sent) else uuid4().hex)
    tracing.traceparent.set(tracing.continued(request.headers.get("traceparent")))
    g.began_at = time.perf_counter()


def _refuse_malformed() -> None:
    """Refuse at once what no view could read: bytes that are no text, and bodies over the limit."""
    path = request.environ.get("PATH_INFO", "").encode("latin-1", "replace")
    for part in (path, unquote_to_bytes(request.query_string)):
        if b"\x00" in part:
            raise MalformedAddress("地址中不能有空字符。")
        try:
            part.decode()
        except UnicodeDecodeError:
            raise MalformedAddress("地址不是有效的 UTF-8 文字。") from None
    most = request.max_content_length
    if most is not None and (request.content_length or 0) > most:
        raise RequestEntityTooLarge


def _finish(response: Response, settings: Settings) -> Response:
    headers = response.headers
    headers["X-Request-Id"] = tracing.request_id.get()
    headers.update(browser_limits(is_production=settings.is_production))
    is_page = response.mimetype == "text/html"
    headers["Content-Security-Policy"] = _PAGE_POLICY.format(nonce=csp_nonce()) if is_page else DATA_POLICY
    if request.endpoint != "static":
        # What a page shows depends on who asks; a shared cache must keep nothing.
        headers.setdefault("Cache-Control", "private, no-cache" if "ETag" in headers else "no-store")
        headers.add("Vary", "Authorization, Cookie")
    return response


def _count(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else "unknown"
    method = request.method if request.method in _METHODS else "other"
    metrics.HTTP_REQUESTS.labels("gateway", route, method, str(response.status_code)).inc()
    if "began_at" in g and response.mimetype != "text/event-stream":
        metrics.HTTP_SECONDS.labels("gateway", route).observe(time.perf_counter() - g.began_at)
    return response
