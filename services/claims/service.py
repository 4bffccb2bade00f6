"""Every door into claims, in the order of the business."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, consumes, query
from services.chassis.service import Service
from services.claims import usecases
from services.claims.doors.admission import AdmissionDoors
from services.claims.doors.agreement import AgreementDoors
from services.claims.doors.burden import BurdenDoors
from services.claims.doors.clock import ClockDoors
from services.claims.doors.dashboard import DashboardDoors
from services.claims.doors.dual_registration import DualRegistrationDoors
from services.claims.doors.evidence import EvidenceDoors
from services.claims.doors.fund import FundDoors
from services.claims.doors.item_expiry import ItemExpiryDoors
from services.claims.doors.linkage import LinkageDoors
from services.claims.doors.need import NeedDoors
from services.claims.doors.outcome import OutcomeDoors, show
from services.claims.doors.purchase import PurchaseDoors
from services.claims.doors.scheme import SchemeDoors
from services.claims.doors.shift import ShiftDoors
from services.claims.doors.unit import UnitDoors
from services.claims.doors.unit_assessment import UnitAssessmentDoors
from services.claims.doors.volunteer import VolunteerDoors
from services.contracts.base import write
from services.contracts.claims import commands, views
from services.contracts.consultation.events import PollClosed
from services.contracts.staffing.events import CommunityChanged, CommunityRegistered

Answer = dict[str, Any]


class ClaimsService(
    AdmissionDoors,
    AgreementDoors,
    BurdenDoors,
    ClockDoors,
    DualRegistrationDoors,
    DashboardDoors,
    EvidenceDoors,
    FundDoors,
    ItemExpiryDoors,
    LinkageDoors,
    NeedDoors,
    OutcomeDoors,
    SchemeDoors,
    PurchaseDoors,
    ShiftDoors,
    UnitDoors,
    UnitAssessmentDoors,
    VolunteerDoors,
    Service,
):
    name = "claims"

    # ---- claim lists ------------------------------------------------------------------------

    @query(commands.PreviewClaimList)
    def preview_claim_list(self, tx: Transaction, **file: Any) -> Answer:
        return write(views.PreviewView, usecases.preview_claim_list(tx, **file, actor=tx.actor, now=tx.now))

    @command(commands.ImportClaimList)
    def import_claim_list(self, tx: Transaction, **file: Any) -> Answer:
        return write(views.ClaimListView, usecases.import_claim_list(tx, **file, actor=tx.actor, now=tx.now))

    @command(commands.PublishClaimList)
    def publish_claim_list(self, tx: Transaction, **period: Any) -> Answer:
        published = usecases.publish_claim_list(tx, **period, actor=tx.actor, now=tx.now)
        return write(views.PublishedView, {"published": published})

    @command(commands.UndoClaimList)
    def undo_claim_list(self, tx: Transaction, **wanted: Any) -> Answer:
        undone = usecases.undo_claim_list(tx, **wanted, actor=tx.actor, now=tx.now)
        return write(views.ClaimListView, undone)

    @query(commands.ListClaimLists)
    def list_claim_lists(self, tx: Transaction, **wanted: Any) -> Answer:
        lists, more = usecases.list_claim_lists(tx, **wanted, actor=tx.actor)
        return write(views.ClaimListPage, {"items": lists, "next": more})

    # ---- items ------------------------------------------------------------------------------

    @command(commands.CreateItem)
    def create_item(self, tx: Transaction, **fields: Any) -> Answer:
        return show(tx, usecases.create_item(tx, **fields, actor=tx.actor, now=tx.now))

    @command(commands.PublishItem)
    def publish_item(self, tx: Transaction, **period: Any) -> Answer:
        return show(tx, usecases.publish_item(tx, **period, actor=tx.actor, now=tx.now))

    @command(commands.ReviseItem)
    def revise_item(self, tx: Transaction, **revision: Any) -> Answer:
        return show(tx, usecases.revise_item(tx, **revision, actor=tx.actor, now=tx.now))

    @query(commands.GetItem)
    def get_item(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.ItemView, usecases.get_item(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ListItems)
    def list_items(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.ItemPage, usecases.list_items(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.ExportItems)
    def export_items(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SheetPage, usecases.export_items(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.CountItems)
    def count_items(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.ItemCounts, usecases.count_items(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.SuggestUnits)
    def suggest_units(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SuggestionList, usecases.suggest_units(tx, **wanted, actor=tx.actor, now=tx.now))

    # ---- claims -----------------------------------------------------------------------------

    @command(commands.ClaimItem)
    def claim_item(self, tx: Transaction, **claim: Any) -> Answer:
        return show(tx, usecases.claim_item(tx, **claim, actor=tx.actor, now=tx.now))

    @command(commands.ConfirmClaim)
    def confirm_claim(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.confirm_claim(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ReportMilestone)
    def report_milestone(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.report_milestone(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.SubmitClaim)
    def submit_claim(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.submit_claim(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.SendBackClaim)
    def send_back_claim(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.send_back_claim(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.VerifyClaim)
    def verify_claim(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.verify_claim(tx, **step, actor=tx.actor, now=tx.now))

    @command(commands.ReleaseClaim)
    def release_claim(self, tx: Transaction, **step: Any) -> Answer:
        return show(tx, usecases.release_claim(tx, **step, actor=tx.actor, now=tx.now))

    # ---- score and commendation -------------------------------------------------------------

    @command(commands.AssessItem)
    def assess_item(self, tx: Transaction, **assessment: Any) -> Answer:
        return show(tx, usecases.assess_item(tx, **assessment, actor=tx.actor, now=tx.now))

    @command(commands.CommendItem)
    def commend_item(self, tx: Transaction, **praise: Any) -> Answer:
        return show(tx, usecases.commend_item(tx, **praise, actor=tx.actor, now=tx.now))

    # ---- what others tell -------------------------------------------------------------------

    @consumes(CommunityRegistered)
    def on_community_registered(self, tx: Transaction, event: CommunityRegistered) -> None:
        usecases.keep_community(tx, event)

    @consumes(CommunityChanged)
    def on_community_changed(self, tx: Transaction, event: CommunityChanged) -> None:
        usecases.keep_community(tx, event)

    @consumes(PollClosed)
    def on_poll_closed(self, tx: Transaction, event: PollClosed) -> None:
        usecases.hear_poll(tx, event)
