"""The inbox: each event takes effect once in each handler, or is visibly parked.

One transaction holds the inbox row and the effect, so a redelivery finds the row and does nothing.
The inbox table is also the retry store: an event whose handler could not work now waits here, and
while it waits, later events of the same aggregate wait behind it.
A parked event (死信) blocks nobody; a person replays or discards it.

How a handler ends decides:
  returns                          done
  raises Unavailable               waits; the waits grow, and when they are used up it is parked
  raises anything else             parked at once: the event or the code is wrong, time will not help
  the database itself is away      nothing is recorded and the message is not acknowledged
"""

import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.chassis import metrics, tracing
from services.chassis.clock import utc_now
from services.chassis.db import Database, Transaction, is_passing
from services.chassis.faults import faultpoint
from services.chassis.logs import get_logger
from services.chassis.tables import inbox
from services.chassis.wire import Envelope, Unreadable, dumps, read_envelope, read_event
from services.contracts.base import Event, GongzhiError, Unavailable

# A message that has taken its process down this often is parked before it is tried again.
MOST_DELIVERIES = 20
log = get_logger(__name__)

Act = Callable[[Transaction, Any], None]


@dataclass(frozen=True, kw_only=True)
class Handler:
    """`name` is `<service>.<door>` and is stored; renaming a door would handle old events again."""

    name: str
    event_class: type[Event]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message as the broker hands it over; `count` is how often it was delivered before."""

    headers: Mapping[str, Any]
    content_type: str | None
    body: bytes
    count: int = 0


# A row is new and done, or new and behind an earlier event of its aggregate, or already there.
_TAKE = sa.text(
    """
    INSERT INTO inbox (handler, event_id, source, name, aggregate_id, sequence,
                       status, finished_at, next_attempt_at, headers, body)
    SELECT :handler, :event_id, :source, :name, :aggregate_id, :sequence,
           CASE WHEN behind THEN 'waiting' ELSE 'done' END,
           CASE WHEN behind THEN NULL ELSE now() END,
           CASE WHEN behind THEN now() END,
           CASE WHEN behind THEN CAST(:headers AS jsonb) END,
           CASE WHEN behind THEN CAST(:body AS bytea) END
    FROM (SELECT EXISTS (SELECT 1 FROM inbox WHERE handler = :handler
                         AND aggregate_id = :aggregate_id AND status = 'waiting') AS behind) AS queue
    ON CONFLICT DO NOTHING RETURNING status
    """
)
_DUE = sa.text(
    """
    SELECT * FROM inbox AS due
    WHERE status = 'waiting' AND next_attempt_at <= now() AND NOT EXISTS (
        SELECT 1 FROM inbox AS earlier
        WHERE earlier.status = 'waiting' AND earlier.handler = due.handler
        AND earlier.aggregate_id = due.aggregate_id AND earlier.sequence < due.sequence)
    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)


