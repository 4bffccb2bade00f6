"""Reading a request from its connection: strictly, and within bounds of size, time and rate.

Whatever another server on the way could understand differently (two lengths, a folded header, a bare
line feed, an unknown transfer coding) is refused and never repaired, so that no request can hide in another.
"""

import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from http.client import HTTPMessage
from typing import IO, Any, Self

import eventlet

from gateway.settings import MIB
from services.chassis.config import ConfigError

Environ = dict[str, Any]

MOST_BODY = 8 * MIB
MOST_LINE = 8190
MOST_HEAD = 32 * 1024
MOST_HEADERS = 100
MOST_TRAILERS = 20
# A body larger than this waits on disk.
IN_MEMORY = 256 * 1024

_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [\x21-\x7e\x80-\xff]+ HTTP/[0-9]\.[0-9]\r\n")
_HEADER_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n|\r\n")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_LENGTH = re.compile(r"[0-9]{1,15}")


class HeadRefused(Exception):
    """The head is no HTTP, or too much of it; the connection is of no further use."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class BodyRefused(Exception):
    """The body did not come as announced; the connection is of no further use."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What one client may take; `GONGZHI_HTTP_IDLE_SECONDS` and so on set other values.

    Seconds until the next request, for a request's head, for one piece, for a whole body; after `grace_seconds`
    a body, and an answer on its way out, must move by `least_rate` bytes a second.
    Behind a reverse proxy all connections have its address, and the proxy counts them.
    """

    idle_seconds: int = 30
    head_seconds: int = 30
    piece_seconds: int = 30
    body_seconds: int = 120
    grace_seconds: int = 10
    least_rate: int = 500
    connections: int = 4000
    connections_per_address: int = 1000

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Self:
        """Raises `ConfigError`."""
        given: dict[str, int] = {}
        for bound in fields(cls):
            name = f"GONGZHI_HTTP_{bound.name.upper()}"
            if name in variables:
                given[bound.name] = _whole(name, variables[name])
        if int(variables.get("GONGZHI_TRUSTED_PROXIES", "0")):
            given.setdefault("connections_per_address", given.get("connections", cls.connections))
        return cls(**given)

    def is_too_slow(self, length: int, *, seconds: float) -> bool:
        return length < (seconds - self.grace_seconds) * self.least_rate


class Head:
    """The lines of a request's head, in place of the file that the standard library reads them from."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = 0
        self._count = 0

    def readline(self, _size: int = -1) -> bytes:
        line = self._file.readline(MOST_LINE + 1)
        self._size += len(line)
        self._count += 1
        if len(line) > MOST_LINE or self._size > MOST_HEAD or self._count > MOST_HEADERS + 1:
            raise HeadRefused(431)
        if not _HEADER_LINE.fullmatch(line):
            raise HeadRefused(400)
        return line


def check_request_line(line: bytes) -> None:
    if not _REQUEST_LINE.fullmatch(line):
        raise HeadRefused(400)


def check_framing(headers: HTTPMessage, version: str) -> None:
    """One way only to tell where the request ends, and whom it is for."""
    lengths = headers.get_all("Content-Length", [])
    codings = headers.get_all("Transfer-Encoding", [])
    hosts = headers.get_all("Host", [])
    is_length_clear = len(lengths) <= 1 and all(_LENGTH.fullmatch(length) for length in lengths)
    is_chunked = [coding.lower() for coding in codings] == ["chunked"]
    is_coding_clear = not codings or (is_chunked and not lengths and version == "HTTP/1.1")
    is_host_clear = len(hosts) == 1 or (not hosts and version == "HTTP/1.0")
    if not (is_length_clear and is_coding_clear and is_host_clear):
        raise HeadRefused(400)


def receive_body(environ: Environ, bounds: Bounds) -> None:
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
    source = environ["wsgi.input"]
    if source.should_send_hundred_continue:
        source.send_hundred_continue_response()
        source.is_hundred_continue_response_sent = True
    pieces = _chunks(source.rfile) if is_chunked else _exactly(source.rfile, int(announced or 0))
    body: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the request
    with eventlet.Timeout(bounds.body_seconds, BodyRefused(408)):
        length = _copy(pieces, body, bounds)
    if length > MOST_BODY:
        _leave_body(environ, length)
        return
    # The server would otherwise look for the rest of it.
    source.chunk_length = 0
    source.position = length
    body.seek(0)
    environ["wsgi.input"] = body
    environ["CONTENT_LENGTH"] = str(length)


def _copy(pieces: Iterator[bytes], target: IO[bytes], bounds: Bounds) -> int:
    length = 0
    began = time.monotonic()
    try:
        for piece in pieces:
            target.write(piece)
            length += len(piece)
            if length > MOST_BODY:
                break
            if bounds.is_too_slow(length, seconds=time.monotonic() - began):
                raise BodyRefused(408)
    except TimeoutError:
        raise BodyRefused(408) from None
    except OSError as error:
        raise BodyRefused(400) from error
    return length


def _exactly(file: Any, length: int) -> Iterator[bytes]:
    while length:
        piece: bytes = file.read1(min(65536, length))
        if not piece:
            raise BodyRefused(400)
        length -= len(piece)
        yield piece


def _chunks(file: Any) -> Iterator[bytes]:
    while size := _chunk_size(file.readline(MOST_LINE + 1)):
        yield from _exactly(file, size)
        if file.read(2) != b"\r\n":
            raise BodyRefused(400)
    for _ in range(MOST_TRAILERS):
        line = file.readline(MOST_LINE + 1)
        if line == b"\r\n":
            return
        if not _HEADER_LINE.fullmatch(line):
            break
    raise BodyRefused(400)


def _chunk_size(line: bytes) -> int:
    matched = _CHUNK_LINE.fullmatch(line)
    if matched is None:
        raise BodyRefused(400)
    return int(matched[1], 16)


def _leave_body(environ: Environ, length: int) -> None:
    environ["CONTENT_LENGTH"] = str(length)
    environ["gongzhi.protocol"].end_after_answer()


def _whole(name: str, text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise ConfigError(f"{name} 应为 1 到 100000 的整数，现在是“{text}”。")
    return int(text)
