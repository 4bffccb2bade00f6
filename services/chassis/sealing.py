"""Sealing single values at rest, and finding them again without opening them.

    sealed = b"2" ‖ id of the data key: 16 bytes ‖ nonce: 12 ‖ ciphertext ‖ tag: 16

The id of the key leads the value so that keys can be changed (`keys.py`); table, column and row are
authenticated with it, so a value copied elsewhere does not open.
Values beginning with b"1" were sealed with a key derived from the secret; a rotation seals them anew.
"""

import hashlib
import hmac
import os
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import orm

from services.chassis.config import Config, load
from services.chassis.keys import Keyring, SealBroken

__all__ = ["SealBroken", "SealedColumn", "Sealer", "keyring_of", "reseal", "sealed_columns"]

KEY_ID = b"1"
ENVELOPE = b"2"
_LEAD = 17

_keyrings: WeakKeyDictionary[sa.Engine, Keyring] = WeakKeyDictionary()


class Sealer:
    """Seals with a key derived from the secret alone; two purposes cannot read each other.

    For values that live as long as the secret does; those of persons are `SealedColumn`s.
    """

    def __init__(self, config: Config, *, purpose: str) -> None:
        self._cipher = AESGCM(config.derived(f"seal:{purpose}"))
        self._hash_key = config.derived(f"hash:{purpose}")

    def seal(self, text: str, *, context: str) -> bytes:
        nonce = os.urandom(12)
        return KEY_ID + nonce + self._cipher.encrypt(nonce, text.encode(), context.encode())

    def unseal(self, sealed: bytes, *, context: str) -> str:
        if sealed[:1] != KEY_ID:
            raise SealBroken("unknown key id")
        try:
            return self._cipher.decrypt(sealed[1:13], sealed[13:], context.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken("wrong key, context or content") from error

    def keyed_hash(self, text: str) -> bytes:
        """The same text gives the same 32 bytes, which tell nothing without the key."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).digest()


class SealedColumn:
    """A column that holds values of one purpose, each sealed to its row."""

    def __init__(self, column: sa.Column[Any], *, purpose: str) -> None:
        self.column = column
        self.purpose = purpose
        column.info["sealed"] = self

    def seal(self, keyring: Keyring, row_id: UUID, text: str) -> bytes:
        key = keyring.sealing_key(self.purpose)
        closed = key.suite.close(key.secret, text.encode(), context=self._context(row_id))
        return ENVELOPE + key.key_id.bytes + closed

    def unseal(self, keyring: Keyring, row_id: UUID, sealed: bytes) -> str:
        """Raises `SealBroken`."""
        if sealed[:1] == KEY_ID:
            return Sealer(load(), purpose=self.purpose).unseal(sealed, context=self._context(row_id).decode())
        if sealed[:1] != ENVELOPE or len(sealed) < _LEAD:
            raise SealBroken("not a sealed value")
        key = keyring.key(UUID(bytes=sealed[1:_LEAD]))
        return key.suite.open(key.secret, sealed[_LEAD:], context=self._context(row_id)).decode()

    def keyed_hash(self, keyring: Keyring, text: str) -> bytes:
        """The same text gives the same 32 bytes, which tell nothing without the key."""
        key = keyring.search_key(self.purpose)
        return key.suite.keyed_hash(key.secret, text.encode())

    def _context(self, row_id: UUID) -> bytes:
        return f"{self.column.table.name}.{self.column.name}:{row_id}".encode()


def keyring_of(session: orm.Session) -> Keyring:
    """The keys of the session's database; one keyring per process and database."""
    engine = session.get_bind().engine
    if engine not in _keyrings:
        _keyrings[engine] = Keyring(load(), engine.begin)
    return _keyrings[engine]


def sealed_columns(metadata: sa.MetaData) -> list[SealedColumn]:
    return [
        column.info["sealed"]
        for table in metadata.sorted_tables
        for column in table.columns
        if "sealed" in column.info
    ]


def reseal(connection: sa.Connection, keyring: Keyring, sealed: SealedColumn, *, most: int = 500) -> int:
    """Seal up to `most` values anew that another than the newest key sealed; how many there were."""
    table, column = sealed.column.table, sealed.column
    [row_id] = table.primary_key.columns
    newest = ENVELOPE + keyring.sealing_key(sealed.purpose).key_id.bytes
    rows = connection.execute(
        sa.select(row_id, column)
        .where(column.is_not(None), sa.func.substring(column, 1, _LEAD) != newest)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for key, value in rows:
        text = sealed.unseal(keyring, key, bytes(value))
        connection.execute(
            sa.update(table).where(row_id == key).values({column: sealed.seal(keyring, key, text)})
        )
    return len(rows)
