"""The parent's side of a child process that does one job (`child.py`)."""

import json
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from gateway.jobs.outcome import MadeFile, Outcome
from gateway.storage.jobs import Taken


class Child:
    """Works as long as the block lasts; `progress` is what it told last, in percent."""

    def __init__(self, taken: Taken) -> None:
        self.progress = 0
        self.complaint = ""
        self._said: dict[str, Any] | None = None
        self._file = b""
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  closed in __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gateway.jobs.child", taken.kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            start_new_session=True,
        )
        sent = json.dumps(taken.meta).encode() + b"\n" + taken.content
        self._threads = [
            threading.Thread(target=self._feed, args=(sent,), daemon=True),
            threading.Thread(target=self._hear, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe and pipe.close()
        self._complaints.seek(0)
        self.complaint = self._complaints.read(500).decode(errors="replace")
        self._complaints.close()

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    def has_ended(self, *, within: float) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within)
            return True
        return False

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()

    def outcome(self) -> Outcome | None:
        """Once it has ended; None when it died before it had said everything."""
        self._threads[1].join()
        said = self._said
        if self._process.returncode != 0 or said is None:
            return None
        if "file" not in said:
            return Outcome(result=said.get("result"), error=said.get("error"))
        told = said["file"]
        size = told["size"]
        if len(self._file) != size + told["thumbnail_size"]:
            return None
        content, thumbnail = self._file[:size], self._file[size:]
        return Outcome(
            file=MadeFile(name=told["name"], mime=told["mime"], content=content, thumbnail=thumbnail)
        )

    def _feed(self, sent: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(sent)
            self._process.stdin.close()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError, OSError):
            for line in self._process.stdout:
                told = json.loads(line)
                if "progress" not in told:
                    self._file = self._process.stdout.read()
                    self._said = told
                    return
                self.progress = int(told["progress"])
