"""A gateway as a process of its own, for tests of what arrives on its socket and what leaves it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from deploy.local import processes
from deploy.local.stack import LocalStack

PROJECT = Path(__file__).parents[2]


class Gateway:
    """One gateway process (or several on the same port)."""

    def __init__(self, stack: LocalStack, log: Path, **variables: str) -> None:
        self.port = processes.free_port()
        self._stack, self._log = stack, log
        self._variables = variables
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        variables = {
            "GONGZHI_HTTP_PORT": str(self.port),
            "GONGZHI_OPS_PORT": str(processes.free_port()),
            "GONGZHI_BIND": "127.0.0.1",
            **self._variables,
        }
        with self._log.open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "services.chassis.runner", "gateway"],
                cwd=PROJECT,
                env={**os.environ, **self._stack.environment(), **variables},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.running.append(started)
        wait_until(lambda: self._log.read_text().count('"started"') == len(self.running))
        wait_until(self._answers)
        return started

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(timeout=30)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.ConnectionError:
            return False

    @contextmanager
    def connection(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            yield connection

    def exchange(self, sent: bytes) -> bytes:
        """Send, and read until the gateway closes."""
        with self.connection() as connection:
            connection.sendall(sent)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def wait_until(happens: Callable[[], bool], *, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
