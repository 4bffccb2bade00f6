"""Hears of them, and writes one row each: the other end of commit-to-effect."""

import sqlalchemy as sa

from services.chassis.db import Transaction
from services.chassis.doors import consumes
from services.chassis.service import Service
from tests.bench.messages import Control
from tests.chassis.pingpong import Served

TABLE = "CREATE TABLE IF NOT EXISTS returns (event_id uuid PRIMARY KEY, rally_id uuid NOT NULL, number bigint NOT NULL)"
RETURNS = sa.text("INSERT INTO returns (event_id, rally_id, number) VALUES (:event_id, :rally_id, :number)")


def return_one(tx: Transaction, event: Served) -> None:
    tx.session.execute(RETURNS, {"event_id": tx.event_id, "rally_id": event.rally_id, "number": event.number})


class Pong(Service):
    name = "pong"

    control = Control()

    @consumes(Served)
    def on_served(self, tx: Transaction, event: Served) -> None:
        return_one(tx, event)
