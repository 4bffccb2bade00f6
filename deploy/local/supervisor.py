"""Runs the processes of the Procfile, and starts again those that die.

A dead process comes back after half a second, and after twice as long each further time, up to eight seconds (or
what `--longest-pause` says); one that has lived for ten seconds starts afresh.
Processes write straight into their log files, so they go on undisturbed when the supervisor itself is killed.
Orphans of a killed supervisor are recognised by the mark in their environment and ended at the next start or stop.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from deploy.local import processes
from deploy.local.errors import LocalServerError
from deploy.local.stack import read_shell_lines

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
HEALTHY_AFTER = 10.0
GRACE = 15.0
LOG_SIZE = 10 * 1024 * 1024
COLOURS = (36, 33, 32, 35, 34, 31)


@dataclass
class Child:
    name: str
    command: list[str]
    log: Path
    mark: str
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    due: float = 0.0
    pause: float = FIRST_PAUSE
    longest_pause: float = LONGEST_PAUSE
    restarts: int = -1
    shown: int = field(default=0, repr=False)

    def start(self, environment: dict[str, str], *, folder: Path) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_SIZE:
            self.log.replace(self.log.with_suffix(".log.1"))
            self.shown = 0
        self.process = processes.spawn(
            self.command, environment={**environment, processes.MARK: self.mark}, folder=folder, log=self.log
        )
        self.started = time.monotonic()
        self.restarts += 1

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def bury(self) -> str:
        """Note the death and when to start again."""
        now = time.monotonic()
        assert self.process is not None
        ended = self.process.returncode
        self.process = None
        if now - self.started > HEALTHY_AFTER:
            self.pause = FIRST_PAUSE
        self.due = now + self.pause
        told = f"进程退出（{ended}），{self.pause:g} 秒后重新启动"
        self.pause = min(self.pause * 2, self.longest_pause)
        return told

    def new_lines(self) -> list[str]:
        """What was written since last time, whole lines only."""
        try:
            with self.log.open("rb") as log:
                log.seek(self.shown)
                written = log.read()
        except FileNotFoundError:
            return []
        complete = written[: written.rfind(b"\n") + 1]
        self.shown += len(complete)
        return complete.decode(errors="replace").splitlines()


class Supervisor:
    def __init__(
        self, procfile: Path, root: Path, *, echo: bool, longest_pause: float = LONGEST_PAUSE
    ) -> None:
        """`root` takes logs and `processes.json`; `echo` shows the logs on the terminal as well.

        A file `variables/<process>` there holds what is set for that process alone, from its next start on.
        """
        self.root = root.absolute()
        self.folder = procfile.absolute().parent
        self.echo = echo
        self.stopping = False
        (self.root / "log").mkdir(parents=True, exist_ok=True)
        self.children = [
            Child(
                name,
                command,
                self.root / "log" / f"{name}.log",
                process_mark(self.root),
                longest_pause=longest_pause,
            )
            for name, command in read_procfile(procfile).items()
        ]
        for child in self.children:
            child.shown = child.log.stat().st_size if child.log.exists() else 0

    def run(self) -> None:
        """Returns after `stop` was asked for and everything has ended."""
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        signal.signal(signal.SIGINT, self.ask_to_stop)
        environment = dict(os.environ)
        while not self.stopping:
            for child in self.children:
                if child.has_died():
                    self._say(child, child.bury())
                    self._record()
                if child.process is None and time.monotonic() >= child.due:
                    self._start(child, environment)
            self._show_logs()
            time.sleep(0.1)
        self._stop_children()

    def ask_to_stop(self, signal_number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self, child: Child, environment: dict[str, str]) -> None:
        try:
            child.start({**environment, **self._own_variables(child)}, folder=self.folder)
        except (OSError, ValueError) as error:
            child.due = time.monotonic() + LONGEST_PAUSE
            self._say(child, f"无法启动：{error}")
        else:
            self._record()

    def _own_variables(self, child: Child) -> dict[str, str]:
        """Another log level, or a fault to be rehearsed; lines as in a shell."""
        file = self.root / "variables" / child.name
        return read_shell_lines(file) if file.exists() else {}

    def _stop_children(self) -> None:
        """All at once: SIGTERM, fifteen seconds, SIGKILL for the rest and for whatever they left behind."""
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        processes.wait_until(
            lambda: all(child.process is None or child.process.poll() is not None for child in self.children),
            within=GRACE,
        )
        end_processes(self.root, within=0.5)
        self._show_logs()
        (self.root / "processes.json").unlink(missing_ok=True)

    def _record(self) -> None:
        """For people and tests that want a pid."""
        known = {
            child.name: {
                "pid": child.process.pid if child.process else None,
                "restarts": max(child.restarts, 0),
                "log": str(child.log),
            }
            for child in self.children
        }
        unfinished = self.root / "processes.json.unfinished"
        unfinished.write_text(json.dumps(known, indent=2) + "\n")
        unfinished.replace(self.root / "processes.json")

    def _show_logs(self) -> None:
        if self.echo:
            for child in self.children:
                for line in child.new_lines():
                    self._print(child, line)

    def _say(self, child: Child, told: str) -> None:
        with child.log.open("a") as log:
            log.write(f"supervisor: {told}\n")

    def _print(self, child: Child, line: str) -> None:
        width = max(len(each.name) for each in self.children)
        prefix = f"{child.name:<{width}} |"
        if sys.stdout.isatty():
            prefix = f"\033[{COLOURS[self.children.index(child) % len(COLOURS)]}m{prefix}\033[0m"
        print(prefix, line, flush=True)


def read_procfile(procfile: Path) -> dict[str, list[str]]:
    """Process name to command. No shell is involved."""
    commands = {}
    for line in procfile.read_text().splitlines():
        name, colon, command = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not colon or not shlex.split(command):
            raise LocalServerError(f"Procfile 里这一行看不懂 (cannot read this Procfile line)：{line}")
        commands[name.strip()] = shlex.split(command)
    return commands


def supervisor_mark(root: Path) -> str:
    return f"supervisor:{root.absolute()}"


def process_mark(root: Path) -> str:
    return f"process:{root.absolute()}"


def supervisor_pids(root: Path) -> list[int]:
    return processes.marked_pids(supervisor_mark(root))


def end_supervisor(root: Path) -> bool:
    """Ends a running supervisor with all its processes. Answers whether there was anything."""
    found = bool(supervisor_pids(root) or processes.marked_pids(process_mark(root)))
    processes.end_surely(lambda: supervisor_pids(root), within=GRACE + 5.0)
    end_processes(root, within=GRACE)
    (root / "processes.json").unlink(missing_ok=True)
    return found


def end_processes(root: Path, *, within: float) -> None:
    processes.end_surely(lambda: processes.marked_pids(process_mark(root)), within=within)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.supervisor")
    parser.add_argument("--procfile", type=Path, default=Path("Procfile"))
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--echo", action="store_true")
    parser.add_argument("--longest-pause", type=float, default=LONGEST_PAUSE)
    asked = parser.parse_args()
    Supervisor(asked.procfile, asked.root, echo=asked.echo, longest_pause=asked.longest_pause).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
