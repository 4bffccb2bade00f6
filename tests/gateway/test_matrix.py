"""The whole matrix: every route, every role and nobody, own and other community, against the policy table.

The services behind the routes are the real ones, on real databases; only the broker is left out.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.auth import accounts
from gateway.auth.policy import Line, table
from gateway.auth.reach import Reach
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import CITY_ROLES, Role
from tests.gateway.fakes import Program
from tests.gateway.real_services import RealServices
from tests.gateway.rights_world import BODIES, Place, settle

PASSWORD = "correct-horse-battery"
STAFF_HERE = {Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER, *CITY_ROLES}
LET_IN = (*range(200, 300), 303, 409, 412)
REFUSED = {403, 404}
# Row by row, as mistakes in a file: 您没有这个社区的权限。
REFUSED_BY_ROWS = {"import_claim_list": {422}, "import_needs": {422}}
# Their records are files, jobs and forms: only the door can be tried here, the act behind it has tests of its own.
DOOR_ONLY = {
    "attach_evidence",
    "get_evidence",
    "show_evidence",
    "withdraw_evidence",
    "edit_social_organisation",
    "get_claim_list_preview",
    "get_service_certificate",
    "get_needs_template",
    "get_template",
    "invite_liaison",
    "list_unit_invitations",
    "new_fund",
    "new_item",
    "new_shift",
    "new_social_organisation",
    "new_need",
    "new_dual_registration",
    "new_purchase",
    "new_unit",
    "new_unit_application",
    "new_volunteer",
    "preview_claim_list",
    "preview_needs",
    "show_needs_upload",
    # There is only one of it: whoever comes second finds nothing.
    "remove_unit_contact",
    # A worker takes back only what he proposed himself.
    "reject_payment",
    "show_upload",
    "start_ledger_export",
    "start_registrations_export_job",
    "upload_claim_list",
    "upload_needs",
    "withdraw_invitation",
}

# Lists and figures take no record: everybody whom the table names gets those that he may see.
UNBOUND = {
    "count_admissions",
    "count_clocks",
    "count_funds",
    "count_items",
    "count_needs",
    "count_todo",
    "export_items",
    "find_residents",
    "get_admission",
    "get_dashboard",
    "get_item",
    "get_linkage",
    "get_poll",
    "get_scheme",
    "get_social_organisation",
    "get_unit",
    "get_unit_work",
    "list_admissions",
    "list_claim_lists",
    "list_clocks",
    "list_communities",
    "list_deliveries",
    "list_dual_registrations",
    "export_dual_registrations",
    "list_tasks",
    "list_emergencies",
    "list_gate_entries",
    "list_funds",
    "list_items",
    "list_needs",
    "list_polls",
    "list_schemes",
    "list_shifts",
    "list_social_organisations",
    "list_todo",
    "list_purchases",
    "list_units",
}

# Whose record it is that an act shows whole.
UNMASKED = {
    "unmask_resident": "resident_id",
    "unmask_subscription": "subscription_id",
    "unmask_dual_registration": "registration_id",
    "unmask_unit_contact": "contact_id",
    "unmask_volunteer": "volunteer_id",
}


class World:
    """The app on real services, a place and another, and somebody of each role who belongs to the first."""

    def __init__(self, settings: Config, service_db: Callable[[str], Database]) -> None:
        self.services = RealServices(service_db)
        self._database = service_db("gateway")
        self.app = create_app(settings, self.services, database=self._database)  # type: ignore[arg-type]
        # Forms are tried without their hidden token; that it is asked for has tests of its own.
        self.app.config["WTF_CSRF_METHODS"] = set()
        city = self._account("city", Role.CITY_ADMIN)
        self.own = settle(self.services, city, 1, "海兰社区")
        self.other = settle(self.services, city, 2, "花园社区")
        self.people = {role: self._account(f"user-{role}", role) for role in Role}

    def _account(self, username: str, role: Role) -> Program:
        rights: dict[str, Any] = {}
        if role in (Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER, Role.SUPERVISOR):
            rights = {"community_ids": (self.own.community_id,)}
        if role is Role.UNIT_LIAISON:
            rights = {"unit_id": self.own.unit_id}
        accounts.add_user(
            self._database,
            username=username,
            display_name=role.label,
            password=PASSWORD,
            roles=(role,),
            **rights,
        )
        client = self.app.test_client()
        opened = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
        client.set_cookie("gongzhi_session", opened.json["token"])
        return Program(client, opened.json["token"])


@pytest.fixture(scope="module")
def world(settings: Config, migrated: dict[str, Database]) -> World:
    from tests.conftest import empty

    for database in migrated.values():
        empty(database)
    return World(settings, lambda name: migrated[name])


def ask(line: Line, place: Place, client: FlaskClient, token: str | None = None) -> TestResponse:
    """One request to the route, for the records of that place."""
    wanted = BODIES.get(line.act, lambda _: {})(place)
    query = {name[1:]: value for name, value in wanted.items() if name.startswith("?")}
    body = {name: value for name, value in wanted.items() if not name.startswith("?")}
    headers = {"Accept": "text/html"}
    if line.address.startswith("/api/"):
        headers = {"Idempotency-Key": str(uuid4())}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        sent: dict[str, Any] = (
            {} if line.method == "GET" else {"data": json.dumps(body), "content_type": "application/json"}
        )
    else:
        sent = {} if line.method == "GET" else {"data": as_typed(body)}
    return client.open(
        address_of(line, place), method=line.method, query_string=query, headers=headers, **sent
    )


def as_typed(body: dict[str, Any]) -> dict[str, Any]:
    """What a person writes into the form for it: money in yuan, ticks in words, rows in fields of their own."""
    typed: dict[str, Any] = {}
    for name, value in body.items():
        if name in ("amount_fen", "budget_fen"):
            typed[name.replace("_fen", "_yuan")] = value // 100
        elif name == "milestones":
            for row, part in enumerate(value, start=1):
                typed |= {f"{field}_{row}": given for field, given in as_typed(part).items()}
        elif isinstance(value, bool):
            typed[name] = str(value).lower()
        else:
            typed[name] = value
    return typed


def address_of(line: Line, place: Place) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1].rpartition(":")[2]
        if name == "item_id" and line.act in ("get_item", "publish_item", "revise_item"):
            return place.draft_id
        if name == "item_id" and line.act == "claim_item":
            return place.open_id
        if name == "record_id":
            return place.ids[UNMASKED[line.act]]
        return place.ids.get(name, str(uuid4()))

    return re.sub(r"<([^>]+)>", value, line.address)


def is_let_in(line: Line, role: Role, *, is_own: bool) -> bool:
    """What the table says about a record that is not published."""
    if role not in line.policy.roles:
        return False
    if role in CITY_ROLES or line.reach is Reach.CITY:
        return True
    if line.reach is Reach.UNIT:
        return is_own or line.act in UNBOUND
    if line.act == "get_item":
        return is_own and role in STAFF_HERE
    return is_own or line.act in UNBOUND


def lines_of(app: Flask) -> list[Line]:
    """The routes that name roles; changing one's own session would end the tests' sessions."""
    return [line for line in table(app) if line.policy.roles]


@pytest.mark.parametrize("is_own", [True, False], ids=["own", "other"])
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_exactly_what_the_table_says(world: World, role: Role, is_own: bool) -> None:
    person, place = world.people[role], world.own if is_own else world.other
    wrong = []
    for line in lines_of(world.app):
        # A form that names a file being read has no such file here.
        if line.act not in {*BODIES, *UNBOUND} or line.address.startswith(
            ("/claim-lists/import", "/needs/import")
        ):
            continue
        answered = ask(line, place, person.client, person.token)
        expected = is_let_in(line, role, is_own=is_own)
        refused = REFUSED | REFUSED_BY_ROWS.get(line.act, set())
        is_right = answered.status_code in LET_IN if expected else answered.status_code in refused
        if not is_right:
            wrong.append(f"{line.method} {line.address} -> {answered.status_code}")

    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_a_door_is_closed_to_every_role_that_the_table_does_not_name(world: World, role: Role) -> None:
    person = world.people[role]
    open_doors = []
    for line in lines_of(world.app):
        if role not in line.policy.roles:
            answered = ask(line, world.own, person.client, person.token)
            if answered.status_code != 403:
                open_doors.append(f"{line.method} {line.address} -> {answered.status_code}")

    assert open_doors == []


def test_nobody_without_an_account_gets_past_a_door_that_names_roles(world: World) -> None:
    visitor = world.app.test_client()
    open_doors = []
    for line in lines_of(world.app):
        answered = ask(line, world.own, visitor)
        is_sent_to_sign_in = answered.status_code == 303 and answered.location.startswith("/signin")
        if answered.status_code != 401 and not is_sent_to_sign_in:
            open_doors.append(f"{line.method} {line.address} -> {answered.status_code}")

    assert open_doors == []


def test_every_act_that_is_bound_to_a_community_or_unit_is_tried(world: World) -> None:
    bound = {line.act for line in lines_of(world.app) if line.reach in (Reach.COMMUNITY, Reach.UNIT)}

    assert bound - set(BODIES) - UNBOUND - DOOR_ONLY == set()


@pytest.mark.parametrize("role", [Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER])
def test_lists_leave_out_what_is_not_public_elsewhere(world: World, role: Role) -> None:
    program = world.people[role]

    items = program.get("/items?limit=200&status=draft").json["items"]
    deliveries = program.get("/deliveries?limit=200").json["items"]
    subscriptions = program.get("/subscriptions?limit=200").json["items"]
    lists = program.get("/claim-lists").json["items"]

    assert {one["community_id"] for one in items} == {world.own.community_id}
    assert {one["community_id"] for one in subscriptions} == {world.own.community_id}
    assert world.own.ids["delivery_id"] in {one["delivery_id"] for one in deliveries}
    assert world.other.ids["delivery_id"] not in {one["delivery_id"] for one in deliveries}
    assert [one["claim_list_id"] for one in lists] == [world.own.ids["claim_list_id"]]


def test_a_refusal_says_why(world: World) -> None:
    worker = world.people[Role.COMMUNITY_WORKER]

    refused = worker.post(
        f"/items/{world.other.ids['item_id']}/claims/{world.other.ids['claim_id']}/confirmation", json={}
    )

    assert refused.status_code == 403
    assert refused.json["detail"] == "您没有这个社区的权限。"
