"""The supervisor: what dies comes back, what is asked to stop stops, and orphans are found."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import processes, supervisor
from deploy.local.errors import LocalServerError

PROJECT = Path(__file__).parents[2]
SLEEPER = f"{sys.executable} -c 'import time; print(1, flush=True); time.sleep(60)'"
STUBBORN = (
    f"{sys.executable} -c 'import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True);"
    " time.sleep(60)'"
)


class Running:
    def __init__(self, folder: Path, procfile: str) -> None:
        self.root = folder / "root"
        (folder / "Procfile").write_text(procfile)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "deploy.local.supervisor"),
                *("--procfile", str(folder / "Procfile"), "--root", str(self.root), "--echo"),
            ],
            cwd=PROJECT,
            env={**os.environ, processes.MARK: supervisor.supervisor_mark(self.root)},
            stdout=subprocess.DEVNULL,
        )

    def pid_of(self, name: str) -> int:
        """Of a process that runs and has said something."""
        assert processes.wait_until(
            lambda: self.log(name).count("1\n") > self.known(name)["restarts"], within=10.0
        )
        return int(self.known(name)["pid"])

    def known(self, name: str) -> dict[str, int]:
        try:
            known: dict[str, dict[str, int]] = json.loads((self.root / "processes.json").read_text())
        except FileNotFoundError:
            return {"pid": 0, "restarts": 0}
        return known[name]

    def log(self, name: str) -> str:
        log = self.root / "log" / f"{name}.log"
        return log.read_text() if log.exists() else ""


@pytest.fixture
def sleepers(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path, f"# what runs\none: {SLEEPER}\ntwo: {SLEEPER}\n")
    yield running
    supervisor.end_supervisor(running.root)
    running.process.wait()


def test_a_killed_process_comes_back_and_the_others_do_not_notice(sleepers: Running) -> None:
    one, two = sleepers.pid_of("one"), sleepers.pid_of("two")

    os.kill(one, signal.SIGKILL)

    assert processes.wait_until(lambda: sleepers.known("one")["restarts"] == 1, within=5.0)
    assert sleepers.pid_of("one") != one
    assert sleepers.pid_of("two") == two
    assert "进程退出（-9）" in sleepers.log("one")


def test_what_is_set_for_one_process_alone_reaches_that_one_when_it_starts_again(tmp_path: Path) -> None:
    teller = (
        f"{sys.executable} -c 'import os, time; print(os.environ.get(\"OWN\"), flush=True); time.sleep(60)'"
    )
    running = Running(tmp_path, f"one: {teller}\ntwo: {teller}\n")
    own = running.root / "variables" / "one"
    try:
        assert processes.wait_until(lambda: running.log("two") == "None\n", within=10.0)
        own.parent.mkdir()
        own.write_text("export OWN='für eins'\n")

        os.kill(int(running.known("one")["pid"]), signal.SIGKILL)

        assert processes.wait_until(lambda: running.log("one").endswith("für eins\n"), within=10.0)
        own.unlink()
        os.kill(int(running.known("one")["pid"]), signal.SIGKILL)
        assert processes.wait_until(lambda: running.log("one").count("None\n") == 2, within=10.0)
        assert running.log("two") == "None\n"
    finally:
        supervisor.end_supervisor(running.root)
        running.process.wait()


def test_variables_that_cannot_be_read_keep_the_others_running(sleepers: Running) -> None:
    one, two = sleepers.pid_of("one"), sleepers.pid_of("two")
    own = sleepers.root / "variables" / "one"
    own.parent.mkdir()
    own.write_text("export OWN='half\n")

    os.kill(one, signal.SIGKILL)

    assert processes.wait_until(lambda: "无法启动" in sleepers.log("one"), within=10.0)
    assert processes.is_alive(two)


def test_sigterm_ends_everything(sleepers: Running) -> None:
    pids = [sleepers.pid_of("one"), sleepers.pid_of("two")]

    sleepers.process.terminate()

    assert sleepers.process.wait(timeout=10) == 0
    assert not any(processes.is_alive(pid) for pid in pids)
    assert not (sleepers.root / "processes.json").exists()


def test_orphans_of_a_killed_supervisor_are_found_and_ended(sleepers: Running) -> None:
    pids = [sleepers.pid_of("one"), sleepers.pid_of("two")]
    sleepers.process.kill()
    sleepers.process.wait()
    assert all(processes.is_alive(pid) for pid in pids)

    assert supervisor.end_supervisor(sleepers.root)

    assert not any(processes.is_alive(pid) for pid in pids)
    assert not supervisor.end_supervisor(sleepers.root)


def test_a_process_that_ignores_sigterm_is_killed_in_the_end(tmp_path: Path) -> None:
    running = Running(tmp_path, f"stubborn: {STUBBORN}\n")
    pid = running.pid_of("stubborn")

    running.process.terminate()

    assert running.process.wait(timeout=supervisor.GRACE + 10) == 0
    assert not processes.is_alive(pid)


def test_the_pause_doubles_while_a_process_keeps_dying(tmp_path: Path) -> None:
    child = supervisor.Child("one", ["false"], tmp_path / "one.log", "process:test")
    pauses = []
    for _ in range(6):
        child.start(dict(os.environ), folder=tmp_path)
        assert processes.wait_until(child.has_died, within=5.0)
        pauses.append(child.pause)
        child.bury()

    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def test_the_pause_stays_as_short_as_wished(tmp_path: Path) -> None:
    child = supervisor.Child("one", ["false"], tmp_path / "one.log", "process:test", longest_pause=0.7)
    for _ in range(3):
        child.start(dict(os.environ), folder=tmp_path)
        assert processes.wait_until(child.has_died, within=5.0)
        child.bury()

    assert child.pause == 0.7


def test_a_procfile_line_without_a_command_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("one:\n")

    with pytest.raises(LocalServerError, match="这一行看不懂"):
        supervisor.read_procfile(tmp_path / "Procfile")


def test_our_procfile_names_every_process() -> None:
    commands = supervisor.read_procfile(PROJECT / "Procfile")

    assert commands == {name: ["gongzhi", "run", name] for name in commands}
    assert set(commands) == {"claims", "consultation", "staffing", "notifications", "gateway", "jobs"}
