"""The secrets of second factors: sealed under data keys that are changed, also those that were sealed before."""

import warnings
from uuid import UUID, uuid4

import pyotp
import pytest
import sqlalchemy as sa
from alembic import command as alembic

from deploy.gongzhi import PROJECT, _databases
from gateway.auth import accounts
from gateway.storage import second_factors
from gateway.storage.tables import factor_secrets, metadata
from gateway.storage.tables import second_factors as factor_rows
from services.chassis.config import Config, load
from services.chassis.db import Database
from services.chassis.keys import Keyring
from services.chassis.sealing import ENVELOPE, Sealer, reseal, sealed_columns
from services.contracts.base import Role

SECRET = pyotp.random_base32()


@pytest.fixture
def before(settings: Config) -> _databases.Database:
    """A database of its own, as it stood before."""
    with _databases.connected(settings.admin_database_url) as connection:
        connection.exec_driver_sql("CREATE DATABASE before_proof TEMPLATE template0")
    url = sa.make_url(settings.admin_database_url).set(database="before_proof")
    database = _databases.Database(
        name="gateway",
        url=url.render_as_string(hide_password=False),
        migrations=PROJECT / "gateway" / "migrations",
        is_ours_to_make=False,
    )
    move(database, "0009")
    return database


def move(database: _databases.Database, revision: str, *, back: bool = False) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (alembic.downgrade if back else alembic.upgrade)(database.alembic, revision)


def sealed_in(url: str) -> bytes:
    with _databases.connected(url) as connection:
        return bytes(connection.scalar(sa.text("SELECT sealed_secret FROM second_factors")))


def test_what_was_sealed_before_is_sealed_anew_and_opens_as_before(before: _databases.Database) -> None:
    user_id, old = uuid4(), Sealer(load(), purpose="second factors")
    with _databases.connected(before.url) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO users (user_id, username, display_name, password_hash, created_at,"
                " password_changed_at) VALUES (:id, 'wang', '王', '', now(), now())"
            ),
            {"id": user_id},
        )
        connection.execute(
            sa.text("INSERT INTO second_factors VALUES (:id, :sealed, 0, now(), now())"),
            {"id": user_id, "sealed": old.seal(SECRET, context=str(user_id))},
        )
        connection.execute(
            sa.text(
                "INSERT INTO sessions VALUES (:id, 'x', :id, now() - interval '1 hour', now(), now(), '', '')"
            ),
            {"id": user_id},
        )

    move(before, "head")

    database = Database(before.url, service="gateway", pool_size=2)
    with database.reading() as tx:
        assert second_factors.find_secret(tx.session, user_id) == SECRET
        assert tx.session.scalar(sa.text("SELECT proven_at = created_at FROM sessions"))
    database.dispose()
    assert sealed_in(before.url)[:1] == ENVELOPE

    move(before, "0009", back=True)
    assert old.unseal(sealed_in(before.url), context=str(user_id)) == SECRET


def test_changing_the_keys_seals_them_anew(database: Database) -> None:
    user = accounts.add_user(
        database, username="wang", display_name="王", password="correct-horse", roles=(Role.CITY_OFFICER,)
    )
    with database.transaction() as tx:
        second_factors.offer(tx.session, user_id=user.user_id, secret=SECRET, now=tx.now)
    before = key_of(database)

    assert factor_secrets in sealed_columns(metadata)
    keyring = Keyring(load(), database.engine.begin)
    keyring.rotate()
    with database.engine.begin() as connection:
        assert reseal(connection, keyring, factor_secrets) == 1

    assert key_of(database) != before
    with database.reading() as tx:
        assert second_factors.find_secret(tx.session, user.user_id) == SECRET


def key_of(database: Database) -> UUID:
    with database.reading() as tx:
        sealed = bytes(tx.session.scalar(sa.select(factor_rows.c.sealed_secret)) or b"")
    return UUID(bytes=sealed[1:17])
