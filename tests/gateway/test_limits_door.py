"""The door's own limits, tried on its socket: what two servers could read differently, and too much of anything."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from deploy.local.stack import LocalStack
from services.chassis.db import Database
from tests.gateway.serving import PROJECT, Gateway, read_all

BOUNDS = {
    "GONGZHI_HTTP_IDLE_SECONDS": "1",
    "GONGZHI_HTTP_HEAD_SECONDS": "1",
    "GONGZHI_HTTP_PIECE_SECONDS": "2",
    "GONGZHI_HTTP_GRACE_SECONDS": "1",
    "GONGZHI_HTTP_CONNECTIONS_PER_ADDRESS": "20",
}
# The second request, that a server behind a careless one would see.
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = {
    "a length and a coding": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 33\r\n\r\n",
    "two equal lengths": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": POST + b"Content-Length: 2, 2\r\n\r\n{}",
    "a signed length": POST + b"Content-Length: +2\r\n\r\n{}",
    "a negative length": POST + b"Content-Length: -2\r\n\r\n{}",
    "a length with a letter": POST + b"Content-Length: 2x\r\n\r\n{}",
    "a length with an underscore": POST + b"Content-Length: 1_0\r\n\r\n{}",
    "an empty length": POST + b"Content-Length:\r\n\r\n",
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two codings": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "gzip before chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "two headers of codings": POST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an identity coding": POST + b"Transfer-Encoding: identity\r\n\r\n",
    "a vertical tab before the coding": POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "a coding in quotes": POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "a coding in HTTP/1.0": POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a space before the name": POST + b" Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a folded coding": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a folded header": POST + b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "a header after a bare line feed": POST + b"X: a\nContent-Length: 33\r\n\r\n",
    "a head of bare line feeds": b"GET /healthz HTTP/1.1\nHost: x\n\n",
    "a bare carriage return": POST + b"X: a\rContent-Length: 33\r\n\r\n",
    "a null in a header": POST + b"X: a\x00b\r\n\r\n",
    "a header without colon": POST + b"Content-Length\r\n\r\n",
    "a header without name": POST + b": 33\r\n\r\n",
    "a name with a bracket": POST + b"Content(Length: 33\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "two spaces in the request line": b"GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tab in the request line": b"GET\t/healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method that is no word": b"G\xcbT /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a chunk size with 0x": CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "a signed chunk size": CHUNKED + b"+2\r\n{}\r\n0\r\n\r\n",
    "a negative chunk size": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "an empty chunk size": CHUNKED + b"\r\n{}\r\n0\r\n\r\n",
    "a chunk size with an underscore": CHUNKED + b"1_0\r\n{}\r\n0\r\n\r\n",
    "a chunk size that overflows": CHUNKED + b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    "a chunk size after a space": CHUNKED + b" 2\r\n{}\r\n0\r\n\r\n",
    "a chunk line that ends in a line feed": CHUNKED + b"2\n{}\r\n0\r\n\r\n",
    "a chunk extension with a line feed": CHUNKED + b"2;a\nb\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than it says": CHUNKED + b"2\r\n{}xx\r\n0\r\n\r\n",
    "a chunk that ends in a line feed": CHUNKED + b"2\r\n{}\n0\r\n\r\n",
    "a trailer without name": CHUNKED + b"2\r\n{}\r\n0\r\nnonsense\r\n\r\n",
}


@pytest.fixture(scope="module")
def gateway(
    stack: LocalStack, migrated: dict[str, Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    served = Gateway(stack, tmp_path_factory.mktemp("gateway") / "log", **BOUNDS)
    served.start()
    yield served
    served.stop()


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answer)]


def problem(answer: bytes) -> dict[str, object]:
    found: dict[str, object] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found


@pytest.mark.parametrize("name", SMUGGLED)
def test_a_request_that_could_be_read_in_two_ways_is_refused_and_nothing_after_it_is_heard(
    gateway: Gateway, name: str
) -> None:
    answer = gateway.exchange(SMUGGLED[name] + HIDDEN)

    assert statuses(answer) == [400], answer[:400]
    assert b"connection: close" in answer.lower()
    assert problem(answer)["type"] == "/problems/bad_request"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"X: " + b"y" * 9000 + b"\r\n", 431),
        (b"".join(b"X-%d: y\r\n" % number for number in range(120)), 431),
        (b"".join(b"X-%d: %s\r\n" % (number, b"y" * 4000) for number in range(10)), 431),
        (b"X: " + b"y" * 7000 + b"\r\n", 200),
    ],
    ids=["one long", "many", "much in all", "long enough"],
)
def test_headers_are_limited_in_length_number_and_sum(gateway: Gateway, sent: bytes, status: int) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

    answer = gateway.exchange(head + sent + b"\r\n")

    assert statuses(answer) == [status]
    if status != 200:
        assert problem(answer)["request_id"]
        assert re.fullmatch("[0-9a-f]{32}", str(problem(answer)["trace_id"]))
        assert b"X-Frame-Options: DENY" in answer


def test_requests_sent_all_at_once_are_answered_one_by_one_and_in_order(gateway: Gateway) -> None:
    paths = [b"/healthz", b"/nothing", b"/healthz", b"/api/v1/session"]
    body = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /"
    chunked = b"POST /none HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nGET /\r\n0\r\nX: y\r\n\r\n"
    asked = [b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths]
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    answer = gateway.exchange(b"".join([*asked, body, chunked, last]))

    assert statuses(answer) == [200, 404, 200, 401, 415, 404, 200]


def test_chunks_are_put_together_and_their_trailers_are_not_believed(gateway: Gateway) -> None:
    answer = gateway.exchange(
        CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        + b'6\r\n{"x": \r\n2\r\n1}\r\n0\r\nContent-Length: 9\r\n\r\n'
    )

    assert statuses(answer) == [422]
    assert b'"pointer":"/x"' in answer


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: "],
    ids=["nothing", "line", "head"],
)
def test_who_does_not_finish_a_head_is_not_waited_for(gateway: Gateway, sent: bytes) -> None:
    began = time.monotonic()

    answer = gateway.exchange(sent)

    assert 0.5 < time.monotonic() - began < 6
    assert statuses(answer) in ([], [408])


def test_a_body_that_trickles_is_not_waited_for(gateway: Gateway) -> None:
    began = time.monotonic()
    with gateway.connection() as connection:
        connection.sendall(POST + b"Content-Length: 5000\r\n\r\n")
        connection.settimeout(0.2)
        answer = b""
        while not answer and time.monotonic() - began < 10:
            connection.sendall(b" ")
            try:
                answer = connection.recv(65536)
            except TimeoutError:
                continue

    assert statuses(answer) == [408]
    assert time.monotonic() - began < 5


def test_an_unused_connection_ends_after_a_while(gateway: Gateway) -> None:
    with gateway.connection() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        began = time.monotonic()

        assert read_all(connection) == b""

    assert 0.5 < time.monotonic() - began < 5


def test_one_address_has_only_so_many_connections_and_others_go_on(gateway: Gateway) -> None:
    with ExitStack() as held:
        for _ in range(20):
            held.enter_context(gateway.connection()).sendall(b"GET /healthz")
        time.sleep(0.2)

        with gateway.connection() as refused:
            answer = read_all(refused)
        from_elsewhere = socket.create_connection(
            ("127.0.0.1", gateway.port), timeout=5, source_address=("127.0.0.2", 0)
        )
        held.enter_context(from_elsewhere)
        from_elsewhere.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        served = read_all(from_elsewhere)

    assert statuses(answer) == [503]
    assert b"Retry-After" in answer
    assert statuses(served) == [200]
    time.sleep(0.3)
    assert requests.get(f"{gateway.url}/healthz", timeout=5).status_code == 200


DOOR_OF_PRODUCTION = """
import eventlet
from gateway.headers import browser_limits
from gateway.incoming import Bounds
from gateway.webserver import WebServer

