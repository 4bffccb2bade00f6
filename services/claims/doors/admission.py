"""Doors of the task gate: applications, lists, send-backs, emergencies, seals."""

from typing import Any

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.doors import command, every, query
from services.claims import usecases
from services.claims.domain.admission import Admission
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class AdmissionDoors:
    db: Any  # the service's own

    # ---- applications -----------------------------------------------------------------------

    @command(commands.ApplyAdmission)
    def apply_admission(self, tx: Transaction, **fields: Any) -> Answer:
        return show(tx, usecases.apply_admission(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.RecordOpinion)
    def record_opinion(self, tx: Transaction, **opinion: Any) -> Answer:
        return show(tx, usecases.record_opinion(tx, **opinion, actor=tx.actor, now=tx.now))

    @command(commands.DecideAdmission)
    def decide_admission(self, tx: Transaction, **decision: Any) -> Answer:
        return show(tx, usecases.decide_admission(tx, **decision, actor=tx.actor, now=tx.now))

    @command(commands.RevokeAdmission)
    def revoke_admission(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.revoke_admission(tx, **step, actor=tx.actor, now=tx.now))

    @query(commands.GetAdmission)
    def get_admission(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.AdmissionView, usecases.get_admission(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ListAdmissions)
    def list_admissions(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.AdmissionPage, usecases.list_admissions(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.CountAdmissions)
    def count_admissions(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(
            views.AdmissionCounts, usecases.count_admissions(tx, **wanted, actor=tx.actor, now=tx.now)
        )

    @every(seconds=60)
    def expire_admissions(self) -> None:
        """A batch per transaction, so that other processes share the work."""
        is_more = True
        while is_more:
            with self.db.transaction() as tx:
                is_more = usecases.expire_admissions(tx, now=tx.now)

    # ---- the three lists --------------------------------------------------------------------

    @command(commands.AddGateEntry)
    def add_gate_entry(self, tx: Transaction, **fields: Any) -> Answer:
        entry = usecases.add_gate_entry(tx, **fields, actor=tx.actor, now=tx.now)
        shown = usecases.show_gate_entry(entry, actor=tx.actor, today=local_date(tx.now))
        return write(views.GateEntryView, shown)

    @command(commands.EndGateEntry)
    def end_gate_entry(self, tx: Transaction, **step: Any) -> Answer:
        entry = usecases.end_gate_entry(tx, **step, actor=tx.actor, now=tx.now)
        shown = usecases.show_gate_entry(entry, actor=tx.actor, today=local_date(tx.now))
        return write(views.GateEntryView, shown)

    @query(commands.ListGateEntries)
    def list_gate_entries(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(
            views.GateEntryPage, usecases.list_gate_entries(tx, **wanted, actor=tx.actor, now=tx.now)
        )

    # ---- send-backs and emergencies ---------------------------------------------------------

    @command(commands.SendBackTask)
    def send_back_task(self, tx: Transaction, **task: Any) -> Answer:
        return write(views.SentBackView, usecases.send_back_task(tx, **task, actor=tx.actor, now=tx.now))

    @query(commands.GetSentBackTask)
    def get_sent_back_task(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SentBackView, usecases.get_sent_back_task(tx, **wanted, actor=tx.actor))

    @query(commands.ListSentBackTasks)
    def list_sent_back_tasks(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SentBackPage, usecases.list_sent_back_tasks(tx, **wanted, actor=tx.actor))

    @command(commands.DeclareEmergency)
    def declare_emergency(self, tx: Transaction, **fields: Any) -> Answer:
        return write(
            views.EmergencyView, usecases.declare_emergency(tx, **fields, actor=tx.actor, now=tx.now)
        )

    @query(commands.ListEmergencies)
    def list_emergencies(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.EmergencyPage, usecases.list_emergencies(tx, **wanted, actor=tx.actor, now=tx.now))

    # ---- seals ------------------------------------------------------------------------------

    @command(commands.RequestSeal)
    def request_seal(self, tx: Transaction, **fields: Any) -> Answer:
        return write(views.SealView, usecases.request_seal(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.DecideSeal)
    def decide_seal(self, tx: Transaction, **step: Any) -> Answer:
        return write(views.SealView, usecases.decide_seal(tx, **step, actor=tx.actor, now=tx.now))

    @query(commands.ListSealRequests)
    def list_seal_requests(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SealPage, usecases.list_seal_requests(tx, **wanted, actor=tx.actor))


def show(tx: Transaction, admission: Admission) -> Answer:
    """The application as the actor may see it after the act."""
    shown = usecases.show_admission(tx, admission, actor=tx.actor, now=tx.now)
    return write(views.AdmissionView, shown)
