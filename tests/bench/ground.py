"""The benchmark's own ground: servers, databases and processes below one folder, gone at the end."""

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import psycopg2.extensions
import sqlalchemy as sa

from deploy.gongzhi import _databases
from deploy.local import processes
from deploy.local.stack import LocalStack
from services.chassis import audit_tables, tables
from services.chassis.config import PROCESSES, Config, load
from tests.bench.control import PROJECT, BenchFailed, Process, cpu_seconds

VAR = PROJECT / "var"
RUNNER = ["-W", "ignore", "-m", "services.chassis.runner"]
# Ports for the services that only the benchmark has; a platform's processes come before them.
OWN = ("echo", "door", "ping", "pong")


class Ground:
    """`environment` is what a process of the platform needs to work here."""

    def __init__(self) -> None:
        self.root = VAR / f"bench-{os.getpid()}"
        self.stack = LocalStack.on_free_ports(self.root)
        self.environment: dict[str, str] = {}
        self._processes: list[Process] = []

    @classmethod
    @contextlib.contextmanager
    def prepared(cls) -> Iterator["Ground"]:
        for folder in VAR.glob("bench-*"):
            if not processes.is_alive(int(folder.name.split("-")[1])):  # left by a benchmark that was killed
                end_processes(folder)
                LocalStack(folder).remove()
        ground = cls()
        try:
            ground._start()
            yield ground
        finally:
            ground.remove()

    def _start(self) -> None:
        self.stack.start()
        self._record_commit_times()
        http_port = processes.free_port(*range(1, 2 + len(PROCESSES) + len(OWN)))
        ops_port = http_port + 1
        ours = {
            f"GONGZHI_{name.upper()}_OPS": f"127.0.0.1:{ops_port + len(PROCESSES) + position}"
            for position, name in enumerate(OWN)
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GONGZHI_")}
        self.environment = {
            **inherited,
            **self.stack.environment(),
            **ours,
            "GONGZHI_BIND": "127.0.0.1",
            "GONGZHI_HTTP_PORT": str(http_port),
            "GONGZHI_OPS_PORT": str(ops_port),
            "GONGZHI_BENCH_PORT": str(ops_port + len(PROCESSES) + len(OWN)),
            "GONGZHI_LOG_LEVEL": "warning",
            # One client stands for thousands.
            **{
                f"GONGZHI_LIMIT_{name}": "off"
                for name in ("READ", "WRITE", "SIGN_IN", "PUBLIC_FORM", "EXPORT")
            },
            # On a busy machine a call may take long; then it is slow, not failed.
            "GONGZHI_RPC_TIMEOUT": "30",
            processes.MARK: _mark(self.root),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }
        (self.root / "log").mkdir(exist_ok=True)

    def _record_commit_times(self) -> None:
        """PostgreSQL then tells of every row when it was committed; it asks for a restart."""
        server = self.stack.postgres
        assert server is not None
        with contextlib.closing(psycopg2.connect(server.url)) as connection:
            connection.autocommit = True
            connection.cursor().execute("ALTER SYSTEM SET track_commit_timestamp = on")
        server.stop()
        server.start()

    @property
    def config(self) -> Config:
        return load(self.environment)

    def database(self, name: str, *statements: str) -> None:
        """A database with the chassis' tables, and these besides."""
        with _databases.administration(self.config) as connection:
            made = self._described(name, PROJECT)
            _databases.make(connection, made, password=self.config.database_password(name))
        engine = sa.create_engine(self.config.database_url(name), poolclass=sa.NullPool)
        with engine.begin() as connection:
            tables.create(connection)
            audit_tables.create(connection)
            for statement in statements:
                connection.exec_driver_sql(statement)

    def migrated_database(self, name: str, *, like: str) -> None:
        """A database of its own with the tables of the service `like`."""
        with _databases.administration(self.config) as connection, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = self._described(name, PROJECT / "services" / like / "migrations")
            _databases.make(connection, made, password=self.config.database_password(name))
            made.migrate()

    def migrate_all(self) -> None:
        with _databases.administration(self.config) as connection, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for database in _databases.all_databases(self.config):
                _databases.make(connection, database, password=self.config.database_password(database.name))
                database.migrate()

    def _described(self, name: str, migrations: Path) -> _databases.Database:
        url = self.config.database_url(name)
        return _databases.Database(name=name, url=url, migrations=migrations, is_ours_to_make=True)

    def connected(self, name: str) -> "contextlib.closing[psycopg2.extensions.connection]":
        """To a service's database; without transactions."""
        url = self.config.database_url(name).replace("postgresql+psycopg2", "postgresql")
        connection = psycopg2.connect(url)
        connection.autocommit = True
        return contextlib.closing(connection)

    def process(self, name: str, *arguments: str) -> Process:
        """Runs `python ARGUMENTS`."""
        started = Process(
            name,
            list(arguments),
            environment=self.environment,
            log=self.root / "log" / f"{name}.log",
            interpreter=sys.executable,
        )
        self._processes.append(started)
        return started

    def green(self, module: str) -> Process:
        """A module of the benchmark in a process like those of the platform, patched for eventlet."""
        return self.process(module, *RUNNER, f"tests.bench.{module}")

    def plain(self, module: str) -> Process:
        """A module of the benchmark in a process with real threads."""
        return self.process(module, "-m", f"tests.bench.{module}")

    def stop(self, *stopped: Process) -> None:
        for process in stopped:
            process.stop()
            self._processes.remove(process)

    def cpu_of_servers(self) -> dict[str, float]:
        """CPU seconds so far of the broker and of PostgreSQL with all its backends."""
        broker, postgres = self.stack.rabbitmq, self.stack.postgres
        assert broker is not None
        assert postgres is not None
        postmaster = postgres.pid
        spent = [cpu_seconds(pid, with_ended_children=pid == postmaster) for pid in self.postgres_pids()]
        return {"rabbitmq": cpu_seconds(broker.pid or 0), "postgres": sum(spent)}

    def postgres_pids(self) -> list[int]:
        postgres = self.stack.postgres
        assert postgres is not None
        return processes.pids_working_in(postgres.cluster)

    def remove(self) -> None:
        self.stop(*self._processes)
        end_processes(self.root)
        self.stack.remove()


def end_processes(root: Path) -> None:
    """Whatever of a benchmark is still there."""
    processes.end_surely(lambda: processes.marked_pids(_mark(root)), within=10)


def _mark(root: Path) -> str:
    return f"bench:{root}"


def bounded_seconds(seconds: float) -> float:
    """How long to wait for an act that is to take `seconds`."""
    if seconds <= 0:
        raise BenchFailed("时间应大于零")
    return seconds * 3 + 20
