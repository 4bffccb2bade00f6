"""The task gate on its database: state, history and events commit together; a refusal leaves nothing."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.chassis import clocks
from services.chassis.calendar import Override, load_overrides
from services.chassis.clock import LOCAL
from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.admission import Admission
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid, VersionMismatch
from services.contracts.claims.admission_terms import (
    AdmissionStatus,
    GateList,
)
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.errors import (
    AdmissionNotFound,
    AdmissionNotInState,
    AppliedTooLate,
    GateEntryAlreadyListed,
    OpinionAlreadyRecorded,
    TaskIsAdmitted,
    UsccInvalid,
)
from tests.builders import HUAYUAN, NOW, TODAY, city_officer, liaison, make_uscc, supervisor, worker
from tests.claims.acting import do, event_names, events
from tests.claims.gate_world import (
    DEPARTMENT,
    END,
    START,
    admit,
    application_fields,
    apply,
    city_admin,
    emergency_fields,
    entry_fields,
    list_task,
    send_back_fields,
)

# ---- one whole life -----------------------------------------------------------------------------


def show(db: Database, admission: Admission, *, actor: Actor, now: datetime = NOW) -> dict[str, Any]:
    shown: dict[str, Any] = do(
        db, usecases.get_admission, admission_id=admission.admission_id, actor=actor, now=now
    )
    return shown


def test_an_application_from_entry_to_automatic_exit(db: Database) -> None:
    admission = admit(db, apply(db, uscc=make_uscc(3), community_ids=[HUAYUAN]))
    after = datetime.combine(END + timedelta(days=1), datetime.min.time(), LOCAL)

    with db.transaction(now=after) as tx:
        assert not usecases.expire_admissions(tx, now=after)
        assert not usecases.expire_admissions(tx, now=after), "once is enough"

    shown = show(db, admission, actor=city_admin(), now=after)
    assert event_names(db) == ["admission_applied", "admission_decided", "admission_expired"]
    assert [line["act"] for line in shown["history"]] == [
        "apply_admission",
        "record_opinion",
        "record_opinion",
        "record_opinion",
        "decide_admission",
        "expire_admissions",
    ]
    assert shown["history"][4]["changes"]["状态"] == ["待会商", "已准入"]
    assert "3 个单位同意，0 个不同意" in shown["history"][4]["summary"]
    assert (shown["code"], shown["status"]) == ("ZR-2026-0001", AdmissionStatus.EXPIRED)
    assert shown["community_names"] == ["花园社区"]
    assert shown["decide_by_on"] == date(2026, 12, 14), "fifteen working days"


def test_an_admission_whose_day_is_over_is_so_before_the_timer_comes_by(db: Database) -> None:
    admission = admit(db, apply(db))
    after = NOW + (END - TODAY) + timedelta(days=1)

    counted = do(db, usecases.count_admissions, q="", community_id=None, kind=None, actor=worker(), now=after)

    assert show(db, admission, actor=worker(), now=after)["status"] is AdmissionStatus.EXPIRED
    assert counted["by_status"][AdmissionStatus.EXPIRED] == 1
    assert counted["by_status"][AdmissionStatus.ADMITTED] == 0


def test_a_late_application_is_refused_with_the_day_on_which_it_would_be_possible(db: Database) -> None:
    with pytest.raises(AppliedTooLate, match="2027-01-05"):
        apply(db, from_on=date(2027, 1, 4))

    assert event_names(db) == []
    assert apply(db, from_on=date(2027, 1, 5)).status is AdmissionStatus.APPLIED


def test_what_makes_no_sense_is_refused(db: Database) -> None:
    for wrong, error in (
        ({"until_on": START - timedelta(days=1)}, Invalid),
        ({"community_ids": [uuid4()]}, Invalid),
        ({"uscc": "9" * 18}, UsccInvalid),
    ):
        with pytest.raises(error):
            apply(db, **wrong)
    with pytest.raises(AdmissionNotFound):
        do(db, usecases.get_admission, admission_id=uuid4(), actor=city_officer())

    assert event_names(db) == []
    assert apply(db).code == "ZR-2026-0001", "a refusal takes no number"


@pytest.mark.parametrize("actor", [worker(), supervisor(), liaison(uuid4()), ANONYMOUS])
def test_only_the_city_enters_applications_and_keeps_the_lists(db: Database, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        do(db, usecases.apply_admission, **application_fields(), actor=actor)
    with pytest.raises(Forbidden):
        do(db, usecases.declare_emergency, **emergency_fields(), actor=actor)
    for nobody in (actor, city_officer()):
        with pytest.raises(Forbidden):
            do(db, usecases.add_gate_entry, **entry_fields(GateList.DUTY, "自治章程"), actor=nobody)


@pytest.mark.parametrize("actor", [liaison(uuid4()), ANONYMOUS])
def test_the_gate_is_not_shown_to_strangers(db: Database, actor: Actor) -> None:
    admission = apply(db)

    with pytest.raises(Forbidden):
        show(db, admission, actor=actor)


def test_a_decision_on_what_has_changed_since_is_refused(db: Database) -> None:
    admission = apply(db)
    step = {"admission_id": admission.admission_id, "is_admitted": True, "reason": "会商"}
    admit(db, admission)

    with pytest.raises(VersionMismatch):
        do(db, usecases.decide_admission, **step, expected_version=1, actor=city_admin())
    with pytest.raises(AdmissionNotInState):
        do(db, usecases.decide_admission, **step, actor=city_admin())
    with pytest.raises(AdmissionNotInState):
        do(
            db,
            usecases.record_opinion,
            admission_id=admission.admission_id,
            office="晚到的单位",
            agrees=False,
            reason="迟了",
            actor=city_officer(),
        )


def test_an_office_is_recorded_once(db: Database) -> None:
    said = {"admission_id": apply(db).admission_id, "office": "市民政局", "reason": "可"}
    do(db, usecases.record_opinion, **said, agrees=True, actor=city_officer())

    with pytest.raises(OpinionAlreadyRecorded):
        do(db, usecases.record_opinion, **said, agrees=False, actor=city_officer())


def test_a_revoked_task_may_be_sent_back_from_that_day_on(db: Database) -> None:
    admission = admit(db, apply(db))
    in_force = NOW + (START - TODAY)
    with pytest.raises(TaskIsAdmitted, match="ZR-2026-0001"):
        do(db, usecases.send_back_task, **send_back_fields(), now=in_force)

    do(
        db,
        usecases.revoke_admission,
        admission_id=admission.admission_id,
        reason="依据已废止",
        actor=city_admin(),
        now=in_force,
    )
    sent = do(
        db, usecases.send_back_task, **send_back_fields(admission_id=admission.admission_id), now=in_force
    )

    assert sent["department"] == DEPARTMENT
    assert event_names(db)[-2:] == ["admission_revoked", "task_sent_back"]
    history = show(db, admission, actor=worker())["history"]
    assert history[-1]["act"] == "send_back_task"


# ---- the lists ----------------------------------------------------------------------------------


def test_a_task_on_a_list_is_decided_at_once(db: Database) -> None:
    list_task(db, GateList.NEGATIVE, "养老意愿调查")
    list_task(db, GateList.ASSIST, "人口普查登记")

    refused = apply(db)
    admitted = apply(db, task_title="人口普查登记")

    assert (refused.status, refused.is_by_rule) == (AdmissionStatus.REFUSED, True)
    assert "「养老意愿调查」列入负面事项清单，依据：市准入清单（2026 年版）第 3 条" in refused.decision_reason
    assert (admitted.status, admitted.is_by_rule) == (AdmissionStatus.ADMITTED, True)
    decided = [event for name, event in events(db) if name == "admission_decided"]
    assert [(one["is_admitted"], one["is_by_rule"]) for one in decided] == [(False, True), (True, True)]


def test_an_entry_counts_in_its_days_only(db: Database) -> None:
    entry = list_task(db, GateList.NEGATIVE, "养老意愿调查")
    do(
        db,
        usecases.end_gate_entry,
        entry_id=entry.entry_id,
        until_on=START - timedelta(days=1),
        reason="清单修订",
        actor=city_admin(),
    )

    assert apply(db).status is AdmissionStatus.APPLIED, "it begins the day after the entry's end"
    listed = {"gate_list": None, "on": None, "is_all": False, "q": "", "cursor": None, "limit": 20}
    now = do(db, usecases.list_gate_entries, **listed)["items"]
    later = do(db, usecases.list_gate_entries, **{**listed, "on": START})["items"]
    ever = do(db, usecases.list_gate_entries, **{**listed, "on": START, "is_all": True})["items"]
    assert [len(one) for one in (now, later, ever)] == [1, 0, 1]
    assert now[0]["possible_acts"] == [], "a worker keeps no lists"


def test_a_list_names_a_task_once_and_no_name_is_found_everywhere(db: Database) -> None:
    list_task(db, GateList.DUTY, "居民自治章程")

    with pytest.raises(GateEntryAlreadyListed):
        list_task(db, GateList.DUTY, "《居民 自治章程》")
    with pytest.raises(Invalid):
        list_task(db, GateList.NEGATIVE, "——")
    with pytest.raises(Invalid):
        list_task(db, GateList.NEGATIVE, "排名", also=["（）"])


# ---- the clock of the decision ------------------------------------------------------------------


def waiting(db: Database, *, now: datetime = NOW) -> list[dict[str, Any]]:
    wanted = {"kind": ClockKind.ADMISSION_DECISION, "cursor": None, "limit": 20}
    found: list[dict[str, Any]] = do(db, usecases.list_clocks, **wanted, actor=city_officer(), now=now)[
        "items"
    ]
    return found


def test_an_application_waits_in_the_citys_inbox_until_it_is_decided(db: Database) -> None:
    admission = apply(db)

    [clock] = waiting(db)
    assert (clock["record_id"], clock["owner"]) == (admission.admission_id, "city")
    assert (clock["code"], clock["due_on"]) == ("ZR-2026-0001", date(2026, 12, 14))
    admit(db, admission)
    assert waiting(db) == []


def test_what_a_rule_decides_waits_for_nobody(db: Database) -> None:
    list_task(db, GateList.NEGATIVE, "养老意愿调查")
    apply(db)

    assert waiting(db) == []


def test_a_notice_of_working_days_moves_the_last_day_of_the_decision(db: Database) -> None:
    admission = apply(db)
    with db.transaction(now=NOW) as tx:
        load_overrides(tx.session, [Override(day=date(2026, 12, 14), is_working_day=False)])
        assert clocks.recompute(tx) == 1

    assert show(db, admission, actor=worker())["decide_by_on"] == date(2026, 12, 15)
