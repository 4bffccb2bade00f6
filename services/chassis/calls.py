"""A call: what the gateway asks of a service, and how its answer is made.

The answer of a changing call is stored in the transaction of its effect under the caller's
idempotency key: a call that arrives twice (the broker delivered it again, the client tried again
after a crash) has one effect and gets the first answer.
A refusal had no effect and is not stored; the same call later may well succeed.
Every change leaves its row in the audit, written by the same statement that stores the answer; a call
that its actor had no right to leaves one too.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import marshmallow
import msgspec
import sqlalchemy as sa

from services.chassis import audit, metrics, tracing, wire
from services.chassis.clock import utc_now
from services.chassis.config import load
from services.chassis.db import Database, Transaction
from services.chassis.faults import faultpoint
from services.chassis.logs import get_logger
from services.chassis.tables import idempotency
from services.contracts import personal
from services.contracts.base import (
    ANONYMOUS,
    Actor,
    Forbidden,
    GongzhiError,
    IdempotencyKeyReused,
    Unavailable,
    shape,
)

log = get_logger(__name__)

MOST_ATTEMPTS = 3
_KEEP = sa.text(
    "WITH kept AS (INSERT INTO idempotency (key, operation, fingerprint, answer)"
    " VALUES (:key, :operation, :fingerprint, :answer) ON CONFLICT DO NOTHING RETURNING key), "
    + audit.WRITE_IF_KEPT
)
_FIRST = sa.select(idempotency.c.operation, idempotency.c.fingerprint, idempotency.c.answer).where(
    idempotency.c.key == sa.bindparam("key")
)


class Expired(Exception):
    """The caller has given up; the call must not run."""


class Call(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`deadline` in seconds since the epoch: after it the caller is gone and the call must not run.

    `address` is where the person or program behind the call is; for the audit.
    """

    method: str
    data: Any
    deadline: float
    actor: Actor = ANONYMOUS
    idempotency_key: str | None = None
    request_id: str = ""
    traceparent: str = ""
    address: str = ""

    def is_expired(self) -> bool:
        return time.time() > self.deadline


class Reply(msgspec.Struct, omit_defaults=True):
    """Exactly one of the two."""

    answer: msgspec.Raw = msgspec.Raw()
    error: dict[str, Any] | None = None


read_call = msgspec.json.Decoder(Call).decode
read_reply = msgspec.json.Decoder(Reply).decode

Door = Callable[..., Any]


def answer(
    database: Database,
    call: Call,
    schema: type[marshmallow.Schema],
    door: Door,
    *,
    changes: bool,
    private: tuple[str, ...] = (),
) -> bytes:
    """Check the shape, open the transaction, let the door act; the answer as JSON.

    Raises `Expired`, or the `GongzhiError` that the caller gets.
    """
    tracing.traceparent.set(tracing.continued(call.traceparent))
    tracing.request_id.set(call.request_id)
    # What a changing call answers is stored with its key, so nobody gets it unmasked.
    personal.reader.set(ANONYMOUS if changes else call.actor)
    fields: dict[str, Any] = shape(schema).load(call.data)
    fingerprint = _fingerprint(call, private) if changes else b""
    attempts = MOST_ATTEMPTS
    while True:
        attempts -= 1
        try:
            if changes:
                return _change(database, call, fields, door, fingerprint, is_secret=bool(private))
            return _read(database, call, fields, door)
        except Forbidden as refusal:
            _note_refusal(database, call, fields, refusal)
            raise
        except Unavailable:
            # Safe to repeat: either nothing was committed, or the key brings the first answer.
            may_repeat = not changes or call.idempotency_key is not None
            if attempts == 0 or not may_repeat or call.is_expired():
                raise


def _fingerprint(call: Call, private: tuple[str, ...]) -> bytes:
    told = {name: value for name, value in call.data.items() if name not in private}
    # Keyed: a bare hash of a short body could be tried out until it tells whom the body named.
    return hmac.new(fingerprint_key(), wire.dumps(told), hashlib.sha256).digest()


@cache
def fingerprint_key() -> bytes:
    """Made once for a process, of the platform's secret."""
    return load().derived("calls:fingerprint")


def _read(database: Database, call: Call, fields: dict[str, Any], door: Door) -> bytes:
    with database.reading(actor=call.actor) as tx:
        if call.is_expired():
            raise Expired
        return wire.dumps(door(tx, **fields))


