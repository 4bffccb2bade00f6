"""The relay alone: how fast it brings a full outbox to a quorum queue that nobody reads."""

import threading
import time
from typing import Any

import sqlalchemy as sa

from services.chassis.broker import connect
from services.chassis.clock import utc_now
from services.chassis.config import load
from services.chassis.db import Database
from services.chassis.ids import new_id
from services.chassis.relay import Relay
from services.chassis.topology import inbox_name
from services.chassis.tracing import new_traceparent
from services.chassis.wire import write_event
from tests.bench.contracts import Stocked
from tests.bench.control import serve

AGGREGATES = 500
FILL = sa.text(
    """
    INSERT INTO outbox (event_id, name, version, aggregate_id, sequence, occurred_at, payload, traceparent)
    SELECT gen_random_uuid(), :name, 1, md5('shelf' || number % :aggregates)::uuid,
           number / :aggregates + 1, :occurred_at, :payload, :traceparent
    FROM generate_series(1, :rows) AS number
    """
)


class Relaying:
    def __init__(self) -> None:
        config = load()
        self._database = Database(config.database_url("stock"), service="stock", pool_size=2)
        self._relay = Relay(self._database, config, bell=threading.Event())
        self._config = config

    def relay(self, rows: int) -> dict[str, Any]:
        self._fill(rows)
        with self._database.engine.connect() as connection:
            began = time.monotonic()
            published = 0
            while published < rows:
                batch = self._relay.publish_some(connection)
                if batch == 0:
                    raise RuntimeError(f"the relay stopped after {published} of {rows} events")
                published += batch
            elapsed = time.monotonic() - began
        self._empty_queue(rows)
        return {"count": rows, "rate": rows / elapsed}

    def _fill(self, rows: int) -> None:
        event = Stocked(shelf_id=new_id(), number=1, occurred_at=utc_now())
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("TRUNCATE outbox RESTART IDENTITY")
            connection.execute(
                FILL,
                {
                    "name": event.name(),
                    "aggregates": AGGREGATES,
                    "occurred_at": event.occurred_at,
                    "payload": write_event(event),
                    "traceparent": new_traceparent(),
                    "rows": rows,
                },
            )
            connection.exec_driver_sql("VACUUM ANALYZE outbox")

    def _empty_queue(self, rows: int) -> None:
        connection = connect(self._config)
        purged = connection.channel().queue_purge(inbox_name("shelf"))
        connection.close()
        if purged != rows:
            raise RuntimeError(f"{purged} of {rows} events were in the queue")


def main() -> None:
    relaying = Relaying()
    serve({"ready": lambda: True, "relay": relaying.relay})
