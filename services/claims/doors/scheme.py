"""Doors to the assessment schemes, and to the points that parties give by them."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.claims.doors.outcome import show
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class SchemeDoors:
    @command(commands.DraftScheme)
    def draft_scheme(self, tx: Transaction, **fields: Any) -> Answer:
        return write(views.SchemeView, usecases.draft_scheme(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.ChangeScheme)
    def change_scheme(self, tx: Transaction, **fields: Any) -> Answer:
        return write(views.SchemeView, usecases.change_scheme(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.PublishScheme)
    def publish_scheme(self, tx: Transaction, **step: Any) -> Answer:
        return write(views.SchemeView, usecases.publish_scheme(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.WithdrawScheme)
    def withdraw_scheme(self, tx: Transaction, **step: Any) -> Answer:
        return write(views.SchemeView, usecases.withdraw_scheme(tx, **step, actor=tx.actor, now=tx.now))

    @query(commands.GetScheme)
    def get_scheme(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SchemeView, usecases.get_scheme(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ListSchemes)
    def list_schemes(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SchemePage, usecases.list_schemes(tx, **wanted, actor=tx.actor, now=tx.now))

    @command(commands.ScoreItem)
    def score_item(self, tx: Transaction, **scoring: Any) -> Answer:
        return show(tx, usecases.score_item(tx, **scoring, actor=tx.actor, now=tx.now))
