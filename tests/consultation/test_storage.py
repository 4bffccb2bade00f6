"""What consultation keeps survives, and stays secret where it must."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.chassis import tables
from services.chassis.db import Database
from services.chassis.sealing import SealBroken
from services.consultation import storage, usecases
from services.consultation.domain import Community, Poll
from services.consultation.storage.community import communities
from services.consultation.storage.invitation import answers, invitations
from services.consultation.storage.resident import residents
from services.contracts.consultation.terms import PollStatus, Satisfaction
from tests.consultation.builders import (
    DOER,
    HUAYUAN,
    NOW,
    WEEK,
    a_poll_of,
    answer,
    close,
    enrol,
    hear_of,
    row,
)

NUMBER = "231102190001010019"


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("consultation")


def test_a_poll_survives_the_round_trip(database: Database) -> None:
    poll = Poll(
        poll_id=uuid4(),
        item_id=uuid4(),
        community_id=HUAYUAN,
        title="楼道照明维修",
        seed="0f" * 32,
        sampled=60,
        least_sample=30,
        opened_at=NOW,
        closes_at=NOW + WEEK,
    )
    poll.close({Satisfaction.SATISFIED: 3}, now=NOW)
    kept = attributes(poll)
    with database.transaction() as tx:
        storage.add_poll(tx.session, poll)

    with database.reading() as tx:
        assert attributes(storage.get_poll(tx.session, poll.poll_id)) == kept
    assert kept["status"] is PollStatus.CLOSED


def test_a_community_survives_the_round_trip(database: Database) -> None:
    community = Community(community_id=HUAYUAN, code="231102001001", community_name="花园社区", facts_at=NOW)
    with database.transaction() as tx:
        storage.upsert_community(tx.session, community)

    with database.reading() as tx:
        found = storage.find_community(tx.session, HUAYUAN)
        assert found is not None
        assert attributes(found) == attributes(community)


def test_older_news_of_a_community_changes_nothing(database: Database) -> None:
    def hear(name: str, *, facts_at: Any) -> None:
        with database.transaction() as tx:
            usecases.hear_of_community(
                tx, community_id=HUAYUAN, code="231102001001", community_name=name, facts_at=facts_at
            )

    hear("第二个名字", facts_at=NOW)
    hear("第一个名字", facts_at=NOW - WEEK)
    with database.reading() as tx:
        assert tx.session.scalars(sa.select(communities.c.community_name)).all() == ["第二个名字"]

    hear("第三个名字", facts_at=NOW + WEEK)
    with database.reading() as tx:
        assert tx.session.scalars(sa.select(communities.c.community_name)).all() == ["第三个名字"]


def test_a_resident_survives_the_round_trip(database: Database) -> None:
    with database.transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(resident_name="李海", identity_number=NUMBER, employer_uscc=DOER)])

    with database.reading() as tx:
        [kept] = storage.list_residents(tx.session, community_ids=None, limit=2)
        assert (kept.community_id, kept.resident_name, kept.grid_code, kept.employer_uscc, kept.sort_key) == (
            HUAYUAN,
            "李海",
            "231102001001001",
            DOER,
            "li3 h",
        )
        assert kept.identity_number == NUMBER


def test_the_migrations_make_the_tables_that_the_code_uses(database: Database) -> None:
    wanted = sa.MetaData()
    for table in (*storage.metadata.tables.values(), *tables.metadata.tables.values()):
        table.to_metadata(wanted)

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, wanted) == []


def test_a_thousand_residents_are_imported_in_one_call(database: Database) -> None:
    rows = [row(nth) for nth in range(1000)]
    with database.transaction() as tx:
        hear_of(tx)

        assert enrol(tx, rows) == (1000, 0)
        assert enrol(tx, rows) == (0, 1000)


class TestIdentityNumbersAtRest:
    def test_no_table_holds_a_number_in_the_clear(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            enrol(tx, [row(identity_number=NUMBER)])

        with database.engine.connect() as connection:
            for name in sa.inspect(connection).get_table_names():
                for line in connection.exec_driver_sql(f'SELECT * FROM "{name}"'):
                    for value in line:
                        assert NUMBER.encode() not in as_bytes(value)

    def test_a_number_copied_to_another_resident_does_not_open(self, database: Database) -> None:
        with database.transaction() as tx:
            hear_of(tx)
            enrol(tx, [row(1), row(2)])
            (first, sealed), (second, _) = tx.session.execute(
                sa.select(residents.c.resident_id, residents.c.identity_sealed)
            ).all()
            tx.session.execute(
                sa.update(residents).where(residents.c.resident_id == second).values(identity_sealed=sealed)
            )

            assert storage.get_resident(tx.session, first)
            with pytest.raises(SealBroken):
                storage.get_resident(tx.session, second)


class TestSecrecy:
    def test_an_answer_is_kept_with_its_poll_and_nothing_else(self, database: Database) -> None:
        with database.engine.connect() as connection:
            columns = {
                column["name"]: (str(column["type"]), column["default"])
                for column in sa.inspect(connection).get_columns("answers")
            }

        assert columns == {
            "answer_id": ("UUID", None),
            "poll_id": ("UUID", None),
            "satisfaction": ("VARCHAR(20)", None),
        }

    def test_no_pair_of_columns_joins_answers_with_who_gave_them(self, database: Database) -> None:
        poll_id, links = a_poll_of(database, residents=30)
        for token in links:
            answer(database, token, random.choice(list(Satisfaction)))

        with database.engine.connect() as connection:
            for name in ("invitations", "residents", "idempotency", "outbox", "inbox"):
                for theirs, ours in product(
                    sa.inspect(connection).get_columns(name), sa.inspect(connection).get_columns("answers")
                ):
                    shared = values(connection, name, theirs["name"]) & values(
                        connection, "answers", ours["name"]
                    )
                    # Everybody shares the poll, so it tells nobody apart.
                    assert shared <= {str(poll_id)}, (name, theirs["name"], ours["name"])

    def test_keys_of_answers_are_random_and_tell_no_order(self, database: Database) -> None:
        _, links = a_poll_of(database, residents=30)
        for token in links:
            answer(database, token)

        with database.reading() as tx:
            keys = tx.session.scalars(sa.select(answers.c.answer_id)).all()
            refs = tx.session.scalars(sa.select(invitations.c.invitation_id)).all()
        assert {key.version for key in [*keys, *refs]} == {4}
        assert len(set(keys) | set(refs)) == 60

    def test_after_closing_not_even_row_versions_join_them(self, database: Database) -> None:
        poll_id, links = a_poll_of(database, residents=30)
        given = [random.choice(list(Satisfaction)) for _ in links]
        for token, satisfaction in zip(links, given, strict=True):
            answer(database, token, satisfaction)

        close(database, poll_id)

        with database.engine.connect() as connection:
            marked_by = values(connection, "invitations", "xmin")
            counted_by = values(connection, "answers", "xmin")
            kept = connection.execute(sa.select(answers.c.satisfaction)).scalars().all()
            on_disk = (
                connection.execute(sa.text("SELECT answer_id::text FROM answers ORDER BY ctid"))
                .scalars()
                .all()
            )
        assert len(counted_by) == 1
        assert not marked_by & counted_by
        assert Counter(kept) == Counter(given)
        assert on_disk == sorted(on_disk)


def attributes(entity: object) -> dict[str, object]:
    return {column.key: getattr(entity, column.key) for column in sa.inspect(type(entity)).column_attrs}


def values(connection: sa.Connection, table: str, column: str) -> set[str]:
    found = connection.exec_driver_sql(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
    return set(found.scalars())


def as_bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
