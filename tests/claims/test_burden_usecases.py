"""The burden meter on its database, and story 4 of the domain as the service plays it."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.contracts.base import Invalid
from services.contracts.claims.admission_terms import (
    AdmissionStatus,
    BurdenBasis,
    BurdenKind,
    GateList,
)
from services.contracts.claims.errors import (
    AdmissionNotInForce,
    AppliedTooLate,
    BurdenAlreadyWithdrawn,
    BurdenNotFound,
    EmergencyNotRunning,
)
from tests.builders import HUAYUAN, NOW, TODAY, XINGAN, city_officer, worker
from tests.claims.acting import do, event_names
from tests.claims.gate_world import (
    DEPARTMENT,
    START,
    admit,
    apply,
    burden_fields,
    emergency_fields,
    list_task,
    meter,
    send_back_fields,
)

# ---- burdens ------------------------------------------------------------------------------------


def test_the_ground_of_a_burden_is_looked_up_not_believed(db: Database) -> None:
    admission = admit(db, apply(db, community_ids=[HUAYUAN]))
    emergency = do(db, usecases.declare_emergency, **emergency_fields(), actor=city_officer())
    list_task(db, GateList.ASSIST, "人口普查登记")
    in_force = NOW + (START - TODAY)
    early = burden_fields(admission_id=admission.admission_id, department="")
    later = {**early, "happened_on": START}

    with pytest.raises(AdmissionNotInForce):
        do(db, usecases.record_burden, **early)
    under_admission = do(db, usecases.record_burden, **later, now=in_force)
    found_by_name = do(db, usecases.record_burden, **{**burden_fields(), "happened_on": START}, now=in_force)
    with pytest.raises(EmergencyNotRunning):
        do(
            db,
            usecases.record_burden,
            **{**later, "admission_id": None, "emergency_id": emergency["emergency_id"]},
            now=in_force,
        )
    with pytest.raises(Invalid):
        do(
            db,
            usecases.record_burden,
            **burden_fields(admission_id=admission.admission_id, emergency_id=emergency["emergency_id"]),
        )
    with pytest.raises(Invalid):
        do(db, usecases.record_burden, **burden_fields(happened_on=TODAY + timedelta(days=1)))
    with pytest.raises(Invalid):
        do(db, usecases.record_burden, **burden_fields(department=""))
    on_list = do(db, usecases.record_burden, **burden_fields(title="人口普查登记"))
    unknown = do(db, usecases.record_burden, **burden_fields(title="没听过的表"))

    assert (under_admission["basis"], under_admission["department"]) == (BurdenBasis.ADMITTED, DEPARTMENT)
    assert found_by_name["admission_id"] == admission.admission_id
    assert (on_list["basis"], unknown["basis"]) == (BurdenBasis.ADMITTED, BurdenBasis.UNADMITTED)


def test_a_withdrawn_record_stays_to_be_read_and_counts_no_more(db: Database) -> None:
    burden = do(db, usecases.record_burden, **burden_fields(quantity=3))
    step = {"burden_id": burden["burden_id"], "reason": "重复登记"}
    assert meter(db)["total"].index == 6

    with pytest.raises(BurdenNotFound):
        do(db, usecases.withdraw_burden, **step, actor=worker(XINGAN))
    do(db, usecases.withdraw_burden, **step)
    with pytest.raises(BurdenAlreadyWithdrawn):
        do(db, usecases.withdraw_burden, **step)

    assert meter(db)["total"].index == 0
    wanted: dict[str, Any] = {
        "community_id": None, "department": "", "kind": None, "basis": None, "month": "2026-11",
        "cursor": None, "limit": 20,
    }  # fmt: skip
    with db.reading() as tx:
        assert usecases.list_burdens(tx, **wanted, with_withdrawn=False, actor=worker())["items"] == []
        [kept] = usecases.list_burdens(tx, **wanted, with_withdrawn=True, actor=worker())["items"]
    assert (kept["withdrawal_reason"], kept["possible_acts"]) == ("重复登记", [])


def test_the_meter_is_the_sum_of_the_rows_behind_it(db: Database) -> None:
    there = {"community_id": XINGAN, "actor": worker(XINGAN, name="郑社工")}
    do(db, usecases.record_burden, **burden_fields(quantity=2))
    do(db, usecases.record_burden, **burden_fields(kind=BurdenKind.INSPECTION, department="市某委"))
    do(db, usecases.record_burden, **{**burden_fields(kind=BurdenKind.ASSESSMENT), **there})
    do(db, usecases.record_burden, **burden_fields(happened_on=date(2026, 10, 31)))

    city, own = meter(db), meter(db, actor=worker())

    assert [(line["community_name"], line["index"]) for line in city["communities"]] == [
        ("花园社区", 10),
        ("兴安社区", 10),
    ]
    assert {line["department"]: line["index"] for line in city["departments"]} == {
        DEPARTMENT: 14,
        "市某委": 6,
    }
    assert city["total"].index == 20
    assert sum(line["index"] for line in city["departments"]) == 20
    assert [line["community_name"] for line in own["communities"]] == ["花园社区"]
    assert {line["department"]: line["index"] for line in own["departments"]} == {DEPARTMENT: 4, "市某委": 6}
    assert meter(db, month="2026-10")["total"].index == 2


# ---- story 4 of the domain ----------------------------------------------------------------------


def test_story_4_a_new_form_is_refused_by_rule_and_an_emergency_is_exempt_but_counted(db: Database) -> None:
    list_task(db, GateList.DUTY, "居民自治章程")
    list_task(db, GateList.NEGATIVE, "养老意愿调查")
    do(db, usecases.record_burden, **burden_fields(title="月度台账"))
    before = meter(db)

    # The department asks for a new form: on short notice, then in time.
    with pytest.raises(AppliedTooLate) as too_late:
        apply(db, from_on=TODAY + timedelta(days=14))
    refused = apply(db)
    # It hands the form to the community all the same, and another one that no list knows.
    by_list = do(db, usecases.send_back_task, **send_back_fields(admission_id=refused.admission_id))
    unknown = do(db, usecases.send_back_task, **send_back_fields(task_title="居民宠物登记表"))
    after_refusals = meter(db)

    assert "30 个工作日" in too_late.value.message
    assert (refused.status, refused.is_by_rule) == (AdmissionStatus.REFUSED, True)
    assert "负面事项清单" in refused.decision_reason
    assert "负面事项清单" in by_list["letter"]
    assert "未列入依法履职、依法协助清单又未经准入" in unknown["letter"]
    assert after_refusals["total"].index == before["total"].index == 2
    assert [line["index"] for line in after_refusals["communities"]] == [
        line["index"] for line in before["communities"]
    ]
    assert after_refusals["total"].sent_back == 2, "said beside the index, not in it"

    # An emergency is exempt, but counted.
    emergency = do(db, usecases.declare_emergency, **emergency_fields(), actor=city_officer())
    counted = do(
        db,
        usecases.record_burden,
        **burden_fields(
            kind=BurdenKind.INSPECTION, quantity=5, title="巡查", emergency_id=emergency["emergency_id"]
        ),
    )
    after_emergency = meter(db)

    assert counted["basis"] is BurdenBasis.EMERGENCY
    assert after_emergency["total"].index == before["total"].index
    assert after_emergency["total"].emergencies == 5
    assert "应急 5 次，免于准入，单独计数，不计入指数。" in after_emergency["total"].explanation
    assert event_names(db) == [
        "admission_applied",
        "admission_decided",
        "task_sent_back",
        "task_sent_back",
        "emergency_declared",
    ]
