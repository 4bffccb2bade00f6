"""Contacts who were invited before names were sealed are sealed by the migration; nothing typed is left."""

import warnings
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command as alembic

from deploy.gongzhi import PROJECT, _databases
from gateway.storage import invitations
from services.chassis.config import Config
from services.chassis.db import Database

ADD_INVITATION = """
    INSERT INTO unit_invitations
        (invitation_id, token_hash, unit_id, unit_name, contact_name, invited_by, invited_at, expires_at)
    VALUES (:id, '\\x01', :unit, '黑河热力公司', '刘海洋', :unit, now(), now())
"""


@pytest.fixture
def before(settings: Config) -> _databases.Database:
    """A database of its own, as it stood before."""
    with _databases.connected(settings.admin_database_url) as connection:
        connection.exec_driver_sql("CREATE DATABASE before_contacts TEMPLATE template0")
    url = sa.make_url(settings.admin_database_url).set(database="before_contacts")
    database = _databases.Database(
        name="gateway",
        url=url.render_as_string(hide_password=False),
        migrations=PROJECT / "gateway" / "migrations",
        is_ours_to_make=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alembic.upgrade(database.alembic, "0008")
    return database


def test_contacts_in_the_clear_are_sealed_and_read_as_before(before: _databases.Database) -> None:
    unit_id = uuid4()
    with _databases.connected(before.url) as connection:
        connection.execute(sa.text(ADD_INVITATION), {"id": uuid4(), "unit": unit_id})
        connection.exec_driver_sql("INSERT INTO throttles VALUES ('account:my-password', 1, now())")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before.migrate()

    database = Database(before.url, service="gateway", pool_size=4)
    with database.reading() as tx:
        [found] = invitations.invitations_of(tx.session, unit_id, most=2)
        stored = tx.session.scalar(sa.text("SELECT unit_invitations::text FROM unit_invitations"))
        waiting = tx.session.scalar(sa.text("SELECT count(*) FROM throttles"))
    database.dispose()
    assert found.contact_name == "刘海洋"
    assert "刘海洋" not in str(stored)
    assert waiting == 0
