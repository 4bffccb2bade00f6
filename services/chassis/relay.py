"""The relay: brings committed events from the outbox to the broker, in order, none forgotten.

One relay of a service leads (`leading.py`), and only the connection that holds the lock marks events.

What happens if we crash:
  before publishing            the rows are unmarked; the next leader publishes them
  between publish and confirm  likewise; the broker may hold them already: readers drop duplicates
  between confirm and mark     likewise
What happens if the broker does not confirm a whole batch (negative confirm, returned as unroutable,
silent for `CONFIRM_SECONDS`): nothing of the batch is marked, and it is published again after a wait.
A negative confirm may cover many messages, so there is no telling which ones got through.
"""

import random
import select
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import takewhile
from typing import Any, Protocol

import psycopg2
import sqlalchemy as sa

from services.chassis import frames, metrics, wire
from services.chassis.broker import CONNECTION_ERRORS, connect
from services.chassis.config import Config
from services.chassis.db import Database
from services.chassis.faults import faultpoint
from services.chassis.leading import Leading
from services.chassis.logs import get_logger
from services.chassis.topology import declare_outlet, events_of, exchange_name

BATCH = 500
CONFIRM_SECONDS = 5
POLL_SECONDS = 1.0
LEADERSHIP_SECONDS = 1.0
log = get_logger(__name__)

_NEXT = sa.text(
    """
    SELECT outbox_id, event_id, name, version, aggregate_id, sequence, occurred_at, payload, traceparent
    FROM outbox WHERE published_at IS NULL ORDER BY outbox_id LIMIT :most
    """
)
_MARK = sa.text("UPDATE outbox SET published_at = now() WHERE outbox_id = ANY(:outbox_ids)")


