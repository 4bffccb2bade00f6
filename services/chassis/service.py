"""The base of every service: its database, its relay and retries, its port."""

import threading
import time
from typing import Any

import eventlet
import sqlalchemy as sa
from nameko.extensions import DependencyProvider

from services.chassis import audit_reading, metrics, tables
from services.chassis.audit_chain import Signer
from services.chassis.audit_sealer import AuditSealer
from services.chassis.audit_tables import unchained
from services.chassis.config import load
from services.chassis.db import Database, Transaction
from services.chassis.doors import query
from services.chassis.logs import get_logger
from services.chassis.ops import Ops
from services.chassis.relay import Relay
from services.chassis.rpc import RpcClient
from services.contracts.audit import GetAuditState, ListAudit
from services.contracts.base import Unavailable

RETRY_CHECK_SECONDS = 1.0
MEASURE_SECONDS = 5.0
TIDY_SECONDS = 3600.0
KEPT_DAYS = 30
log = get_logger(__name__)


class DatabaseProvider(DependencyProvider):  # type: ignore[misc]
    """The service's own database, shared by all its doors."""

    def setup(self) -> None:
        config = load()
        service = self.container.service_name
        self.database = Database(config.database_url(service), service=service)
        self.container.database = self.database

    def stop(self) -> None:
        self.database.dispose()

    def get_dependency(self, worker_ctx: Any) -> Database:
        return self.database


class RpcProvider(DependencyProvider):  # type: ignore[misc]
    """Calls to services; for the gateway alone."""

    def setup(self) -> None:
        self.client = RpcClient(load())
        links = self.container.__dict__.setdefault("links", {})
        links["calls"] = lambda: self.client.link.channel is not None

    def start(self) -> None:
        self._thread = eventlet.spawn(self.client.link.run)

    def stop(self) -> None:
        self.client.link.stop()
        self._thread.kill()

    def get_dependency(self, worker_ctx: Any) -> RpcClient:
        return self.client


class Upkeep(DependencyProvider):  # type: ignore[misc]
    """What goes on beside the doors: the relay, the audit's sealer, retries, gauges, and the removal of old rows."""

    def setup(self) -> None:
        self._threads: list[Any] = []
        self._is_stopping = False

    def start(self) -> None:
        self.relay = Relay(self.container.database, load(), bell=threading.Event())
        self.sealer = AuditSealer(self.container.database, load())
        for loop in (
            self.relay.run,
            self.relay.listen,
            self.sealer.run,
            self._retry,
            self._measure,
            self._watch_the_loop,
            self._tidy,
        ):
            self._threads.append(eventlet.spawn(loop))

    def stop(self) -> None:
        self._is_stopping = True
        self.sealer.stop()
        self.relay.stop()
        # The relay may finish the batch that it has sent.
        with eventlet.Timeout(5, False):
            self._threads[0].wait()
        for thread in self._threads:
            thread.kill()

    def get_dependency(self, worker_ctx: Any) -> None:
        return None

    def _retry(self) -> None:
        pause = min(RETRY_CHECK_SECONDS, *load().retry_seconds)
        while not self._is_stopping:
            time.sleep(pause)
            events = getattr(self.container, "events", None)
            if events is None:
                return
            try:
                events.retry_due()
            except Unavailable:
                log.warning("retries wait for the database")
            except Exception:
                log.exception("retrying failed")

    def _measure(self) -> None:
        service = self.container.service_name
        while not self._is_stopping:
            try:
                measure(self.container.database, service)
            except Exception as error:  # noqa: BLE001  gauges that stand still would hide what they are for
                log.warning("gauges wait for the database", error=repr(error)[:200])
            time.sleep(MEASURE_SECONDS)

    def _watch_the_loop(self) -> None:
        """Everything in this process waits while one greenthread computes; this tells how long."""
        gauge = metrics.HUB_LAG.labels(self.container.service_name)
        while not self._is_stopping:
            before = time.monotonic()
            time.sleep(0.5)
            gauge.set(max(0.0, time.monotonic() - before - 0.5))

    def _tidy(self) -> None:
        while not self._is_stopping:
            time.sleep(TIDY_SECONDS)
            try:
                tidy(self.container.database, days=KEPT_DAYS)
            except Exception as error:  # noqa: BLE001  the next hour tries again
                log.warning("old rows stay for now", error=repr(error)[:200])


def measure(database: Database, service: str) -> None:
    """Set the gauges from the tables themselves, so that they are true after any restart."""
    with database.engine.connect() as connection:
        waiting, oldest = connection.execute(
            sa.text(
                "SELECT count(*), coalesce(extract(epoch FROM now() - min(occurred_at)), 0) "
                "FROM outbox WHERE published_at IS NULL"
            )
        ).one()
        held: dict[str, int] = dict(
            connection.execute(
                sa.select(tables.inbox.c.status, sa.func.count())
                .where(tables.inbox.c.status.in_(("waiting", "parked")))
                .group_by(tables.inbox.c.status)
            ).all()
        )
        unsealed = connection.scalar(sa.select(sa.func.count()).select_from(unchained)) or 0
    metrics.AUDIT_UNCHAINED.labels(service).set(unsealed)
    metrics.OUTBOX_UNPUBLISHED.labels(service).set(waiting)
    metrics.OUTBOX_OLDEST.labels(service).set(max(0.0, float(oldest)))
    metrics.INBOX_WAITING.labels(service).set(held.get("waiting", 0))
    metrics.DEAD_LETTERS.labels(service).set(held.get("parked", 0))
    metrics.DATABASE_IN_USE.labels(service).set(database.engine.pool.checkedout())  # type: ignore[attr-defined]


def tidy(database: Database, *, days: int) -> None:
    """Remove what only served to recognise repetitions, once no repetition can come any more."""
    age = sa.text("now() - make_interval(days => :days)").bindparams(days=days)
    with database.engine.begin() as connection:
        connection.execute(sa.delete(tables.outbox).where(tables.outbox.c.published_at < age))
        connection.execute(
            sa.delete(tables.inbox).where(tables.inbox.c.status == "done", tables.inbox.c.finished_at < age)
        )
        connection.execute(sa.delete(tables.idempotency).where(tables.idempotency.c.created_at < age))


class Service:
    """Subclass, give it a `name`, and write doors; those to its audit are there."""

    name: str

    db = DatabaseProvider()
    upkeep = Upkeep()
    ops = Ops()

    @query(ListAudit)
    def list_audit(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        return audit_reading.list_audit(tx, self.name, **wanted)

    @query(GetAuditState)
    def get_audit_state(self, tx: Transaction) -> dict[str, Any]:
        return audit_reading.get_audit_state(tx, self.name, Signer(load()))
