"""A roll that was kept before names were sealed is sealed by the migration, and found as before."""

import warnings
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command as alembic

from deploy.gongzhi import PROJECT, _databases
from services.chassis.config import Config, load
from services.chassis.db import Database
from services.chassis.sealing import Sealer
from services.consultation import storage
from services.consultation.storage.resident import numbers

NUMBER = "231102190001010019"


@pytest.fixture
def before(settings: Config) -> _databases.Database:
    """A database of its own, as it stood before."""
    with _databases.connected(settings.admin_database_url) as connection:
        connection.exec_driver_sql("CREATE DATABASE before_sealing TEMPLATE template0")
    url = sa.make_url(settings.admin_database_url).set(database="before_sealing")
    database = _databases.Database(
        name="consultation",
        url=url.render_as_string(hide_password=False),
        migrations=PROJECT / "services" / "consultation" / "migrations",
        is_ours_to_make=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alembic.upgrade(database.alembic, "0002")
    return database


def test_names_in_the_clear_are_sealed_and_people_are_found_as_before(before: _databases.Database) -> None:
    resident_id = uuid4()
    old = Sealer(load(), purpose=numbers.purpose)
    with _databases.connected(before.url) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO residents VALUES (:id, :community, '张海兰', :sealed, :hash, '', '', 'zhang1 张海兰')"
            ),
            {
                "id": resident_id,
                "community": uuid4(),
                "sealed": old.seal(NUMBER, context=f"residents.identity_sealed:{resident_id}"),
                "hash": old.keyed_hash(NUMBER),
            },
        )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before.migrate()

    database = Database(before.url, service="consultation", pool_size=4)
    with database.reading() as tx:
        ways: list[dict[str, Any]] = [{"resident_name": "张海兰"}, {"identity_number": NUMBER}]
        for by in ways:
            [found] = storage.list_residents(tx.session, community_ids=None, limit=2, **by)
            assert (found.resident_id, found.resident_name) == (resident_id, "张海兰")
            assert (found.identity_number, found.sort_key) == (NUMBER, "zhang1 h l")
        stored = tx.session.scalar(sa.text("SELECT residents::text FROM residents"))
    database.dispose()
    assert "张海兰" not in str(stored)
