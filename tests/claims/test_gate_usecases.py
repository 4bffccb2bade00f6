"""Send-backs, emergencies and seals on their database: who may, what is counted, what is told."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.contracts.base import Forbidden, Invalid, VersionMismatch
from services.contracts.claims.admission_terms import (
    GateList,
    SealStatus,
)
from services.contracts.claims.errors import (
    SealRequestNotFound,
    SentBackTaskNotFound,
    TaskIsAdmitted,
)
from tests.builders import HUAYUAN, TODAY, XINGAN, city_officer, supervisor, worker
from tests.claims.acting import do, event_names, events
from tests.claims.gate_world import (
    emergency_fields,
    list_task,
    send_back_fields,
)

# ---- 未准入—退回 --------------------------------------------------------------------------------


def test_letters_count_what_came_before_in_the_community_and_the_city(db: Database) -> None:
    first = do(db, usecases.send_back_task, **send_back_fields())
    do(
        db,
        usecases.send_back_task,
        **send_back_fields(community_id=XINGAN),
        actor=worker(XINGAN, name="郑社工"),
    )
    third = do(db, usecases.send_back_task, **send_back_fields(task_title="另一张表"))

    assert (first["code"], first["times_here"], first["times_in_city"]) == ("TH-2026-0001", 1, 1)
    assert (third["code"], third["times_here"], third["times_in_city"]) == ("TH-2026-0003", 2, 3)
    assert "提前 30 个工作日申请" in first["letter"]


def test_a_task_on_the_first_two_lists_or_an_emergency_is_not_sent_back(db: Database) -> None:
    list_task(db, GateList.ASSIST, "人口普查登记")
    do(db, usecases.declare_emergency, **emergency_fields(), actor=city_officer())

    with pytest.raises(TaskIsAdmitted, match="依法协助政府事项"):
        do(db, usecases.send_back_task, **send_back_fields(task_title="人口普查登记"))
    with pytest.raises(TaskIsAdmitted, match="应急"):
        do(
            db,
            usecases.send_back_task,
            **send_back_fields(department="市应急管理局", task_title="暴雪应急巡查"),
        )
    with pytest.raises(Invalid):
        do(db, usecases.send_back_task, **send_back_fields(department=""))

    assert "task_sent_back" not in event_names(db)


def test_a_community_sends_back_and_reads_its_own_letters_only(db: Database) -> None:
    sent = do(db, usecases.send_back_task, **send_back_fields())
    stranger = worker(XINGAN)

    with pytest.raises(Forbidden):
        do(db, usecases.send_back_task, **send_back_fields(), actor=stranger)
    with db.reading() as tx, pytest.raises(SentBackTaskNotFound):
        usecases.get_sent_back_task(tx, sent_back_id=sent["sent_back_id"], actor=stranger)
    wanted = {"community_id": None, "department": "", "month": None, "cursor": None, "limit": 20}
    with db.reading() as tx:
        assert usecases.list_sent_back_tasks(tx, **wanted, actor=stranger)["items"] == []
        assert len(usecases.list_sent_back_tasks(tx, **wanted, actor=supervisor())["items"]) == 1
        assert len(usecases.list_sent_back_tasks(tx, **wanted, actor=city_officer())["items"]) == 1
        of_month = {**wanted, "month": "2026-11"}
        assert len(usecases.list_sent_back_tasks(tx, **of_month, actor=city_officer())["items"]) == 1
        before = {**wanted, "month": "2026-10"}
        assert usecases.list_sent_back_tasks(tx, **before, actor=city_officer())["items"] == []
        with pytest.raises(Forbidden):
            usecases.list_sent_back_tasks(tx, **{**wanted, "community_id": HUAYUAN}, actor=stranger)


# ---- emergencies, seals -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"until_on": TODAY - timedelta(days=1)},
        {"until_on": TODAY + timedelta(days=30)},
        {"from_on": TODAY - timedelta(days=31), "until_on": TODAY - timedelta(days=2)},
        {"community_ids": [uuid4()]},
    ],
)
def test_an_emergency_is_short_and_now(db: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        do(db, usecases.declare_emergency, **emergency_fields(**wrong), actor=city_officer())

    assert event_names(db) == []


def seal_fields(**given: Any) -> dict[str, Any]:
    fields = {
        "community_id": HUAYUAN,
        "proof_title": "居民财产证明",
        "asked_by": "某银行",
        "purpose": "贷款",
    }
    return fields | given


def test_a_forbidden_proof_is_refused_at_once_and_told(db: Database) -> None:
    refused = do(db, usecases.request_seal, **seal_fields())

    assert (refused["status"], refused["proof_number"]) == (SealStatus.REFUSED, 17)
    [(name, event)] = events(db)
    assert (name, event["is_by_rule"]) == ("seal_refused", True)
    assert "第 17 项" in event["basis"]


def test_another_proof_is_decided_by_its_own_community(db: Database) -> None:
    list_task(db, GateList.NEGATIVE, "收入情况")
    by_list = do(db, usecases.request_seal, **seal_fields(proof_title="家庭收入情况证明"))
    asked = do(db, usecases.request_seal, **seal_fields(proof_title="居住情况说明"))
    step = {"seal_id": asked["seal_id"], "is_approved": True, "reason": ""}

    with pytest.raises(SealRequestNotFound):
        do(db, usecases.decide_seal, **step, actor=worker(XINGAN))
    with pytest.raises(VersionMismatch):
        do(db, usecases.decide_seal, **step, expected_version=7)
    approved = do(db, usecases.decide_seal, **step)

    assert (by_list["status"], by_list["proof_number"]) == (SealStatus.REFUSED, None)
    assert (approved["status"], approved["possible_acts"]) == (SealStatus.APPROVED, [])
    assert event_names(db) == ["seal_refused"]
    with db.reading() as tx:
        wanted = {"community_id": None, "status": None, "cursor": None, "limit": 1}
        page = usecases.list_seal_requests(tx, **wanted, actor=worker())
        rest = usecases.list_seal_requests(tx, **{**wanted, "cursor": page["next"]}, actor=worker())
    assert [one["code"] for one in (*page["items"], *rest["items"])] == ["YY-2026-0002", "YY-2026-0001"]
