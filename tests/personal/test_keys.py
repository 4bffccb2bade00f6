"""Keys that can be changed: old values still open, new ones are sealed anew, nothing lies in the clear."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from deploy.gongzhi.keys import rotate_one
from services.chassis import sealing
from services.chassis.config import Config, ConfigError, load
from services.chassis.db import Database
from services.chassis.keys import SUITES, Keyring, SealBroken, data_keys, wrapping_keys
from services.chassis.sealing import ENVELOPE, Sealer, keyring_of
from services.consultation import storage
from services.consultation.storage.resident import names, numbers, residents
from tests.consultation.builders import enrol, hear_of, row

NUMBER = "231102190001010019"


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("consultation")


@pytest.fixture
def config(database: Database) -> Config:
    """Settings whose database is this one, and whose secret is that of this process."""
    url = database.url
    return load({"GONGZHI_CONSULTATION_DATABASE_URL": url})


def keyring(database: Database, **variables: str) -> Keyring:
    return Keyring(load(variables), database.engine.begin)


@pytest.fixture(params=SUITES)
def cipher(request: pytest.FixtureRequest, database: Database) -> str:
    with database.engine.begin() as connection:
        connection.execute(sa.delete(data_keys).where(data_keys.c.purpose == names.purpose))
    sealing._keyrings.clear()  # they know the keys that are gone
    return str(request.param)


def test_the_national_algorithms_are_those_of_the_standard() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(SUITES["sm4-gcm"].cipher(key), modes.ECB()).encryptor()

    assert encryptor.update(key).hex() == "681edf34d206965e86b3e94f536e4246"
    assert SUITES["sm4-gcm"].keyed_hash(b"k", b"abc").hex() == (
        "af684d81732e81f6a9c5dd0aa68f27667b36debcebe29e094a654c3d496a898a"
    )
    assert SUITES["aes-256-gcm"].cipher is algorithms.AES


def test_a_value_opens_with_the_suite_that_sealed_it_whatever_is_chosen_now(
    database: Database, cipher: str
) -> None:
    row_id = uuid4()
    sealed = names.seal(keyring(database, GONGZHI_CIPHER=cipher), row_id, "张海")

    for chosen in SUITES:
        assert names.unseal(keyring(database, GONGZHI_CIPHER=chosen), row_id, sealed) == "张海"


def test_a_value_copied_to_another_row_or_column_does_not_open(database: Database) -> None:
    ours, other = uuid4(), uuid4()
    ring = keyring(database)
    sealed = names.seal(ring, ours, "张海")

    with pytest.raises(SealBroken):
        names.unseal(ring, other, sealed)
    with pytest.raises(SealBroken):
        numbers.unseal(ring, ours, sealed)


@pytest.mark.parametrize("position", [0, 1, 16, 17, 30, -1])
def test_a_changed_byte_is_noticed(database: Database, position: int) -> None:
    row_id, ring = uuid4(), keyring(database)
    sealed = bytearray(names.seal(ring, row_id, "张海"))
    sealed[position] ^= 0xFF

    with pytest.raises(SealBroken):
        names.unseal(ring, row_id, bytes(sealed))


def test_without_the_key_outside_the_database_nothing_opens(database: Database) -> None:
    row_id = uuid4()
    sealed = names.seal(keyring(database), row_id, "张海")

    with pytest.raises(SealBroken):
        names.unseal(keyring(database, GONGZHI_SECRET="another secret"), row_id, sealed)


def test_a_value_sealed_before_data_keys_still_opens(database: Database) -> None:
    row_id = uuid4()
    old = Sealer(load(), purpose=numbers.purpose)
    sealed = old.seal(NUMBER, context=f"residents.identity_sealed:{row_id}")

    assert numbers.unseal(keyring(database), row_id, sealed) == NUMBER
    assert numbers.keyed_hash(keyring(database), NUMBER) == old.keyed_hash(NUMBER)


def test_a_rotation_seals_everything_anew_and_finds_people_as_before(
    database: Database, config: Config
) -> None:
    with database.transaction() as tx:
        hear_of(tx)
        enrol(tx, [row(nth) for nth in range(3)])
        before = tx.session.execute(sa.select(residents.c.name_sealed, residents.c.identity_hash)).all()

    resealed = rotate_one(config, "consultation", [names, numbers])

    with database.reading() as tx:
        after = tx.session.execute(sa.select(residents.c.name_sealed, residents.c.identity_hash)).all()
        found = storage.list_residents(tx.session, community_ids=None, resident_name="张海", limit=9)
    assert resealed == 6
    assert {one.resident_name for one in found} == {"张海"}
    assert len(found) == 3
    assert {bytes(one.identity_hash) for one in after} == {bytes(one.identity_hash) for one in before}
    assert not {bytes(one.name_sealed)[1:17] for one in after} & {
        bytes(one.name_sealed)[1:17] for one in before
    }
    assert all(bytes(one.name_sealed)[:1] == ENVELOPE for one in after)


def test_the_key_of_a_file_takes_over_from_the_secret(database: Database, tmp_path: Path) -> None:
    row_id = uuid4()
    sealed = names.seal(keyring(database), row_id, "张海")
    file = tmp_path / "keys"
    file.write_text(f"2026:{'ab' * 32}\n", encoding="ascii")
    ring = keyring(database, GONGZHI_KEY_FILE=str(file))

    ring.rotate()

    with database.engine.connect() as connection:
        wrapped_by = set(connection.scalars(sa.select(data_keys.c.wrapped_by)))
    assert wrapped_by == {"aes-256-gcm:2026"}
    assert names.unseal(ring, row_id, sealed) == "张海"
    with pytest.raises(SealBroken):
        names.unseal(keyring(database), row_id, sealed)
    with database.engine.begin() as connection:  # later tests know no file
        connection.execute(sa.delete(data_keys))
    with database.reading() as tx:
        keyring_of(tx.session).forget()


def test_a_rolled_back_transaction_loses_no_key(database: Database) -> None:
    row_id = uuid4()
    with database.reading() as tx:  # rolled back at its end
        sealed = names.seal(keyring_of(tx.session), row_id, "张海")

    assert names.unseal(keyring(database), row_id, sealed) == "张海"


@pytest.mark.parametrize("text", ["", "no colon", "name:zz", "name:abcd"])
def test_a_wrong_key_file_is_told_in_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text, encoding="ascii")

    with pytest.raises(ConfigError, match="GONGZHI_KEY_FILE"):
        wrapping_keys(load({"GONGZHI_KEY_FILE": str(file)}))
