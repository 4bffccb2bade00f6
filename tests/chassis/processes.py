"""Real processes of the chassis: started, asked, frozen, killed, and started again by a supervisor."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def eventually(look: Callable[[], T], *, within: float = 30.0, every: float = 0.03) -> T:
    """The first true answer of `look`; fails the test when there is none in time."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < deadline, f"still {seen!r} after {within} s"
        time.sleep(every)


def command_of(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", module, *arguments]


class Process:
    """One process of a service, with its output in a file and its port for operators."""

    def __init__(
        self,
        service: str,
        *,
        variables: Mapping[str, str],
        log: Path,
        address: str,
        is_supervised: bool = False,
    ) -> None:
        self.service = service
        self.address = address
        self.log = log
        self.starts = 0
        self._variables = {**variables, f"GONGZHI_{service.upper()}_OPS": address}
        self._is_wanted = True
        self._is_supervised = is_supervised
        self._starting = threading.Lock()
        self._start()
        if is_supervised:
            threading.Thread(target=self._supervise, daemon=True).start()

    def _start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GONGZHI_")}
        with self.log.open("ab") as output:
            self._popen = subprocess.Popen(
                command_of("services.chassis.runner", f"tests.chassis.{self.service}"),
                cwd=ROOT,
                env=kept | self._variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.starts += 1

    def _supervise(self) -> None:
        while True:
            with self._starting:
                if not self._is_wanted:
                    return
                if not self.is_alive:
                    self._start()
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def until_ready(self) -> "Process":
        """Answers on its port and, as far as it reads the broker, is connected to it.

        One that is supervised may have died already, and come back.
        """
        eventually(lambda: not self.is_alive or self.is_connected(), within=60)
        assert self.is_alive or self._is_supervised, self.log.read_text()[-2000:]
        return self

    def is_connected(self) -> bool:
        links = [
            part["status"] == "ok"
            for name, part in self.readiness().get("parts", {"broker:none": {"status": "down"}}).items()
            if name.startswith("broker:")
        ]
        return all(links)

    def readiness(self) -> dict[str, Any]:
        """What /readyz says; nothing while the process does not answer."""
        found: dict[str, Any] = {}
        with contextlib.suppress(OSError):
            found = json.loads(self.ask("/readyz"))
        return found

    def ask(self, path: str) -> str:
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.read().decode()

    def metric(self, sample: str) -> float:
        """A sample as it is written, labels and all; 0 when it is not there."""
        for line in self.ask("/metrics").splitlines():
            if line.startswith(sample + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def send(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def crash(self) -> None:
        """As if the power went; a supervisor starts it again."""
        self._popen.kill()
        self._popen.wait(10)

    def end(self, *, gracefully: bool = False) -> int:
        """For good; answers the exit code."""
        with self._starting:
            self._is_wanted = False
        if self.is_alive:
            self.send(signal.SIGTERM if gracefully else signal.SIGKILL)
            self.send(signal.SIGCONT)
        return self._popen.wait(30)
