"""How the benchmark asks its processes for things: JSON lines over a pair of sockets.

A process ends when the benchmark's end of the pair is closed, so none outlives it.
"""

import json
import os
import socket
import subprocess
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
VARIABLE = "GONGZHI_BENCH_CONTROL"
TICKS = os.sysconf("SC_CLK_TCK")

Acts = Mapping[str, Callable[..., Any]]


class BenchFailed(Exception):
    """The benchmark cannot go on; one Chinese sentence."""


def serve(acts: Acts) -> None:
    """In the process: answer what the benchmark asks, until it goes away."""
    connection = socket.socket(fileno=int(os.environ[VARIABLE]))
    stream = connection.makefile("rwb")
    try:
        for line in stream:
            asked = json.loads(line)
            try:
                answer = {"answer": acts[asked["act"]](**asked["arguments"])}
            except Exception:  # noqa: BLE001  told to the one who asked
                answer = {"error": traceback.format_exc()}
            stream.write(json.dumps(answer).encode() + b"\n")
            stream.flush()
    finally:
        os._exit(0)


class Process:
    """On the benchmark's side: one process of its own."""

    def __init__(
        self, name: str, arguments: list[str], *, environment: Mapping[str, str], log: Path, interpreter: str
    ) -> None:
        self.name = name
        self.log = log
        ours, theirs = socket.socketpair()
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                [interpreter, *arguments],
                cwd=PROJECT,
                env={**environment, VARIABLE: str(theirs.fileno())},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        theirs.close()
        self._socket = ours
        self._stream = ours.makefile("rwb")

    @property
    def pid(self) -> int:
        return self._popen.pid

    def ask(self, act: str, *, within: float, **arguments: Any) -> Any:
        """What the act returns; raises `BenchFailed` when it fails, dies or takes too long."""
        self._socket.settimeout(within)
        try:
            self._stream.write(json.dumps({"act": act, "arguments": arguments}).encode() + b"\n")
            self._stream.flush()
            line = self._stream.readline()
        except OSError as error:
            raise BenchFailed(
                f"进程 {self.name} 在 {within:.0f} 秒内没有完成 {act}，见 {self.log}"
            ) from error
        if not line:
            raise BenchFailed(f"进程 {self.name} 退出了：{self.last_words()}")
        answer = json.loads(line)
        if "error" in answer:
            raise BenchFailed(f"进程 {self.name} 的 {act} 失败：\n{answer['error']}")
        return answer["answer"]

    def wait_until_ready(self) -> None:
        self.ask("ready", within=45)

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def has_ended(self) -> bool:
        return self._popen.poll() is not None

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-15:]) or str(self.log)

    def stop(self) -> None:
        """At once: nothing in it is worth saving."""
        self._popen.kill()
        self._popen.wait()
        with suppress(OSError):
            self._stream.close()
        self._socket.close()


def cpu_seconds(pid: int, *, with_ended_children: bool = False) -> float:
    """User and system time of a process so far; 0 when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    own = [int(ticks) for ticks in stat[stat.rindex(")") + 2 :].split()[11:15]]
    return sum(own if with_ended_children else own[:2]) / TICKS


def wait_until(condition: Callable[[], bool], what: str, *, within: float, every: float = 0.05) -> None:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise BenchFailed(f"等了 {within:.0f} 秒，{what}")
        time.sleep(every)
