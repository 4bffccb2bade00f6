"""A service's own database: transactions in which a change and the news of it are one commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.chassis import tracing, wire
from services.chassis.audit import Subject, digest
from services.chassis.clock import utc_now
from services.chassis.faults import faultpoint
from services.chassis.ids import new_id
from services.contracts.base import SYSTEM, Actor, Event, Unavailable

# Of PostgreSQL's error classes, those that another attempt may cure.
_PASSING = ("40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", "57014")

_EMIT_ONE = sa.text(
    """
    WITH numbered AS (
        INSERT INTO outbox_sequences (aggregate_id, last) VALUES (:aggregate_id, 1)
        ON CONFLICT (aggregate_id) DO UPDATE SET last = outbox_sequences.last + 1
        RETURNING last
    )
    INSERT INTO outbox (event_id, name, version, aggregate_id, sequence, occurred_at, payload, traceparent)
    SELECT :event_id, :name, :version, :aggregate_id, last, :occurred_at, :payload, :traceparent FROM numbered
    """
)
# However many events: their aggregates are numbered on (and locked, in one order everywhere) at once.
_EMIT = sa.text(
    """
    WITH emitted AS (
        SELECT * FROM unnest(
            CAST(:event_ids AS uuid[]), CAST(:names AS text[]), CAST(:versions AS int[]),
            CAST(:aggregate_ids AS uuid[]), CAST(:occurred_ats AS timestamptz[]),
            CAST(:payloads AS text[]), CAST(:traceparents AS text[])
        ) WITH ORDINALITY
        AS emitted (event_id, name, version, aggregate_id, occurred_at, payload, traceparent, place)
    ), counted AS (
        SELECT aggregate_id, count(*) AS count FROM emitted GROUP BY aggregate_id
    ), numbered AS (
        INSERT INTO outbox_sequences (aggregate_id, last)
        SELECT aggregate_id, count FROM counted ORDER BY aggregate_id
        ON CONFLICT (aggregate_id) DO UPDATE SET last = outbox_sequences.last + EXCLUDED.last
        RETURNING aggregate_id, last
    )
    INSERT INTO outbox (event_id, name, version, aggregate_id, sequence, occurred_at, payload, traceparent)
    SELECT event_id, name, version, aggregate_id,
           last - count + row_number() OVER (PARTITION BY aggregate_id ORDER BY place),
           occurred_at, payload, traceparent
    FROM emitted JOIN counted USING (aggregate_id) JOIN numbered USING (aggregate_id) ORDER BY place
    """
)


def is_passing(error: BaseException) -> bool:
    """Whether the database (not the statement) is at fault, so that trying again may help."""
    if isinstance(error, sa.exc.TimeoutError | sa.exc.InterfaceError):
        return True
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    code = getattr(error.orig, "pgcode", None)
    if error.connection_invalidated or (code is None and isinstance(error, sa.exc.OperationalError)):
        return True
    return code is not None and (code in _PASSING or code.startswith("08"))


@dataclass(kw_only=True)
class Transaction:
    """One unit of work: reads, changes and events that commit or vanish together.

    `actor` is who asked, `now` when; `event_id` is set while an event is being handled.
    """

    session: orm.Session
    actor: Actor = SYSTEM
    now: datetime = field(default_factory=utc_now)
    event_id: UUID | None = None
    emitted: list[tuple[Event, str]] = field(default_factory=list)
    subject: Subject | None = None

    def audited(
        self,
        *,
        record_id: UUID | str | None = None,
        community_id: UUID | None = None,
        on_behalf_of: str | None = None,
        before: Any = None,
        after: Any = None,
        reason: str = "",
    ) -> None:
        """Tell the audit what this act was about; of several such words the last one counts, as a whole."""
        self.subject = Subject(
            record_id=None if record_id is None else str(record_id),
            community_id=community_id,
            on_behalf_of=on_behalf_of,
            before_hash=digest(before),
            after_hash=digest(after),
            reason=reason,
        )

    def emit(self, event: Event) -> None:
        """Tell all others, if and when this transaction commits."""
        self.emitted.append((event, tracing.traceparent.get() or tracing.new_traceparent()))


# Whose `together` the running code is inside of.
_together: ContextVar[tuple["Database", Transaction] | None] = ContextVar("together", default=None)


class Database:
    """Connections and transactions of one service.

    `pool_size` connections at most, and as many for `looking`;
    whoever waits longer than 5 s for one is told `Unavailable`.
    """

    def __init__(self, url: str, *, service: str, pool_size: int = 16, statement_seconds: int = 15) -> None:
        self.url = url
        self.service = service
        self.wake_relay: Callable[[], None] | None = None
        pool: dict[str, Any] = {
            "pool_size": pool_size,
            "max_overflow": 0,
            "pool_timeout": 5,
            "pool_use_lifo": True,
            # An error tells its statement, never the values: they may be a person's.
            "hide_parameters": True,
            "connect_args": connect_args(service, statement_seconds=statement_seconds),
        }
        self.engine = sa.create_engine(url, executemany_mode="values_plus_batch", **pool)
        # Connections of their own: one that is switched to and fro, and is dead when it is switched back,
        # takes its place in the pool along (SQLAlchemy 2.1). None is opened before somebody looks.
        self._looker = sa.create_engine(url, isolation_level="AUTOCOMMIT", **pool)
        self._sessions = orm.sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(
        self, *, actor: Actor = SYSTEM, now: datetime | None = None, event_id: UUID | None = None
    ) -> Iterator[Transaction]:
        """Commits at the end of the block, rolls back if it raises.

        Raises `Unavailable` when the database, not the work, was at fault.
        """
        if (outer := self._outer()) is not None:
            # A savepoint: what raises is undone alone, as ever, and whoever catches it may go on.
            with outer.session.begin_nested():
                yield replace(outer, actor=actor, now=now or utc_now(), event_id=event_id)
            return
        try:
            with self._sessions() as session:
                tx = Transaction(session=session, actor=actor, now=now or utc_now(), event_id=event_id)
                yield tx
                self._write_events(tx)
                faultpoint("db.before_commit")
                session.commit()
                faultpoint("db.after_commit")
        except sa.exc.SQLAlchemyError as error:
            if is_passing(error):
                raise Unavailable("数据库暂时不可用，请稍后再试。") from error
            raise
        if tx.emitted and self.wake_relay is not None:
            self.wake_relay()

    @contextmanager
    def together(self) -> Iterator[Transaction]:
        """Every transaction and reading that begins inside is a part of this one; `looking` is not."""
        with self.transaction() as tx:
            before = _together.set((self, tx))
            try:
                yield tx
            finally:
                _together.reset(before)

    def _outer(self) -> Transaction | None:
        database, tx = _together.get() or (None, None)
        return tx if database is self else None

    @contextmanager
    def reading(self, *, actor: Actor = SYSTEM, now: datetime | None = None) -> Iterator[Transaction]:
        """A transaction that is rolled back at its end; for queries."""
        if (outer := self._outer()) is not None:
            yield replace(outer, actor=actor, now=now or utc_now())
            return
        session = self._sessions()
        try:
            try:
                yield Transaction(session=session, actor=actor, now=now or utc_now())
            finally:
                if session.in_transaction():
                    session.close()
        except sa.exc.SQLAlchemyError as error:
            if is_passing(error):
                raise Unavailable("数据库暂时不可用，请稍后再试。") from error
            raise

    @contextmanager
    def looking(self) -> Iterator[sa.Connection]:
        """For single statements that stand by themselves: each commits at once, without BEGIN and COMMIT."""
        try:
            with self._looker.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            if is_passing(error):
                raise Unavailable("数据库暂时不可用，请稍后再试。") from error
            raise

    def _write_events(self, tx: Transaction) -> None:
        if not tx.emitted:
            return
        tx.session.flush()
        connection = tx.session.connection()
        rows = [_outbox_row(event, trace) for event, trace in tx.emitted]
        if len(rows) == 1:
            connection.execute(_EMIT_ONE, rows[0])
        else:
            columns = {f"{name}s": [row[name] for row in rows] for name in rows[0]}
            connection.execute(_EMIT, columns)
        faultpoint("outbox.inserted")
        if self.wake_relay is None:
            # The relay that leads may be in another process; in its own, the commit wakes it directly.
            connection.exec_driver_sql("SELECT pg_notify('outbox', '')")

    def ping(self) -> None:
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def dispose(self) -> None:
        self.engine.dispose()
        self._looker.dispose()


def _outbox_row(event: Event, traceparent: str) -> dict[str, Any]:
    return {
        "event_id": str(new_id()),
        "name": event.name(),
        "version": event.version,
        "aggregate_id": str(event.aggregate_id),
        "occurred_at": event.occurred_at,
        "payload": wire.write_event(event),
        "traceparent": traceparent,
    }


def connect_args(application: str, *, statement_seconds: int = 15) -> dict[str, object]:
    """Bounds for every connection, so that a dead or stuck server cannot hold a process for ever."""
    bounds = (
        f"-c statement_timeout={statement_seconds}s -c lock_timeout=5s "
        "-c idle_in_transaction_session_timeout=30s -c timezone=UTC"
    )
    return {
        "application_name": f"gongzhi-{application}",
        "connect_timeout": 5,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20000,
        "options": bounds,
    }
