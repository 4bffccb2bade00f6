"""A call: what the gateway asks of a service, and how its answer is made.

The answer of a changing call is stored in the transaction of its effect under the caller's
idempotency key: a call that arrives twice (the broker delivered it again, the client tried again
after a crash) has one effect and gets the first answer.
A refusal had no effect and is not stored; the same call later may well succeed.
"""

import hashlib
import time
from collections.abc import Callable
from typing import Any

import marshmallow
import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.chassis import metrics, tracing, wire
from services.chassis.db import Database, Transaction
from services.chassis.faults import faultpoint
from services.chassis.logs import get_logger
from services.chassis.tables import idempotency
from services.contracts.base import (
    ANONYMOUS,
    Actor,
    GongzhiError,
    IdempotencyKeyReused,
    Unavailable,
    shape,
)

log = get_logger(__name__)

MOST_ATTEMPTS = 3
_KEEP = pg.insert(idempotency).on_conflict_do_nothing()
_FIRST = sa.select(idempotency.c.operation, idempotency.c.fingerprint, idempotency.c.answer).where(
    idempotency.c.key == sa.bindparam("key")
)


class Expired(Exception):
    """The caller has given up; the call must not run."""


class Call(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`deadline` in seconds since the epoch: after it the caller is gone and the call must not run."""

    method: str
    data: Any
    deadline: float
    actor: Actor = ANONYMOUS
    idempotency_key: str | None = None
    request_id: str = ""
    traceparent: str = ""

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
    fields: dict[str, Any] = shape(schema).load(call.data)
    fingerprint = _fingerprint(call, private) if changes else b""
    attempts = MOST_ATTEMPTS
    while True:
        attempts -= 1
        try:
            if changes:
                return _change(database, call, fields, door, fingerprint)
            return _read(database, call, fields, door)
        except Unavailable:
            # Safe to repeat: either nothing was committed, or the key brings the first answer.
            may_repeat = not changes or call.idempotency_key is not None
            if attempts == 0 or not may_repeat or call.is_expired():
                raise


def _fingerprint(call: Call, private: tuple[str, ...]) -> bytes:
    told = {name: value for name, value in call.data.items() if name not in private}
    return hashlib.sha256(wire.dumps(told)).digest()


def _read(database: Database, call: Call, fields: dict[str, Any], door: Door) -> bytes:
    with database.reading(actor=call.actor) as tx:
        if call.is_expired():
            raise Expired
        return wire.dumps(door(tx, **fields))


class _AnsweredBefore(Exception):
    """Somebody else stored an answer under this key while we were at work."""


def _change(database: Database, call: Call, fields: dict[str, Any], door: Door, fingerprint: bytes) -> bytes:
    try:
        with database.transaction(actor=call.actor) as tx:
            tx.session.connection()
            faultpoint("db.begin")
            # Waiting for a connection may have taken long.
            if call.is_expired():
                raise Expired
            answered = wire.dumps(door(tx, **fields))
            faultpoint("db.state_written")
            _keep(tx, call, fingerprint, answered)
    except (_AnsweredBefore, GongzhiError, sa.exc.IntegrityError):
        # What stood in the way may be our own effect, if the call was here before.
        first = _first_answer(database, call, fingerprint)
        if first is None:
            raise
        return first
    faultpoint("call.after_commit")
    return answered


def _keep(tx: Transaction, call: Call, fingerprint: bytes, answered: bytes) -> None:
    """Store the answer; whoever comes second waits here for us, and then takes everything back."""
    if call.idempotency_key is None:
        return
    tx.session.flush()
    kept = tx.session.connection().execute(
        _KEEP,
        {
            "key": call.idempotency_key,
            "operation": call.method,
            "fingerprint": fingerprint,
            "answer": answered,
        },
    )
    if kept.rowcount == 0:
        raise _AnsweredBefore


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
