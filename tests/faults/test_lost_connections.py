"""What a database connection that has died costs: one answer, and no more."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.chassis.doors import every
from services.contracts.base import Unavailable

pytestmark = pytest.mark.fault

PLACES = 2
END_OTHERS = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'gongzhi-drill' AND pid <> pg_backend_pid()"
)


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Iterator[Database]:
    of_service = service_db("gateway")
    made = Database(of_service.url, service="drill", pool_size=PLACES)
    yield made
    made.dispose()


@pytest.fixture
def end_connections(service_db: Callable[[str], Database]) -> Callable[[], None]:
    """What the server does to everybody when it is shut down."""

    def end() -> None:
        with service_db("gateway").transaction() as tx:
            tx.session.execute(END_OTHERS)

    return end


def look(database: Database) -> None:
    with database.looking() as connection:
        connection.execute(sa.text("SELECT 1"))


def read(database: Database) -> None:
    with database.reading() as tx:
        tx.session.execute(sa.text("SELECT 1"))


def write(database: Database) -> None:
    with database.transaction() as tx:
        tx.session.execute(sa.text("SELECT 1"))


@pytest.mark.parametrize("use", [look, read, write])
def test_a_connection_that_dies_takes_no_place_in_the_pool_along(
    database: Database, end_connections: Callable[[], None], use: Callable[[Database], None]
) -> None:
    for _ in range(PLACES + 2):
        use(database)
        end_connections()
        with pytest.raises(Unavailable, match="数据库暂时不可用"):
            use(database)

    use(database)


def test_a_connection_that_dies_at_the_end_of_a_look_costs_nothing(
    database: Database, end_connections: Callable[[], None]
) -> None:
    for _ in range(PLACES + 2):
        with database.looking() as connection:
            connection.execute(sa.text("SELECT 1"))
            end_connections()
        with pytest.raises(Unavailable):
            look(database)

    look(database)


def test_a_timer_that_meets_an_absent_database_has_its_next_turn() -> None:
    turns = []

    class Clock:
        @every(seconds=1)
        def strike(self) -> None:
            turns.append("struck")
            raise Unavailable("数据库暂时不可用，请稍后再试。")

    clock: Any = Clock()
    clock.strike()
    clock.strike()

    assert turns == ["struck", "struck"]
