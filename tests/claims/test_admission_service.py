"""The doors of the task gate and the meter: shapes in, shapes out, and any number at once."""

import time
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.clock import local_today
from services.chassis.db import Database
from services.claims.storage.tables import admissions, burdens
from services.contracts.base import Actor, Conflict, GongzhiError, Invalid
from services.contracts.claims.admission_terms import AdmissionStatus
from services.contracts.claims.errors import AdmissionNotInState, OpinionAlreadyRecorded
from tests.builders import HUAYUAN, XINGAN, city_officer, worker
from tests.claims.gate_world import OFFICES, admission_in, city_admin
from tests.claims.test_service import Doors, at_once

TODAY = local_today()


@pytest.fixture
def doors(db: Database) -> Doors:
    return Doors(db)


def application(**given: Any) -> dict[str, Any]:
    fields = {
        "department": "市某局",
        "task_title": "居民意愿调查表",
        "kind": "form",
        "legal_basis": "年度方案",
        "from_on": str(TODAY + timedelta(days=90)),
        "until_on": str(TODAY + timedelta(days=200)),
        "frequency": "quarterly",
        "funds_fen": 120000,
    }
    return fields | given


def applied(doors: Doors, **given: Any) -> str:
    made = doors.ask("apply_admission", application(**given), actor=city_officer())
    admission_id: str = made["admission_id"]
    return admission_id


def say(doors: Doors, admission_id: str, office: str, *, actor: Actor | None = None) -> Any:
    said = {"admission_id": admission_id, "office": office, "agrees": True, "reason": "可"}
    return doors.ask("record_opinion", said, actor=actor or city_officer())


def test_the_gate_answers_with_what_its_views_name(doors: Doors) -> None:
    made = doors.ask("apply_admission", application(), actor=city_officer())
    admission_id = made["admission_id"]
    for office in OFFICES:
        said = say(doors, admission_id, office)
    decided = doors.ask(
        "decide_admission",
        {"admission_id": admission_id, "is_admitted": True, "reason": "会商同意", "expected_version": 4},
        actor=city_admin(),
    )
    listed = doors.ask("list_admissions", {"status": "admitted", "q": "意愿", "community_id": str(HUAYUAN)})
    counts = doors.ask("count_admissions", {})

    assert made["possible_acts"] == ["record_opinion", "send_back_task"]
    assert [one["office"] for one in said["opinions"]] == list(OFFICES)
    assert (decided["status"], decided["decision_reason"]) == ("admitted", "会商同意")
    assert decided["possible_acts"] == ["revoke_admission"]
    assert [one["admission_id"] for one in listed["items"]] == [admission_id]
    assert (listed["total"], counts["by_status"]["admitted"]) == (1, 1)
    assert doors.ask("list_admissions", {"status": "expired"})["items"] == []


def test_lists_are_read_page_by_page_and_each_record_comes_once(doors: Doors) -> None:
    made = [applied(doors, task_title=f"第 {number} 张表") for number in range(5)]
    seen, cursor = [], None
    while True:
        page = doors.ask("list_admissions", {"limit": 2, "cursor": cursor})
        seen += [one["admission_id"] for one in page["items"]]
        if (cursor := page["next"]) is None:
            break

    assert seen == list(reversed(made))
    with pytest.raises(Invalid):
        doors.ask("list_admissions", {"cursor": "AAAA"})


def test_many_who_record_one_office_at_once_record_it_once(doors: Doors) -> None:
    admission_id = applied(doors)

    outcomes = at_once(6, lambda _: say(doors, admission_id, "市民政局"))

    refused = [one for one in outcomes if isinstance(one, GongzhiError)]
    assert len(refused) == 5
    assert {type(one) for one in refused} == {OpinionAlreadyRecorded}
    assert len(doors.ask("get_admission", {"admission_id": admission_id})["opinions"]) == 1


def test_many_who_decide_at_once_decide_once(doors: Doors) -> None:
    admission_id = applied(doors)
    for office in OFFICES:
        say(doors, admission_id, office)

    def decide(number: int) -> Any:
        step = {"admission_id": admission_id, "is_admitted": number % 2 == 0, "reason": f"第 {number} 个"}
        return doors.ask("decide_admission", step, actor=city_admin())

    outcomes = at_once(6, decide)

    refused = [one for one in outcomes if isinstance(one, GongzhiError)]
    assert {type(one) for one in refused} == {AdmissionNotInState}
    assert len(refused) == 5
    assert doors.event_names().count("admission_decided") == 1


