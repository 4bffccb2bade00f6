"""An HTTP client that costs little: keep-alive connections, no more parsing than it needs.

It runs in a process of its own and shares the machine with what it measures, so it has to be cheap.
"""

import asyncio
import collections
import time
import uuid
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from tests.bench.control import serve
from tests.bench.timing import summary

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last has come, until there is none."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._received = b""
        self._wanted = 0
        self._began = 0.0
        self._has_finished = False
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next()

    def data_received(self, piece: bytes) -> None:
        self._received += piece
        if not self._wanted:
            end = self._received.find(HEAD_END)
            if end < 0:
                return
            head = self._received[:end].lower()
            start = head.index(LENGTH) + len(LENGTH)
            self._wanted = end + len(HEAD_END) + int(head[start:].split(b"\r\n", 1)[0])
        if len(self._received) >= self._wanted:
            self._run.statuses[self._received[9:12].decode()] += 1
            self._run.latencies.append(time.monotonic() - self._began)
            self._received, self._wanted = b"", 0
            self._next()

    def _next(self) -> None:
        request = self._run.next_request()
        if request is None:
            self._has_finished = True
            self._run.leave()
            self._transport.close()
            return
        self._began = time.monotonic()
        self._transport.write(request)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._has_finished and not self._run.done.done():
            self._run.done.set_exception(error or ConnectionError("the server closed a connection"))


class Run:
    """One measurement: `requests` in order, until they or the `seconds` are over."""

    def __init__(self, requests: Iterator[bytes], seconds: float, at_once: int) -> None:
        self._requests = requests
        self._until = time.monotonic() + seconds
        self._open = at_once
        self.latencies: list[float] = []
        self.statuses: collections.Counter[str] = collections.Counter()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def next_request(self) -> bytes | None:
        return next(self._requests, None) if time.monotonic() < self._until else None

    def leave(self) -> None:
        self._open -= 1
        if self._open == 0 and not self.done.done():
            self.done.set_result(None)


async def _run(port: int, requests: Iterator[bytes], seconds: float, at_once: int) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    run = Run(requests, seconds, at_once)
    began = time.monotonic()
    for _ in range(at_once):
        await loop.create_connection(lambda: Connection(run), "127.0.0.1", port)
    await asyncio.wait_for(run.done, seconds + 15)
    return {**summary(run.latencies, time.monotonic() - began), "statuses": run.statuses}


def _request(path: str, body: str, headers: dict[str, str], *, with_key: bool) -> bytes:
    sent = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Accept": "application/json",
        **({"Idempotency-Key": str(uuid.uuid4())} if with_key else {}),
        **headers,
        "Content-Length": str(len(body.encode())),
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", body]
    return "\r\n".join(lines).encode()


def again_and_again(port: int, path: str, body: str, seconds: float, at_once: int) -> dict[str, Any]:
    request = _request(path, body, {}, with_key=False)
    return asyncio.run(_run(port, cycle([request]), seconds, at_once))


def once_each(
    port: int, requests: list[list[str]], headers: dict[str, str], seconds: float, at_once: int
) -> dict[str, Any]:
    """`requests`: path and body of each; each is made before the clock starts."""
    made = [_request(path, body, headers, with_key=True) for path, body in requests]
    return asyncio.run(_run(port, iter(made), seconds, at_once))


if __name__ == "__main__":
    serve({"ready": lambda: True, "again_and_again": again_and_again, "once_each": once_each})
