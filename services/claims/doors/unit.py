"""The doors to the units of the alliance."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.claims.domain.unit import Unit
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]
PERSON = ("contact_name", "contact_phone")


class UnitDoors:
    @command(commands.RegisterUnit)
    def register_unit(self, tx: Transaction, **unit: Any) -> Answer:
        return show(tx, usecases.register_unit(tx, **unit, actor=tx.actor, now=tx.now))

    @command(commands.ApplyUnit, private=PERSON)
    def apply_unit(self, tx: Transaction, **unit: Any) -> Answer:
        return write(views.AppliedUnitView, usecases.apply_unit(tx, **unit, actor=tx.actor, now=tx.now))

    @command(commands.EnterApplication, private=PERSON)
    def enter_application(self, tx: Transaction, **unit: Any) -> Answer:
        entered = usecases.enter_application(tx, **unit, actor=tx.actor, now=tx.now)
        return write(views.AppliedUnitView, entered)

    @query(commands.FollowApplication)
    def follow_application(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.FollowedApplicationView, usecases.follow_application(tx, **wanted))

    @query(commands.GetUnit)
    def get_unit(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.UnitRecordView, usecases.get_unit(tx, **wanted, actor=tx.actor))

    @query(commands.GetUnitWork)
    def get_unit_work(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.UnitWorkView, usecases.get_unit_work(tx, **wanted, actor=tx.actor))

    @query(commands.ListUnits)
    def list_units(self, tx: Transaction, **wanted: Any) -> Answer:
        units, more = usecases.list_units(tx, **wanted, actor=tx.actor)
        return write(views.UnitPage, {"items": units, "next": more})

    @command(commands.ChangeUnit)
    def change_unit(self, tx: Transaction, **changes: Any) -> Answer:
        return show(tx, usecases.change_unit(tx, **changes, actor=tx.actor, now=tx.now))

    @command(commands.ApproveUnit)
    def approve_unit(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.approve_unit(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.RefuseUnit)
    def refuse_unit(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.refuse_unit(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.SuspendUnit)
    def suspend_unit(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.suspend_unit(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.ReinstateUnit)
    def reinstate_unit(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.reinstate_unit(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.LeaveAlliance)
    def leave_alliance(self, tx: Transaction, **act: Any) -> Answer:
        return show(tx, usecases.leave_alliance(tx, **act, actor=tx.actor, now=tx.now))

    @command(commands.AddUnitContact, private=PERSON)
    def add_unit_contact(self, tx: Transaction, **contact: Any) -> Answer:
        return show(tx, usecases.add_unit_contact(tx, **contact, actor=tx.actor, now=tx.now))

    @command(commands.RemoveUnitContact)
    def remove_unit_contact(self, tx: Transaction, **contact: Any) -> Answer:
        return show(tx, usecases.remove_unit_contact(tx, **contact, actor=tx.actor, now=tx.now))


def show(tx: Transaction, unit: Unit) -> Answer:
    """The unit after the act."""
    return write(views.UnitRecordView, usecases.show_unit(tx, unit, actor=tx.actor))