def test_letters_of_one_moment_bear_numbers_and_counts_of_their_own(doors: Doors) -> None:
    task = {"community_id": str(HUAYUAN), "department": "市某局", "task_title": "表", "kind": "form"}

    letters = at_once(6, lambda _: doors.ask("send_back_task", task))

    assert sorted(one["code"] for one in letters) == [f"TH-{TODAY.year}-{n:04d}" for n in range(1, 7)]
    assert sorted(one["times_here"] for one in letters) == [1, 2, 3, 4, 5, 6]


def test_an_act_with_its_key_has_one_effect(doors: Doors) -> None:
    burden = {
        "community_id": str(HUAYUAN),
        "department": "市某局",
        "title": "表",
        "kind": "form",
        "happened_on": str(TODAY),
    }

    first = doors.ask("record_burden", burden, key="once")
    again = doors.ask("record_burden", burden, key="once")

    assert first == again
    with doors.database.engine.connect() as connection:
        assert len(connection.execute(burdens.select()).all()) == 1


def test_the_timer_ends_what_is_over_and_two_of_them_end_it_once(doors: Doors) -> None:
    over = [
        admission_in(
            AdmissionStatus.ADMITTED,
            code=f"ZR-2025-{number:04d}",
            from_on=TODAY - timedelta(days=9),
            until_on=TODAY - timedelta(days=1),
        )
        for number in range(55)
    ]
    doors.store(*over, admission_in(AdmissionStatus.ADMITTED, until_on=TODAY))

    at_once(2, lambda _: doors.service.expire_admissions())

    with doors.database.engine.connect() as connection:
        statuses = [row.status for row in connection.execute(admissions.select())]
    assert statuses.count(AdmissionStatus.EXPIRED) == 55
    assert statuses.count(AdmissionStatus.ADMITTED) == 1, "its last day is a day of its own"
    assert doors.event_names().count("admission_expired") == 55


def test_a_meter_shows_its_formula_and_whoever_reads_it_sees_his_own(doors: Doors) -> None:
    month = f"{TODAY:%Y-%m}"

    shown = doors.ask("get_burden_meter", {"month": month})

    assert [one["community_id"] for one in shown["communities"]] == [str(HUAYUAN)]
    assert shown["total"]["index"] == 0
    assert shown["formula"]
    with pytest.raises(GongzhiError):
        doors.ask("get_burden_meter", {"month": month, "community_id": str(XINGAN)})
    for wrong in ("2026-13", "2026-1", "1999-01", "2026-11\n"):
        with pytest.raises(Invalid):
            doors.ask("get_burden_meter", {"month": wrong})


def test_two_who_withdraw_or_seal_at_once_do_it_once(doors: Doors) -> None:
    seal = {
        "community_id": str(HUAYUAN),
        "proof_title": "居住情况说明",
        "asked_by": "单位",
        "purpose": "办事",
    }
    seal_id = doors.ask("request_seal", seal)["seal_id"]

    outcomes = at_once(
        4, lambda _: doors.ask("decide_seal", {"seal_id": seal_id, "is_approved": True}, actor=worker())
    )

    assert sum(isinstance(one, Conflict) for one in outcomes) == 3


def test_a_thousand_records_are_measured_in_a_moment(doors: Doors) -> None:
    with doors.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO burdens SELECT gen_random_uuid(), %(where)s, '部门' || n %% 40, '表', 'form', 'unadmitted',"
            " 1, %(day)s, NULL, NULL, NULL, '', now(), NULL, '', 1 FROM generate_series(1, 20000) AS n",
            {"where": str(HUAYUAN), "day": TODAY},
        )

    began = time.monotonic()
    shown = doors.ask("get_burden_meter", {"month": f"{TODAY:%Y-%m}"})

    assert shown["total"]["index"] == 40000
    assert len(shown["departments"]) == 40
    assert time.monotonic() - began < 2
