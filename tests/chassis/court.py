"""The court: the databases of ping and pong, their processes, and what the tests look at."""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import amqp
import sqlalchemy as sa

from deploy.gongzhi import _databases
from deploy.local import processes as local
from deploy.local.stack import LocalStack
from services.chassis import audit_tables, tables, wire
from services.chassis.broker import connect
from services.chassis.clock import utc_now
from services.chassis.config import Config, load
from services.chassis.db import Database
from services.chassis.topology import declare_outlet, events_of
from tests.chassis.calling import Caller
from tests.chassis.pingpong import Served
from tests.chassis.processes import Process, eventually

OWN_TABLES = {
    "ping": "CREATE TABLE serves (rally_id uuid NOT NULL, number int NOT NULL)",
    "pong": "CREATE TABLE returns (n bigint GENERATED ALWAYS AS IDENTITY, event_id uuid PRIMARY KEY,"
    " rally_id uuid NOT NULL, number int NOT NULL, traceparent text NOT NULL)",
}
SERVES = sa.text("INSERT INTO serves VALUES (:rally_id, :number)")
RETRY_SECONDS = "0.2,0.2,0.2"


class Court:
    def __init__(self, stack: LocalStack, folder: Path) -> None:
        assert stack.postgres is not None
        assert stack.rabbitmq is not None
        self.postgres, self.rabbitmq = stack.postgres, stack.rabbitmq
        self.folder = folder
        self.addresses = {name: f"127.0.0.1:{local.free_port()}" for name in OWN_TABLES}
        self.variables = {
            **stack.environment(),
            "GONGZHI_RETRY_SECONDS": RETRY_SECONDS,
            "GONGZHI_OPS_PORT": str(local.free_port(1, 2, 3, 4, 5, 6)),
            **{f"GONGZHI_{name.upper()}_OPS": address for name, address in self.addresses.items()},
        }
        self.running: dict[str, Process] = {}
        self._numbers = itertools.count()
        self._make_databases()
        self.ping, self.pong = (Database(self.config.database_url(name), service=name) for name in OWN_TABLES)
        # For looking only, also while servers come and go.
        self._eyes = {
            database.service: sa.create_engine(database.url, pool_pre_ping=True)
            for database in (self.ping, self.pong)
        }
        self._caller: Caller | None = None

    @property
    def config(self) -> Config:
        return load(self.variables)

    def _make_databases(self) -> None:
        """Nothing is left of an earlier court on the same servers."""
        with _databases.administration(self.config) as connection:
            for name in OWN_TABLES:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS gongzhi_{name} WITH (FORCE)")
                url = self.config.database_url(name)
                database = _databases.Database(name=name, url=url, migrations=Path(), is_ours_to_make=True)
                _databases.make(connection, database, password=self.config.database_password(name))
        with self.channel() as channel:
            for queue in ("ping.calls", "pong.inbox"):
                channel.queue_delete(queue)
        for name, ddl in OWN_TABLES.items():
            engine = sa.create_engine(self.config.database_url(name), poolclass=sa.NullPool)
            with engine.begin() as connection:
                tables.create(connection)
                audit_tables.create(connection)
                connection.exec_driver_sql(ddl)

    def close(self) -> None:
        if self._caller is not None:
            self._caller.end()
        for process in self.running.values():
            process.end()
        for engine in (self.ping.engine, self.pong.engine, *self._eyes.values()):
            engine.dispose()

    # ---- processes

    def run(self, service: str) -> Process:
        """The one process of this service that the tests share, started when it is not there."""
        process = self.running.get(service)
        if process is None or not process.is_alive:
            self.running[service] = process = self.start(service)
        return process.until_ready()

    def rest(self, *services: str) -> None:
        """End the shared processes, so that a test's own ones are the only ones."""
        for service in services or tuple(self.running):
            if process := self.running.pop(service, None):
                process.end()

    def start(
        self,
        service: str,
        *,
        address: str | None = None,
        is_supervised: bool = False,
        faultpoint: str = "",
        **variables: str,
    ) -> Process:
        """One more process; whoever starts it ends it. With a `faultpoint` it dies there, once."""
        number = next(self._numbers)
        if faultpoint:
            variables |= {
                "GONGZHI_FAULTPOINT": faultpoint,
                "GONGZHI_FAULTPOINT_MARK": str(self.folder / f"mark-{number}"),
            }
        return Process(
            service,
            variables=self.variables | variables,
            log=self.folder / f"{service}-{number}.log",
            address=address or self.addresses[service],
            is_supervised=is_supervised,
        )

    @contextlib.contextmanager
    def running_alone(self, service: str, **options: Any) -> Iterator[Process]:
        """A process of the test's own instead of the shared one, waited for until it is ready."""
        self.rest(service)
        process = self.start(service, **options)
        try:
            yield process.until_ready()
        finally:
            process.end()

    @property
    def caller(self) -> Caller:
        if self._caller is None:
            self._caller = Caller(variables=self.variables, log=self.folder / "caller.log")
        return self._caller.until_connected()

    # ---- serving past the process, straight into its database

    def serve(self, rally_id: UUID, numbers: Iterable[int], *, spell: str = "") -> None:
        """Each number one change and one event, all in one transaction."""
        with self.ping.transaction() as tx:
            for number in numbers:
                tx.session.execute(SERVES, {"rally_id": rally_id, "number": number})
                tx.emit(Served(rally_id=rally_id, number=number, spell=spell, occurred_at=tx.now))

    # ---- what can be seen

    def returned(self, rally_id: UUID) -> list[int]:
        """The numbers of this rally in the order in which they took effect."""
        return self.column(
            self.pong, "SELECT number FROM returns WHERE rally_id = :rally_id ORDER BY n", rally_id=rally_id
        )

    def until_returned(self, rally_id: UUID, numbers: Iterable[int], *, within: float = 30) -> None:
        wanted = list(numbers)
        eventually(lambda: len(self.returned(rally_id)) >= len(wanted), within=within)
        assert self.returned(rally_id) == wanted

    def outbox(self, rally_id: UUID) -> list[Any]:
        return self.rows(
            self.ping,
            "SELECT * FROM outbox WHERE aggregate_id = :rally_id ORDER BY sequence",
            rally_id=rally_id,
        )

    def inbox(self, rally_id: UUID) -> list[Any]:
        return self.rows(
            self.pong,
            "SELECT * FROM inbox WHERE aggregate_id = :rally_id ORDER BY sequence",
            rally_id=str(rally_id),
        )

    def until_inbox(self, rally_id: UUID, statuses: Iterable[str], *, within: float = 30) -> list[Any]:
        wanted = list(statuses)
        eventually(lambda: [row.status for row in self.inbox(rally_id)] == wanted, within=within)
        return self.inbox(rally_id)

    def check_conservation(self, *rally_ids: UUID) -> None:
        """Sets, not counts: every committed event has had exactly one effect, and nothing else had any."""
        for rally_id in rally_ids:
            told = {str(row.event_id) for row in self.outbox(rally_id)}
            heard = {row.event_id for row in self.inbox(rally_id) if row.status == "done"}
            effects = self.column(
                self.pong, "SELECT event_id::text FROM returns WHERE rally_id = :rally_id", rally_id=rally_id
            )
            assert told == heard == set(effects)
            assert len(effects) == len(told)
            served = self.column(
                self.ping, "SELECT number FROM serves WHERE rally_id = :rally_id", rally_id=rally_id
            )
            assert sorted(served) == sorted(self.returned(rally_id))

    def rows(self, database: Database, query: str, **values: Any) -> list[Any]:
        with self._eyes[database.service].connect() as connection:
            return list(connection.execute(sa.text(query), values))

    def column(self, database: Database, query: str, **values: Any) -> list[Any]:
        return [row[0] for row in self.rows(database, query, **values)]

    # ---- the broker

    @contextlib.contextmanager
    def channel(self) -> Iterator[amqp.Channel]:
        connection = connect(self.config)
        try:
            yield connection.channel()
        finally:
            connection.collect()

    def publish(
        self,
        body: bytes,
        headers: dict[str, Any] | None = None,
        *,
        key: str = "served",
        content_type: str | None = wire.JSON,
        **properties: Any,
    ) -> None:
        """A message as any program could send it; on return the broker holds it."""
        with self.channel() as channel:
            declare_outlet(channel, "ping", events_of("ping"))
            channel.confirm_select()
            if headers is not None:
                properties["application_headers"] = headers
            message = amqp.Message(body, content_type=content_type, delivery_mode=2, **properties)
            channel.basic_publish_confirm(message, "ping.events", key, mandatory=True)

    @contextlib.contextmanager
    def eavesdropping(self) -> Iterator[Callable[[], list[wire.Envelope]]]:
        """Everything that reaches the exchange from now on, in its order, as the broker queued it."""
        queue = f"ear-{uuid4().hex[:8]}"
        with self.channel() as channel:
            channel.exchange_declare("ping.events", "topic", durable=True, auto_delete=False)
            channel.queue_declare(queue, durable=True, exclusive=False, auto_delete=False)
            channel.queue_bind(queue, "ping.events", "#")
        heard: list[wire.Envelope] = []

        def listen() -> list[wire.Envelope]:
            with self.channel() as channel:
                while message := channel.basic_get(queue, no_ack=True):
                    heard.append(
                        wire.read_envelope(
                            message.properties["application_headers"],
                            message.properties["content_type"],
                            message.body,
                        )
                    )
            return heard

        try:
            yield listen
        finally:
            with self.channel() as channel:
                channel.queue_delete(queue)


def envelope(rally_id: UUID, number: int, **changes: Any) -> wire.Envelope:
    """An event as ping would have sent it."""
    event = Served(rally_id=rally_id, number=number, occurred_at=utc_now())
    made = wire.Envelope(
        event_id=str(uuid4()),
        source="ping",
        name="served",
        version=1,
        aggregate_id=str(rally_id),
        sequence=number,
        occurred_at=event.occurred_at,
        traceparent="",
        body=wire.dumps(event),
    )
    return dataclasses.replace(made, **changes)
