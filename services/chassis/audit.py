"""Writing the audit: who did what to which record, on whose behalf, from where; done or refused.

One row per act, in the transaction of the act, without any lock: acts never wait for each other here.
`audit_sealer.py` binds the rows into a chain a moment later.
A row holds ids and hashes and a reason, never what a record says, so that erasing a person's data
leaves the chain whole.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.chassis.ids import new_id
from services.contracts.base import Actor

DONE = "done"
REFUSED = "refused"

_COLUMNS = (
    "entry_id, at, actor_id, roles, on_behalf_of, act, record_id, community_id, address, request_id,"
    " outcome, code, before_hash, after_hash, reason"
)
_VALUES = (
    "CAST(:entry_id AS uuid), :at, :actor_id, CAST(:roles AS text[]), :on_behalf_of, :act, :record_id,"
    " CAST(:community_id AS uuid), :address, :request_id, :outcome, :code, CAST(:before_hash AS bytea),"
    " CAST(:after_hash AS bytea), :reason"
)
# For a statement that begins `WITH kept AS (…),`: the entry is written if, and only if, that kept a row.
WRITE_IF_KEPT = (
    f"entry AS (INSERT INTO audit.entries ({_COLUMNS}) SELECT {_VALUES} FROM kept RETURNING entry_id)"
    " INSERT INTO audit.unchained (entry_id) SELECT entry_id FROM entry"
)
_WRITE = sa.text(
    f"WITH entry AS (INSERT INTO audit.entries ({_COLUMNS}) VALUES ({_VALUES}) RETURNING entry_id)"
    " INSERT INTO audit.unchained (entry_id) SELECT entry_id FROM entry"
)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What an act was about; `before` and `after` are hashes of the record."""

    record_id: str | None = None
    community_id: UUID | None = None
    on_behalf_of: str | None = None
    before_hash: bytes | None = None
    after_hash: bytes | None = None
    reason: str = ""


def digest(value: Any) -> bytes | None:
    """SHA-256 of bytes as they are, of anything else as canonical JSON; None stays None."""
    if value is None:
        return None
    return hashlib.sha256(value if isinstance(value, bytes) else canonical(value)).digest()


def canonical(value: Any) -> bytes:
    """JSON with sorted names and without spaces, in UTF-8 (RFC 8785 for whatever has no numbers)."""
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return written.encode()


def entry_of(
    act: str,
    subject: Subject,
    *,
    actor: Actor,
    at: datetime,
    address: str = "",
    request_id: str = "",
    outcome: str = DONE,
    code: str = "",
) -> dict[str, Any]:
    """The row as `write` takes it."""
    return {
        "entry_id": str(new_id()),
        "at": at,
        "actor_id": actor.actor_id,
        "roles": [str(role) for role in actor.roles],
        "on_behalf_of": subject.on_behalf_of,
        "act": act,
        "record_id": subject.record_id,
        "community_id": str(subject.community_id) if subject.community_id else None,
        "address": address,
        "request_id": request_id,
        "outcome": outcome,
        "code": code,
        "before_hash": subject.before_hash,
        "after_hash": subject.after_hash,
        "reason": subject.reason,
    }


def write(connection: sa.Connection, entry: Mapping[str, Any]) -> None:
    """In the transaction of the connection, or at once where that commits by itself."""
    connection.execute(_WRITE, dict(entry))


def named_in(fields: Mapping[str, Any]) -> Subject:
    """The record and the community that a command names; for acts that say no more about themselves."""
    ids = {name: value for name, value in fields.items() if isinstance(value, UUID)}
    community_id = ids.get("community_id")
    record_id = next((str(value) for name, value in ids.items() if name != "community_id"), None)
    return Subject(record_id=record_id, community_id=community_id)
