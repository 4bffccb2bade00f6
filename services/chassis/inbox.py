"""The inbox: each event takes effect once in each handler, or is visibly parked.

One transaction holds the inbox row and the effect, so a redelivery finds the row and does nothing.
The inbox table is also the retry store: an event whose handler could not work now waits here, and
while it waits, later events of the same aggregate wait behind it, whichever handler they are for.
A parked event (死信) blocks nobody; a person replays or discards it.

How a handler ends decides:
  returns                          done
  raises Unavailable               waits; the waits grow, and when they are used up it is parked
  raises anything else             parked at once: the event or the code is wrong, time will not help
  the database itself is away      nothing is recorded and the message is not acknowledged
  takes its process down           delivered again; after `MOST_DELIVERIES` it waits here like the first case,
                                   where every attempt is counted before it begins
"""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
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
from services.chassis.wire import Envelope, Unreadable, read_envelope, read_event
from services.contracts.base import Event, GongzhiError, Unavailable

# A process that dies returns all it held. A message returned this often goes to the retry store, where
# messages are tried one by one, so that the guilty one is parked and the others are not.
MOST_DELIVERIES = 5
log = get_logger(__name__)

Act = Callable[[Transaction, Any], None]
Claimed = sa.RowMapping


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
                       status, finished_at, next_attempt_at)
    SELECT :handler, :event_id, :source, :name, :aggregate_id, :sequence,
           CASE WHEN behind THEN 'waiting' ELSE 'done' END,
           CASE WHEN behind THEN NULL ELSE now() END,
           CASE WHEN behind THEN now() END
    FROM (SELECT EXISTS (SELECT 1 FROM inbox
                         WHERE aggregate_id = :aggregate_id AND status = 'waiting') AS behind) AS queue
    ON CONFLICT DO NOTHING RETURNING status
    """
)
# An attempt is counted before it begins, with the wait that follows should it not come to an end.
_CLAIM = sa.text(
    """
    UPDATE inbox SET attempts = inbox.attempts + 1,
        next_attempt_at = now() + (CAST(:waits AS float8[]))[least(inbox.attempts + 1, :most)] * interval '1 s'
    FROM (
        SELECT handler, event_id FROM inbox AS due
        WHERE status = 'waiting' AND next_attempt_at <= now() AND NOT EXISTS (
            SELECT 1 FROM inbox AS earlier
            WHERE earlier.status = 'waiting'
            AND earlier.aggregate_id = due.aggregate_id AND earlier.sequence < due.sequence)
        ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE inbox.handler = due.handler AND inbox.event_id = due.event_id
    RETURNING inbox.*
    """
)


class EndlessAttempt(Exception):
    """Every attempt took its process down."""


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
            handler, envelope, event = self._read(delivery)
        except Unreadable as reason:
            return self.park(delivery, reason=f"unreadable: {reason}")
        if delivery.count >= MOST_DELIVERIES:
            result = self._set_aside(handler, envelope, delivery)
        else:
            try:
                with self.database.transaction() as tx:
                    result = self._take(tx, handler, envelope, event, delivery, act)
                faultpoint("consumer.after_commit")
            except Exception as error:  # noqa: BLE001  whatever a handler raises is recorded, nothing is lost
                result = self._record_failure(handler, envelope, delivery, error)
        self._count(handler.name, result, envelope.occurred_at)
        return result

    def receive_together(self, deliveries: Sequence[Delivery], act: Act) -> bool:
        """Handle several deliveries in their order in one transaction, for the price of one commit.

        False, with nothing done, if anything is wrong with any of them: then each has to be received alone.
        """
        faultpoint("consumer.delivered")
        try:
            if any(delivery.count >= MOST_DELIVERIES for delivery in deliveries):
                return False
            read = [self._read(delivery) for delivery in deliveries]
            results = []
            with self.database.transaction() as tx:
                for delivery, (handler, envelope, event) in zip(deliveries, read, strict=True):
                    results.append(self._take(tx, handler, envelope, event, delivery, act))
                    # The next handler begins as if it were alone.
                    tx.session.flush()
                    tx.session.expunge_all()
            faultpoint("consumer.after_commit")
        except Exception as error:  # noqa: BLE001  received alone, the guilty one is found and recorded
            log.info("events not handled together", count=len(deliveries), reason=_reason(error)[:200])
            return False
        for result, (handler, envelope, _) in zip(results, read, strict=True):
            self._count(handler.name, result, envelope.occurred_at)
        return True

    def _read(self, delivery: Delivery) -> tuple[Handler, Envelope, Event]:
        envelope = read_envelope(dict(delivery.headers), delivery.content_type, delivery.body)
        handler = self._handler_of(envelope)
        return handler, envelope, read_event(envelope, handler.event_class)

    def _take(
        self,
        tx: Transaction,
        handler: Handler,
        envelope: Envelope,
        event: Event,
        delivery: Delivery,
        act: Act,
    ) -> str:
        tx.event_id = UUID(envelope.event_id)
        tracing.traceparent.set(tracing.continued(envelope.traceparent))
        status = tx.session.execute(_TAKE, _identity(handler, envelope)).scalar_one_or_none()
        if status is None:
            return "duplicate"
        if status == "waiting":
            kept = _kept(handler, envelope, delivery)
            this_row = (inbox.c.handler == handler.name, inbox.c.event_id == envelope.event_id)
            tx.session.execute(sa.update(inbox).where(*this_row).values(kept))
            return "behind"
        faultpoint("consumer.inbox_inserted")
        act(tx, event)
        faultpoint("consumer.effect_done")
        return "ok"

    def _record_failure(
        self, handler: Handler, envelope: Envelope, delivery: Delivery, error: Exception
    ) -> str:
        status, next_attempt_at = self._verdict(error, attempts=1)
        kept = _kept(handler, envelope, delivery)
        failed = {
            "status": status,
            "attempts": 1,
            "next_attempt_at": next_attempt_at,
            "reason": _reason(error),
        }
        with self.database.transaction() as tx:
            tx.session.execute(pg.insert(inbox).values(kept | failed).on_conflict_do_nothing())
        _log_failure(handler.name, envelope.event_id, status, error)
        return "retry" if status == "waiting" else "parked"

    def _set_aside(self, handler: Handler, envelope: Envelope, delivery: Delivery) -> str:
        reason = f"delivered {delivery.count} times without an end"
        waits = {"status": "waiting", "next_attempt_at": utc_now(), "reason": reason}
        with self.database.transaction() as tx:
            tx.session.execute(
                pg.insert(inbox).values(_kept(handler, envelope, delivery) | waits).on_conflict_do_nothing()
            )
        log.warning("event set aside", handler=handler.name, event_id=envelope.event_id, reason=reason)
        return "retry"

    def park(self, delivery: Delivery, *, reason: str) -> str:
        """Keep a message that nobody here can handle, with its raw bytes."""
        headers = _with_type(delivery)
        row = {
            "handler": f"{self.service}.?",
            "source": headers.get("ce-source", "")[:200],
            "name": headers.get("ce-type", "")[:200],
            "aggregate_id": headers.get("ce-subject", "")[:200],
            "sequence": 0,
            "status": "parked",
            "attempts": 1,
            "reason": _storable(reason)[:2000],
            "headers": headers,
            "body": delivery.body,
        }
        with self.database.transaction() as tx:
            is_new = _insert_parked(tx, row, _event_ids(headers, delivery.body))
        log.error("event parked", handler=row["handler"], event_id=headers.get("ce-id"), reason=reason[:300])
        if is_new:
            self._count(str(row["handler"]), "parked", None)
        return "parked"

    def retry_one(self, act_of: Callable[[str], Act]) -> bool:
        """Take up one event that is due; False when there is none.

        Its row stays locked meanwhile, so two processes never try the same event at once.
        `act_of` gives the act of a handler by event name.
        """
        with self.database.transaction() as tx:
            waits = list(self._retry_seconds)
            claimed = (
                tx.session.execute(_CLAIM, {"waits": waits, "most": len(waits)}).mappings().one_or_none()
            )
        if claimed is None:
            return False
        try:
            result = self._attempt(claimed, act_of)
        except Exception as error:  # noqa: BLE001  whatever a handler raises is recorded, nothing is lost
            result = self._record_attempt(claimed, error)
        self._count(claimed["handler"], result, None)
        return True

    def _attempt(self, claimed: Claimed, act_of: Callable[[str], Act]) -> str:
        if claimed["attempts"] > len(self._retry_seconds) + 1:
            raise EndlessAttempt(claimed["reason"] or "its attempts did not come to an end")
        headers = dict(claimed["headers"])
        envelope = read_envelope(headers, headers.pop("content-type", None), bytes(claimed["body"]))
        handler, act = self._handler_of(envelope), act_of(envelope.name)
        event = read_event(envelope, handler.event_class)
        tracing.traceparent.set(tracing.continued(envelope.traceparent))
        this_row = _row_of(claimed)
        with self.database.transaction(event_id=UUID(envelope.event_id)) as tx:
            still_ours = sa.select(inbox.c.event_id).where(*this_row).with_for_update(skip_locked=True)
            if tx.session.execute(still_ours).one_or_none() is None:
                return "duplicate"
            # A replayed event that was unreadable before has a handler now: its row takes that name.
            if claimed["handler"] != handler.name and _is_known(tx, handler.name, envelope.event_id):
                reason = f"duplicate: {handler.name} has had this event"
                finished: dict[str, Any] = {"status": "discarded", "reason": reason}
            else:
                act(tx, event)
                finished = {"status": "done", "handler": handler.name, "headers": None, "body": None}
            finished |= {"finished_at": sa.func.now(), "next_attempt_at": None}
            tx.session.execute(sa.update(inbox).where(*this_row).values(finished))
        return "ok" if finished["status"] == "done" else "duplicate"

    def _record_attempt(self, claimed: Claimed, error: Exception) -> str:
        status, next_attempt_at = self._verdict(error, attempts=claimed["attempts"])
        failed = {"status": status, "next_attempt_at": next_attempt_at, "reason": _reason(error)}
        with self.database.transaction() as tx:
            tx.session.execute(sa.update(inbox).where(*_row_of(claimed)).values(failed))
        _log_failure(claimed["handler"], claimed["event_id"], status, error)
        return "retry" if status == "waiting" else "parked"

    def _handler_of(self, envelope: Envelope) -> Handler:
        handler = self.handlers.get(envelope.name)
        if handler is None or handler.event_class.source != envelope.source:
            raise Unreadable(f"no handler here for {envelope.source}.{envelope.name}")
        return handler

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


def _identity(handler: Handler, envelope: Envelope) -> dict[str, Any]:
    return {
        "handler": handler.name,
        "event_id": envelope.event_id,
        "source": envelope.source,
        "name": envelope.name,
        "aggregate_id": envelope.aggregate_id,
        "sequence": envelope.sequence,
    }


def _kept(handler: Handler, envelope: Envelope, delivery: Delivery) -> dict[str, Any]:
    """The row of an event that is not done, with all that another attempt needs."""
    message = {"headers": _with_type(delivery), "body": delivery.body}
    return _identity(handler, envelope) | message


def _row_of(claimed: Claimed) -> tuple[sa.ColumnElement[bool], ...]:
    """The claimed row, as long as nobody has claimed or decided it since."""
    return (
        inbox.c.handler == claimed["handler"],
        inbox.c.event_id == claimed["event_id"],
        inbox.c.attempts == claimed["attempts"],
        inbox.c.status == "waiting",
    )


def _is_known(tx: Transaction, handler: str, event_id: str) -> bool:
    known = sa.select(sa.exists().where(inbox.c.handler == handler, inbox.c.event_id == event_id))
    return bool(tx.session.execute(known).scalar_one())


def _storable(text: str) -> str:
    """PostgreSQL takes neither NUL nor half of a surrogate pair."""
    return text.replace("\x00", "�").encode(errors="replace").decode()


def _with_type(delivery: Delivery) -> dict[str, str]:
    """Headers as JSON can hold them, with the content type among them."""
    headers = {_storable(str(key)): _storable(str(value))[:2000] for key, value in delivery.headers.items()}
    return {**headers, "content-type": _storable(str(delivery.content_type or ""))[:200]}


def _event_ids(headers: Mapping[str, str], body: bytes) -> list[str]:
    """The sender's id where there is one; and one made of the content, for when that id is taken."""
    content = "raw-" + hashlib.sha256(repr(sorted(headers.items())).encode() + body).hexdigest()[:32]
    try:
        return [str(UUID(headers.get("ce-id", ""))), content]
    except ValueError:
        return [content]


def _insert_parked(tx: Transaction, row: dict[str, Any], event_ids: list[str]) -> bool:
    """Under the first id that is free; False when this very message is there already."""
    for event_id in event_ids:
        inserted = tx.session.execute(
            pg.insert(inbox).values(row | {"event_id": event_id}).on_conflict_do_nothing()
        )
        if inserted.rowcount:  # type: ignore[attr-defined]
            return True
        same = sa.select(inbox.c.body).where(inbox.c.handler == row["handler"], inbox.c.event_id == event_id)
        if bytes(tx.session.execute(same).scalar_one() or b"") == row["body"]:
            return False
    return False


def _reason(error: Exception) -> str:
    code = error.code if isinstance(error, GongzhiError) else type(error).__name__
    return _storable(f"{code}: {error}")[:2000]


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
