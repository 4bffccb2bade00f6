"""Who may use a route; every view function names exactly one of these, and a test proves it.

    @public                                   everybody, also without signing in
    @signed_in                                everybody with an account
    @may(Role.CITY_ADMIN, Role.UNIT_LIAISON)  accounts with one of these roles

How far the right reaches stands in `REACH`, by the name of the act, which is the same in the API, on the
pages and in the service. The use case that knows the record checks it; both refuse with a reason.
`gongzhi policy` prints the whole table, and a test tries every line of it.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, g, request

from gateway import audit
from gateway.auth.errors import NotSignedIn
from gateway.auth.session import current_user
from services.contracts.base import Forbidden, Role, Term

V = TypeVar("V", bound=Callable[..., Any])

# Who works for a community or the city; the officers of the city read everything and change little.
OFFICES = (Role.CITY_ADMIN, Role.CITY_OFFICER, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
READERS = (*OFFICES, Role.UNIT_LIAISON, Role.SUPERVISOR, Role.AUDITOR)
# Accounts are the business of those who keep them and of those who watch over it.
FUND_READERS = (*OFFICES, Role.SUPERVISOR)
# Liaisons see the contracts that their own unit fulfils.
PURCHASE_READERS = (*FUND_READERS, Role.UNIT_LIAISON)


class Reach(Term):
    """Which records a right reaches; the city's roles reach every community and unit."""

    PUBLISHED = "published", "公开的内容；未公开的限本社区工作人员"
    COMMUNITY = "community", "本社区"
    UNIT = "unit", "联络员限本单位，工作人员限本社区"
    CITY = "city", "全市"
    OWN = "own", "本人"
    PUBLIC = "public", "公开"