class _AnsweredBefore(Exception):
    """Somebody else stored an answer under this key while we were at work."""


def _change(
    database: Database,
    call: Call,
    fields: dict[str, Any],
    door: Door,
    fingerprint: bytes,
    *,
    is_secret: bool,
) -> bytes:
    """`is_secret`: the audit keeps that it was done, and nothing that leads to a person (a ballot)."""
    try:
        with database.transaction(actor=call.actor) as tx:
            tx.session.connection()
            faultpoint("db.begin")
            # Waiting for a connection may have taken long.
            if call.is_expired():
                raise Expired
            answered = wire.dumps(door(tx, **fields))
            faultpoint("db.state_written")
            act = f"{database.service}.{call.method}"
            if is_secret:
                entry = audit.entry_of(act, audit.Subject(), actor=ANONYMOUS, at=tx.now)
            else:
                entry = _entry(act, tx, call, fields, answered)
            _keep(tx, call, fingerprint, answered, entry)
    except (_AnsweredBefore, GongzhiError, sa.exc.IntegrityError):
        # What stood in the way may be our own effect, if the call was here before.
        first = _first_answer(database, call, fingerprint)
        if first is None:
            raise
        return first
    faultpoint("call.after_commit")
    return answered


def _keep(tx: Transaction, call: Call, fingerprint: bytes, answered: bytes, entry: Mapping[str, Any]) -> None:
    """Store answer and audit; whoever comes second waits here for us, and then takes everything back."""
    tx.session.flush()
    connection = tx.session.connection()
    if call.idempotency_key is None:
        audit.write(connection, entry)
        return
    answer = {"operation": call.method, "fingerprint": fingerprint, "answer": answered}
    kept = connection.execute(_KEEP, {"key": call.idempotency_key, **answer, **entry})
    if kept.rowcount == 0:
        raise _AnsweredBefore


def _entry(
    act: str, tx: Transaction, call: Call, fields: Mapping[str, Any], answered: bytes
) -> dict[str, Any]:
    subject = tx.subject or audit.named_in(fields)
    if subject.after_hash is None:
        subject = replace(subject, after_hash=audit.digest(answered))
    return audit.entry_of(
        act, subject, actor=tx.actor, at=tx.now, address=call.address, request_id=call.request_id
    )


def _note_refusal(database: Database, call: Call, fields: Mapping[str, Any], refusal: Forbidden) -> None:
    """In a transaction of its own, because that of the act is gone."""
    entry = audit.entry_of(
        f"{database.service}.{call.method}",
        audit.named_in(fields),
        actor=call.actor,
        at=utc_now(),
        address=call.address,
        request_id=call.request_id,
        outcome=audit.REFUSED,
        code=refusal.code,
    )
    with database.looking() as connection:
        audit.write(connection, entry)


def _first_answer(database: Database, call: Call, fingerprint: bytes) -> bytes | None:
    """None the first time."""
    if call.idempotency_key is None:
        return None
    with database.looking() as connection:
        row = connection.execute(_FIRST, {"key": call.idempotency_key}).one_or_none()
    if row is None:
        return None
    if row.operation != call.method or bytes(row.fingerprint) != fingerprint:
        raise IdempotencyKeyReused("同一个 Idempotency-Key 已用于内容不同的请求。")
    log.info("answered from the first time", method=call.method)
    return bytes(row.answer)


def reply_to(call: Call, make: Callable[[], bytes], *, service: str) -> bytes | None:
    """The reply's bytes for whatever `make` returns or raises; None when the caller is gone."""
    started = time.monotonic()
    outcome = "ok"
    try:
        return msgspec.json.encode(Reply(answer=msgspec.Raw(make())))
    except Expired:
        outcome = "expired"
        metrics.CALLS_EXPIRED.labels(service).inc()
        return None
    except GongzhiError as error:
        outcome = wire.kind_of(error)
        return msgspec.json.encode(Reply(error=wire.write_error(error)))
    except Exception:
        outcome = "failed"
        log.exception("call failed", method=call.method, service=service)
        failed = {"code": "failed", "kind": "failed", "message": "", "fields": {}}
        return msgspec.json.encode(Reply(error=failed))
    finally:
        metrics.CALLS_ANSWERED.labels(service, call.method, outcome).inc()
        metrics.CALL_SECONDS.labels(service, call.method).observe(time.monotonic() - started)
