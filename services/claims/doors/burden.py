"""Doors of the burden meter."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class BurdenDoors:
    @command(commands.RecordBurden)
    def record_burden(self, tx: Transaction, **fields: Any) -> Answer:
        return write(views.BurdenView, usecases.record_burden(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.WithdrawBurden)
    def withdraw_burden(self, tx: Transaction, **step: Any) -> Answer:
        return write(views.BurdenView, usecases.withdraw_burden(tx, **step, actor=tx.actor, now=tx.now))

    @query(commands.ListBurdens)
    def list_burdens(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.BurdenPage, usecases.list_burdens(tx, **wanted, actor=tx.actor))

    @query(commands.GetBurdenMeter)
    def get_burden_meter(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.BurdenMeter, usecases.get_burden_meter(tx, **wanted, actor=tx.actor))
