"""The four services in memory, behaving as the pages know them: filters, pages, acts and refusals.

Commands are read and views are checked with the contracts' own shapes, so that the fake cannot
drift away from what the services really say.
"""

from typing import Any
from uuid import UUID

from services.contracts.base import Actor, Schema, View
from services.contracts.claims import commands as claims_commands
from services.contracts.claims import views as claims_views
from services.contracts.consultation import commands as consultation_commands
from services.contracts.consultation import views as consultation_views
from services.contracts.notifications import commands as notifications_commands
from services.contracts.notifications import views as notifications_views
from services.contracts.staffing import commands as staffing_commands
from services.contracts.staffing import views as staffing_views
from tests.gateway.fake_claims import FakeClaims
from tests.gateway.fake_consultation import FakeConsultation
from tests.gateway.fake_notifications import FakeNotifications

_COMMANDS = {
    "claims": claims_commands,
    "consultation": consultation_commands,
    "notifications": notifications_commands,
    "staffing": staffing_commands,
}
_VIEWS: dict[str, type[View]] = {
    "register_unit": claims_views.UnitRecordView,
    "get_unit": claims_views.UnitRecordView,
    "list_units": claims_views.UnitPage,
    "create_item": claims_views.ItemView,
    "list_items": claims_views.ItemPage,
    "count_items": claims_views.ItemCounts,
    "suggest_units": claims_views.SuggestionList,
    "list_clocks": claims_views.ClockPage,
    "list_admissions": claims_views.AdmissionPage,
    "count_admissions": claims_views.AdmissionCounts,
    "get_admission": claims_views.AdmissionView,
    "list_gate_entries": claims_views.GateEntryPage,
    "list_sent_back_tasks": claims_views.SentBackPage,
    "get_sent_back_task": claims_views.SentBackView,
    "list_emergencies": claims_views.EmergencyPage,
    "list_seal_requests": claims_views.SealPage,
    "list_burdens": claims_views.BurdenPage,
    "get_burden_meter": claims_views.BurdenMeter,
    "count_clocks": claims_views.ClockCounts,
    "get_item": claims_views.ItemView,
    "get_linkage": claims_views.LinkageView,
    "publish_item": claims_views.ItemView,
    "claim_item": claims_views.ItemView,
    "preview_claim_list": claims_views.PreviewView,
    "import_claim_list": claims_views.ClaimListView,
    "list_claim_lists": claims_views.ClaimListPage,
    "publish_claim_list": claims_views.PublishedView,
    "list_purchases": claims_views.PurchasePage,
    "list_contracts": claims_views.ContractPage,
    "get_purchase": claims_views.PurchaseView,
    "list_funds": claims_views.FundPage,
    "count_funds": claims_views.FundSums,
    "get_fund": claims_views.FundView,
    "get_public_fund": claims_views.PublicFundView,
    "list_payments": claims_views.PaymentPage,
    "list_public_payments": claims_views.PublicPaymentPage,
    "list_postings": claims_views.PostingPage,
    "get_dashboard": claims_views.DashboardView,
    "get_money_figures": claims_views.MoneyFigures,
    "get_burden_months": claims_views.BurdenMonths,
    "list_schemes": claims_views.SchemePage,
    "get_scheme": claims_views.SchemeView,
    "list_periods": claims_views.PeriodPage,
    "get_period": claims_views.PeriodView,
    "get_unit_assessment": claims_views.UnitAssessmentView,
    "list_unit_assessments": claims_views.UnitAssessmentPage,
    "list_polls": consultation_views.PollPage,
    "get_poll": consultation_views.PollView,
    "close_poll": consultation_views.PollView,
    "list_invitations": consultation_views.InvitationList,
    "open_invitation": consultation_views.BallotView,
    "answer_poll": consultation_views.AnsweredView,
    "list_notices": notifications_views.NoticePage,
    "list_deliveries": notifications_views.DeliveryPage,
    "resend_delivery": notifications_views.DeliveryView,
    "add_subscription": notifications_views.SubscriptionView,
    "list_subscriptions": notifications_views.SubscriptionPage,
    "list_communities": staffing_views.CommunityList,
}


class FakePlatform:
    """What `create_app` calls; `failing` names services that are away, as `{"notifications": error}`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any], str | None]] = []
        self.failing: dict[str, Exception] = {}
        self.claims = FakeClaims()
        self.consultation = FakeConsultation(self.claims)
        self.notifications = FakeNotifications(self.claims)
        self._answered: dict[str, Any] = {}

    def call(
        self,
        service: str,
        method: str,
        data: dict[str, Any],
        *,
        actor: Actor,
        idempotency_key: str | None,
        **_: Any,
    ) -> Any:
        if service in self.failing:
            raise self.failing[service]
        self.asked.append((f"{service}.{method}", data, idempotency_key))
        wanted = _shape(service, method).load(data)
        if idempotency_key in self._answered:
            return self._answered[idempotency_key]
        answer = getattr(getattr(self, service), method)(actor, **wanted)
        view = _VIEWS.get(method)
        if view is not None:
            _require_all_fields(view, answer)
        if idempotency_key and not method.startswith(("get_", "list_", "count_", "open_", "preview_")):
            self._answered[idempotency_key] = answer
        return answer

    @property
    def staffing(self) -> "FakePlatform":
        return self

    def list_communities(self, _: Actor) -> dict[str, Any]:
        return {"items": self.claims.communities}

    def sent(self, method: str) -> list[dict[str, Any]]:
        """What was asked of that door, oldest first."""
        return [data for name, data, _ in self.asked if name == method]


def _shape(service: str, method: str) -> Schema:
    name = "".join(part.capitalize() for part in method.split("_"))
    shape: Schema = getattr(_COMMANDS[service], name)()
    return shape


def _require_all_fields(view: type[View], answer: dict[str, Any]) -> None:
    missing = set(view().fields) - set(answer)
    if missing:
        raise AssertionError(f"the fake's {view.__name__} lacks {sorted(missing)}")


def reaches(actor: Actor, community_id: str) -> bool:
    return actor.is_staff and actor.reaches(UUID(community_id))
