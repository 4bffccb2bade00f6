"""Doors to the dashboard's figures."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import query
from services.claims import usecases
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class DashboardDoors:
    @query(commands.GetDashboard)
    def get_dashboard(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.DashboardView, usecases.get_dashboard(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.GetMoneyFigures)
    def get_money_figures(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.MoneyFigures, usecases.get_money_figures(tx, **wanted, actor=tx.actor))

    @query(commands.GetBurdenMonths)
    def get_burden_months(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.BurdenMonths, usecases.get_burden_months(tx, **wanted, actor=tx.actor, now=tx.now))
