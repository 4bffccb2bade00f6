"""`gongzhi keys rotate` as it is run: a program of its own, on the databases of the platform."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from deploy.local.server import PROJECT
from gateway import personal
from gateway.storage import tables
from gateway.storage.personal_requests import Person
from services.chassis.clock import utc_now
from services.chassis.config import SAMPLE_SECRET, load
from services.chassis.db import Database
from services.chassis.keys import SEAL, Keyring, SealBroken, data_keys
from services.chassis.sealing import ENVELOPE, SealedColumn, keyring_of, sealed_columns
from services.claims import storage as claims
from services.claims.usecases import keep_community
from services.consultation import storage as consultation
from services.contracts.notifications.terms import Channel
from services.notifications.storage import tables as notifications
from services.staffing import storage as staffing
from tests.builders import HUAYUAN, HUAYUAN_CODE, community_registered
from tests.claims import volunteering
from tests.consultation.builders import enrol, hear_of, row
from tests.notifications.builders import subscribe
from tests.staffing.builders import appoint, register

METADATA = {
    "claims": claims.metadata,
    "consultation": consultation.metadata,
    "gateway": tables.metadata,
    "notifications": notifications.metadata,
    "staffing": staffing.metadata,
}
SERVICES = tuple(METADATA)
# How many values each of them seals in `sealed`.
VALUES = {"claims": 1, "consultation": 6, "gateway": 1, "notifications": 2, "staffing": 1}
# The values of each column by their rows, as they lie in the database.
Sealed = dict[SealedColumn, dict[UUID, bytes]]
PERSON = Person(resident_name="张海", identity_number="231102190001010019", email="", phone="", wish="")


@pytest.fixture
def environment(service_db: Callable[[str], Database]) -> Iterator[dict[str, str]]:
    """Variables that reach the tests' databases, with the secret of this process; later tests know no file."""
    databases = {name: service_db(name) for name in SERVICES}
    for database in databases.values():
        forget_keys(database)
    urls = {f"GONGZHI_{name.upper()}_DATABASE_URL": database.url for name, database in databases.items()}
    # Commands would otherwise ask the developer's own running platform.
    own = {"GONGZHI_ENV": "development", "GONGZHI_SECRET": SAMPLE_SECRET, "GONGZHI_KEY_FILE": ""}
    yield {**own, **urls}
    for database in databases.values():
        forget_keys(database)


def forget_keys(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.delete(data_keys))
    with database.reading() as tx:
        keyring_of(tx.session).forget()


@pytest.fixture
def sealed(environment: dict[str, str], service_db: Callable[[str], Database]) -> dict[str, Sealed]:
    """Something of every service that seals, as it lies in its database."""
    with service_db("consultation").transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(nth) for nth in range(3)])
    volunteering.registered(claims_of(service_db))
    with service_db("staffing").transaction() as tx:
        appoint(tx, register(tx).community_id, since_on=date(2026, 12, 1))
    for address in ("wang@example.cn", "li@example.cn"):
        subscribe(service_db("notifications"), Channel.EMAIL, address)
    personal.submit_request(service_db("gateway"), kind="access", person=PERSON, now=utc_now())
    return {name: held(service_db(name), name) for name in SERVICES}


def claims_of(service_db: Callable[[str], Database]) -> Database:
    """Claims with the community of its volunteers."""
    database = service_db("claims")
    with database.transaction() as tx:
        keep_community(tx, community_registered(HUAYUAN, HUAYUAN_CODE, "花园社区"))
    return database


def held(database: Database, name: str) -> Sealed:
    return {column: rows_of(database, column) for column in sealed_columns(METADATA[name])}


def rows_of(database: Database, column: SealedColumn) -> dict[UUID, bytes]:
    [row_id] = column.column.table.primary_key.columns
    with database.engine.connect() as connection:
        found = connection.execute(sa.select(row_id, column.column).where(column.column.is_not(None)))
        return {key: bytes(value) for key, value in found}


def opened(database: Database, sealed: Sealed, **variables: str) -> list[str]:
    """With the keys of the database and, around those, the key that the variables name."""
    ring = Keyring(load(variables), database.engine.begin)
    return sorted(
        column.unseal(ring, row_id, value)
        for column, rows in sealed.items()
        for row_id, value in rows.items()
    )


