"""Commits many small changes, each with its event: one end of commit-to-effect."""

import random
import time
from uuid import UUID

import eventlet
import sqlalchemy as sa

from services.chassis.db import Database
from services.chassis.ids import new_id
from services.chassis.service import Service
from tests.bench.control import Acts
from tests.bench.messages import Control
from tests.bench.timing import green
from tests.chassis.pingpong import Served

TABLE = "CREATE TABLE IF NOT EXISTS serves (rally_id uuid NOT NULL, number bigint PRIMARY KEY)"
SERVES = sa.text("INSERT INTO serves (rally_id, number) VALUES (:rally_id, :number)")
RALLIES = 500


class PingControl(Control):
    def acts(self) -> Acts:
        return {"serve_all": self.serve_all, "serve_steadily": self.serve_steadily}

    def serve_all(self, count: int, at_once: int) -> int:
        """As fast as they go; `at_once` greenthreads."""
        numbers = iter(range(count))
        rallies = _rallies()

        def server() -> None:
            for number in numbers:
                serve_one(self.container.database, random.choice(rallies), number)

        for wait in [green(server) for _ in range(at_once)]:
            wait()
        return count

    def serve_steadily(self, rate: float, seconds: float) -> int:
        """At random moments, `rate` a second on average, however long each takes (an open loop)."""
        chance = random.Random(rate)
        rallies = _rallies()
        pool = eventlet.GreenPool(200)
        began, due, number = time.monotonic(), 0.0, 0
        while due < seconds:
            time.sleep(max(0.0, began + due - time.monotonic()))
            pool.spawn_n(serve_one, self.container.database, chance.choice(rallies), number)
            number += 1
            due += chance.expovariate(rate)
        pool.waitall()
        return number


class Ping(Service):
    name = "ping"

    control = PingControl()


def serve_one(database: Database, rally_id: UUID, number: int) -> None:
    with database.transaction() as tx:
        tx.session.execute(SERVES, {"rally_id": rally_id, "number": number})
        tx.emit(Served(rally_id=rally_id, number=number, occurred_at=tx.now))


def _rallies() -> list[UUID]:
    return [new_id() for _ in range(RALLIES)]
