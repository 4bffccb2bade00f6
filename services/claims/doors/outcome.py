"""Doors to what follows a score."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command
from services.claims import usecases
from services.claims.domain.item import Item
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class OutcomeDoors:
    @command(commands.RaiseObjection)
    def raise_objection(self, tx: Transaction, **objection: Any) -> Answer:
        return show(tx, usecases.raise_objection(tx, **objection, actor=tx.actor, now=tx.now))

    @command(commands.AnswerObjection)
    def answer_objection(self, tx: Transaction, **answer: Any) -> Answer:
        return show(tx, usecases.answer_objection(tx, **answer, actor=tx.actor, now=tx.now))

    @command(commands.RevokeCommendation)
    def revoke_commendation(self, tx: Transaction, **revocation: Any) -> Answer:
        return show(tx, usecases.revoke_commendation(tx, **revocation, actor=tx.actor, now=tx.now))

    @command(commands.ReportRectification)
    def report_rectification(self, tx: Transaction, **report: Any) -> Answer:
        return show(tx, usecases.report_rectification(tx, **report, actor=tx.actor, now=tx.now))

    @command(commands.CheckRectification)
    def check_rectification(self, tx: Transaction, **check: Any) -> Answer:
        return show(tx, usecases.check_rectification(tx, **check, actor=tx.actor, now=tx.now))


def show(tx: Transaction, item: Item) -> Answer:
    """The item as the actor may see it after the act."""
    return write(views.ItemView, usecases.show_item(tx, item, actor=tx.actor, now=tx.now))