def key_ids(sealed: Sealed) -> set[bytes]:
    return {value[:17] for rows in sealed.values() for value in rows.values()}


def newest_key_ids(database: Database, held: Sealed) -> set[bytes]:
    """One for each purpose of which something is held, as they lead the values."""
    purposes = {column.purpose for column, rows in held.items() if rows}
    newest = (
        sa.select(data_keys.c.key_id)
        .where(data_keys.c.use == SEAL, data_keys.c.purpose.in_(purposes))
        .order_by(data_keys.c.purpose, data_keys.c.made_at.desc())
        .ext(pg.distinct_on(data_keys.c.purpose))
    )
    with database.engine.connect() as connection:
        return {ENVELOPE + key_id.bytes for key_id in connection.scalars(newest)}


def rotate(
    environment: dict[str, str], *options: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "deploy.gongzhi", "keys", "rotate", *options],
        cwd=PROJECT,
        env={**os.environ, **environment, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_value_is_sealed_with_a_new_key_and_the_old_ones_still_open(
    environment: dict[str, str], sealed: dict[str, Sealed], service_db: Callable[[str], Database]
) -> None:
    texts = {name: opened(service_db(name), sealed[name]) for name in SERVICES}

    done = rotate(environment, "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == VALUES
    for name in SERVICES:
        now = held(service_db(name), name)
        assert key_ids(now) == newest_key_ids(service_db(name), now)
        assert not key_ids(now) & key_ids(sealed[name])
        assert opened(service_db(name), now) == texts[name]
        assert opened(service_db(name), sealed[name]) == texts[name]


def test_the_counts_are_told_in_words_and_no_value_is(
    environment: dict[str, str], sealed: dict[str, Sealed]
) -> None:
    done = rotate(environment)

    assert sorted(done.stdout.splitlines()) == [
        f"✓ {name}：已重新加密 {VALUES[name]} 个值" for name in sorted(VALUES)
    ]
    assert done.stderr == ""


def test_one_that_died_before_it_sealed_anything_is_made_good_by_the_next(
    environment: dict[str, str], sealed: dict[str, Sealed], service_db: Callable[[str], Database]
) -> None:
    database = service_db("consultation")
    Keyring(load(), database.engine.begin).rotate()
    left_behind = newest_key_ids(database, sealed["consultation"])
    assert not key_ids(held(database, "consultation")) & left_behind

    done = rotate(environment, "--json")

    assert json.loads(done.stdout) == VALUES
    assert key_ids(held(database, "consultation")) == newest_key_ids(database, sealed["consultation"])


def test_the_first_line_of_the_key_file_takes_over_everywhere(
    environment: dict[str, str],
    sealed: dict[str, Sealed],
    service_db: Callable[[str], Database],
    tmp_path: Path,
) -> None:
    file = tmp_path / "keys"
    texts = {name: opened(service_db(name), sealed[name]) for name in SERVICES}
    for lines in (f"2026:{'ab' * 32}\n", f"2027:{'cd' * 32}\n2026:{'ab' * 32}\n"):
        file.write_text(lines, encoding="ascii")

        done = rotate(environment, "--json", GONGZHI_KEY_FILE=str(file))

        assert json.loads(done.stdout) == VALUES, done.stderr
    file.write_text(f"2027:{'cd' * 32}\n", encoding="ascii")
    for name in SERVICES:
        now = held(service_db(name), name)
        assert opened(service_db(name), now, GONGZHI_KEY_FILE=str(file)) == texts[name]
        with pytest.raises(SealBroken):
            opened(service_db(name), now)


def test_a_key_file_that_cannot_be_read_changes_nothing_and_is_told_in_a_sentence(
    environment: dict[str, str], sealed: dict[str, Sealed], service_db: Callable[[str], Database]
) -> None:
    done = rotate(environment, GONGZHI_KEY_FILE="/nowhere/keys")

    assert done.returncode != 0
    assert "GONGZHI_KEY_FILE 读不出来" in done.stderr
    assert "Traceback" not in done.stderr
    assert {name: held(service_db(name), name) for name in SERVICES} == sealed
