"""The doors to shifts: opening, enrolling, signing in and out, confirming."""

from typing import Any

from services.chassis.config import load
from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.claims.domain.shift import Shift
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class ShiftDoors:
    @command(commands.OpenShift)
    def open_shift(self, tx: Transaction, **fields: Any) -> Answer:
        return show(tx, usecases.open_shift(tx, **fields, actor=tx.actor, now=tx.now))

    @query(commands.GetShift)
    def get_shift(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.ShiftView, usecases.get_shift(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ListShifts)
    def list_shifts(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.ShiftPage, usecases.list_shifts(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ListOpenShifts)
    def list_open_shifts(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.ShiftPage, usecases.list_open_shifts(tx, **wanted, now=tx.now))

    @command(commands.EnrolVolunteer)
    def enrol_volunteer(self, tx: Transaction, **wanted: Any) -> Answer:
        return show(tx, usecases.enrol_volunteer(tx, **wanted, actor=tx.actor, now=tx.now))

    @command(commands.WithdrawFromShift)
    def withdraw_from_shift(self, tx: Transaction, **wanted: Any) -> Answer:
        return show(tx, usecases.withdraw_from_shift(tx, **wanted, actor=tx.actor, now=tx.now))

    @command(commands.CancelShift)
    def cancel_shift(self, tx: Transaction, **wanted: Any) -> Answer:
        return show(tx, usecases.cancel_shift(tx, **wanted, actor=tx.actor, now=tx.now))

    @command(commands.SignInVolunteer)
    def sign_in_volunteer(self, tx: Transaction, **wanted: Any) -> Answer:
        return show(tx, usecases.sign_in_volunteer(tx, **wanted, actor=tx.actor, now=tx.now))

    @command(commands.SignOutVolunteer)
    def sign_out_volunteer(self, tx: Transaction, **wanted: Any) -> Answer:
        return show(tx, usecases.sign_out_volunteer(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.GetSignInToken)
    def get_sign_in_token(self, tx: Transaction, **wanted: Any) -> Answer:
        made = usecases.get_sign_in_token(tx, **wanted, key=_key(), actor=tx.actor)
        return write(views.SignInTokenView, made)

    @query(commands.OpenSignIn)
    def open_sign_in(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SignInView, usecases.open_sign_in(tx, **wanted, key=_key(), now=tx.now))

    @command(commands.SignByToken)
    def sign_by_token(self, tx: Transaction, **signed: Any) -> Answer:
        receipt = usecases.sign_by_token(tx, **signed, key=_key(), actor=tx.actor, now=tx.now)
        return write(views.SignedView, receipt)

    @command(commands.ConfirmHours)
    def confirm_hours(self, tx: Transaction, **wanted: Any) -> Answer:
        return show(tx, usecases.confirm_hours(tx, **wanted, actor=tx.actor, now=tx.now))


def show(tx: Transaction, shift: Shift) -> Answer:
    """The shift as the actor may see it after the act."""
    return write(views.ShiftView, usecases.show_shift(tx, shift, actor=tx.actor, now=tx.now))


def _key() -> bytes:
    return load().derived("claims.sign_in")
