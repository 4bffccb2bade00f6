"""The test's side of the process that makes calls."""

import contextlib
import itertools
import json
import os
import subprocess
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from tests.chassis.processes import ROOT, command_of, eventually


class Refused(Exception):
    """The call ended with an error; `kind` is the name of its class."""

    def __init__(self, kind: str, message: str, fields: dict[str, list[str]]) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.fields = fields


class Caller:
    """Calls one after another with `call`, many at once with `begin`."""

    def __init__(self, *, variables: Mapping[str, str], log: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GONGZHI_")}
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                command_of("tests.chassis.caller"),
                cwd=ROOT,
                env=kept | dict(variables),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
            )
        self._numbers = itertools.count(1)
        self._open: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def call(self, service: str, method: str, data: Mapping[str, Any] | None = None, **options: Any) -> Any:
        return self.begin(service, method, data, **options).result(60)

    def begin(
        self, service: str, method: str, data: Mapping[str, Any] | None = None, **options: Any
    ) -> "Future[Any]":
        """`options`: timeout, idempotency_key, actor, request_id, traceparent."""
        wanted = {"service": service, "method": method, "data": dict(data or {}), **options}
        return self._order("call", call=wanted)

    def roads(self) -> dict[str, float]:
        """How many calls went over the broker, and how many past it."""
        counted: dict[str, float] = self._order("roads").result(10)
        return counted

    def until_connected(self) -> "Caller":
        eventually(lambda: self._order("is_connected").result(10), within=60)
        return self

    def end(self) -> None:
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._popen.stdin.close()
        self._popen.wait(10)
        self._reader.join(10)
        self._popen.stdout.close()

    def _order(self, act: str, **order: Any) -> "Future[Any]":
        assert self._popen.stdin is not None
        number = next(self._numbers)
        future: Future[Any] = Future()
        line = json.dumps({"do": act, "number": number, **order}, default=str)
        with self._lock:
            self._open[number] = future
            self._popen.stdin.write(line.encode() + b"\n")
            self._popen.stdin.flush()
        return future

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            said = json.loads(line)
            future = self._open.pop(said["number"])
            if "error" in said:
                future.set_exception(Refused(said["error"], said["message"], said["fields"]))
            else:
                future.set_result(said["answer"])
        for future in self._open.values():
            future.set_exception(EOFError("the calling process has ended"))
