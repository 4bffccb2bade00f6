"""HTTP on a socket: eventlet's WSGI server with bounds on time, size and number.

A request's body is received whole, on the connection's own greenthread, before anybody works on it:
a client that sends slowly holds its connection and nothing else.
"""

import errno
import io
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from uuid import uuid4

import eventlet
import eventlet.greenio
import eventlet.greenpool
import orjson
from eventlet import wsgi

from gateway.errors import DETAILS, PROBLEM, RETRY_SECONDS, TITLES, code_of
from gateway.headers import BROWSER_LIMITS, DATA_POLICY
from gateway.incoming import (
    BodyRefused,
    Bounds,
    Environ,
    Head,
    HeadRefused,
    check_framing,
    check_request_line,
    receive_body,
)
from gateway.settings import MIB
from services.chassis import tracing
from services.chassis.logs import get_logger

StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

BACKLOG = 1024
# The kernel would otherwise hold megabytes for every reader that takes its time.
SEND_BUFFER = 128 * 1024
LINGER_SECONDS = 2
MOST_LINGER = 64 * MIB

log = get_logger(__name__)


class Protocol(wsgi.HttpProtocol):  # type: ignore[misc]
    """One connection."""

    close_connection: bool
    lingers = False
    rfile: Any
    wfile: Any

    @property
    def bounds(self) -> Bounds:
        found: Bounds = self.server.bounds
        return found

    def setup(self) -> None:
        super().setup()
        self.wfile = _Answer(self.wfile.detach(), self.connection, self.bounds)

    def _read_request_line(self) -> Any:
        if not self.server.keepalive:  # the server has closed meanwhile
            return ""
        with eventlet.Timeout(self.bounds.idle_seconds, False):
            return super()._read_request_line()
        return ""

    def parse_request(self) -> bool:
        try:
            check_request_line(self.raw_requestline)
            self.rfile = Head(self.rfile)
            with eventlet.Timeout(self.bounds.head_seconds, HeadRefused(408)):
                if not super().parse_request():
                    self.close_connection = True
                    return False
            check_framing(self.headers, self.request_version)
        except HeadRefused as refusal:
            self.send_error(refusal.status)
            return False
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no proper HTTP is answered by the standard library; in our form and without its name."""
        self.wfile.write(_whole_answer(code, self.server.limits))
        self.end_after_answer()

    def get_environ(self) -> Environ:
        environ: Environ = super().get_environ()
        environ["gongzhi.protocol"] = self
        return environ

    def end_after_answer(self) -> None:
        """Answer, and do not read what else the client is sending."""
        self.close_connection = True
        self.lingers = True

    def finish(self) -> None:
        with suppress(OSError):
            if self.lingers:
                # Closing while the client still sends would make it lose our answer.
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_WR)
                self._drain()
        with suppress(OSError):
            super().finish()
        # A broken connection ends the line above half-way; what still holds its socket would keep it open.
        with suppress(OSError):
            self.rfile.close()

    def _drain(self) -> None:
        left = MOST_LINGER
        with eventlet.Timeout(LINGER_SECONDS, False):
            while left > 0 and (piece := self.connection.recv(65536)):
                left -= len(piece)


class _Answer(io.BufferedWriter):
    """An answer on its way out; whoever reads it too slowly loses the connection."""

    def __init__(self, raw: io.RawIOBase, connection: Any, bounds: Bounds) -> None:
        super().__init__(raw, 16 * 1024)
        self._connection = connection
        self._bounds = bounds

    def writelines(self, parts: Iterable[Any]) -> None:
        parts = list(parts)
        length = sum(map(len, parts))
        seconds = self._bounds.grace_seconds + length / self._bounds.least_rate
        try:
            with eventlet.Timeout(seconds, TimeoutError("the answer is read too slowly")):
                super().writelines(parts)
                self.flush()
        except OSError:
            # What is still in the buffers would be waited for again when they are closed.
            eventlet.greenio.shutdown_safe(self._connection)
            raise


class WebServer:
    """Accepts connections until it is closed, then finishes what is under way."""

    def __init__(
        self,
        address: tuple[str, int],
        application: Application,
        bounds: Bounds | None = None,
        *,
        limits: Mapping[str, str] = BROWSER_LIMITS,
    ) -> None:
        """`limits`: what the browser is told with every refusal."""
        self._address = address
        self._application = application
        self._bounds = bounds or Bounds()
        self._limits = limits
        self._connections: dict[int, list[Any]] = {}
        self._addresses: Counter[str] = Counter()
        self._pool = eventlet.greenpool.GreenPool(self._bounds.connections)
        self._is_open = False

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        # Several gateway processes share the port; the kernel spreads connections over them.
        self._socket = eventlet.listen(self._address, family=family, backlog=BACKLOG, reuse_port=True)
        self._wsgi = wsgi.Server(
            self._socket,
            self._socket.getsockname(),
            self._answer,
            protocol=Protocol,
            log_output=False,
            debug=False,
            socket_timeout=self._bounds.piece_seconds,
        )
        self._wsgi.bounds = self._bounds
        self._wsgi.limits = self._limits
        self._is_open = True
        self._acceptor = eventlet.spawn(self._accept)

    def close(self) -> None:
        """Stop listening; connections between two requests end, the others after their answer."""
        if not self._is_open:
            return
        self._is_open = False
        self._acceptor.kill()
        self._take_queued()
        self._socket.close()
        self._wsgi.keepalive = False
        for state in list(self._connections.values()):
            if state[2] == wsgi.STATE_IDLE:
                eventlet.greenio.shutdown_safe(state[1])

    def wait(self, *, seconds: float = 5) -> None:
        with eventlet.Timeout(seconds, False):
            self._pool.waitall()

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._socket.accept()
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ECONNABORTED, errno.EINTR):
                    raise
                log.warning("connection not accepted", error=repr(error))
                time.sleep(0.1)
                continue
            if self._addresses[address[0]] < self._bounds.connections_per_address:
                self._pool.spawn_n(self._serve, connection, address)
            else:
                _turn_away(connection, self._limits)

    def _take_queued(self) -> None:
        """Connections that the kernel has accepted for us already would be reset by closing."""
        self._socket.fd.setblocking(False)
        with suppress(OSError):
            while True:
                connection, address = self._socket.fd.accept()
                green = eventlet.greenio.GreenSocket(connection)
                self._pool.spawn_n(self._serve, green, address)

    def _serve(self, connection: Any, address: Any) -> None:
        connection.settimeout(self._bounds.piece_seconds)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        state = [address, connection, wsgi.STATE_IDLE]
        self._addresses[address[0]] += 1
        self._connections[id(state)] = state
        try:
            self._wsgi.process_request(state)
        except (OSError, ValueError, HTTPException) as error:
            log.debug("connection ended", error=repr(error)[:200])
        except Exception:
            log.exception("connection failed")
        finally:
            del self._connections[id(state)]
            self._addresses[address[0]] -= 1
            if not self._addresses[address[0]]:
                del self._addresses[address[0]]
            with suppress(OSError):
                connection.close()

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            receive_body(environ, self._bounds)
            return self._application(environ, start_response)
        except BodyRefused as refusal:
            environ["gongzhi.protocol"].end_after_answer()
            return self._problem(start_response, refusal.status)
        except Exception:
            log.exception("request failed", path=environ.get("PATH_INFO", "")[:200])
            return self._problem(start_response, 500)

    def unavailable(self, start_response: StartResponse) -> list[bytes]:
        """Too much to do, or stopping: another process, or this one a little later, will answer."""
        return self._problem(start_response, 503)

    def _problem(self, start_response: StartResponse, code: int) -> list[bytes]:
        headers, body = _problem_of(HTTPStatus(code), self._limits)
        start_response(f"{code} {HTTPStatus(code).phrase}", headers)
        return [body]


def _turn_away(connection: Any, limits: Mapping[str, str]) -> None:
    """Its address has too many connections already; what does not fit into the socket's buffer is not sent."""
    with suppress(OSError):
        connection.setblocking(False)
        connection.send(_whole_answer(503, limits))
        connection.shutdown(socket.SHUT_WR)
    with suppress(OSError):
        connection.close()


def _whole_answer(code: int, limits: Mapping[str, str]) -> bytes:
    """For connections on which no request was understood."""
    headers, body = _problem_of(HTTPStatus(code), limits)
    lines = [f"HTTP/1.1 {code} {HTTPStatus(code).phrase}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def _problem_of(status: HTTPStatus, limits: Mapping[str, str]) -> tuple[list[tuple[str, str]], bytes]:
    """What never came as far as the app has a number all the same, by which the log and the asker name it."""
    request_id, title = uuid4().hex, TITLES.get(status, status.phrase)
    problem = {
        "type": f"/problems/{code_of(status)}",
        "title": title,
        "status": status.value,
        "detail": DETAILS.get(status, title),
        "request_id": request_id,
        "trace_id": tracing.trace_id(tracing.new_traceparent()),
    }
    body = orjson.dumps(problem)
    headers = [
        *limits.items(),
        ("Content-Type", PROBLEM),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", DATA_POLICY),
        ("X-Request-Id", request_id),
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", str(RETRY_SECONDS)))
    log.info("refused at the door", status=status.value, request_id=request_id)
    return headers, body
