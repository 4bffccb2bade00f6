"""Whoever creates something does not name it beforehand: the audit says afterwards what it was."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from marshmallow import fields

from services.chassis.db import Database
from services.claims import usecases as of_claims
from services.contracts.base import Schema
from services.notifications.domain.consent import write_token
from services.notifications.usecases.sending import withdrawal_key
from tests.audit.conftest import COMMUNITY
from tests.audit.everybody import CLASSES, Everybody
from tests.audit.people import rows
from tests.builders import HUAYUAN, HUAYUAN_CODE, TODAY, cells, community_registered, make_uscc
from tests.consultation import builders as of_consultation
from tests.staffing.builders import CITY

# Who was answered is secret; what a person has removed may be in many records, or in none.
NAMES_NOTHING = {"consultation.answer_poll"} | {
    f"{service}.erase_personal" for service in ("consultation", "notifications", "staffing")
}
SUBSCRIPTION = {
    "channel": "email",
    "address": "li@example.cn",
    "label": "李",
    "community_id": str(HUAYUAN),
}
ROW = {**of_consultation.row(), "community_id": str(HUAYUAN)}
ITEM = {
    "community_id": str(HUAYUAN),
    "title": "清雪",
    "service_class": "welfare",
    "category": "winter_duty",
    "beneficiaries": 5,
    "quantity": 1,
    "measure": "处",
    "due_on": str(TODAY + timedelta(days=36500)),
}
UNIT = {
    "uscc": make_uscc(),
    "unit_name": "黑河热力公司",
    "kind": "enterprise",
    "community_ids": [str(HUAYUAN)],
}
CLAIM_LIST = {
    "title": "清单",
    "file_name": "清单.xlsx",
    "file_hash": "0" * 64,
    "rows": [{"row_number": 2, "cells": cells(due_on=str(TODAY + timedelta(days=36500)))}],
}

Ask = Callable[[str, dict[str, Any]], Any]


@pytest.fixture
def ask(services: Everybody, service_db: Callable[[str], Database]) -> Ask:
    with service_db("claims").transaction() as tx:
        of_claims.keep_community(tx, community_registered(HUAYUAN, HUAYUAN_CODE, "花园社区"))
    with service_db("consultation").transaction() as tx:
        of_consultation.hear_of(tx, HUAYUAN)

    def call(door: str, data: dict[str, Any]) -> Any:
        service, method = door.split(".")
        return services.call(
            service, method, data, timeout=10, traceparent="", actor=CITY, idempotency_key=str(uuid4())
        )

    return call


def _community(ask: Ask) -> Any:
    return ask("staffing.register_community", {**COMMUNITY, "code": "231102001001"})["community_id"]


def _worker(ask: Ask) -> Any:
    wanted = {
        "community_id": _community(ask),
        "worker_name": "赵小雨",
        "post": "deputy",
        "since_on": "2026-01-01",
    }
    return ask("staffing.appoint_worker", wanted)["worker_id"]


def _changed(ask: Ask) -> Any:
    community_id = _community(ask)
    ask("staffing.change_community", {**COMMUNITY, "community_id": community_id})
    return community_id


def _roll(ask: Ask) -> Any:
    ask("consultation.import_residents", {"residents": [ROW]})
    return HUAYUAN


def _subscription(ask: Ask) -> Any:
    return ask("notifications.add_subscription", SUBSCRIPTION)["subscription_id"]


def _withdrawn(ask: Ask) -> Any:
    subscription_id = _subscription(ask)
    token = write_token(UUID(subscription_id), key=withdrawal_key())
    ask("notifications.withdraw_consent", {"token": token})
    return subscription_id


CREATING: dict[str, Callable[[Ask], Any]] = {
    "claims.create_item": lambda ask: ask("claims.create_item", ITEM)["item_id"],
    "claims.import_claim_list": lambda ask: ask("claims.import_claim_list", CLAIM_LIST)["claim_list_id"],
    "claims.register_unit": lambda ask: ask("claims.register_unit", UNIT)["unit_id"],
    "consultation.import_residents": _roll,
    "notifications.add_subscription": _subscription,
    "notifications.withdraw_consent": _withdrawn,
    "staffing.appoint_worker": _worker,
    "staffing.change_community": _changed,
    "staffing.register_community": _community,
}
# A unit and a claim list belong to several communities at once.
OF_SEVERAL = {"claims.register_unit", "claims.import_claim_list"}


# The same in claims for all of these: the line of history that each writes names its record to the audit.
BY_HISTORY = {
    "claims.add_gate_entry",
    "claims.apply_admission",
    "claims.apply_unit",
    "claims.declare_emergency",
    "claims.draft_scheme",
    "claims.enter_application",
    "claims.erase_personal",
    "claims.import_needs",
    "claims.introduce_task",
    "claims.open_fund",
    "claims.open_period",
    "claims.open_shift",
    "claims.receive_order",
    "claims.record_burden",
    "claims.register_need",
    "claims.register_volunteer",
    "claims.request_seal",
    "claims.send_back_task",
    "claims.sign_by_token",
    "claims.submit_need",
}


def test_every_door_whose_call_names_no_record_is_known_here() -> None:
    silent = {
        f"{cls.name}.{name}"
        for cls in CLASSES
        for name, door in inspect.getmembers(cls)
        if getattr(door, "changes", False) and not _names_a_record(door.schema)
    }

    assert silent == set(CREATING) | NAMES_NOTHING | BY_HISTORY


@pytest.mark.parametrize("door", sorted(CREATING))
def test_what_was_created_is_named(ask: Ask, service_db: Callable[[str], Database], door: str) -> None:
    made = CREATING[door](ask)

    row = rows(service_db(door.split(".")[0]))[-1]
    assert (row.act, row.record_id) == (door, str(made))
    assert row.after_hash is not None
    if door not in OF_SEVERAL:
        assert row.community_id is not None


def _names_a_record(schema: type[Schema]) -> bool:
    return any(
        isinstance(field, fields.UUID) and field.required and name != "community_id"
        for name, field in schema._declared_fields.items()
    )
