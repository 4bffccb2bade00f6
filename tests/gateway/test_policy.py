"""Who may use which route: the whole matrix, from the routes themselves."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from deploy.gongzhi import policy
from gateway.auth.grants import POWERS
from gateway.auth.policy import is_allowed, may, policy_of, public, signed_in, table
from gateway.calls import plain
from services.contracts.base import Role
from services.contracts.claims import commands as claims_commands
from services.contracts.consultation import commands as consultation_commands
from services.contracts.notifications import commands as notifications_commands
from services.contracts.staffing import commands as staffing_commands
from tests.gateway.fakes import FakeServices, SignIn

COMMANDS = (claims_commands, consultation_commands, notifications_commands, staffing_commands)


def api_routes(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def address(rule: Rule) -> str:
    return re.sub(r"<[^>]+>", str(UUID(int=1)), rule.rule).removeprefix("/api/v1")


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_past_the_door_exactly_where_the_route_names_it(
    app: Flask, signed_in: SignIn, services: FakeServices, role: Role
) -> None:
    program = signed_in(role)
    wrong = []
    for rule, method in api_routes(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        assert policy is not None
        if rule.rule.endswith("/session") and method == "DELETE":
            continue
        answered = program.open(method, address(rule), data=b"{")
        is_let_in = answered.status_code not in (401, 403)
        if is_let_in != (policy.is_public or not policy.roles or role in policy.roles):
            wrong.append((method, rule.rule, answered.status_code))

    assert wrong == []


def test_nobody_without_account_gets_past_any_door_but_the_public_ones(app: Flask) -> None:
    client = app.test_client()
    open_doors = set()
    for rule, method in api_routes(app):
        answered = client.open(f"/api/v1{address(rule)}", method=method, data=b"{")
        if answered.status_code not in (401, 403):
            open_doors.add(f"{method} {rule.rule.removeprefix('/api/v1')}")

    assert open_doors == {
        "GET /openapi.json",
        "POST /session",
        "GET /communities",
        "GET /communities/<uuid:community_id>",
        "GET /notices",
        "GET /notices/<uuid:notice_id>",
        "GET /ballot-codes/<string(maxlength=40):code>",
        "GET /public/contracts",
        "GET /public/funds",
        "GET /public/funds/<uuid:fund_id>",
        "GET /public/funds/<uuid:fund_id>/payments",
        "GET /public/items",
        "GET /public/items/<uuid:item_id>",
        "POST /public/needs",
        "POST /public/units",
        "GET /public/units/<string(maxlength=40):reference>",
        "GET /public/needs/<string(maxlength=40):reference>",
        "GET /ballots/<string(maxlength=300):token>",
        "POST /ballots/<string(maxlength=300):token>/answer",
        "GET /public/items/<uuid:item_id>/linkage",
        "GET /public/service-certificates/<string(maxlength=40):number>",
        "GET /public/shifts",
        "GET /public/unit-assessments",
        "GET /sign-ins/<string(maxlength=300):token>",
        "POST /sign-ins/<string(maxlength=300):token>",
    }


# Supervisors object; what becomes of it is decided by others.
OBJECTS = {
    Role.SUPERVISOR: [
        "/api/v1/items/<uuid:item_id>/objections",
        "/api/v1/unit-assessments/<uuid:assessment_id>/objections",
    ]
}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SECURITY_ADMIN, Role.OPERATOR, Role.SUPERVISOR])
def test_whoever_only_watches_changes_nothing(app: Flask, role: Role) -> None:
    changing = [
        rule.rule
        for rule, method in api_routes(app)
        if method != "GET"
        and (policy := policy_of(app.view_functions[rule.endpoint])) is not None
        and role in policy.roles
    ]

    assert changing == OBJECTS.get(role, [])


def test_a_power_acts_on_its_own_pages_only(app: Flask) -> None:
    """The auditor changes nothing at all, the others nothing of the communities' business."""
    changing: dict[Role, set[str]] = {role: set() for role in POWERS}
    for line in table(app):
        for role in POWERS & set(line.policy.roles):
            if line.method != "GET":
                changing[role].add(line.address)

    assert changing[Role.AUDITOR] == changing[Role.OPERATOR] == set()
    assert all(address.startswith("/admin/") for address in changing[Role.SECURITY_ADMIN])


def test_nobody_manages_accounts_without_being_security_administrator(app: Flask) -> None:
    managing = {
        role for line in table(app) if line.address.startswith("/admin/") for role in line.policy.roles
    }

    assert managing == POWERS


def test_only_the_auditor_reads_the_audit(app: Flask) -> None:
    readers = {role for line in table(app) if "audit" in line.act for role in line.policy.roles}

    assert readers <= {Role.AUDITOR}


def test_every_right_says_how_far_it_reaches(app: Flask) -> None:
    assert [line.act for line in table(app) if line.reach is None] == []


def test_the_printed_table_is_that_of_the_routes() -> None:
    """`gongzhi policy --write` brings it up to date."""
    assert policy.FILE.read_text(encoding="utf-8") == policy.written()


def test_every_door_of_the_services_has_a_route(app: Flask) -> None:
    wanted = {
        _snake(name)
        for module in COMMANDS
        for name, shape in vars(module).items()
        if isinstance(shape, type) and shape.__module__.startswith(module.__name__) and _is_act(name)
    }
    acts = {line.act for line in table(app)}

    # What two services do alike is told apart by what it is done to: unmask_resident, unmask_subscription.
    missing = {act for act in wanted - acts if not any(name.startswith(f"{act}_") for name in acts)}
    assert missing == set()


def _is_act(name: str) -> bool:
    verb = _snake(name).partition("_")[0]
    shared = {
        "AdmissionFilter",
        "EvidenceStep",
        "ItemWritten",
        "ClaimStep",
        "ContractMilestone",
        "ClockFilter",
        "ContactFields",
        "DepartmentFields",
        "DualRegistrationChange",
        "DualRegistrationFilter",
        "FundFilter",
        "FundStep",
        "PaymentStep",
        "HoursCorrected",
        "ChangeAssessment",
        "CriterionFields",
        "OfAssessment",
        "SchemeFields",
        "ScorerFields",
        "ItemFields",
        "ItemFilter",
        "NeedChange",
        "NeedFields",
        "NeedFilter",
        "OrganisationFields",
        "ResidentRow",
        "SheetRow",
        "UnitChange",
        "UnitFields",
        "UnitReason",
    }
    return name not in shared and verb.isalpha()


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def test_a_menu_shows_only_what_its_reader_may_open(app: Flask) -> None:
    def view() -> None: ...

    with app.test_request_context("/"):
        assert is_allowed(public(view))
        assert not is_allowed(signed_in(view))
        assert not is_allowed(may(Role.CITY_ADMIN)(view))
        assert not is_allowed(view)


def test_a_policy_names_at_least_one_role() -> None:
    with pytest.raises(TypeError):
        may()


def test_values_travel_as_json_has_them() -> None:
    told = plain(
        {
            "id": UUID(int=1),
            "on": date(2026, 12, 8),
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "score": Decimal("95.50"),
            "roles": (Role.AUDITOR,),
            "none": None,
        }
    )

    assert told == {
        "id": "00000000-0000-0000-0000-000000000001",
        "on": "2026-12-08",
        "at": "2026-01-01T00:00:00+00:00",
        "score": "95.50",
        "roles": ["auditor"],
        "none": None,
    }
