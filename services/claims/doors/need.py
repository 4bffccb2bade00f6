"""The doors of residents' needs."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.claims.domain.need import Need
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class NeedDoors:
    @command(commands.RegisterNeed)
    def register_need(self, tx: Transaction, **need: Any) -> Answer:
        return write(views.TakenNeedView, usecases.register_need(tx, **need, actor=tx.actor, now=tx.now))

    @command(commands.SubmitNeed)
    def submit_need(self, tx: Transaction, **need: Any) -> Answer:
        return write(views.TakenNeedView, usecases.submit_need(tx, **need, actor=tx.actor, now=tx.now))

    @command(commands.ReceiveOrder)
    def receive_order(self, tx: Transaction, **order: Any) -> Answer:
        return write(views.NeedView, usecases.receive_order(tx, **order, actor=tx.actor, now=tx.now))

    @query(commands.PreviewNeeds)
    def preview_needs(self, tx: Transaction, **file: Any) -> Answer:
        return write(views.NeedPreviewView, usecases.preview_needs(tx, **file, actor=tx.actor, now=tx.now))

    @command(commands.ImportNeeds)
    def import_needs(self, tx: Transaction, **file: Any) -> Answer:
        return write(views.NeedImportView, usecases.import_needs(tx, **file, actor=tx.actor, now=tx.now))

    @query(commands.GetNeed)
    def get_need(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.NeedView, usecases.get_need(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.FollowNeed)
    def follow_need(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.FollowedNeedView, usecases.follow_need(tx, **wanted))

    @query(commands.ListNeeds)
    def list_needs(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.NeedPage, usecases.list_needs(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.CountNeeds)
    def count_needs(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.NeedCounts, usecases.count_needs(tx, **wanted, actor=tx.actor, now=tx.now))

    @command(commands.TriageNeed)
    def triage_need(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.triage_need(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.MergeNeed)
    def merge_need(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.merge_need(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.TurnNeedIntoItem)
    def turn_need_into_item(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.turn_need_into_item(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.TurnNeedIntoMatter)
    def turn_need_into_matter(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.turn_need_into_matter(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.ReferNeed)
    def refer_need(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.refer_need(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.AnswerNeed)
    def answer_need(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.answer_need(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.DeclineNeed)
    def decline_need(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.decline_need(tx, **act, actor=tx.actor, now=tx.now))


def show(tx: Transaction, need: Need) -> Answer:
    """The need as the actor may see it after the act."""
    return write(views.NeedView, usecases.show_need(tx, need, actor=tx.actor, now=tx.now))
