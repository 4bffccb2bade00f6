"""Doors to the evidence of a claim."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.claims.doors.outcome import show
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class EvidenceDoors:
    @command(commands.AttachEvidence)
    def attach_evidence(self, tx: Transaction, **evidence: Any) -> Answer:
        return show(tx, usecases.attach_evidence(tx, **evidence, actor=tx.actor, now=tx.now))

    @command(commands.WithdrawEvidence)
    def withdraw_evidence(self, tx: Transaction, **withdrawal: Any) -> Answer:
        return show(tx, usecases.withdraw_evidence(tx, **withdrawal, actor=tx.actor, now=tx.now))

    @command(commands.ShowEvidence)
    def show_evidence(self, tx: Transaction, **wish: Any) -> Answer:
        return show(tx, usecases.show_evidence(tx, **wish, actor=tx.actor, now=tx.now))

    @query(commands.GetEvidence)
    def get_evidence(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.EvidenceView, usecases.get_evidence(tx, **wanted, actor=tx.actor))
