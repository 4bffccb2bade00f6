"""Doors to the working-day clocks, and the timer that turns them."""

from typing import Any

from services.chassis import clocks
from services.chassis.clock import local_today
from services.chassis.db import Transaction
from services.chassis.doors import every, query
from services.chassis.service import DatabaseProvider
from services.claims import usecases
from services.contracts.base import write
from services.contracts.claims import commands, views


class ClockDoors:
    db: DatabaseProvider

    @query(commands.ListClocks)
    def list_clocks(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        return write(views.ClockPage, usecases.list_clocks(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.CountClocks)
    def count_clocks(self, tx: Transaction, **wanted: Any) -> dict[str, Any]:
        return write(views.ClockCounts, usecases.count_clocks(tx, **wanted, actor=tx.actor))

    @every(seconds=30)
    def turn_clocks(self) -> None:
        is_more = True
        while is_more:
            with self.db.transaction() as tx:
                is_more = usecases.turn_clocks(tx) > 0
        with self.db.reading() as tx:
            clocks.measure(tx.session, "claims", local_today())
