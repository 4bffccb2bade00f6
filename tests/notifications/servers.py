"""Real servers on this machine that behave as providers do, well and badly."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller

Behaviour = Callable[["RobotHandler"], None]


def answer(body: Any, *, status: int = 200) -> Behaviour:
    """Takes the message; `body` other than bytes is sent as JSON."""

    def behave(handler: "RobotHandler") -> None:
        handler.take()
        handler.reply(status, body if isinstance(body, bytes) else json.dumps(body).encode())

    return behave


ACCEPT = answer({"errcode": 0, "errmsg": "ok"})


def refuse(errcode: int) -> Behaviour:
    """Answers 200 and does not take the message, as WeCom does."""

    def behave(handler: "RobotHandler") -> None:
        handler.read()
        handler.reply(200, json.dumps({"errcode": errcode, "errmsg": "refused"}).encode())

    return behave


def drop_before_reading(handler: "RobotHandler") -> None:
    handler.close_hard()


def drop_after_taking(handler: "RobotHandler") -> None:
    handler.take()
    handler.close_hard()


def say_nothing(handler: "RobotHandler") -> None:
    handler.take()
    handler.server.closing.wait(30)
    handler.close_hard()


def half_an_answer(handler: "RobotHandler") -> None:
    handler.take()
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"errcode": 0')
    handler.wfile.flush()
    handler.close_hard()


def drip(handler: "RobotHandler") -> None:
    """An answer that never ends, though it is never silent for long."""
    handler.take()
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not handler.server.closing.wait(0.05):
        try:
            handler.wfile.write(b" " * 5)
            handler.wfile.flush()
        except OSError:
            return


class RobotHandler(BaseHTTPRequestHandler):
    server: "RobotServer"

    def do_POST(self) -> None:
        with self.server.lock:
            behaviours = self.server.behaviours
            behave = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
        behave(self)

    def read(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def take(self) -> None:
        body = json.loads(self.read())
        target = urlsplit(self.path)
        with self.server.lock:
            self.server.taken.append(
                Taken(target.path, parse_qs(target.query)["key"][0], body["msgtype"], body["text"]["content"])
            )

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def close_hard(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None: ...


@dataclass(frozen=True)
class Taken:
    path: str
    key: str
    kind: str
    text: str


class RobotServer(ThreadingHTTPServer):
    """Takes messages as a group robot does; `behaviours` in turn, the last one from then on."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *behaviours: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), RobotHandler)
        self.behaviours = list(behaviours) or [ACCEPT]
        self.taken: list[Taken] = []
        self.lock = threading.Lock()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.taken]


@contextmanager
def robot_server(*behaviours: Behaviour) -> Iterator[RobotServer]:
    server = RobotServer(*behaviours)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """An aiosmtpd handler; `replies` overrides the answer to a verb, "drop" closes the connection."""

    replies: dict[str, str] = field(default_factory=dict)
    letters: list[bytes] = field(default_factory=list)
    url: str = ""

    async def _answer(self, verb: str, session: Any, server: Any, default: str) -> str:
        reply = self.replies.get(verb, default)
        if reply == "drop":
            server.transport.abort()
            return "421 gone"
        return reply

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return await self._answer("MAIL", session, server, "250 OK")

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", session, server, "250 OK")

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        if self.replies.get("DATA", "250").startswith(("250", "drop")):
            self.letters.append(envelope.original_content)
        return await self._answer("DATA", session, server, "250 OK")


@contextmanager
def mail_server(**replies: str) -> Iterator[Mailbox]:
    mailbox = Mailbox(replies)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{port}"
    try:
        yield mailbox
    finally:
        controller.stop()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, kept from others meanwhile."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]
