"""A service that hears of it."""

import os
import signal
import time

import sqlalchemy as sa

from services.chassis import tracing
from services.chassis.db import Transaction
from services.chassis.doors import consumes
from services.chassis.service import Service
from services.contracts.base import Unavailable
from tests.chassis.pingpong import OutOfBounds, Returned, Served

TRIED = sa.text("SELECT attempts FROM inbox WHERE event_id = :event_id")
RETURNS = sa.text(
    "INSERT INTO returns (event_id, rally_id, number, traceparent) VALUES (:event_id, :rally_id, :number, :trace)"
)


class Pong(Service):
    name = "pong"

    @consumes(Served)
    def on_served(self, tx: Transaction, event: Served) -> None:
        row = {"event_id": tx.event_id, "rally_id": event.rally_id, "number": event.number}
        tx.session.execute(RETURNS, {**row, "trace": tracing.traceparent.get()})
        if event.spell == "slow":
            time.sleep(0.5)
        if event.spell in ("answer", "shout"):
            cry = "x" * 70_000 if event.spell == "shout" else ""
            tx.emit(Returned(rally_id=event.rally_id, number=event.number, cry=cry, occurred_at=tx.now))
        if event.spell == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if event.spell == "refuse":
            raise OutOfBounds("这个球不接。")
        if event.spell == "crash":
            raise RuntimeError("a mistake in the handler")
        if event.spell == "later":
            tried = tx.session.execute(TRIED, {"event_id": str(tx.event_id)}).scalar_one()
            if tried < 2:
                raise Unavailable("等一会儿。")
        if event.spell == "never":
            raise Unavailable("永远不行。")
