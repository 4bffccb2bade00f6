"""The databases of the platform: which there are, making them, and bringing them up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command as alembic
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from deploy.gongzhi import PROJECT
from services.chassis.audit_tables import metadata as audit
from services.chassis.config import Config, ConfigError

# Owns the audit's tables everywhere; nobody signs in as it.
AUDIT_ROLE = "gongzhi_audit"
# Two `gongzhi db migrate` at once (two machines of one release) go one after the other.
MIGRATION_LOCK = 0x676F6E677A6869


@dataclass(frozen=True)
class Database:
    name: str
    url: str
    migrations: Path
    is_ours_to_make: bool

    @property
    def role(self) -> str:
        return f"gongzhi_{self.name}"

    @property
    def alembic(self) -> AlembicConfig:
        settings = AlembicConfig()
        settings.set_main_option("script_location", str(self.migrations).replace("%", "%%"))
        settings.set_main_option("path_separator", "os")
        settings.set_main_option("sqlalchemy.url", self.url.replace("%", "%%"))
        return settings

    def migrate(self) -> None:
        """With the rights of the service alone; `guard_audit` belongs after it where the database is ours."""
        alembic.upgrade(self.alembic, "head")

    def pending(self) -> list[str]:
        """Revisions that the code has and the database has not, the next one first."""
        scripts = ScriptDirectory.from_config(self.alembic)
        with connected(self.url) as connection:
            current = MigrationContext.configure(connection).get_current_heads()
        applied = {script.revision for head in current for script in scripts.iterate_revisions(head, "base")}
        every = [script.revision for script in scripts.walk_revisions()]
        return [revision for revision in reversed(every) if revision not in applied]


def all_databases(config: Config) -> list[Database]:
    """One for each folder with migrations."""
    if not config.admin_database_url and "GONGZHI_CLAIMS_DATABASE_URL" not in config.variables:
        raise ConfigError("没有设置 GONGZHI_DATABASE_URL；在本机请先运行 script/server。")
    folders = [*sorted((PROJECT / "services").glob("*/migrations")), PROJECT / "gateway" / "migrations"]
    return [
        Database(
            name=folder.parent.name,
            url=config.database_url(folder.parent.name),
            migrations=folder,
            is_ours_to_make=f"GONGZHI_{folder.parent.name.upper()}_DATABASE_URL" not in config.variables,
        )
        for folder in folders
        if (folder / "env.py").exists()
    ]


def make(connection: sa.Connection, database: Database, *, password: str) -> None:
    """Role and database, when missing. Only the role itself may connect: nobody reads another's tables."""
    role = sa.sql.quoted_name(database.role, quote=True)
    quote = connection.dialect.identifier_preparer.quote
    exists = connection.scalar(sa.text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role})
    act = "ALTER" if exists else "CREATE"
    # DDL takes no parameters; the password is hexadecimal, made by us from the secret.
    connection.exec_driver_sql(f"{act} ROLE {quote(role)} LOGIN PASSWORD '{password}'")

    if not connection.scalar(sa.text("SELECT true FROM pg_database WHERE datname = :role"), {"role": role}):
        # Before PostgreSQL 16 an administrator without superuser rights must belong to the role it gives to.
        if not connection.scalar(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            connection.exec_driver_sql(f"GRANT {quote(role)} TO CURRENT_USER")
        connection.exec_driver_sql(
            f"CREATE DATABASE {quote(role)} OWNER {quote(role)}"
            " ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
        )
    connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {quote(role)} FROM PUBLIC")


def guard_audit(config: Config, database: Database) -> None:
    """Take the audit out of the hands of the service: it may add to it and read it, and nothing else."""
    url = sa.make_url(config.admin_database_url).set(database=database.role)
    with connected(url.render_as_string(hide_password=False)) as connection:
        quote = connection.dialect.identifier_preparer.quote
        role = quote(database.role)
        for statement in (
            f"ALTER SCHEMA audit OWNER TO {AUDIT_ROLE}",
            f"GRANT USAGE ON SCHEMA audit TO {role}",
            f"ALTER FUNCTION audit.refuse_change() OWNER TO {AUDIT_ROLE}",
            *(f"ALTER TABLE {table.fullname} OWNER TO {AUDIT_ROLE}" for table in audit.sorted_tables),
            f"REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM {role}",
            f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA audit TO {role}",
            f"REVOKE INSERT ON audit.archives FROM {role}",
            f"GRANT DELETE ON audit.unchained TO {role}",
        ):
            connection.exec_driver_sql(statement)


def _make_audit_role(connection: sa.Connection) -> None:
    exists = connection.scalar(
        sa.text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": AUDIT_ROLE}
    )
    if not exists:
        connection.exec_driver_sql(f"CREATE ROLE {AUDIT_ROLE} NOLOGIN")
        if not connection.scalar(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            connection.exec_driver_sql(f"GRANT {AUDIT_ROLE} TO CURRENT_USER")


@contextmanager
def administration(config: Config) -> Iterator[sa.Connection]:
    """The administrator's connection, holding the migration lock."""
    with connected(config.admin_database_url) as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        _make_audit_role(connection)
        yield connection


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """Without a transaction around it; refuses in one sentence when the database does not answer."""
    engine = sa.create_engine(
        url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5}
    )
    try:
        connection = engine.connect()
    except sa.exc.OperationalError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise ConfigError(f"数据库 {where} 连接不上：{str(error.orig).strip().splitlines()[0]}") from None
    with connection:
        yield connection
