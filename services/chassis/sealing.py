"""Encrypting single values at rest, and finding them again without decrypting.

AES-256-GCM with a random nonce; the key id leads the text so that keys can be changed, and the
caller's context (table, column, row) is authenticated, so a value copied elsewhere does not open.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.chassis.config import Config

KEY_ID = b"1"


class SealBroken(Exception):
    """The value was changed, moved, or sealed with another key."""


class Sealer:
    """Seals values of one `purpose`; two purposes cannot read each other."""

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
