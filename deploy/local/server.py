"""The whole platform on this machine: servers, migrations, sample city, processes. `script/server` calls it."""

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from deploy.local import processes, supervisor
from deploy.local.errors import LocalServerError
from deploy.local.stack import POSTGRES_PORT, RABBITMQ_PORT, LocalStack, as_shell_lines
from services.chassis import config as settings

PROJECT = Path(__file__).resolve().parents[2]
ROOT = PROJECT / "var" / "server"
STARTING_TAKES_AT_MOST = 90.0
HOPELESS_AFTER_RESTARTS = 3
INTERRUPTED = 130  # as a shell says it


class StopAsked(BaseException):
    """Ctrl-C, a closed terminal, or a polite kill."""


class Server:
    """Everything below one folder; tests may have one of their own beside the developer's."""

    def __init__(
        self,
        root: Path = ROOT,
        variables: Mapping[str, str] | None = None,
        *,
        echo: bool = True,
        longest_pause: float = supervisor.LONGEST_PAUSE,
    ) -> None:
        """`longest_pause`: seconds until a process that keeps dying is started again."""
        given = {
            name: value
            for name, value in (os.environ if variables is None else variables).items()
            if name.startswith("GONGZHI_")
        }
        self.root = root.absolute()
        self.echo = echo
        self.longest_pause = longest_pause
        self.stack = self._stack(given)
        self.given = given
        self.environment: dict[str, str] = {}

    @property
    def address(self) -> str:
        return f"http://{self._reachable_host()}:{self._config().http_port}"

    def is_running(self) -> bool:
        return bool(supervisor.supervisor_pids(self.root))

    def is_anything_running(self) -> bool:
        """Also the remains of a broken start."""
        orphans = processes.marked_pids(supervisor.process_mark(self.root))
        return self.is_running() or bool(orphans) or self.stack.is_any_running()

    def start(self) -> None:
        """Returns when the platform answers. Whatever a broken earlier start left behind is ended first."""
        supervisor.end_supervisor(self.root)
        self._check_settings()
        with _step("启动 PostgreSQL 和 RabbitMQ，升级数据库"):
            self.stack.start(then_with_database=self._migrate)
        self.environment = self._environment()
        self._config()
        self._write_environment()
        with _step("启动各个服务"):
            self._start_processes()
            self._wait_until_it_answers()
        with _step("载入样例城市"):
            self.gongzhi("demo", "load")

    def stop(self) -> None:
        supervisor.end_supervisor(self.root)
        self.stack.stop()

    def gongzhi(self, *arguments: str) -> str:
        """Run a `gongzhi` command against this platform and answer what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.gongzhi", *arguments],
            cwd=PROJECT,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            log = self.root / "log" / "start.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(done.stdout + done.stderr)
            told = (done.stderr or done.stdout).strip().splitlines() or ["—"]
            raise LocalServerError(
                f"gongzhi {' '.join(arguments)} 没有成功，全文见 {log} (failed)：{told[-1].removeprefix('✗ ')}"
            )
        return done.stdout

    def _stack(self, given: dict[str, str]) -> LocalStack:
        stack = LocalStack(
            self.root,
            _port(given, "GONGZHI_POSTGRES_PORT", POSTGRES_PORT),
            _port(given, "GONGZHI_RABBITMQ_PORT", RABBITMQ_PORT),
        )
        # An address that is our own server's comes from `. var/server/env` and means that server.
        for name, own in (("GONGZHI_DATABASE_URL", stack.postgres), ("GONGZHI_AMQP_URL", stack.rabbitmq)):
            if name in given and own is not None and own.password and own.password in given[name]:
                del given[name]
        if given.get("GONGZHI_DATABASE_URL"):
            stack.postgres = None
        if given.get("GONGZHI_AMQP_URL"):
            stack.rabbitmq = None
        return stack

    def _migrate(self) -> None:
        self.environment = self._environment()
        # The sample city brings its own accounts.
        self.gongzhi("db", "migrate", "--without-administrator")

    def _environment(self) -> dict[str, str]:
        found = {**self.stack.environment(), "GONGZHI_BIND": "127.0.0.1", "GONGZHI_HTTP_PORT": "8600"}
        found |= {"GONGZHI_OPS_PORT": "8610", **self.given}
        found.setdefault("GONGZHI_PUBLIC_URL", f"http://{found['GONGZHI_BIND']}:{found['GONGZHI_HTTP_PORT']}")
        # Where `gongzhi demo play` listens in place of a group robot, and where the sample's passwords are kept.
        found.setdefault("GONGZHI_WECOM_URL", f"http://127.0.0.1:{int(found['GONGZHI_OPS_PORT']) + 9}")
        found.setdefault("GONGZHI_STATE_DIR", str(self.root))
        return found

    def _config(self) -> settings.Config:
        try:
            return settings.load(self.environment or self.given)
        except settings.ConfigError as error:
            raise LocalServerError(str(error)) from None

    def _check_settings(self) -> None:
        """Before the slow part: wrong values, and ports that others hold."""
        config = self._config()
        self._require_free(config.bind, config.http_port, "GONGZHI_HTTP_PORT")
        for process in settings.PROCESSES:
            self._require_free(*config.ops_address(process), "GONGZHI_OPS_PORT")

    @staticmethod
    def _require_free(host: str, port: int, variable: str) -> None:
        try:
            with socket.create_server((host, port)):
                return
        except OSError:
            raise LocalServerError(
                f"{host} 的端口 {port} 用不了（已被别的程序占用，或地址不对），请用 {variable} 换一个"
                f" (cannot listen on port {port}; set {variable} to choose another)。"
            ) from None

    def _write_environment(self) -> None:
        file = self.root / "env"
        file.touch(mode=0o600)
        file.write_text(
            "# 在终端里使用：. var/server/env\n" + as_shell_lines(self.environment), encoding="utf-8"
        )

    def _start_processes(self) -> None:
        log = self.root / "log" / "supervisor.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "deploy.local.supervisor", "--procfile", str(PROJECT / "Procfile")]
        command += ["--root", str(self.root), "--longest-pause", str(self.longest_pause)]
        environment = {
            **os.environ,
            **self.environment,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONUNBUFFERED": "1",
            processes.MARK: supervisor.supervisor_mark(self.root),
        }
        if self.echo:
            # A session of its own: Ctrl-C reaches this process alone, which then stops all in order.
            processes.Outliving([*command, "--echo"], cwd=PROJECT, env=environment, start_new_session=True)
        else:
            processes.spawn(command, environment=environment, folder=PROJECT, log=log)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTING_TAKES_AT_MOST
        while silent := self._silent():
            failing = self._hopeless()
            if failing is not None or time.monotonic() > deadline:
                process = failing or silent
                log = self.root / "log" / f"{process}.log"
                raise LocalServerError(
                    f"{process} 没有起来，原因见 {log} (did not start)：{_last_complaint(log)}"
                )
            time.sleep(0.2)

    def _silent(self) -> str | None:
        """A process that does not answer yet."""
        config = self._config()
        for process in settings.PROCESSES:
            if not processes.accepts(*config.ops_address(process)):
                return process
        return None if self.answers() else "gateway"

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(self._reachable_host(), self._config().http_port, timeout=5.0)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _reachable_host(self) -> str:
        bind = self._config().bind
        return "127.0.0.1" if bind in {"0.0.0.0", "::", ""} else bind

    def _hopeless(self) -> str | None:
        try:
            known = json.loads((self.root / "processes.json").read_text())
        except (OSError, json.JSONDecodeError):
            return None
        return next(
            (name for name, child in known.items() if child["restarts"] >= HOPELESS_AFTER_RESTARTS), None
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/server", description="在本机运行共治平台和样例城市")
    parser.add_argument("act", nargs="?", choices=["start", "stop"], default="start", help=argparse.SUPPRESS)
    parser.add_argument("--detach", action="store_true", help="启动好后留在后台，用 script/stop 停止")
    asked = parser.parse_args()
    try:
        return _stop() if asked.act == "stop" else _start(detach=asked.detach)
    except LocalServerError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1


def _start(*, detach: bool) -> int:
    server = Server(echo=not detach)
    if server.is_running() and server.answers():
        print(f"✓ 共治已经在运行：{server.address}（停止：script/stop）")
        return 0
    has_started = False
    stay = False
    try:
        with _signals_as_exceptions():
            server.start()
            _welcome(server, detach=detach)
            has_started, stay = True, detach
            while not detach and server.is_running():
                time.sleep(0.5)
    except StopAsked:
        print()
    finally:
        if not stay and not _stop_all(server):
            print("✓ 已停止", flush=True)
    return 0 if has_started else INTERRUPTED


def _stop() -> int:
    server = Server(variables={})
    if not _stop_all(server):
        print("✓ 没有在运行")
    return 0


def _stop_all(server: Server) -> bool:
    """Answers whether anything was running."""
    with _signals_ignored():
        if not server.is_anything_running():
            return False
        with _step("停止全部进程"):
            server.stop()
    return True


def _welcome(server: Server, *, detach: bool) -> None:
    accounts = server.gongzhi("demo", "accounts")
    print(f"\n✓ 共治已启动：{server.address}\n\n{accounts.rstrip()}\n")
    print(f"日志：{server.root / 'log'}    停止：{'script/stop' if detach else 'Ctrl-C'}\n", flush=True)


def _last_complaint(log: Path) -> str:
    """The last line that is not the supervisor's own."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return "—"
    complaints = [line for line in lines if line.strip() and not line.startswith("supervisor:")]
    return complaints[-1].strip()[-300:] if complaints else "—"


def _port(given: Mapping[str, str], variable: str, default: int) -> int:
    text = given.get(variable, str(default))
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise LocalServerError(f"{variable} 应为 1024 到 65535 的端口号，现在是“{text}”。")
    return int(text)


@contextmanager
def _step(doing: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"… {doing}", end="\r" if sys.stdout.isatty() else "\n", flush=True)
    yield
    print(f"✓ {doing}（{time.monotonic() - began:.1f} 秒）", flush=True)


@contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    def ask(signal_number: int, frame: FrameType | None) -> None:
        raise StopAsked

    before = {each: signal.signal(each, ask) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Stopping is not interrupted halfway."""
    before = {
        each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


if __name__ == "__main__":
    sys.exit(main())
