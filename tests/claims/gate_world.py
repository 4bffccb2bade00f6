"""Valid objects of the task gate and the burden meter; a test names only what it is about."""

from datetime import date
from typing import Any
from uuid import uuid4

from services.chassis.db import Database
from services.chassis.ids import new_id
from services.claims import usecases
from services.claims.domain.admission import Admission, Opinion
from services.claims.domain.admission_rules import title_key
from services.claims.domain.gate_list import GateEntry
from services.contracts.base import Actor, Role
from services.contracts.claims.admission_terms import (
    AdmissionStatus,
    BurdenKind,
    EmergencyKind,
    Frequency,
    GateList,
    TaskKind,
)
from tests.builders import HUAYUAN, NOW, TODAY, city_officer
from tests.claims.acting import do

START = date(2027, 3, 1)
END = date(2027, 12, 31)
TITLE = "居民养老意愿调查表"
DEPARTMENT = "黑河市某局"
OFFICES = ("市民政局", "市司法局", "市财政局")


def city_admin() -> Actor:
    return Actor(actor_id="city-admin", name="周主任", roles=(Role.CITY_ADMIN,))


def application_fields(**given: Any) -> dict[str, Any]:
    """What a person writes to apply for a department."""
    fields: dict[str, Any] = {
        "department": DEPARTMENT,
        "uscc": "",
        "task_title": TITLE,
        "kind": TaskKind.FORM,
        "legal_basis": "某局年度调查方案",
        "from_on": START,
        "until_on": END,
        "frequency": Frequency.QUARTERLY,
        "funds_fen": 500000,
        "people": 1,
        "training": "一次",
        "form_count": 1,
        "assessed_how": "不考核",
        "community_ids": [],
    }
    return fields | given


def make_admission(**given: Any) -> Admission:
    """One that has just been applied for, and needs three opinions."""
    fields = {
        "admission_id": uuid4(),
        "code": "ZR-2026-0001",
        "applied_on": TODAY,
        "applied_at": NOW,
        "opinions_needed": 3,
        "decide_by_on": date(2026, 12, 14),
    }
    fields |= application_fields(**given)
    return Admission(**fields | {"title_key": title_key(fields["task_title"])} | given)


def make_opinion(office: str = "市民政局", *, agrees: bool = True) -> Opinion:
    return Opinion(opinion_id=new_id(), office=office, agrees=agrees, reason="意见", recorded_at=NOW)


def make_entry(gate_list: GateList, title: str, **given: Any) -> GateEntry:
    fields: dict[str, Any] = {
        "entry_id": uuid4(),
        "gate_list": gate_list,
        "title": title,
        "title_key": title_key(title),
        "basis": "市准入清单（2026 年版）",
        "from_on": date(2026, 1, 1),
    }
    return GateEntry(**fields | given)


def with_opinions(admission: Admission, *offices: str) -> Admission:
    for office in offices or OFFICES:
        admission.record_opinion(make_opinion(office), actor=city_officer(), today=TODAY)
    return admission


def admission_in(status: AdmissionStatus, **given: Any) -> Admission:
    """An application that came to this status by acts alone; in force from today when it is admitted."""
    given = {"from_on": TODAY, "until_on": END} | given
    admission = make_admission(**given)
    if status is AdmissionStatus.APPLIED:
        return admission
    with_opinions(admission)
    admission.decide(
        is_admitted=status is not AdmissionStatus.REFUSED,
        reason="会商决定",
        actor=city_admin(),
        today=TODAY,
        now=NOW,
    )
    if status is AdmissionStatus.REVOKED:
        admission.revoke(reason="依据已废止", actor=city_admin(), today=TODAY, now=NOW)
    if status is AdmissionStatus.EXPIRED:
        admission.expire(today=date(2028, 1, 1), now=NOW)
    return admission


def entry_fields(gate_list: GateList, title: str, **given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "gate_list": gate_list,
        "title": title,
        "also": [],
        "basis": "市准入清单（2026 年版）第 3 条",
        "from_on": date(2026, 1, 1),
        "until_on": None,
    }
    return fields | given


def list_task(db: Database, gate_list: GateList, title: str, **given: Any) -> GateEntry:
    entry: GateEntry = do(
        db, usecases.add_gate_entry, **entry_fields(gate_list, title, **given), actor=city_admin()
    )
    return entry


def apply(db: Database, **given: Any) -> Admission:
    found: Admission = do(db, usecases.apply_admission, **application_fields(**given), actor=city_officer())
    return found


def admit(db: Database, admission: Admission) -> Admission:
    """Three offices agree and the city admits."""
    step = {"admission_id": admission.admission_id}
    for office in OFFICES:
        do(
            db,
            usecases.record_opinion,
            **step,
            office=office,
            agrees=True,
            reason="确有必要",
            actor=city_officer(),
        )
    found: Admission = do(
        db, usecases.decide_admission, **step, is_admitted=True, reason="联席会商同意", actor=city_admin()
    )
    return found


def send_back_fields(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "community_id": HUAYUAN,
        "admission_id": None,
        "department": DEPARTMENT,
        "task_title": TITLE,
        "kind": TaskKind.FORM,
        "note": "",
    }
    return fields | given


def emergency_fields(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "department": "市应急管理局",
        "title": "暴雪应急巡查",
        "kind": EmergencyKind.LIFE,
        "reason": "气象台发布暴雪红色预警",
        "from_on": TODAY,
        "until_on": date(2026, 11, 30),
        "community_ids": [],
    }
    return fields | given


def burden_fields(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "community_id": HUAYUAN,
        "department": DEPARTMENT,
        "title": TITLE,
        "kind": BurdenKind.FORM,
        "quantity": 1,
        "happened_on": TODAY,
        "admission_id": None,
        "emergency_id": None,
        "note": "",
    }
    return fields | given


def meter(db: Database, *, month: str = "2026-11", actor: Actor | None = None) -> dict[str, Any]:
    shown: dict[str, Any]
    with db.reading() as tx:
        shown = usecases.get_burden_meter(tx, month=month, community_id=None, actor=actor or city_officer())
    return shown
