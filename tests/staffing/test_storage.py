"""What staffing keeps survives, and its tables are those of its migrations."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.chassis import tables
from services.chassis.db import Database
from services.contracts.staffing.errors import CommunityAlreadyRegistered
from services.contracts.staffing.terms import CommunityGrade, Post
from services.staffing import storage, usecases
from services.staffing.domain import Community
from tests.staffing.builders import CITY, NOW, appoint, facts, make_community, make_worker, register

ServiceDb = Callable[[str], Database]


@pytest.fixture
def database(service_db: ServiceDb) -> Database:
    return service_db("staffing")


def test_a_community_survives_the_round_trip(database: Database) -> None:
    community = make_community(grade=CommunityGrade.BOUTIQUE, version=5)
    kept = attributes(community)
    with database.transaction() as tx:
        tx.session.add(community)

    with database.reading() as tx:
        assert attributes(tx.session.get_one(Community, community.community_id)) == kept


def test_a_worker_survives_the_round_trip(database: Database) -> None:
    with database.transaction() as tx:
        community_id = register(tx).community_id
    worker = make_worker(community_id=community_id, post=Post.DIRECTOR, since_on=date(2026, 2, 28), version=2)
    with database.transaction() as tx:
        storage.add_worker(tx.session, worker)

    with database.reading() as tx:
        [found] = storage.list_workers(tx.session, community_ids=None, after=None, limit=2)
    assert vars(found) == vars(worker)


def test_the_migrations_make_the_tables_that_the_code_uses(database: Database) -> None:
    wanted = sa.MetaData()
    for table in (*storage.metadata.tables.values(), *tables.metadata.tables.values()):
        table.to_metadata(wanted)

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, wanted) == []


def test_of_two_registrations_of_one_code_at_once_one_is_refused(database: Database) -> None:
    outcomes: list[str] = []
    both_ready = threading.Barrier(2)

    def try_to_register() -> None:
        try:
            with database.transaction() as tx:
                both_ready.wait()
                register(tx)
            outcomes.append("registered")
        except CommunityAlreadyRegistered:
            outcomes.append("refused")

    run_at_once(try_to_register, try_to_register)

    assert sorted(outcomes) == ["refused", "registered"]


def test_of_two_changes_at_once_neither_is_lost(database: Database) -> None:
    with database.transaction() as tx:
        community_id = register(tx).community_id
    both_ready = threading.Barrier(2)

    def change() -> None:
        with database.transaction() as tx:
            both_ready.wait()
            usecases.change_community(
                tx, community_id=community_id, **facts(), expected_version=None, actor=CITY, now=NOW
            )

    run_at_once(change, change)

    with database.reading() as tx:
        assert usecases.get_community(tx, community_id=community_id)[0].version == 3


def test_the_longest_name_leaves_room_in_a_cursor(database: Database) -> None:
    with database.transaction() as tx:
        community_id = register(tx).community_id
        for _ in range(2):
            appoint(tx, community_id, "爨" * 50)

    with database.reading() as tx:
        _, cursor = usecases.list_workers(tx, community_id=None, cursor=None, limit=1, actor=CITY)

    assert cursor is not None
    assert len(cursor) <= 500


@pytest.mark.parametrize("names", [["Anna", "白云", "曹雪", "赵云", "Zoe"], ["李白", "李丽", "李莉", "林立"]])
def test_names_sort_by_sound_and_homophones_stay_together(names: list[str]) -> None:
    keys = [storage.sort_key(name) for name in names]

    assert keys == sorted(keys)


def attributes(entity: object) -> dict[str, object]:
    return {column.key: getattr(entity, column.key) for column in sa.inspect(type(entity)).column_attrs}


def run_at_once(*acts: Callable[[], None]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
