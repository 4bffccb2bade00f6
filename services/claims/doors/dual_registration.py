"""The doors to dual registration and to the tasks that communities introduce."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.claims.domain.dual_registration import DualRegistration
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class DualRegistrationDoors:
    @command(commands.OpenDualRegistration, private=("member_name",))
    def open_dual_registration(self, tx: Transaction, **fields: Any) -> Answer:
        return show(tx, usecases.open_dual_registration(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.EndDualRegistration)
    def end_dual_registration(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.end_dual_registration(tx, **act, actor=tx.actor, now=tx.now))

    @query(commands.GetDualRegistration)
    def get_dual_registration(self, tx: Transaction, **wanted: Any) -> Answer:
        found = usecases.get_dual_registration(tx, **wanted, actor=tx.actor)
        return write(views.DualRegistrationView, found)

    @query(commands.ListDualRegistrations)
    def list_dual_registrations(self, tx: Transaction, **wanted: Any) -> Answer:
        found = usecases.list_dual_registrations(tx, **wanted, actor=tx.actor)
        return write(views.DualRegistrationPage, found)

    @query(commands.ExportDualRegistrations)
    def export_dual_registrations(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SheetPage, usecases.export_dual_registrations(tx, **wanted, actor=tx.actor))

    @command(commands.RecordDualService)
    def record_dual_service(self, tx: Transaction, **service: Any) -> Answer:
        return show(tx, usecases.record_dual_service(tx, **service, actor=tx.actor, now=tx.now))

    @command(commands.WithdrawDualService)
    def withdraw_dual_service(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.withdraw_dual_service(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.EvaluateDualRegistration)
    def evaluate_dual_registration(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.evaluate_dual_registration(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.IntroduceTask)
    def introduce_task(self, tx: Transaction, **task: Any) -> Answer:
        return write(views.TaskView, usecases.introduce_task(tx, **task, actor=tx.actor, now=tx.now))

    @command(commands.CloseTask)
    def close_task(self, tx: Transaction, **act: Any) -> Answer:
        return write(views.TaskView, usecases.close_task(tx, **act, actor=tx.actor, now=tx.now))

    @query(commands.ListTasks)
    def list_tasks(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.TaskPage, usecases.list_tasks(tx, **wanted, actor=tx.actor))


def show(tx: Transaction, registration: DualRegistration) -> Answer:
    """The registration after the act."""
    shown = usecases.show_dual_registration(tx, registration, actor=tx.actor)
    return write(views.DualRegistrationView, shown)