class Unconfirmed(Exception):
    """The broker did not take the whole batch; `reason` is a metric label."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason


NOT_PUBLISHED: tuple[type[BaseException], ...] = (Unconfirmed, *CONNECTION_ERRORS)


class Bell(Protocol):
    """Rung by a commit in this process; anything with `wait`, `set`, `clear` of `threading.Event`."""

    def wait(self, timeout: float) -> object: ...
    def set(self) -> None: ...
    def clear(self) -> None: ...


class Outlet:
    """A channel to the broker on which whole batches are published and confirmed."""

    def __init__(self, config: Config, service: str, *, attempt: int = 0) -> None:
        self.service = service
        self._exchange = exchange_name(service)
        self._public = {event.name() for event in events_of(service) if not event.readers}
        self._sent = 0
        self._unconfirmed: dict[int, None] = {}
        self._refused: list[str] = []
        self._connection = connect(config, attempt=attempt)
        try:
            self._channel = self._connection.channel()
            declare_outlet(self._channel, service, events_of(service))
            self._channel.confirm_select()
            self._channel.events["basic_ack"].add(self._on_ack)
            self._channel.events["basic_nack"].add(self._on_nack)
            self._channel.events["basic_return"].add(self._on_return)
        except BaseException:
            self.close()
            raise

    def publish(self, envelopes: list[wire.Envelope]) -> None:
        """Returns when the broker holds all of them; raises `Unconfirmed` or a connection error."""
        transport = self._connection.transport
        self._refused.clear()
        transport.hold = True
        try:
            for envelope in envelopes:
                properties = frames.event_properties(
                    content_type=wire.JSON, headers=envelope.headers(), message_id=envelope.event_id
                )
                frames.publish(
                    self._channel,
                    envelope.body,
                    properties,
                    exchange=self._exchange,
                    routing_key=envelope.name,
                    mandatory=envelope.name not in self._public,
                )
                self._sent += 1
                self._unconfirmed[self._sent] = None
            transport.flush()
        finally:
            transport.hold = False
        faultpoint("relay.after_publish")
        self._await_confirms()
        if self._refused:
            raise Unconfirmed(self._refused[0])

    def _await_confirms(self) -> None:
        deadline = time.monotonic() + CONFIRM_SECONDS
        while self._unconfirmed:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Unconfirmed("timeout")
            try:
                self._connection.drain_events(timeout=left)
            except TimeoutError as error:
                raise Unconfirmed("timeout") from error

    def idle(self) -> None:
        """To be called now and then when there is nothing to publish: heartbeats, closed sockets."""
        with suppress(TimeoutError):
            while True:
                self._connection.drain_events(timeout=0.001)
        self._connection.heartbeat_tick()

    def close(self) -> None:
        with suppress(*CONNECTION_ERRORS):
            self._connection.collect()

    def _on_ack(self, tag: int, multiple: bool) -> None:
        # In the order of sending, so that a confirm for many looks at no more than it ends.
        settled = list(takewhile(lambda sent: sent <= tag, self._unconfirmed)) if multiple else [tag]
        for sent in settled:
            self._unconfirmed.pop(sent, None)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._refused.append("nack")
        self._on_ack(tag, multiple)

    def _on_return(self, _error: Any, _exchange: str, routing_key: str, _message: Any) -> None:
        log.error("event has no queue", event_name=routing_key)
        self._refused.append("unroutable")


class Relay(Leading):
    """Runs for ever in each process of a service; publishes while it leads."""

    def __init__(self, database: Database, config: Config, *, bell: Bell) -> None:
        super().__init__(database, "relay", ask_seconds=LEADERSHIP_SECONDS)
        self.database = database
        self._config = config
        self._bell = bell
        self._outlet: Outlet | None = None
        self._attempt = 0
        self.is_leader = False

    def stop(self) -> None:
        super().stop()
        self._bell.set()

    def listen(self) -> None:
        """Ring the bell when another process of the service commits events; a thread of its own."""
        while not self.is_stopping:
            try:
                with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("LISTEN outbox")
                    raw: Any = connection.connection.driver_connection
                    while not self.is_stopping:
                        if select.select([raw], [], [], POLL_SECONDS)[0]:
                            raw.poll()
                            raw.notifies.clear()
                            self._bell.set()
            except (sa.exc.SQLAlchemyError, psycopg2.Error, OSError, ValueError):
                self.pause(LEADERSHIP_SECONDS)

    def lead(self, connection: sa.Connection) -> None:
        self.is_leader = True
        self.database.wake_relay = self._bell.set
        metrics.RELAY_LEADER.labels(self.service).set(1)
        log.info("relay leads")
        while not self.is_stopping:
            self._bell.clear()
            published = self.publish_some(connection)
            if published == 0:
                self._bell.wait(POLL_SECONDS)

    def step_down(self) -> None:
        self.is_leader = False
        self.database.wake_relay = None
        metrics.RELAY_LEADER.labels(self.service).set(0)
        self._drop_outlet()

    def publish_some(self, connection: sa.Connection) -> int:
        """One batch: read, publish, await confirms, mark; the number of events marked.

        Broker trouble ends the batch without marking and is waited out here.
        """
        rows = connection.execute(_NEXT, {"most": BATCH}).all()
        connection.commit()
        faultpoint("relay.selected")
        if not rows:
            if self._outlet is not None:
                self._guarded(self._outlet.idle)
            return 0
        envelopes = [_envelope(self.service, row) for row in rows]
        if not self._guarded(lambda: self._publish(envelopes)):
            return 0
        faultpoint("relay.after_confirm")
        connection.execute(_MARK, {"outbox_ids": [row.outbox_id for row in rows]})
        connection.commit()
        faultpoint("relay.marked")
        metrics.EVENTS_PUBLISHED.labels(self.service).inc(len(rows))
        return len(rows)

    def _publish(self, envelopes: list[wire.Envelope]) -> None:
        if self._outlet is None:
            self._outlet = Outlet(self._config, self.service, attempt=self._attempt)
        faultpoint("relay.before_publish")
        with metrics.OUTBOX_CONFIRM.labels(self.service).time():
            self._outlet.publish(envelopes)
        self._attempt = 0

    def _guarded(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except NOT_PUBLISHED as error:
            reason = error.reason if isinstance(error, Unconfirmed) else "connection"
            metrics.OUTBOX_FAILURES.labels(self.service, reason).inc()
            log.warning("events not published", reason=reason, error=repr(error)[:200])
            self._drop_outlet()
            self._attempt += 1
            self.pause(random.uniform(0.5, 1) * min(5, 0.2 * 2 ** min(self._attempt, 6)))
            return False
        return True

    def _drop_outlet(self) -> None:
        if self._outlet is not None:
            self._outlet.close()
            self._outlet = None


def _envelope(service: str, row: Any) -> wire.Envelope:
    return wire.Envelope(
        event_id=str(row.event_id),
        source=service,
        name=row.name,
        version=row.version,
        aggregate_id=str(row.aggregate_id),
        sequence=row.sequence,
        occurred_at=row.occurred_at,
        traceparent=row.traceparent,
        body=row.payload.encode(),
    )
