"""Doors to what becomes of items that nobody claimed, and the timer that ends their claim period."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, every
from services.claims import usecases
from services.claims.doors.outcome import show
from services.contracts.claims import commands

Answer = dict[str, Any]


class ItemExpiryDoors:
    db: Any  # the service's own

    @command(commands.CloseItemShort)
    def close_item_short(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.close_item_short(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.FundItem)
    def fund_item(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.fund_item(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.FinishItem)
    def finish_item(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.finish_item(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.WithdrawItem)
    def withdraw_item(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.withdraw_item(tx, **step, actor=tx.actor, now=tx.now))

    @every(seconds=60)
    def expire_items(self) -> None:
        """A batch per transaction, so that other processes share the work."""
        is_more = True
        while is_more:
            with self.db.transaction() as tx:
                is_more = usecases.expire_items(tx, now=tx.now)
