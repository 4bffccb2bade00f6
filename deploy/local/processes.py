"""Find, start and end the processes that belong to one folder.

A process is recognised by what the kernel says of it (environment, working folder), never by a pid read from a
file: pid files survive crashes, and their numbers are given to strangers.
"""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.local.errors import LocalServerError

MARK = "GONGZHI_LOCAL_SERVER"
LOOPBACK = "127.0.0.1"


class Outliving(subprocess.Popen[bytes]):
    """A process that goes on when we end; Python would warn of that."""

    def __del__(self) -> None:
        pass


def all_pids() -> Iterator[int]:
    """Everything alive; a process that has ended and only waits to be collected is not."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and is_alive(int(entry.name)):
            yield int(entry.name)


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return stat[stat.rindex(b")") + 2 :][:1] not in b"ZX"


def marked_pids(mark: str) -> list[int]:
    """Processes started with this mark in their environment, and their children."""
    entry = f"{MARK}={mark}".encode()
    return [pid for pid in all_pids() if entry in _environment(pid).split(b"\0")]


def pids_working_in(folder: Path) -> list[int]:
    return [pid for pid in all_pids() if _link(pid, "cwd") == str(folder)]


def program(pid: int) -> str:
    """The file name of what the process runs, `beam.smp` for instance."""
    return Path(_link(pid, "exe").removesuffix(" (deleted)")).name


def end(pids: Callable[[], list[int]], *, signal_number: int, within: float) -> bool:
    """Send a signal to all of them and wait. Answers whether all have ended in time."""
    for pid in pids():
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            continue
    return wait_until(lambda: not pids(), within=within)


def end_surely(
    pids: Callable[[], list[int]], *, gracefully: int = signal.SIGTERM, within: float = 15.0
) -> None:
    """Ask, wait, then kill."""
    if not end(pids, signal_number=gracefully, within=within):
        end(pids, signal_number=signal.SIGKILL, within=10.0)


def wait_until(condition: Callable[[], bool], *, within: float, every: float = 0.05) -> bool:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def spawn(
    command: list[str], *, environment: dict[str, str], folder: Path, log: Path, user: str | None = None
) -> Outliving:
    """Start a process that outlives us: a session of its own, no terminal, output to the log."""
    with log.open("ab") as output:
        return Outliving(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )


def make_folder(folder: Path) -> None:
    """Whatever the umask, the server's user must pass through the folders made here; older ones stay as they are."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)


def is_port_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection that lingers in TIME_WAIT does not make the port busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def accepts(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False


def require_free_port(port: int, *, server: str, variable: str) -> None:
    if not 1024 <= port <= 65535:
        raise LocalServerError(
            f"{server} 的端口 {port} 不在 1024–65535 之内，请改正 {variable}"
            f" (port {port} is out of range; correct {variable})。"
        )
    if not is_port_free(port):
        raise LocalServerError(
            f"{server} 要用的端口 {port} 已被别的程序占用，请用 {variable} 换一个"
            f" (port {port} is in use; set {variable} to choose another)。"
        )


def free_port(*offsets: int) -> int:
    """A port that is free now, together with those at the given distances.

    Below the range from which the kernel serves outgoing connections, so that it is still free when a server that
    was stopped or killed comes back.
    """
    while True:
        port = random.randrange(12_000, 30_000)
        if all(is_port_free(port + offset) for offset in (0, *offsets)):
            return port


def last_lines(log: Path, count: int = 3) -> str:
    """The end of a log on one line, for an error sentence."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return "—"
    return " / ".join(line.strip() for line in lines[-count:] if line.strip())


def _environment(pid: int) -> bytes:
    """For an instant of every exec the kernel shows an empty environment; look again then."""
    for _ in range(10):
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return b""
        if environment or not _link(pid, "exe"):
            return environment
        time.sleep(0.002)
    return b""


def _link(pid: int, name: str) -> str:
    try:
        return os.readlink(f"/proc/{pid}/{name}")
    except OSError:
        return ""
