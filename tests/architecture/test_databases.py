"""Nobody reads another's tables: every service has a role that can enter its own database only."""

import itertools

import psycopg2
import pytest
import sqlalchemy as sa

from deploy.gongzhi import _databases
from deploy.local.stack import LocalStack
from services.chassis.config import Config, load

NAMES = ("claims", "consultation", "gateway", "notifications", "staffing")


@pytest.fixture(scope="module")
def config(stack: LocalStack) -> Config:
    settings = load(stack.environment())
    with _databases.administration(settings) as connection:
        for database in _databases.all_databases(settings):
            _databases.make(connection, database, password=settings.database_password(database.name))
    return settings


def test_these_are_all_databases(config: Config) -> None:
    assert sorted(database.name for database in _databases.all_databases(config)) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_service_enters_its_own_database(config: Config, name: str) -> None:
    engine = sa.create_engine(config.database_url(name), poolclass=sa.NullPool)

    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT current_user")) == f"gongzhi_{name}"
        is_powerful = (
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert connection.scalar(sa.text(is_powerful)) is False


@pytest.mark.parametrize(("own", "other"), list(itertools.permutations(NAMES, 2)))
def test_a_service_cannot_enter_the_database_of_another(config: Config, own: str, other: str) -> None:
    url = sa.make_url(config.database_url(own)).set(database=f"gongzhi_{other}", drivername="postgresql")

    with pytest.raises(psycopg2.OperationalError, match="permission denied"):
        psycopg2.connect(url.render_as_string(hide_password=False))


def test_the_password_of_one_opens_no_other_role(config: Config) -> None:
    url = sa.make_url(config.database_url("staffing")).set(
        password=config.database_password("claims"), drivername="postgresql"
    )

    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url.render_as_string(hide_password=False))
