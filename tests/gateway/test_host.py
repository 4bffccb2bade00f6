"""The gateway as a process: what arrives on its socket, and what leaves it."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import amqp
import pytest
import requests

from deploy.local.stack import LocalStack
from gateway.auth import accounts
from services.chassis.config import Config
from services.chassis.db import Database
from services.chassis.ids import new_id
from services.chassis.topology import exchange_name
from services.contracts.base import Role
from tests.gateway.serving import Gateway, read_all

PASSWORD = "correct-horse-battery"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def gateway(
    stack: LocalStack, migrated: dict[str, Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    served = Gateway(stack, tmp_path_factory.mktemp("gateway") / "log")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def session(gateway: Gateway, database: Database) -> requests.Session:
    """A browser that has signed in."""
    accounts.add_user(
        database, username="wang", display_name="王", password=PASSWORD, roles=(Role.CITY_ADMIN,)
    )
    opened = requests.post(
        f"{gateway.url}/api/v1/session", json={"username": "wang", "password": PASSWORD}, timeout=20
    )
    browser = requests.Session()
    browser.cookies.set("gongzhi_session", opened.json()["token"])
    browser.headers["Authorization"] = f"Bearer {opened.json()['token']}"
    return browser


def emit(settings: Config, name: str, payload: dict[str, Any]) -> None:
    """Publish an event as the relay of claims does."""
    address = settings.amqp_urls[0]
    user, _, rest = address.removeprefix("amqp://").partition(":")
    password, _, rest = rest.partition("@")
    host, _, vhost = rest.partition("/")
    with amqp.Connection(host=host, userid=user, password=password, virtual_host=vhost) as connection:
        channel = connection.channel()
        event_id = str(new_id())
        headers = {
            "ce-specversion": "1.0",
            "ce-id": event_id,
            "ce-type": f"gongzhi.claims.{name}.v1",
            "ce-subject": event_id,
            "ce-sequence": "1",
            "ce-time": "2026-11-23T00:00:00Z",
        }
        message = amqp.Message(
            json.dumps(payload), content_type="application/json", application_headers=headers
        )
        channel.basic_publish(message, exchange_name("claims"), name)


def events_of(lines: Iterator[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in lines:
        if line.startswith(b"event: "):
            name = line[7:].decode()
        elif line.startswith(b"data: "):
            yield name, json.loads(line[6:])


def test_the_process_answers_with_a_neutral_name(gateway: Gateway) -> None:
    answered = requests.get(f"{gateway.url}/readyz", timeout=10)

    assert answered.json() == {"status": "ok", "parts": {"database": "ok", "broker": "ok"}}
    assert answered.headers["Server"] == "gongzhi"


def test_a_service_that_is_not_there_is_said_to_be_unavailable(gateway: Gateway) -> None:
    answered = requests.get(f"{gateway.url}/api/v1/notices", timeout=10)

    assert answered.status_code == 503
    assert answered.headers["Retry-After"]


def test_the_first_event_of_a_stream_comes_at_once(gateway: Gateway, session: requests.Session) -> None:
    began = time.monotonic()
    with session.get(f"{gateway.url}/live", stream=True, timeout=10) as stream:
        first = next(events_of(stream.iter_lines(chunk_size=1)))

    assert first == ("hello", {"name": "hello"})
    assert time.monotonic() - began < 2
    assert stream.headers["Content-Type"].startswith("text/event-stream")


def test_a_domain_event_reaches_the_open_page_within_a_moment(
    gateway: Gateway, session: requests.Session, settings: Config
) -> None:
    item_id = str(new_id())
    with session.get(f"{gateway.url}/live", stream=True, timeout=20) as stream:
        events = events_of(stream.iter_lines(chunk_size=1))
        assert next(events)[0] == "hello"
        began = time.monotonic()
        emit(settings, "item_claimed", {"item_id": item_id, "title": "清雪", "unit_names": ["甲"]})
        found = next(event for event in events if event[0] != "hello")

    assert found == ("item_claimed", {"name": "item_claimed", "item_id": item_id, "title": "清雪"})
    assert time.monotonic() - began < 2


def test_streams_take_no_worker(gateway: Gateway, session: requests.Session) -> None:
    streams = [session.get(f"{gateway.url}/live", stream=True, timeout=20) for _ in range(150)]
    try:
        assert requests.get(f"{gateway.url}/healthz", timeout=5).status_code == 200
    finally:
        for stream in streams:
            stream.close()


def test_a_stream_needs_a_session(gateway: Gateway) -> None:
    assert requests.get(f"{gateway.url}/live", timeout=5).status_code == 401


def test_slow_senders_hold_nothing_but_their_connection(gateway: Gateway) -> None:
    head = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
    slow = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(200)]
    try:
        for connection in slow:
            connection.sendall(head)
        time.sleep(0.5)
        began = time.monotonic()
        assert requests.get(f"{gateway.url}/healthz", timeout=5).status_code == 200
        assert time.monotonic() - began < 1
    finally:
        for connection in slow:
            connection.close()


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_and_the_answer_is_readable(
    gateway: Gateway, is_chunked: bool
) -> None:
    large = b"x" * (9 * MIB)
    body: Any = iter([large[:MIB]] * 9) if is_chunked else large

    refused = requests.post(
        f"{gateway.url}/api/v1/session", data=body, headers={"Content-Type": "application/json"}, timeout=20
    )

    assert refused.status_code == 413
    assert refused.json()["type"] == "/problems/body_too_large"


def test_a_huge_announced_body_is_refused_without_waiting_for_it(gateway: Gateway) -> None:
    began = time.monotonic()

    answer = gateway.exchange(
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 413")
    assert b"100 Continue" not in answer
    assert time.monotonic() - began < 10


def test_a_chunked_body_is_read_like_any_other(gateway: Gateway) -> None:
    answered = requests.post(
        f"{gateway.url}/api/v1/session",
        data=iter([b'{"username": "a", ', b'"password": "b", "x": 1}']),
        headers={"Content-Type": "application/json"},
        timeout=10,
    )

    assert answered.status_code == 422
    assert answered.json()["errors"][0]["pointer"] == "/x"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-N: y\r\n" * 200 + b"\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /\x00\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
        (b"GET /api/v1/items/%2e%2e%2f%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
        (b"TRACE /api/v1/items HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
        (b"GET //evil.example/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
        (b"GET http://[bad/ HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n", 404),
    ],
)
def test_what_is_no_proper_http_is_refused_and_never_our_fault(
    gateway: Gateway, sent: bytes, status: int
) -> None:
    answer = gateway.exchange(sent)

    assert int(answer.split()[1]) == status, answer[:300]
    assert b"Python" not in answer
    assert b"Traceback" not in answer


def test_a_body_that_breaks_off_is_refused(gateway: Gateway) -> None:
    with gateway.connection() as connection:
        connection.sendall(
            b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
        )
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 400")


def test_a_connection_serves_many_requests(gateway: Gateway) -> None:
    with gateway.connection() as connection:
        for _ in range(3):
            connection.sendall(b"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
            assert connection.recv(65536).startswith(b"HTTP/1.1 404")


def test_told_to_stop_it_ends_streams_finishes_answers_and_leaves_the_other_process_serving(
    stack: LocalStack, migrated: dict[str, Database], database: Database, tmp_path: Path
) -> None:
    served = Gateway(stack, tmp_path / "log")
    accounts.add_user(
        database, username="wang", display_name="王", password=PASSWORD, roles=(Role.CITY_ADMIN,)
    )
    first = served.start()
    signed = requests.post(
        f"{served.url}/api/v1/session", json={"username": "wang", "password": PASSWORD}, timeout=20
    ).json()
    cookies = {"gongzhi_session": signed["token"]}
    with requests.get(f"{served.url}/live", cookies=cookies, stream=True, timeout=20) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b"retry: 2000"
        second = served.start()
        try:
            began = time.monotonic()
            first.send_signal(signal.SIGTERM)
            list(lines)

            assert first.wait(timeout=20) == 0
            assert time.monotonic() - began < 12
            for _ in range(10):
                assert requests.get(f"{served.url}/healthz", timeout=5).status_code == 200
        finally:
            second.terminate()
    assert second.wait(timeout=20) == 0
