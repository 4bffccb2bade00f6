"""The arithmetic of the audit: the bytes of a row, the chain over the rows, the tree, its signed head.

Everything here can be computed again by anybody, in any language, from what `docs/audit.md` says.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.chassis.audit import canonical
from services.chassis.config import Config

# A row of `audit.entries` by the names of its columns.
Row = Mapping[str, Any] | sa.RowMapping
HASH_BYTES = 32
_LEAF, _NODE, _LINK = b"\x00", b"\x01", b"\x02"


def sha256(octets: bytes) -> bytes:
    return hashlib.sha256(octets).digest()


def row_bytes(chain: str, row: Row) -> bytes:
    """The one way in which an entry is written for hashing. It must never change."""
    return canonical(
        {
            "act": row["act"],
            "actor_id": row["actor_id"],
            "address": row["address"],
            "after_hash": _hex(row["after_hash"]),
            "at": moment_text(row["at"]),
            "before_hash": _hex(row["before_hash"]),
            "chain": chain,
            "code": row["code"],
            "community_id": _text(row["community_id"]),
            "entry_id": _text(row["entry_id"]),
            "on_behalf_of": row["on_behalf_of"],
            "outcome": row["outcome"],
            "reason": row["reason"],
            "record_id": row["record_id"],
            "request_id": row["request_id"],
            "roles": list(row["roles"]),
        }
    )


def row_hash(chain: str, row: Row) -> bytes:
    """Also the leaf of the tree (RFC 6962)."""
    return sha256(_LEAF + row_bytes(chain, row))


def genesis(chain: str) -> bytes:
    """What the first row of a chain is bound to."""
    return sha256(f"gongzhi audit chain {chain}".encode())


def link_hash(seq: int, prev_hash: bytes, hash_of_row: bytes) -> bytes:
    return sha256(_LINK + seq.to_bytes(8, "big") + prev_hash + hash_of_row)


def moment_text(moment: datetime) -> str:
    """UTC with microseconds, always of the same length."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Tree:
    """The Merkle tree of RFC 6962, growing leaf by leaf; keeps the roots of its full subtrees only."""

    def __init__(self, size: int = 0, peaks: bytes = b"") -> None:
        if len(peaks) != HASH_BYTES * size.bit_count():
            raise ValueError("as many peaks as the size has bits")
        self.size = size
        self._peaks = [peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)]

    def append(self, leaf: bytes) -> None:
        self._peaks.append(leaf)
        # Each trailing one in the size is a full subtree that the new one completes.
        left = self.size
        while left & 1:
            right = self._peaks.pop()
            self._peaks[-1] = sha256(_NODE + self._peaks[-1] + right)
            left >>= 1
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.append(leaf)

    @property
    def peaks(self) -> bytes:
        return b"".join(self._peaks)

    def root(self) -> bytes:
        if not self._peaks:
            return sha256(b"")
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = sha256(_NODE + peak + root)
        return root


@dataclass(frozen=True, kw_only=True)
class Head:
    """What was signed: so many rows, this root of the tree, this hash of the last link, at this moment."""

    chain: str
    size: int
    root: str
    hash: str
    at: str

    def signed_bytes(self) -> bytes:
        return b"gongzhi audit head\n" + canonical({**vars(self), "size": str(self.size)})


@dataclass(frozen=True, kw_only=True)
class SignedHead:
    head: Head
    key_id: str
    signature: bytes

    def as_line(self) -> str:
        written = {**vars(self.head), "key_id": self.key_id, "signature": _base64(self.signature)}
        return canonical(written).decode()

    @classmethod
    def of(cls, written: dict[str, Any]) -> Self:
        """Raises `KeyError`, `TypeError` or `ValueError` for what is no head."""
        head = Head(
            chain=str(written["chain"]),
            size=int(written["size"]),
            root=str(written["root"]),
            hash=str(written["hash"]),
            at=str(written["at"]),
        )
        signature = base64.b64decode(written["signature"], validate=True)
        return cls(head=head, key_id=str(written["key_id"]), signature=signature)


class Signer:
    """Signs heads with a key derived from the platform's secret."""

    def __init__(self, config: Config) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(config.derived("audit:heads"))
        self.public_key = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = sha256(self.public_key).hex()[:16]

    def sign(self, head: Head) -> SignedHead:
        return SignedHead(head=head, key_id=self.key_id, signature=self.sign_bytes(head.signed_bytes()))

    def sign_bytes(self, octets: bytes) -> bytes:
        return self._key.sign(octets)

    def is_ours(self, signed: SignedHead) -> bool:
        return signed.key_id == self.key_id and self.is_signed(signed.head.signed_bytes(), signed.signature)

    def is_signed(self, octets: bytes, signature: bytes) -> bool:
        try:
            self._key.public_key().verify(signature, octets)
        except InvalidSignature:
            return False
        return True


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _hex(value: Any) -> str | None:
    return None if value is None else bytes(value).hex()


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
