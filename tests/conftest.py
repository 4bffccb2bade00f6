"""What every test may ask for: private servers, empty databases, the whole platform."""

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from deploy.gongzhi import _databases
from deploy.local import processes
from deploy.local.stack import LocalStack
from services.chassis.config import Config, load
from services.chassis.db import Database
from tests.platform import Platform

VAR = Path(__file__).parents[1] / "var"
NEEDS = {
    "stack": ("postgres", "rabbitmq"),
    "service_db": ("postgres",),
    "platform": ("postgres", "rabbitmq"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for servers carries their markers, so `-m "not postgres"` leaves it out."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            for marker in NEEDS.get(fixture, ()):
                item.add_marker(marker)


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """PostgreSQL and RabbitMQ of this test session, on free ports; gone with their data at its end."""
    for folder in VAR.glob("test-[0-9]*"):
        if not processes.is_alive(int(folder.name.split("-")[1])):  # left by a session that was killed
            LocalStack(folder).remove()
    servers = LocalStack.on_free_ports(VAR / f"test-{os.getpid()}")
    try:
        servers.start()
        _commit_without_the_disk(servers)
        yield servers
    finally:
        servers.remove()


def _commit_without_the_disk(servers: LocalStack) -> None:
    """Half the time of the tests was waiting for the disk, which matters when the power fails and only then.

    The whole platform, which other tests kill, keeps it.
    """
    assert servers.postgres is not None
    with contextlib.closing(psycopg2.connect(servers.postgres.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM SET fsync = off")
            cursor.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def settings(stack: LocalStack) -> Config:
    return load(stack.environment())


@pytest.fixture(scope="session")
def migrated(settings: Config) -> Iterator[dict[str, Database]]:
    """One `Database` for each service that has migrations, up to date."""
    with _databases.administration(settings) as connection:
        found = _databases.all_databases(settings)
        for database in found:
            _databases.make(connection, database, password=settings.database_password(database.name))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                database.migrate()
            _databases.guard_audit(settings, database)
    made = {database.name: Database(database.url, service=database.name, pool_size=60) for database in found}
    yield made
    for each in made.values():
        each.dispose()


@pytest.fixture
def service_db(migrated: dict[str, Database]) -> Callable[[str], Database]:
    """`service_db("claims")`: the service's own database, all its tables empty."""
    emptied: set[str] = set()

    def database(name: str) -> Database:
        if name not in emptied:
            emptied.add(name)
            empty(migrated[name])
        return migrated[name]

    return database


def empty(database: Database) -> None:
    """Only what holds something is emptied; that takes a tenth of the time."""
    tables = sa.text(
        "SELECT quote_ident(tablename) FROM pg_tables "
        "WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'data_keys')"
    )
    with database.engine.begin() as connection:
        names = connection.execute(tables).scalars().all()
        each = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
        if filled := connection.exec_driver_sql(each).scalars().all():
            connection.exec_driver_sql(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE")


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """All processes with the sample city, on servers and ports of their own."""
    running = Platform(VAR / f"test-{os.getpid()}-platform")
    try:
        running.start()
        yield running
    finally:
        running.stop()