# Acts that are missing here are for the whole city, when all their roles are.
REACH: dict[str, Reach] = {
    # What is published may be read by every reader; what is not, by those of the community.
    **dict.fromkeys(
        (
            "count_items",
            "count_todo",
            "export_items",
            "get_dashboard",
            "get_item",
            "get_poll",
            "get_unit",
            "get_unit_work",
            "list_communities",
            "list_items",
            "list_polls",
            "list_todo",
            "list_units",
            "start_export",
        ),
        Reach.PUBLISHED,
    ),
    **dict.fromkeys(
        (
            "add_subscription",
            "answer_objection",
            "check_rectification",
            "raise_objection",
            "revoke_commendation",
            "appoint_worker",
            "assess_item",
            "close_poll",
            "commend_item",
            "confirm_claim",
            "count_residents",
            "find_residents",
            "create_item",
            "get_claim_list",
            "get_claim_list_preview",
            "get_template",
            "import_claim_list",
            "import_residents",
            "invite_liaison",
            "list_claim_lists",
            "list_deliveries",
            "list_invitations",
            "list_residents",
            "list_subscriptions",
            "list_unit_invitations",
            "list_workers",
            "new_item",
            "new_unit",
            "preview_claim_list",
            "publish_claim_list",
            "publish_item",
            "register_unit",
            "remove_subscription",
            "resend_delivery",
            "send_back_claim",
            "show_upload",
            "suggest_units",
            "unmask_resident",
            "unmask_subscription",
            "upload_claim_list",
            "verify_claim",
            "withdraw_invitation",
        ),
        Reach.COMMUNITY,
    ),
    # Residents' needs.
    **dict.fromkeys(
        (
            "answer_need",
            "count_needs",
            "decline_need",
            "get_need",
            "get_needs_template",
            "import_needs",
            "list_needs",
            "merge_need",
            "new_need",
            "preview_needs",
            "receive_order",
            "refer_need",
            "register_need",
            "show_needs_upload",
            "triage_need",
            "turn_need_into_item",
            "turn_need_into_matter",
            "upload_needs",
        ),
        Reach.COMMUNITY,
    ),
    **dict.fromkeys(("count_clocks", "list_clocks"), Reach.UNIT),
    # The alliance.
    **dict.fromkeys(
        (
            "approve_unit",
            "change_unit",
            "close_task",
            "end_dual_registration",
            "enter_application",
            "evaluate_dual_registration",
            "introduce_task",
            "new_dual_registration",
            "open_dual_registration",
            "record_dual_service",
            "unmask_dual_registration",
            "withdraw_dual_service",
            "new_unit_application",
            "refuse_unit",
            "reinstate_unit",
            "suspend_unit",
            "unmask_unit_contact",
        ),
        Reach.COMMUNITY,
    ),
    **dict.fromkeys(
        (
            "export_dual_registrations",
            "get_claim_agreement",
            "get_dual_registration",
            "get_membership_agreement",
            "list_dual_registrations",
            "list_tasks",
            "show_report_slip",
            "show_service_card",
            "start_registrations_export_job",
        ),
        Reach.UNIT,
    ),
    **dict.fromkeys(("add_unit_contact", "leave_alliance", "remove_unit_contact"), Reach.UNIT),
    # Volunteers, shifts and the five parties of items.
    **dict.fromkeys(
        ("get_linkage", "get_social_organisation", "list_shifts", "list_social_organisations"),
        Reach.PUBLISHED,
    ),
    **dict.fromkeys(
        (
            "cancel_shift",
            "change_social_organisation",
            "change_volunteer",
            "confirm_hours",
            "count_service_hours",
            "edit_social_organisation",
            "enrol_volunteer",
            "get_service_certificate",
            "get_sign_in_token",
            "get_volunteer",
            "issue_service_certificate",
            "link_party",
            "list_volunteers",
            "new_shift",
            "new_social_organisation",
            "new_volunteer",
            "open_shift",
            "register_social_organisation",
            "register_volunteer",
            "retire_volunteer",
            "sign_in_volunteer",
            "sign_out_volunteer",
            "unlink_party",
            "unmask_volunteer",
            "withdraw_from_shift",
        ),
        Reach.COMMUNITY,
    ),
    **dict.fromkeys(("get_burden_months", "get_money_figures"), Reach.COMMUNITY),
    "get_shift": Reach.UNIT,
    **dict.fromkeys(
        ("claim_item", "release_claim", "report_milestone", "report_rectification", "submit_claim"),
        Reach.UNIT,
    ),
    # The gate and its lists are the whole city's; what a community did at it is its own.
    **dict.fromkeys(
        ("count_admissions", "get_admission", "list_admissions", "list_emergencies", "list_gate_entries"),
        Reach.PUBLISHED,
    ),
    **dict.fromkeys(
        (
            "decide_seal",
            "get_burden_meter",
            "get_sent_back_task",
            "list_burdens",
            "list_seal_requests",
            "list_sent_back_tasks",
            "record_burden",
            "request_seal",
            "send_back_task",
            "withdraw_burden",
        ),
        Reach.COMMUNITY,
    ),
    # Assessment schemes, periods and units' results.
    **dict.fromkeys(("get_scheme", "list_schemes"), Reach.PUBLISHED),
    **dict.fromkeys(("get_unit_assessment", "object_to_result"), Reach.UNIT),
    **dict.fromkeys(
        (
            "answer_result_objection",
            "close_period",
            "commend_unit",
            "get_feedback_letter",
            "get_period",
            "list_periods",
            "open_period",
            "record_feedback",
            "revoke_unit_commendation",
            "score_item",
            "score_unit",
            "settle_unit_assessment",
        ),
        Reach.COMMUNITY,
    ),
    # Funds: balances are public, the ledger behind them is the community's.
    **dict.fromkeys(("count_funds", "list_funds"), Reach.PUBLISHED),
    **dict.fromkeys(
        (
            "approve_payment",
            "change_purpose",
            "close_fund",
            "close_month",
            "earmark_money",
            "export_postings",
            "get_fund",
            "list_payments",
            "list_postings",
            "new_fund",
            "open_fund",
            "propose_payment",
            "receive_money",
            "record_consent",
            "refund_payment",
            "reject_payment",
            "release_earmark",
            "return_money",
            "reverse_posting",
            "start_ledger_export",
        ),
        Reach.COMMUNITY,
    ),
    # Items that nobody claimed, and purchases of services.
    **dict.fromkeys(
        (
            "accept_purchase",
            "check_purchase_milestone",
            "choose_supplier",
            "close_item_short",
            "close_purchase",
            "finish_item",
            "fund_item",
            "new_purchase",
            "pay_instalment",
            "plan_purchase",
            "record_offer",
            "sign_contract",
            "terminate_purchase",
            "withdraw_item",
        ),
        Reach.COMMUNITY,
    ),
    **dict.fromkeys(("get_purchase", "list_purchases", "report_purchase_milestone"), Reach.UNIT),
}
_OF_THE_WHOLE_CITY = frozenset(
    {Role.CITY_ADMIN, Role.CITY_OFFICER, Role.AUDITOR, Role.SECURITY_ADMIN, Role.OPERATOR}
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`roles` is empty when any account will do."""

    is_public: bool = False
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table; `reach` is None when nobody has said how far the right goes."""

    act: str
    method: str
    address: str
    policy: Policy
    reach: Reach | None


def public(view: V) -> V:
    return _declared(view, Policy(is_public=True))


def signed_in(view: V) -> V:
    return _declared(view, Policy())


def may(*roles: Role) -> Callable[[V], V]:
    if not roles:
        raise TypeError("may() names at least one role")
    return lambda view: _declared(view, Policy(roles=roles))


def policy_of(view: Callable[..., Any]) -> Policy | None:
    found: Policy | None = getattr(view, "policy", None)
    return found


def reach_of(act: str, policy: Policy) -> Reach | None:
    if policy.is_public:
        return Reach.PUBLIC
    if not policy.roles:
        return Reach.OWN
    if act in REACH:
        return REACH[act]
    return Reach.CITY if _OF_THE_WHOLE_CITY.issuperset(policy.roles) else None


def table(app: Flask) -> Iterator[Line]:
    """Every route of the app with its policy, by address."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        policy = policy_of(app.view_functions[rule.endpoint])
        if policy is None:
            continue
        act = rule.endpoint.rpartition(".")[2]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Line(act=act, method=method, address=rule.rule, policy=policy, reach=reach_of(act, policy))


def enforce(policy: Policy) -> None:
    """Raises `NotSignedIn` or `Forbidden`, and the audit knows of it."""
    try:
        _require(policy)
    except (NotSignedIn, Forbidden) as refusal:
        audit.note_refusal(refusal)
        raise


def _require(policy: Policy) -> None:
    if policy.is_public:
        return
    user = current_user()
    if user is None:
        raise NotSignedIn("请先登录。")
    if policy.roles and not user.has_role(*policy.roles):
        names = "、".join(role.label for role in policy.roles)
        raise Forbidden(f"此操作仅限以下角色：{names}。")


def is_allowed(view: Callable[..., Any]) -> bool:
    """Whether the one who asks could use that view; for menus."""
    policy = policy_of(view)
    if policy is None or policy.is_public:
        return policy is not None
    user = current_user()
    return user is not None and (not policy.roles or user.has_role(*policy.roles))


def _declared(view: V, policy: Policy) -> V:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        # OPTIONS tells what a route can do; it does nothing itself.
        if request.method != "OPTIONS":
            enforce(policy)
        # The services hear only of the rights that this view asks for; a view may show another one.
        outer = g.get("roles_asked", ())
        g.roles_asked = policy.roles
        try:
            return view(*args, **kwargs)
        finally:
            g.roles_asked = outer

    guarded.policy = policy  # type: ignore[attr-defined]
    # What flask-smorest knows about the view; the generated document names the policy from here.
    guarded._apidoc = {**deepcopy(getattr(view, "_apidoc", {})), "policy": policy}  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]
