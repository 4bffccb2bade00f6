"""PostgreSQL and RabbitMQ together, and the environment in which the platform finds them."""

import contextlib
import secrets
import shlex
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local import processes
from deploy.local.errors import LocalServerError
from deploy.local.postgres import Postgres
from deploy.local.rabbitmq import DISTRIBUTION, PORT_MAPPER, RabbitMQ

__all__ = ["LocalServerError", "LocalStack", "Postgres", "RabbitMQ"]

POSTGRES_PORT = 8632
RABBITMQ_PORT = 8672


class LocalStack:
    """Both servers below one folder. A server whose port is None is somebody else's and left alone."""

    def __init__(
        self, root: Path, postgres_port: int | None = POSTGRES_PORT, rabbitmq_port: int | None = RABBITMQ_PORT
    ) -> None:
        self.root = Path(root).absolute()
        self.postgres = None if postgres_port is None else Postgres(self.root / "postgres", postgres_port)
        self.rabbitmq = None if rabbitmq_port is None else RabbitMQ(self.root / "rabbitmq", rabbitmq_port)

    @classmethod
    def on_free_ports(cls, root: Path) -> "LocalStack":
        return cls(root, processes.free_port(), processes.free_port(DISTRIBUTION, PORT_MAPPER))

    def start(self, *, then_with_database: Callable[[], object] = lambda: None) -> None:
        """Both at the same time; the slow broker need not hold up what only wants the database.

        When one fails, the other is stopped again.
        """
        processes.make_folder(self.root)
        try:
            with ThreadPoolExecutor() as pool:
                broker = pool.submit(self.rabbitmq.start) if self.rabbitmq is not None else None
                if self.postgres is not None:
                    self.postgres.start()
                then_with_database()
                if broker is not None:
                    broker.result()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        with ThreadPoolExecutor() as pool:
            for stopped in [pool.submit(server.stop) for server in self._servers]:
                stopped.result()

    def remove(self) -> None:
        """Stop both, and delete everything below the folder."""
        with ThreadPoolExecutor() as pool:
            for removed in [pool.submit(server.remove) for server in self._servers]:
                removed.result()
        shutil.rmtree(self.root, ignore_errors=True)

    def is_running(self) -> bool:
        return all(server.is_running() for server in self._servers)

    def is_any_running(self) -> bool:
        return any(server.is_running() for server in self._servers)

    def environment(self) -> dict[str, str]:
        """The variables with which the platform uses these servers."""
        found = {"GONGZHI_ENV": "development", "GONGZHI_SECRET": self._secret()}
        found["GONGZHI_AUDIT_HEADS"] = str(self.root / "audit-heads")
        found["GONGZHI_FILES"] = str(self.root / "files")
        if self.postgres is not None:
            found["GONGZHI_DATABASE_URL"] = self.postgres.url
            found["GONGZHI_POSTGRES_PORT"] = str(self.postgres.port)
        if self.rabbitmq is not None:
            found["GONGZHI_AMQP_URL"] = self.rabbitmq.url if self.rabbitmq.password else ""
            found["GONGZHI_RABBITMQ_PORT"] = str(self.rabbitmq.port)
        return found

    @property
    def _servers(self) -> "list[Postgres | RabbitMQ]":
        return [server for server in (self.postgres, self.rabbitmq) if server is not None]

    def _secret(self) -> str:
        """Derives the passwords of the services' databases, so it has to live as long as the data."""
        file = self.root / "secret"
        with contextlib.suppress(FileNotFoundError):
            if secret := file.read_text().strip():
                return secret
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32) + "\n")
        return file.read_text().strip()


def as_shell_lines(environment: dict[str, str]) -> str:
    """For `. file` in a shell, and for `read_shell_lines`."""
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in sorted(environment.items())]
    return "".join(lines)


def read_shell_lines(file: Path) -> dict[str, str]:
    words = shlex.split(file.read_text(), comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)
