"""Each process's own port: health, metrics, and the direct road for calls past an absent broker.

It is for operators and the gateway, never for the public: bind it to loopback or an inner network.
"""

import hmac
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
import eventlet.wsgi
import msgspec
from eventlet.event import Event as Signal
from eventlet.timeout import Timeout
from nameko.extensions import DependencyProvider
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from services.chassis.calls import read_call
from services.chassis.config import load
from services.chassis.health import readiness
from services.chassis.logs import get_logger
from services.chassis.rpc import direct_token

MOST_CALL_BYTES = 32 * 1024 * 1024
log = get_logger(__name__)

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Ops(DependencyProvider):  # type: ignore[misc]
    """Serves /healthz, /readyz, /metrics and POST /call."""

    def start(self) -> None:
        config = load()
        self._token = direct_token(config)
        address = config.ops_address(self.container.service_name)
        self._socket = eventlet.listen(address, reuse_port=True)
        self._thread = eventlet.spawn(self._serve)

    def _serve(self) -> None:
        eventlet.wsgi.server(
            self._socket, self._application, log=None, log_output=False, socket_timeout=30, debug=False
        )

    def stop(self) -> None:
        self._thread.kill()
        self._socket.close()

    def _application(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if (method, path) == ("POST", "/call"):
            status, content_type, body = self._call(environ)
        elif (method, path) == ("GET", "/healthz"):
            status, content_type, body = "200 OK", "application/json", b'{"status":"ok"}'
        elif (method, path) == ("GET", "/readyz"):
            report = readiness(self.container)
            status = "503 Service Unavailable" if report["status"] == "down" else "200 OK"
            content_type, body = "application/json", json.dumps(report).encode()
        elif (method, path) == ("GET", "/metrics"):
            encoder, content_type = choose_encoder(environ.get("HTTP_ACCEPT", ""))
            status, body = "200 OK", encoder(REGISTRY)
        else:
            status, content_type, body = "404 Not Found", "text/plain", b"not found\n"
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]

    def _call(self, environ: dict[str, Any]) -> tuple[str, str, bytes]:
        plain = "text/plain"
        sent = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if not hmac.compare_digest(sent, self._token.encode()):
            return "403 Forbidden", plain, b"forbidden\n"
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if not 0 < length <= MOST_CALL_BYTES:
            return "413 Content Too Large", plain, b"too large\n"
        try:
            call = read_call(environ["wsgi.input"].read(length))
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return "400 Bad Request", plain, b"unreadable call\n"
        calls = getattr(self.container, "calls", None)
        if calls is None:
            return "404 Not Found", plain, b"no calls here\n"
        if calls.is_stopping:
            # The caller goes over the broker, which has another process, or waits for this one's successor.
            return "503 Service Unavailable", plain, b"stopping\n"
        reply = Signal()
        calls.run(call, reply.send)
        with Timeout(max(0.001, call.deadline - time.time()), False):
            body = reply.wait()
            if body is not None:
                return "200 OK", "application/json", body
        return "504 Gateway Timeout", plain, b"expired\n"
