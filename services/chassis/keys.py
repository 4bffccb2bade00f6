"""Keys for data at rest: wrapped in the database, opened by a key that never is in it.

    key-encryption key   GONGZHI_KEY_FILE (its first line wraps, every line opens), else from GONGZHI_SECRET
    data keys            table `data_keys`: one per purpose and year to seal with, one per purpose to search by

A key's suite is stored with it, so GONGZHI_CIPHER decides about new keys and old ones go on opening.
The key to search by is never replaced: the same text must keep its hash.
"""

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy.dialects import postgresql as pg

from services.chassis.clock import utc_now
from services.chassis.config import Config, ConfigError
from services.chassis.ids import new_id

NONCE_BYTES = 12
TAG_BYTES = 16
PERIOD = timedelta(days=365)
# So soon every process seals with the key that a rotation made.
LOOKED_UP_SECONDS = 60.0
SEAL, SEARCH = "seal", "search"


class SealBroken(Exception):
    """The value was changed, moved, or sealed with another key."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A cipher in Galois/counter mode, and a hash; `gm` stands for the national algorithms (国密)."""

    name: str
    cipher: Callable[[bytes], Any]
    key_bytes: int
    digest: Callable[[], hashes.HashAlgorithm]

    def close(self, key: bytes, text: bytes, *, context: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        encryptor = Cipher(self.cipher(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context)
        return nonce + encryptor.update(text) + encryptor.finalize() + encryptor.tag

    def open(self, key: bytes, closed: bytes, *, context: bytes) -> bytes:
        if len(closed) < NONCE_BYTES + TAG_BYTES:
            raise SealBroken("too short")
        nonce, text, tag = closed[:NONCE_BYTES], closed[NONCE_BYTES:-TAG_BYTES], closed[-TAG_BYTES:]
        decryptor = Cipher(self.cipher(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(context)
        try:
            return decryptor.update(text) + decryptor.finalize()
        except InvalidTag as error:
            raise SealBroken("wrong key, context or content") from error

    def keyed_hash(self, key: bytes, text: bytes) -> bytes:
        mac = hmac.HMAC(key, self.digest())
        mac.update(text)
        return mac.finalize()


SUITES = {
    suite.name: suite
    for suite in (
        Suite(name="aes-256-gcm", cipher=algorithms.AES, key_bytes=32, digest=hashes.SHA256),
        Suite(name="sm4-gcm", cipher=algorithms.SM4, key_bytes=16, digest=hashes.SM3),
    )
}

# Every service that seals holds this table: `data_keys.to_metadata(metadata)` in its storage.
data_keys = sa.Table(
    "data_keys",
    sa.MetaData(),
    sa.Column("key_id", sa.Uuid, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("use", sa.Text, nullable=False),
    sa.Column("suite", sa.Text, nullable=False),
    sa.Column("wrapped_by", sa.Text, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
)
sa.Index("data_keys_newest", data_keys.c.purpose, data_keys.c.use, data_keys.c.made_at)
sa.Index(
    "data_keys_search_once", data_keys.c.purpose, unique=True, postgresql_where=data_keys.c.use == SEARCH
)


def create(connection: sa.Connection) -> None:
    """Make the table; called by one migration of every service that seals."""
    data_keys.create(connection)


@dataclass(frozen=True, kw_only=True)
class Key:
    key_id: UUID
    suite: Suite
    secret: bytes
    made_at: datetime


def wrapping_keys(config: Config) -> dict[str, bytes]:
    """Name -> 32 bytes; the first one wraps, all of them open. The file's lines are `name:64 hex digits`."""
    found: dict[str, bytes] = {}
    if config.key_file:
        try:
            lines = Path(config.key_file).read_text(encoding="ascii").split()
            found = {name: bytes.fromhex(digits) for name, digits in (line.split(":") for line in lines)}
        except (OSError, ValueError):
            raise ConfigError(
                "GONGZHI_KEY_FILE 读不出来：每行应为“名称:64 位十六进制数”，第一行用于加密。"
            ) from None
        if not found or any(len(key) != 32 for key in found.values()):
            raise ConfigError("GONGZHI_KEY_FILE 中每个密钥应为 64 位十六进制数。")
    return {**found, "secret": config.derived("seal:data-keys")}


class Keyring:
    """The keys of one database.

    `begin` opens a transaction of its own: a new key is committed before anything is sealed with it,
    whatever becomes of the transaction that needed it.
    """

    def __init__(self, config: Config, begin: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
        self._config = config
        self._begin = begin
        self._keys: dict[UUID, Key] = {}
        self._newest: dict[str, tuple[float, Key]] = {}
        self._search: dict[str, Key] = {}

    @classmethod
    def within(cls, connection: sa.Connection, config: Config) -> Self:
        """For migrations, whose keys come with the table that holds them, or not at all."""
        return cls(config, lambda: nullcontext(connection))

    def sealing_key(self, purpose: str) -> Key:
        looked_up_at, key = self._newest.get(purpose, (0.0, None))
        if key is None or time.monotonic() - looked_up_at > LOOKED_UP_SECONDS:
            with self._begin() as connection:
                key = self._newest_key(connection, purpose) or self._make(connection, purpose, SEAL)
            self._keys[key.key_id] = key
            self._newest[purpose] = (time.monotonic(), key)
        return key

    def key(self, key_id: UUID) -> Key:
        """Raises `SealBroken` when there is none."""
        if key_id not in self._keys:
            with self._begin() as connection:
                row = connection.execute(
                    sa.select(data_keys).where(data_keys.c.key_id == key_id)
                ).one_or_none()
            if row is None:
                raise SealBroken("unknown key")
            self._keys[key_id] = self._unwrapped(row)
        return self._keys[key_id]

    def search_key(self, purpose: str) -> Key:
        if purpose not in self._search:
            wanted = sa.select(data_keys).where(data_keys.c.purpose == purpose, data_keys.c.use == SEARCH)
            with self._begin() as connection:
                if (row := connection.execute(wanted).one_or_none()) is None:
                    self._make(connection, purpose, SEARCH)
                    row = connection.execute(wanted).one()
            self._search[purpose] = self._unwrapped(row)
        return self._search[purpose]

    def rotate(self) -> int:
        """Wrap every key anew with the first key-encryption key, and make a new one for each purpose."""
        with self._begin() as connection:
            rows = connection.execute(sa.select(data_keys)).all()
            for row in rows:
                rewrapped = self._wrapped(row.key_id, self._unwrapped(row).secret)
                connection.execute(
                    sa.update(data_keys).where(data_keys.c.key_id == row.key_id).values(**rewrapped)
                )
            purposes = sorted({row.purpose for row in rows if row.use == SEAL})
            for purpose in purposes:
                self._make(connection, purpose, SEAL)
        self.forget()
        return len(purposes)

    def forget(self) -> None:
        """Look every key up again."""
        self._keys.clear()
        self._newest.clear()
        self._search.clear()

    def _newest_key(self, connection: sa.Connection, purpose: str) -> Key | None:
        row = connection.execute(
            sa.select(data_keys)
            .where(
                data_keys.c.purpose == purpose,
                data_keys.c.use == SEAL,
                data_keys.c.made_at > utc_now() - PERIOD,
            )
            .order_by(data_keys.c.made_at.desc(), data_keys.c.key_id.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None else self._unwrapped(row)

    def _make(self, connection: sa.Connection, purpose: str, use: str) -> Key:
        suite = SUITES[self._config.cipher]
        # Hashes made before keys were kept in the database stay valid: their key is the one derived from the secret.
        secret = self._config.derived(f"hash:{purpose}") if use == SEARCH else os.urandom(suite.key_bytes)
        key = Key(key_id=new_id(), suite=suite, secret=secret, made_at=utc_now())
        connection.execute(
            pg.insert(data_keys)
            .values(
                key_id=key.key_id,
                purpose=purpose,
                use=use,
                suite=suite.name,
                made_at=key.made_at,
                **self._wrapped(key.key_id, secret),
            )
            .on_conflict_do_nothing()
        )
        return key

    def _wrapped(self, key_id: UUID, secret: bytes) -> dict[str, Any]:
        suite = SUITES[self._config.cipher]
        name, wrapping = next(iter(wrapping_keys(self._config).items()))
        wrapped = suite.close(wrapping[: suite.key_bytes], secret, context=key_id.bytes)
        return {"wrapped_by": f"{suite.name}:{name}", "wrapped": wrapped}

    def _unwrapped(self, row: Any) -> Key:
        suite_name, _, name = row.wrapped_by.partition(":")
        wrapping = wrapping_keys(self._config).get(name)
        if wrapping is None:
            raise SealBroken(f"the key file lacks the key {name}")
        suite = SUITES[suite_name]
        secret = suite.open(wrapping[: suite.key_bytes], bytes(row.wrapped), context=row.key_id.bytes)
        return Key(key_id=row.key_id, suite=SUITES[row.suite], secret=secret, made_at=row.made_at)
