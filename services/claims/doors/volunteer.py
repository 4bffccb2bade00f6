"""The doors to volunteers, their hours and certificates."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.claims.domain.volunteer import Volunteer
from services.contracts.base import write
from services.contracts.claims import commands, views
from services.contracts.personal import CorrectedView, ErasedView, HeldView, UnmaskedView

Answer = dict[str, Any]


class VolunteerDoors:
    @command(commands.RegisterVolunteer, private=("volunteer_name",))
    def register_volunteer(self, tx: Transaction, **volunteer: Any) -> Answer:
        return show(tx, usecases.register_volunteer(tx, **volunteer, actor=tx.actor, now=tx.now))

    @command(commands.ChangeVolunteer)
    def change_volunteer(self, tx: Transaction, **changes: Any) -> Answer:
        return show(tx, usecases.change_volunteer(tx, **changes, actor=tx.actor, now=tx.now))

    @command(commands.RetireVolunteer)
    def retire_volunteer(self, tx: Transaction, **wanted: Any) -> Answer:
        return show(tx, usecases.retire_volunteer(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.GetVolunteer)
    def get_volunteer(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.VolunteerView, usecases.get_volunteer(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ListVolunteers)
    def list_volunteers(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.VolunteerPage, usecases.list_volunteers(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.CountServiceHours)
    def count_service_hours(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.ServiceHours, usecases.count_service_hours(tx, **wanted, actor=tx.actor))

    @command(commands.IssueServiceCertificate)
    def issue_service_certificate(self, tx: Transaction, **period: Any) -> Answer:
        """The answer is stored, so it masks the name; printing asks for the certificate itself."""
        issued = usecases.issue_service_certificate(tx, **period, actor=tx.actor, now=tx.now)
        return write(views.CertificateChecked, usecases.show_certificate(tx, issued))

    @query(commands.GetServiceCertificate)
    def get_service_certificate(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.CertificateView, usecases.get_service_certificate(tx, **wanted, actor=tx.actor))

    @query(commands.CheckServiceCertificate)
    def check_service_certificate(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.CertificateChecked, usecases.check_service_certificate(tx, **wanted))

    @query(commands.Unmask)
    def unmask(self, tx: Transaction, *, reason: str, **wanted: Any) -> Answer:
        """A query, so that the answer is stored nowhere; the gateway has put the reason into its audit before."""
        return write(UnmaskedView, {"value": usecases.unmask(tx, **wanted, actor=tx.actor)})

    @query(commands.GatherPersonal)
    def gather_personal(self, tx: Transaction, **person: Any) -> Answer:
        return write(HeldView, {"records": usecases.gather_personal(tx, **person, actor=tx.actor)})

    @command(commands.ErasePersonal)
    def erase_personal(self, tx: Transaction, **person: Any) -> Answer:
        removed, kept = usecases.erase_personal(tx, **person, actor=tx.actor)
        return write(ErasedView, {"removed": removed, "kept": kept})

    @command(commands.CorrectPersonal)
    def correct_personal(self, tx: Transaction, **wanted: Any) -> Answer:
        usecases.correct_personal(tx, **wanted, actor=tx.actor, now=tx.now)
        return write(CorrectedView, wanted)


def show(tx: Transaction, volunteer: Volunteer) -> Answer:
    """The volunteer after the act."""
    shown = usecases.show_volunteer(tx, volunteer, actor=tx.actor, now=tx.now)
    return write(views.VolunteerView, shown)
