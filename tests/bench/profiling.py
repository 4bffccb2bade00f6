"""Where the time goes: py-spy looks at running processes from outside, and its samples are added up."""

import collections
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.control import BenchFailed, Process

SAMPLES_A_SECOND = 200
MOST_FUNCTIONS = 25
# Threads of a pool that have nothing to do.
WAITING = frozenset({"Condition.wait (threading.py)", "wait (threading.py)"})
PLACE = re.compile(r"^(?P<name>.*) \((?P<file>[^()]*?)(?::\d+)?\)$")


@dataclass(frozen=True)
class Profile:
    """Shares of all samples in which the process was on the CPU."""

    samples: int
    own: dict[str, float]
    cumulative: dict[str, float]

    def foremost(self, shares: Mapping[str, float]) -> list[str]:
        return sorted(shares, key=shares.__getitem__, reverse=True)[:MOST_FUNCTIONS]

    def as_json(self) -> dict[str, Any]:
        return {
            "samples": self.samples,
            "own": {frame: self.own[frame] for frame in self.foremost(self.own)},
            "cumulative": {frame: self.cumulative[frame] for frame in self.foremost(self.cumulative)},
        }


def py_spy() -> str:
    found = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if found is None:
        raise BenchFailed("--profile 需要 py-spy：pip install py-spy")
    return found


def profiled(
    watched: Mapping[str, Process], seconds: float, folder: Path, act: Callable[[], Any]
) -> dict[str, Profile]:
    """Profiles the processes while `act` runs, which should take at least `seconds`."""
    watchers = {
        name: subprocess.Popen(
            _command(process.pid, seconds, folder / f"{name}.profile"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name, process in watched.items()
    }
    try:
        act()
        return {name: _read(name, watcher, folder) for name, watcher in watchers.items()}
    finally:
        for watcher in watchers.values():
            if watcher.poll() is None:
                watcher.kill()
            watcher.communicate()


def _command(pid: int, seconds: float, file: Path) -> list[str]:
    options = {
        "--pid": pid,
        "--duration": max(1, round(seconds)),
        "--rate": SAMPLES_A_SECOND,
        "--format": "raw",
        "--output": file,
    }
    flat = [str(part) for option in options.items() for part in option]
    return [py_spy(), "record", "--function", *flat]


def _read(name: str, watcher: "subprocess.Popen[str]", folder: Path) -> Profile:
    try:
        _, told = watcher.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        raise BenchFailed(f"py-spy 没有结束（{name}）") from None
    if watcher.returncode != 0:
        raise BenchFailed(f"py-spy 不能观察进程 {name}：{told.strip()[-300:]}")
    return added_up((folder / f"{name}.profile").read_text())


def added_up(stacks: str) -> Profile:
    """Lines of `frame;frame;frame count`, the outermost first."""
    own: collections.Counter[str] = collections.Counter()
    cumulative: collections.Counter[str] = collections.Counter()
    total = 0
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [_shortened(frame) for frame in stack.split(";")]
        if not stack or frames[-1] in WAITING:
            continue
        total += int(count)
        own[frames[-1]] += int(count)
        for frame in set(frames):
            cumulative[frame] += int(count)
    shares = [{frame: 100 * n / total for frame, n in counted.items()} for counted in (own, cumulative)]
    return Profile(total, *shares)


def _shortened(frame: str) -> str:
    """`name (file)`, the file from its package on."""
    match = PLACE.match(frame)
    if match is None:
        return frame
    return f"{match['name']} ({match['file'].rpartition('site-packages/')[2]})"


def show(console: Console, title: str, profile: Profile) -> None:
    table = Table("自身 %", "累计 %", "函数（按自身）", "自身 %", "累计 %", "函数（按累计）", title=title)
    for first, second in zip(
        profile.foremost(profile.own), profile.foremost(profile.cumulative), strict=False
    ):
        table.add_row(*_cells(profile, first), *_cells(profile, second))
    console.print(table)
    console.print(f"{profile.samples} 个样本")


def _cells(profile: Profile, frame: str) -> tuple[str, str, str]:
    return f"{profile.own.get(frame, 0):.1f}", f"{profile.cumulative[frame]:.1f}", frame
