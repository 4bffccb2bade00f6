"""HTTP on a socket: eventlet's WSGI server with bounds on time, size and number.

A request's body is received whole, on the connection's own greenthread, before anybody works on it:
a client that sends slowly holds its connection and nothing else.
"""

import errno
import socket
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPException
from typing import IO, Any

import eventlet
import eventlet.greenio
import eventlet.greenpool
import orjson
from eventlet import wsgi

from gateway.errors import DETAILS, PROBLEM, RETRY_SECONDS, TITLES
from gateway.settings import MIB
from services.chassis.logs import get_logger

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

MOST_BODY = 8 * MIB
MOST_CONNECTIONS = 4000
BACKLOG = 1024
# Seconds a client may take: for one piece, for a request's head, for its body, until the next request.
PIECE_SECONDS = 30
HEAD_SECONDS = 30
BODY_SECONDS = 120
# A body larger than this waits on disk.
IN_MEMORY = 256 * 1024
LINGER_SECONDS = 2
MOST_LINGER = 64 * MIB

log = get_logger(__name__)


class BodyRefused(Exception):
    """The body did not come as announced; the connection is of no further use."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Protocol(wsgi.HttpProtocol):  # type: ignore[misc]
    """One connection."""

    close_connection: bool
    lingers = False

    def _read_request_line(self) -> Any:
        if not self.server.keepalive:  # the server has closed meanwhile
            return ""
        with eventlet.Timeout(HEAD_SECONDS, False):
            return super()._read_request_line()
        return ""

    def parse_request(self) -> bool:
        with eventlet.Timeout(HEAD_SECONDS, False):
            return bool(super().parse_request())
        self.close_connection = True
        return False

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no proper HTTP is answered by the standard library; in our form and without its name."""
        status = HTTPStatus(code)
        body = _document(status)
        head = (
            f"HTTP/1.1 {code} {status.phrase}\r\nContent-Type: {PROBLEM}\r\nContent-Length: {len(body)}\r\n"
            "Server: gongzhi\r\nConnection: close\r\n\r\n"
        )
        self.wfile.write(head.encode() + body)
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

    def _drain(self) -> None:
        left = MOST_LINGER
        with eventlet.Timeout(LINGER_SECONDS, False):
            while left > 0 and (piece := self.connection.recv(65536)):
                left -= len(piece)


class WebServer:
    """Accepts connections until it is closed, then finishes what is under way."""

    def __init__(self, address: tuple[str, int], application: Application) -> None:
        self._address = address
        self._application = application
        self._connections: dict[int, list[Any]] = {}
        self._pool = eventlet.greenpool.GreenPool(MOST_CONNECTIONS)
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
            socket_timeout=PIECE_SECONDS,
        )
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
            self._pool.spawn_n(self._serve, connection, address)

    def _take_queued(self) -> None:
        """Connections that the kernel has accepted for us already would be reset by closing."""
        self._socket.fd.setblocking(False)
        with suppress(OSError):
            while True:
                connection, address = self._socket.fd.accept()
                green = eventlet.greenio.GreenSocket(connection)
                self._pool.spawn_n(self._serve, green, address)

    def _serve(self, connection: Any, address: Any) -> None:
        connection.settimeout(PIECE_SECONDS)
        state = [address, connection, wsgi.STATE_IDLE]
        self._connections[id(state)] = state
        try:
            self._wsgi.process_request(state)
        except (OSError, ValueError, HTTPException) as error:
            log.debug("connection ended", error=repr(error)[:200])
        except Exception:
            log.exception("connection failed")
        finally:
            del self._connections[id(state)]
            with suppress(OSError):
                connection.close()

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            _receive_body(environ)
            return self._application(environ, start_response)
        except BodyRefused as refusal:
            environ["gongzhi.protocol"].end_after_answer()
            return _problem(start_response, refusal.status)
        except Exception:
            log.exception("request failed", path=environ.get("PATH_INFO", "")[:200])
            return _problem(start_response, 500)


def unavailable(start_response: StartResponse) -> list[bytes]:
    """Too much to do, or stopping: another process, or this one a little later, will answer."""
    return _problem(start_response, 503)


def _receive_body(environ: Environ) -> None:
    """Put the whole body in place of the socket; leave one that is too large where it is.

    The app sees the announced length of that one and refuses it without reading.
    """
    announced = environ.get("CONTENT_LENGTH")
    is_chunked = environ.pop("HTTP_TRANSFER_ENCODING", None) is not None
    if announced is not None and int(announced) > MOST_BODY:
        _leave_body(environ, int(announced))
        return
    if not is_chunked and not int(announced or 0):
        return
    body: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the request
    with eventlet.Timeout(BODY_SECONDS, BodyRefused(408)):
        length = _copy(environ["wsgi.input"], body, most=int(announced) if announced else MOST_BODY + 1)
    if length > MOST_BODY:
        _leave_body(environ, length)
        return
    if announced is not None and length < int(announced):
        raise BodyRefused(400)
    body.seek(0)
    environ["wsgi.input"] = body
    environ["CONTENT_LENGTH"] = str(length)


def _copy(source: Any, target: IO[bytes], *, most: int) -> int:
    length = 0
    try:
        while length < most and (piece := source.read(min(65536, most - length))):
            target.write(piece)
            length += len(piece)
    except TimeoutError:
        raise BodyRefused(408) from None
    except (OSError, ValueError) as error:  # also eventlet's ChunkReadError
        raise BodyRefused(400) from error
    return length


def _leave_body(environ: Environ, length: int) -> None:
    environ["CONTENT_LENGTH"] = str(length)
    environ["gongzhi.protocol"].end_after_answer()


def _problem(start_response: StartResponse, code: int) -> list[bytes]:
    status = HTTPStatus(code)
    body = _document(status)
    headers = [("Content-Type", PROBLEM), ("Content-Length", str(len(body))), ("Server", "gongzhi")]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", str(RETRY_SECONDS)))
    start_response(f"{code} {status.phrase}", headers)
    return [body]


def _document(status: HTTPStatus) -> bytes:
    title = TITLES.get(status, status.phrase)
    return orjson.dumps(
        {
            "type": f"/problems/{status.name.lower()}",
            "title": title,
            "status": status.value,
            "detail": DETAILS.get(status, title),
        }
    )
