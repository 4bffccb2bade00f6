"""Dual registration: organisations and members report, serve, and are evaluated once a year."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.dual_registration import (
    REGISTRATION_ACTS,
    DualRegistration,
    DualService,
    Evaluation,
)
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid, Role, VersionMismatch
from services.contracts.claims.dual_registration_terms import (
    EvaluationGrade,
    RegistrationKind,
    RegistrationStatus,
)
from services.contracts.claims.errors import (
    AlreadyEvaluated,
    AlreadyReported,
    DualRegistrationNotFound,
    DualRegistrationNotInState,
    DualServiceWithdrawn,
    TaskClosed,
    TaskNotFound,
    UnitNotMember,
)
from services.contracts.claims.terms import UnitStatus
from tests.builders import (
    HUAYUAN,
    NOW,
    TODAY,
    TOMORROW,
    XINGAN,
    YESTERDAY,
    city_officer,
    liaison,
    make_item,
    make_unit,
    supervisor,
    worker,
)
from tests.claims.acting import do, event_names, events, store

MEMBER = {"kind": RegistrationKind.MEMBER, "member_name": "关海兰", "headcount": 0}
NOTHING = {
    "community_id": None,
    "unit_id": None,
    "kind": None,
    "status": None,
    "unevaluated_in": None,
    "cursor": None,
    "limit": 50,
}
CITY_ADMIN = Actor(actor_id="c", name="市管", roles=(Role.CITY_ADMIN,))


def fields(**given: Any) -> dict[str, Any]:
    return {
        "community_id": HUAYUAN,
        "kind": RegistrationKind.ORGANISATION,
        "organisation_title": "供电公司党支部",
        "headcount": 23,
        "member_name": "",
        "skills": [],
        "reported_on": YESTERDAY,
    } | given


def make_registration(**given: Any) -> DualRegistration:
    opened, _ = DualRegistration.open(
        unit=make_unit(),
        registration_id=uuid4(),
        number=1,
        code="BD-2026-00001",
        actor=worker(),
        today=TODAY,
        now=NOW,
        **fields(**given),
    )
    return opened


def service(**given: Any) -> DualService:
    return DualService(
        **{"service_id": uuid4(), "title": "清雪", "served_on": TODAY, "minutes": 90, "people": 1} | given
    )


def act_on(registration: DualRegistration, act: str) -> None:
    match act:
        case "record_dual_service":
            registration.record_service(service(), actor=worker(), today=TODAY)
        case "withdraw_dual_service":
            registration.withdraw_service(registration.services[0].service_id, reason="记错", actor=worker())
        case "evaluate_dual_registration":
            registration.evaluate(evaluation(), actor=worker(), today=TODAY)
        case "end_dual_registration":
            registration.end(reason="调离", is_anonymised=False, actor=worker(), today=TODAY)


def evaluation(year: int = 2026) -> Evaluation:
    return Evaluation(year=year, grade=EvaluationGrade.EXCELLENT, comment="积极", evaluated_at=NOW)


@pytest.mark.parametrize("status", RegistrationStatus)
@pytest.mark.parametrize("act", REGISTRATION_ACTS)
def test_an_act_succeeds_exactly_in_the_states_of_the_table(act: str, status: RegistrationStatus) -> None:
    registration = make_registration()
    registration.record_service(service(), actor=worker(), today=TODAY)
    if status is RegistrationStatus.ENDED:
        registration.end(reason="迁出", is_anonymised=False, actor=worker(), today=TODAY)

    if status in REGISTRATION_ACTS[act].states:
        assert act in registration.possible_acts(worker())
        act_on(registration, act)
        assert registration.status is (REGISTRATION_ACTS[act].leads_to or status)
    else:
        assert act not in registration.possible_acts(worker())
        with pytest.raises(DualRegistrationNotInState, match=f"现为「{status.label}」"):
            act_on(registration, act)


@pytest.mark.parametrize("actor", [worker(XINGAN), supervisor(), liaison(uuid4()), ANONYMOUS])
def test_others_do_nothing_with_it(actor: Actor) -> None:
    registration = make_registration()

    assert registration.possible_acts(actor) == []
    with pytest.raises(Forbidden):
        registration.end(reason="x", is_anonymised=False, actor=actor, today=TODAY)
    with pytest.raises(DualRegistrationNotFound):
        registration.require_seen_by(actor)


def test_a_member_has_a_name_and_an_organisation_has_none() -> None:
    with pytest.raises(Invalid) as nameless:
        make_registration(**MEMBER | {"member_name": " "})
    with pytest.raises(Invalid) as named:
        make_registration(member_name="关海兰")
    with pytest.raises(Invalid) as early:
        make_registration(reported_on=TOMORROW)

    wrong = [list(one.value.fields) for one in (nameless, named, early)]
    assert wrong == [["member_name"], ["member_name"], ["reported_on"]]


def test_the_organisation_of_a_unit_that_is_no_member_does_not_report() -> None:
    with pytest.raises(UnitNotMember):
        DualRegistration.open(
            unit=make_unit(status=UnitStatus.SUSPENDED),
            registration_id=uuid4(),
            number=1,
            code="x",
            actor=worker(),
            today=TODAY,
            now=NOW,
            **fields(),
        )


def test_minutes_count_for_everybody_who_served_and_not_when_withdrawn() -> None:
    registration = make_registration()
    registration.record_service(service(people=4), actor=worker(), today=TODAY)
    registration.record_service(service(minutes=30), actor=worker(), today=TODAY)

    registration.withdraw_service(registration.services[1].service_id, reason="记错", actor=worker())

    assert registration.minutes == 360
    with pytest.raises(DualServiceWithdrawn):
        registration.withdraw_service(registration.services[1].service_id, reason="记错", actor=worker())


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"served_on": TOMORROW}, "served_on"),
        ({"served_on": YESTERDAY - timedelta(days=1)}, "served_on"),
        ({"title": ""}, "title"),
        ({"people": 2}, "people"),
    ],
)
def test_a_service_that_cannot_have_been_is_refused(given: dict[str, Any], wrong: str) -> None:
    registration = make_registration(**MEMBER)

    with pytest.raises(Invalid) as refusal:
        registration.record_service(service(**given), actor=worker(), today=TODAY)

    assert list(refusal.value.fields) == [wrong]


@pytest.mark.parametrize("year", [2025, 2027])
def test_a_year_in_which_nobody_was_here_is_not_evaluated(year: int) -> None:
    with pytest.raises(Invalid):
        make_registration().evaluate(evaluation(year), actor=worker(), today=TODAY)


def test_a_year_is_evaluated_once_and_the_news_of_a_member_tells_no_grade() -> None:
    member = make_registration(**MEMBER)

    told = member.evaluate(evaluation(), actor=worker(), today=TODAY)

    assert not hasattr(told, "grade")
    with pytest.raises(AlreadyEvaluated):
        member.evaluate(evaluation(), actor=worker(), today=TODAY)


# ---- on the database ------------------------------------------------------------------------


def opened(db: Database, unit_id: UUID, *, actor: Actor | None = None, **given: Any) -> UUID:
    made = do(db, usecases.open_dual_registration, unit_id=unit_id, **fields(**given), actor=actor)
    its: UUID = made.registration_id
    return its


def served(db: Database, registration_id: UUID, **given: Any) -> Any:
    wanted = {"task_id": None, "item_id": None, "shift_id": None, "title": "", "people": 1}
    wanted |= {"served_on": TODAY, "minutes": 60}
    return do(db, usecases.record_dual_service, registration_id=registration_id, **wanted | given)


def listed(db: Database, actor: Actor | None = None, **given: Any) -> list[dict[str, Any]]:
    with db.reading() as tx:
        wanted = NOTHING | given
        found: list[dict[str, Any]] = usecases.list_dual_registrations(tx, **wanted, actor=actor or worker())[
            "items"
        ]
        return found


def test_a_unit_reports_serves_and_is_evaluated_and_its_liaison_reads_it(db: Database) -> None:
    unit, item = make_unit(), make_item(title="冬季清雪")
    store(db, unit, item)
    its = opened(db, unit.unit_id)

    served(db, its, item_id=item.item_id, people=3)
    do(
        db,
        usecases.evaluate_dual_registration,
        registration_id=its,
        year=2026,
        grade=EvaluationGrade.EXCELLENT,
        comment="清雪及时",
    )

    with db.reading() as tx:
        seen = usecases.get_dual_registration(tx, registration_id=its, actor=liaison(unit))
        with pytest.raises(DualRegistrationNotFound):
            usecases.get_dual_registration(tx, registration_id=its, actor=liaison(uuid4()))
    assert seen["service_records"][0].title == "冬季清雪"
    assert (seen["minutes"], seen["last_grade"]) == (180, EvaluationGrade.EXCELLENT)
    assert seen["evaluations"][0].comment == "清雪及时"
    assert seen["possible_acts"] == []
    assert event_names(db) == ["dual_registration_opened", "unit_evaluated"]
    assert events(db)[1][1]["grade"] == "excellent"


def test_an_organisation_reports_to_a_community_once_until_it_leaves(db: Database) -> None:
    unit = make_unit(community_ids=[HUAYUAN, XINGAN])
    store(db, unit)
    its = opened(db, unit.unit_id)

    with pytest.raises(AlreadyReported):
        opened(db, unit.unit_id)
    opened(db, unit.unit_id, community_id=XINGAN, actor=worker(XINGAN))
    do(
        db,
        usecases.end_dual_registration,
        registration_id=its,
        reason="迁出",
        is_anonymised=False,
        expected_version=1,
    )
    opened(db, unit.unit_id)

    assert [line["status"] for line in listed(db)] == [RegistrationStatus.REPORTED, RegistrationStatus.ENDED]


def test_a_members_name_is_sealed_found_again_corrected_and_removed(db: Database) -> None:
    unit = make_unit()
    store(db, unit)
    its = opened(db, unit.unit_id, **MEMBER)
    person = {"resident_name": "关海兰", "identity_number": "", "email": ""}

    with db.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT t::text FROM dual_registrations t")).scalars().all()
    assert not any("关海兰" in row or "关海兰".encode().hex() in row for row in rows)
    with db.reading() as tx:
        [held] = usecases.gather_personal(tx, **person, actor=CITY_ADMIN)
        assert usecases.unmask(tx, record_id=its, field="member_name", actor=CITY_ADMIN) == "关海兰"
        with pytest.raises(Forbidden):
            usecases.unmask(tx, record_id=its, field="member_name", actor=worker())
    assert held["record_id"] == its
    correction = {"record_id": its, "field": "member_name", "value": "关海岚"}
    do(db, usecases.correct_personal, **correction, actor=CITY_ADMIN)
    assert [line["member_name"] for line in listed(db)] == ["关海岚"]
    do(db, usecases.end_dual_registration, registration_id=its, reason="本人要求", is_anonymised=True)
    assert [line["member_name"] for line in listed(db)] == ["已清除"]


def test_lists_show_each_reader_what_is_theirs(db: Database) -> None:
    unit, other = make_unit(), make_unit("市中医院", number=2)
    store(db, unit, other)
    opened(db, unit.unit_id)
    opened(db, other.unit_id, community_id=XINGAN, actor=worker(XINGAN))

    def names(actor: Actor) -> list[str]:
        return [line["unit_name"] for line in listed(db, actor)]

    assert names(worker()) == ["黑河供电公司"]
    assert names(worker(XINGAN)) == names(liaison(other)) == ["市中医院"]
    assert names(city_officer()) == ["市中医院", "黑河供电公司"]
    for stranger in (ANONYMOUS, supervisor()):
        with pytest.raises(Forbidden):
            names(stranger)


def test_who_still_lacks_the_years_evaluation_is_listed(db: Database) -> None:
    unit = make_unit()
    store(db, unit)
    its = opened(db, unit.unit_id)

    assert [line["registration_id"] for line in listed(db, unevaluated_in=2026)] == [its]
    assert listed(db, unevaluated_in=2025) == []
    do(
        db,
        usecases.evaluate_dual_registration,
        registration_id=its,
        year=2026,
        grade=EvaluationGrade.GOOD,
        comment="好",
    )
    assert listed(db, unevaluated_in=2026) == []


def test_the_sheet_of_who_reported_masks_members_and_counts_hours(db: Database) -> None:
    unit = make_unit()
    store(db, unit)
    served(db, opened(db, unit.unit_id, **MEMBER), title="入户走访", minutes=95)

    with db.reading() as tx:
        [row] = usecases.export_dual_registrations(tx, **NOTHING, actor=worker())["items"]

    assert (row["姓名"], row["服务时长"], row["服务次数"]) == ("关*", "1 小时 35 分", "1")


def test_a_task_is_introduced_served_and_closed(db: Database) -> None:
    unit = make_unit()
    store(db, unit)
    its = opened(db, unit.unit_id)
    task = {
        "community_id": HUAYUAN,
        "title": "入户宣传",
        "description": "",
        "people": 5,
        "until_on": TOMORROW,
    }
    made = do(db, usecases.introduce_task, **task)

    served(db, its, task_id=made["task_id"], people=4)
    asked = {"community_id": None, "is_open": True, "cursor": None, "limit": 10}
    with db.reading() as tx:
        [line] = usecases.list_tasks(tx, **asked, actor=liaison(unit))["items"]
    assert (line["served_people"], line["minutes"], line["possible_acts"]) == (4, 240, [])
    with pytest.raises(TaskNotFound):
        do(db, usecases.close_task, task_id=made["task_id"], reason="x", actor=worker(XINGAN))
    do(db, usecases.close_task, task_id=made["task_id"], reason="已完成", expected_version=1)
    with pytest.raises(TaskClosed):
        served(db, its, task_id=made["task_id"])
    with pytest.raises(TaskClosed):
        do(db, usecases.close_task, task_id=made["task_id"], reason="再次")
    with pytest.raises(Invalid):
        do(db, usecases.introduce_task, **task | {"until_on": YESTERDAY})


def test_what_belongs_to_another_community_is_not_served_for(db: Database) -> None:
    unit, item = make_unit(), make_item(community_id=XINGAN)
    store(db, unit, item)
    its = opened(db, unit.unit_id)

    with pytest.raises(Invalid) as elsewhere:
        served(db, its, item_id=item.item_id)
    with pytest.raises(Invalid) as both:
        served(db, its, item_id=item.item_id, task_id=uuid4())
    with pytest.raises(VersionMismatch):
        served(db, its, title="x", expected_version=7)

    assert [list(one.value.fields) for one in (elsewhere, both)] == [["item_id"], ["title"]]
