"""A private RabbitMQ node: own name, ports, cookie, port mapper (epmd) and data, reachable from this machine only."""

import base64
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from deploy.local import processes
from deploy.local.errors import LocalServerError
from deploy.local.processes import LOOPBACK, make_folder

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
NODE = "gongzhi@localhost"
USER = "gongzhi"
VHOST = "gongzhi"

# Distances of the node's other ports from its AMQP port.
DISTRIBUTION = 20
PORT_MAPPER = -3
MANAGEMENT = 40


class RabbitMQ:
    def __init__(
        self,
        data_dir: Path,
        port: int,
        *,
        node: str = NODE,
        management: bool = False,
        port_variable: str = "GONGZHI_RABBITMQ_PORT",
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.port = port
        self.node = node
        self.management = management
        self.port_variable = port_variable
        self.log = self.data_dir / "log" / "rabbit.log"
        self._console = self.data_dir / "console.log"
        self._password_file = self.data_dir / "secrets"

    @property
    def password(self) -> str:
        """Empty before the first start."""
        return self._password_file.read_text().strip() if self._password_file.exists() else ""

    @property
    def url(self) -> str:
        """Known after the first start."""
        return f"amqp://{USER}:{self.password}@{LOOPBACK}:{self.port}/{VHOST}"

    @property
    def pid(self) -> int | None:
        return next(iter(self._node_pids()), None)

    def is_running(self) -> bool:
        return self.pid is not None

    def start(self) -> None:
        """Returns when the broker answers. Does nothing when it already runs on this port."""
        if self.is_running():
            if processes.wait_until(self._answers, within=30.0):
                return
            self.stop()  # half started, or on another port
        processes.end_surely(self._all_pids)
        if not (PROGRAMS / "rabbitmq-server").exists():
            raise LocalServerError(
                "没有安装 RabbitMQ，请运行 sudo apt-get install --no-install-recommends rabbitmq-server，"
                "或用 GONGZHI_AMQP_URL 指向已有的 RabbitMQ"
                " (RabbitMQ is missing: install rabbitmq-server, or set GONGZHI_AMQP_URL)。"
            )
        for offset in (0, DISTRIBUTION, PORT_MAPPER, *([MANAGEMENT] if self.management else [])):
            processes.require_free_port(self.port + offset, server="RabbitMQ", variable=self.port_variable)

        self._prepare()
        self._console.unlink(missing_ok=True)
        self._start_port_mapper()
        environment = self._environment()
        environment[processes.MARK] = self._mark("node")
        # As under systemd the start script becomes the server, instead of waiting beside it.
        environment["RUNNING_UNDER_SYSTEMD"] = "true"
        node = processes.spawn(
            [str(PROGRAMS / "rabbitmq-server")],
            environment=environment,
            folder=self.data_dir,
            log=self._console,
        )
        processes.wait_until(lambda: self._answers() or node.poll() is not None, within=90.0)
        if not self._answers():
            self.kill()
            processes.end_surely(self._all_pids)
            raise LocalServerError(
                f"RabbitMQ 没有起来，原因见 {self.log} (RabbitMQ did not start)："
                f"{processes.last_lines(self._console)}"
            )

    def stop(self) -> None:
        """The node first, then the port mapper, which it still needs."""
        processes.end(
            lambda: [pid for pid in self._node_pids() if _is_server(pid)],
            signal_number=signal.SIGTERM,
            within=30.0,
        )
        self.kill()
        processes.end_surely(self._all_pids, within=5.0)

    def kill(self) -> None:
        """Like a power cut: the node at once. The port mapper stays, as it would for a crashed node."""
        processes.end(self._any_node_pids, signal_number=signal.SIGKILL, within=10.0)

    def start_app(self) -> None:
        self.ctl("start_app")

    def stop_app(self) -> None:
        """The broker stops, its process stays: what clients see when a node is restarted."""
        self.ctl("stop_app")

    def set_disk_free_limit(self, limit: str) -> None:
        """Above what is free, the broker raises its disk alarm and blocks publishers; `50MB` ends it."""
        self.ctl("set_disk_free_limit", limit)

    def ctl(self, *arguments: str) -> str:
        """Run `rabbitmqctl` against this node and answer what it prints. Takes a second or two."""
        done = subprocess.run(
            [str(PROGRAMS / "rabbitmqctl"), "--quiet", "--node", self.node, *arguments],
            cwd=self.data_dir,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LocalServerError(
                f"rabbitmqctl {arguments[0]} 失败 (failed)：{(done.stderr or done.stdout).strip()[-500:]}"
            )
        return done.stdout

    def remove(self) -> None:
        """Stop, and delete the data."""
        self.stop()
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def _prepare(self) -> None:
        make_folder(self.data_dir)
        self.data_dir.chmod(0o700)
        (self.data_dir / "log").mkdir(exist_ok=True)
        _write_once(self._password_file, secrets.token_hex(24))
        _write_once(self.data_dir / ".erlang.cookie", secrets.token_hex(24), mode=0o400)
        (self.data_dir / "plugins").write_text("[rabbitmq_management].\n" if self.management else "[].\n")
        configuration = [
            f"listeners.tcp.default = {LOOPBACK}:{self.port}",
            "load_definitions = definitions.json",  # relative: this file may not hold a Chinese path
            "disk_free_limit.absolute = 50MB",
            "log.console = false",
            "log.file = rabbit.log",
        ]
        if self.management:
            configuration += [
                f"management.tcp.ip = {LOOPBACK}",
                f"management.tcp.port = {self.port + MANAGEMENT}",
            ]
        (self.data_dir / "rabbitmq.conf").write_text("\n".join(configuration) + "\n")
        # Imported at every start: an interrupted first start cannot leave a broker without its user.
        (self.data_dir / "definitions.json").write_text(json.dumps(_definitions(self.password), indent=2))

    def _start_port_mapper(self) -> None:
        environment = self._environment()
        environment[processes.MARK] = self._mark("epmd")
        processes.spawn(
            ["epmd", "-address", LOOPBACK, "-port", str(self.port + PORT_MAPPER)],
            environment=environment,
            folder=self.data_dir,
            log=self._console,
        )
        processes.wait_until(lambda: processes.accepts(LOOPBACK, self.port + PORT_MAPPER), within=10.0)

    def _environment(self) -> dict[str, str]:
        """Nothing of a system-wide installation, nothing of the caller's shell."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RABBITMQ_", "ERL_", processes.MARK))
        }
        loopback_only = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            **kept,
            "HOME": str(self.data_dir),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.port + PORT_MAPPER),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.port + DISTRIBUTION),
            "RABBITMQ_BASE": str(self.data_dir),
            "RABBITMQ_MNESIA_BASE": str(self.data_dir / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.data_dir / "log"),
            "RABBITMQ_PID_FILE": str(self.data_dir / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.data_dir / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.data_dir / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.data_dir / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(self.data_dir / "rabbitmq-env.conf"),
            # One scheduler that sleeps when idle: a busy-waiting broker eats a small machine.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"+S 1:1 +sbwt none {loopback_only}",
            "RABBITMQ_CTL_ERL_ARGS": f"+S 1:1 {loopback_only}",
        }

    def _mark(self, role: str) -> str:
        return f"rabbitmq-{role}:{self.data_dir}"

    def _node_pids(self) -> list[int]:
        """The server itself. While it starts, this is still the shell script."""
        return [pid for pid in self._any_node_pids() if _is_server(pid) or _is_start_script(pid)]

    def _any_node_pids(self) -> list[int]:
        return processes.marked_pids(self._mark("node"))

    def _all_pids(self) -> list[int]:
        return self._any_node_pids() + processes.marked_pids(self._mark("epmd"))

    def _answers(self) -> bool:
        """Speaks AMQP on its port: an open port alone is no proof that the broker has booted."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2.0) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False


def _definitions(password: str) -> dict[str, object]:
    """One virtual host and one user. As there are definitions, RabbitMQ makes no `guest`."""
    salt = secrets.token_bytes(4)
    hashed = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    return {
        "users": [
            {
                "name": USER,
                "password_hash": hashed,
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": ["administrator"],
            }
        ],
        "vhosts": [{"name": VHOST}],
        "permissions": [{"user": USER, "vhost": VHOST, "configure": ".*", "write": ".*", "read": ".*"}],
    }


def _is_server(pid: int) -> bool:
    return processes.program(pid).startswith("beam")


def _is_start_script(pid: int) -> bool:
    return processes.program(pid) in {"sh", "dash", "bash", "erlexec"}


def _write_once(file: Path, text: str, *, mode: int = 0o600) -> None:
    """A half-written file of an interrupted start is written again."""
    if file.exists() and file.read_text().strip():
        return
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text + "\n")
    file.chmod(mode)