class Inbox:
    """Everything one service has heard; `handlers` by event name."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        retry_seconds: tuple[float, ...] = (10, 60, 300, 1800, 7200),
    ) -> None:
        self.database = database
        self.service = database.service
        self.handlers = handlers
        self._retry_seconds = retry_seconds

    def receive(self, delivery: Delivery, act: Act) -> str:
        """Handle one delivery; on return it may be acknowledged.

        Returns ok, duplicate, behind, retry or parked; raises `Unavailable` when the database is away.
        """
        faultpoint("consumer.delivered")
        try:
            envelope = read_envelope(dict(delivery.headers), delivery.content_type, delivery.body)
            handler = self.handlers.get(envelope.name)
            if handler is None or handler.event_class.source != envelope.source:
                raise Unreadable(f"no handler here for {envelope.source}.{envelope.name}")
            event = read_event(envelope, handler.event_class)
        except Unreadable as reason:
            return self.park(delivery, reason=f"unreadable: {reason}")
        if delivery.count >= MOST_DELIVERIES:
            return self.park(delivery, reason=f"delivered {delivery.count} times without an end")
        tracing.traceparent.set(tracing.continued(envelope.traceparent))
        try:
            result = self._take(handler, envelope, event, delivery, act)
        except Exception as error:  # noqa: BLE001  whatever a handler raises is recorded, nothing is lost
            result = self._record_failure(handler, envelope, delivery, error)
        self._count(handler.name, result, envelope.occurred_at)
        return result

    def _take(
        self, handler: Handler, envelope: Envelope, event: Event, delivery: Delivery, act: Act
    ) -> str:
        with self.database.transaction(event_id=UUID(envelope.event_id)) as tx:
            status = tx.session.execute(_TAKE, _row(handler.name, envelope, delivery)).scalar_one_or_none()
            if status is None:
                return "duplicate"
            if status == "waiting":
                return "behind"
            faultpoint("consumer.inbox_inserted")
            act(tx, event)
            faultpoint("consumer.effect_done")
        faultpoint("consumer.after_commit")
        return "ok"

    def _record_failure(
        self, handler: Handler, envelope: Envelope, delivery: Delivery, error: Exception
    ) -> str:
        status, next_attempt_at = self._verdict(error, attempts=1)
        row = {
            "handler": handler.name,
            "event_id": envelope.event_id,
            "source": envelope.source,
            "name": envelope.name,
            "aggregate_id": envelope.aggregate_id,
            "sequence": envelope.sequence,
            "status": status,
            "attempts": 1,
            "next_attempt_at": next_attempt_at,
            "reason": _reason(error),
            "headers": _with_type(delivery),
            "body": delivery.body,
        }
        with self.database.transaction() as tx:
            tx.session.execute(pg.insert(inbox).values(row).on_conflict_do_nothing())
        _log_failure(handler.name, envelope.event_id, status, error)
        return "retry" if status == "waiting" else "parked"

    def park(self, delivery: Delivery, *, reason: str) -> str:
        """Keep a message that nobody here can handle, with its raw bytes."""
        headers = {str(key): str(value)[:500] for key, value in delivery.headers.items()}
        row = {
            "handler": f"{self.service}.?",
            "event_id": _event_id(headers, delivery.body),
            "source": headers.get("ce-source", "")[:200],
            "name": headers.get("ce-type", "")[:200],
            "aggregate_id": headers.get("ce-subject", "")[:200],
            "sequence": 0,
            "status": "parked",
            "attempts": 1,
            "reason": reason[:2000],
            "headers": _with_type(delivery),
            "body": delivery.body,
        }
        with self.database.transaction() as tx:
            inserted = tx.session.execute(pg.insert(inbox).values(row).on_conflict_do_nothing())
        log.error("event parked", handler=row["handler"], event_id=row["event_id"], reason=reason[:300])
        if inserted.rowcount:  # type: ignore[attr-defined]
            self._count(str(row["handler"]), "parked", None)
        return "parked"

    def retry_one(self, act_of: Callable[[str], Act | None]) -> bool:
        """Take up one event that is due; False when there is none.

        The row stays locked meanwhile, so two processes never try the same event at once.
        `act_of` gives the act of a handler by event name.
        """
        with self.database.transaction() as tx:
            row = tx.session.execute(_DUE).mappings().one_or_none()
            if row is None:
                return False
            result = self._attempt(tx, row, act_of)
        self._count(row["handler"], result, None)
        return True

    def _attempt(
        self, tx: Transaction, row: Mapping[str, Any], act_of: Callable[[str], Act | None]
    ) -> str:
        this_row = sa.update(inbox).where(
            inbox.c.handler == row["handler"], inbox.c.event_id == row["event_id"]
        )
        attempts = row["attempts"] + 1
        headers = dict(row["headers"])
        try:
            envelope = read_envelope(headers, headers.pop("content-type", None), bytes(row["body"]))
            handler = self.handlers.get(envelope.name)
            act = act_of(envelope.name)
            if handler is None or act is None:
                raise Unreadable(f"no handler here for {envelope.source}.{envelope.name}")
            event = read_event(envelope, handler.event_class)
            tracing.traceparent.set(tracing.continued(envelope.traceparent))
            tx.event_id = UUID(envelope.event_id)
            with tx.session.begin_nested():
                act(tx, event)
                tx.session.flush()
        except Exception as error:  # noqa: BLE001  whatever a handler raises is recorded, nothing is lost
            tx.emitted.clear()
            status, next_attempt_at = self._verdict(error, attempts=attempts)
            tx.session.execute(
                this_row.values(
                    status=status, attempts=attempts, next_attempt_at=next_attempt_at, reason=_reason(error)
                )
            )
            _log_failure(row["handler"], row["event_id"], status, error)
            return "retry" if status == "waiting" else "parked"
        done = this_row.values(
            status="done", attempts=attempts, finished_at=sa.func.now(), next_attempt_at=None, headers=None, body=None
        )
        # A replayed event that was unreadable before now has a handler: the row takes its name.
        tx.session.execute(done.values(handler=handler.name))
        return "ok"

    def _verdict(self, error: Exception, *, attempts: int) -> tuple[str, datetime | None]:
        may_pass = isinstance(error, Unavailable) or is_passing(error)
        if not may_pass or attempts > len(self._retry_seconds):
            return "parked", None
        wait = self._retry_seconds[attempts - 1] * random.uniform(0.9, 1.1)
        return "waiting", utc_now() + timedelta(seconds=wait)

    def _count(self, handler: str, result: str, occurred_at: datetime | None) -> None:
        metrics.EVENTS_CONSUMED.labels(self.service, handler, result).inc()
        if result == "ok" and occurred_at is not None:
            age = (utc_now() - occurred_at).total_seconds()
            metrics.EVENT_SECONDS.labels(self.service, handler).observe(max(0, age))


def _row(handler: str, envelope: Envelope, delivery: Delivery) -> dict[str, Any]:
    return {
        "handler": handler,
        "event_id": envelope.event_id,
        "source": envelope.source,
        "name": envelope.name,
        "aggregate_id": envelope.aggregate_id,
        "sequence": envelope.sequence,
        "headers": dumps(_with_type(delivery)).decode(),
        "body": delivery.body,
    }


def _with_type(delivery: Delivery) -> dict[str, str]:
    """Headers as JSON can hold them, with the content type among them."""
    headers = {str(key): str(value)[:2000].replace("\x00", "�") for key, value in delivery.headers.items()}
    return {**headers, "content-type": str(delivery.content_type or "")[:200].replace("\x00", "�")}


def _event_id(headers: Mapping[str, str], body: bytes) -> str:
    """The sender's id where there is one, else one made of the content."""
    try:
        return str(UUID(headers.get("ce-id", "")))
    except ValueError:
        return "raw-" + hashlib.sha256(repr(sorted(headers.items())).encode() + body).hexdigest()[:32]


def _reason(error: Exception) -> str:
    code = error.code if isinstance(error, GongzhiError) else type(error).__name__
    return f"{code}: {error}"[:2000].replace("\x00", "�")


def _log_failure(handler: str, event_id: str, status: str, error: Exception) -> None:
    wrong = status == "parked" and not isinstance(error, GongzhiError)
    (log.error if status == "parked" else log.warning)(
        "event not handled",
        handler=handler,
        event_id=event_id,
        status=status,
        reason=_reason(error)[:300],
        exc_info=error if wrong else None,
    )