door = WebServer(
    ("127.0.0.1", 0),
    lambda environ, start_response: door.unavailable(start_response),
    Bounds(connections_per_address=2, head_seconds=1),
    limits=browser_limits(is_production=True),
)
door.start()
print(door.port, flush=True)
eventlet.sleep(60)
"""


def test_in_production_the_door_too_tells_browsers_to_use_https_only() -> None:
    command = [sys.executable, "-W", "ignore", "-c", DOOR_OF_PRODUCTION]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as door:
        assert door.stdout
        address = ("127.0.0.1", int(door.stdout.readline()))

        def exchange(sent: bytes) -> bytes:
            with socket.create_connection(address, timeout=10) as connection:
                connection.sendall(sent)
                return read_all(connection)

        answers = [
            exchange(b"nonsense\r\n\r\n"),
            exchange(b"GET / HTTP/1.1\r\nHost"),
            exchange(CHUNKED + b"zz\r\n"),
            exchange(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        ]
        with ExitStack() as held:
            for _ in range(2):
                kept = held.enter_context(socket.create_connection(address, timeout=10))
                kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                kept.recv(1)
            answers.append(exchange(b""))
        door.kill()

    assert [answer.split(b" ")[1] for answer in answers] == [b"400", b"408", b"400", b"503", b"503"]
    for answer in answers:
        assert b"Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n" in answer
