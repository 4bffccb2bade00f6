"""Bad input at every door of the API: told what is wrong and where, and never our fault."""

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.faults.drill import Drill
from tests.faults.person import PROBLEM
from tests.faults.specimens import Document, Operation

pytestmark = pytest.mark.fault

MIB = 1024 * 1024
AT_ONCE = 4
# A preview answers row by row what is wrong in it, and so with 200.
TELLS_IN_ITS_ANSWER = "POST /api/v1/claim-lists/previews"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def document(practised: Drill) -> Iterator[Document]:
    yield Document(practised.visitor.get("/openapi.json"))
    # Everybody here has one address; after so many failed sign-ins it would have to wait.
    practised.rows("gateway", "DELETE FROM throttles")


@pytest.fixture(scope="module")
def operations(document: Document) -> list[Operation]:
    """All but signing out, which takes no notice of a body and would end what the others need."""
    found = [one for one in document.changing_operations() if str(one) != "DELETE /api/v1/session"]
    assert len(found) >= 25
    return found


def send(drill: Drill, operation: Operation, body: bytes, **headers: str) -> requests.Response:
    return drill.admin.send(
        operation.method,
        operation.address,
        data=body,
        headers={**operation.headers, **JSON, **headers},
        timeout=60,
    )


def is_refusal(answer: requests.Response) -> bool:
    return 400 <= answer.status_code < 500 and answer.headers["Content-Type"] == PROBLEM


def tell(operation: Operation, what: str, answer: requests.Response) -> str:
    return f"{operation}, {what}: {answer.status_code} {answer.text[:200]}"


def test_every_wrong_part_of_every_body_is_refused_and_named(
    drill: Drill, document: Document, operations: list[Operation]
) -> None:
    seen: Counter[int] = Counter()

    def complaints(operation: Operation) -> Iterator[str]:
        for path, what, body in document.wrong_bodies(operation.schema):
            answer = send(drill, operation, body)
            seen[answer.status_code] += 1
            place = "/" + "/".join(map(str, path))
            told = tell(operation, f"{what} at {place}", answer)
            if str(operation) == TELLS_IN_ITS_ANSWER and path[:3] == ("rows", 0, "cells") and answer.ok:
                continue
            if not is_refusal(answer):
                yield told
            elif answer.status_code == 422 and path:
                pointers = [one.get("pointer", "") for one in answer.json().get("errors", ())]
                if not any((pointer + "/").startswith(place + "/") for pointer in pointers):
                    yield f"{told}: {pointers}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        with_body = [operation for operation in operations if operation.schema]
        found = [one for each in pool.map(lambda op: list(complaints(op)), with_body) for one in each]

    assert found == []
    # Signing in with what is no password, and again and again: 401, 429.
    assert set(seen) <= {200, 400, 401, 422, 429}
    assert sum(seen.values()) > 1200


NO_BODIES = {
    "nothing but a brace": b"{",
    "a list": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "a number": b"7",
    "not a number": b'{"a": NaN}',
    "infinity": b'{"a": 1e400}',
    "no UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": "清雪"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "NUL": b"\x00" * 100,
    "a million brackets": b"[" * 1_000_000,
    "a deep object": b'{"a":' * 100_000,
    "two documents": b"{}{}",
}
OTHER_TYPES = (
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "application/json; charset=utf-16",
    "x" * 300,
    "/",
)


def test_what_is_no_body_at_all_is_refused_at_every_door(drill: Drill, operations: list[Operation]) -> None:
    def complaints(operation: Operation) -> Iterator[str]:
        for what, body in NO_BODIES.items():
            answer = send(drill, operation, body)
            if not is_refusal(answer):
                yield tell(operation, what, answer)
        for content_type in OTHER_TYPES:
            answer = send(drill, operation, b'{"a": 1}', **{"Content-Type": content_type})
            if not is_refusal(answer):
                yield tell(operation, content_type, answer)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [one for each in pool.map(lambda op: list(complaints(op)), operations) for one in each]

    assert found == []


def test_a_body_of_twenty_mebibytes_is_refused_at_every_door_and_the_answer_can_be_read(
    drill: Drill, operations: list[Operation]
) -> None:
    body = b'{"a": "' + b"x" * (20 * MIB) + b'"}'

    for operation in operations:
        answer = send(drill, operation, body)

        assert answer.status_code == 413, tell(operation, "20 MiB", answer)
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.json()["type"] == "/problems/body_too_large"
        # Either the connection serves on, or it says that it does not.
        assert answer.headers.get("Connection", "").lower() in ("close", "keep-alive", "")
        assert drill.visitor.send("GET", "/communities").status_code == 200


@pytest.mark.parametrize("is_chunked", [False, True])
def test_large_bodies_on_many_connections_take_no_memory(drill: Drill, is_chunked: bool) -> None:
    gateway = drill.pids()["gateway"]
    before = memory(gateway, "VmRSS")
    Path(f"/proc/{gateway}/clear_refs").write_text("5")  # the peak is counted from here

    outcomes = upload_at_once(drill, count=12, size=20 * MIB, is_chunked=is_chunked)

    assert set(outcomes) <= {"413", "closed"}
    assert outcomes["413"] >= 1
    assert memory(gateway, "VmHWM") - before < 20 * MIB
    assert drill.visitor.send("GET", "/communities").status_code == 200


def upload_at_once(drill: Drill, *, count: int, size: int, is_chunked: bool) -> Counter[str]:
    address = urlsplit(drill.platform.url)
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {size}"
    head = (
        f"POST /api/v1/items HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {drill.admin.token}\r\n"
        f"Content-Type: application/json\r\n{length}\r\n\r\n"
    ).encode()
    piece = b"x" * 65536
    wire = b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece
    barrier = threading.Barrier(count)

    def upload(_: int) -> str:
        with socket.create_connection((str(address.hostname), address.port), timeout=30) as connection:
            barrier.wait(60)
            answer = b""
            try:
                connection.sendall(head)
                for _piece in range(size // len(piece)):
                    connection.sendall(wire)
                answer = connection.recv(65536)
            except OSError:
                return "closed"
        return answer.split()[1].decode() if answer else "closed"

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(upload, range(count)))


def memory(pid: int, what: str) -> int:
    """Bytes, as the kernel counts them."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(what + ":")).split()[1]) * 1024


def test_every_wrong_key_and_version_is_refused_at_every_door(
    drill: Drill, document: Document, operations: list[Operation]
) -> None:
    """`Idempotency-Key` and `If-Match` are input, too."""
    found = []
    for operation in operations:
        headers = {one["name"] for one in operation.parameters if one["in"] == "header"}
        body = json.dumps(document.specimen(operation.schema)).encode() if operation.schema else b""
        wrong = {
            "Idempotency-Key": ("", "a b", "x" * 256, '""', "\x7f", "é"),
            "If-Match": ('"x"', "x", '"-1"', '"1.5"', f'"{10**30}"', '"1", "2"', "é"),
        }
        for name in headers & set(wrong):
            for value in wrong[name]:
                answer = send(drill, operation, body, **{name: value.encode("latin-1")})  # type: ignore[arg-type]
                if not is_refusal(answer) or answer.status_code not in (400, 422):
                    found.append(tell(operation, f"{name}: {value!r}", answer))

    assert found == []
