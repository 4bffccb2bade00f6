"""Volunteers on the database: registered, found, let go; hours, certificates and what persons ask."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.claims import storage, usecases
from services.claims.storage.tables import volunteers
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid, Role, VersionMismatch
from services.contracts.claims.errors import (
    NoServiceConfirmed,
    ServiceCertificateNotFound,
    VolunteerCodeMistyped,
    VolunteerNotFound,
    VolunteerRetired,
)
from services.contracts.claims.volunteer_terms import Skill, VolunteerStatus
from tests.builders import HUAYUAN, NOW, TODAY, XINGAN, city_officer, liaison, make_item, supervisor, worker
from tests.claims.acting import do, store
from tests.claims.volunteering import ENDS, STARTS, enrolled, opened, registered, served

AFTER = ENDS + timedelta(days=2)
CITY_ADMIN = Actor(actor_id="city", name="王建国", roles=(Role.CITY_ADMIN,))
NOBODY = {"resident_name": "", "identity_number": "", "email": ""}


def shown(db: Database, volunteer_id: UUID, *, actor: Actor | None = None) -> dict[str, Any]:
    view: dict[str, Any] = do(db, usecases.get_volunteer, volunteer_id=volunteer_id, actor=actor)
    return view


def listed(db: Database, *, actor: Actor | None = None, **wanted: Any) -> tuple[list[str], str | None]:
    fields = {"community_id": None, "skill": None, "status": None, "code": "", "cursor": None, "limit": 10}
    page = do(db, usecases.list_volunteers, **fields | wanted, actor=actor)
    return [one["volunteer_name"] for one in page["items"]], page["next"]


def test_a_volunteer_survives_the_way_into_the_database_and_the_name_lies_there_sealed(db: Database) -> None:
    made = registered(db, "关海兰", skills=[Skill.ARTS, Skill.ARTS], insured_until_on=TODAY)

    view = shown(db, made.volunteer_id)

    assert view["volunteer_name"] == "关海兰"
    assert (view["skills"], view["insured_until_on"], view["is_insured"]) == ([Skill.ARTS], TODAY, True)
    assert [line["act"] for line in view["history"]] == ["register_volunteer"]
    with db.engine.connect() as connection:
        row = connection.execute(sa.select(volunteers)).mappings().one()
    assert "关海兰".encode() not in b"".join(v for v in row.values() if isinstance(v, bytes))
    assert not any("关海兰" in str(value) for value in row.values())
    assert not any("关海兰" in line["summary"] for line in view["history"])


@pytest.mark.parametrize("actor", [worker(XINGAN), supervisor(), liaison(uuid4()), ANONYMOUS])
def test_another_communitys_volunteer_does_not_exist_for_others(db: Database, actor: Actor) -> None:
    made = registered(db)
    which = {"volunteer_id": made.volunteer_id}

    for act, fields in [
        (usecases.get_volunteer, {}),
        (usecases.change_volunteer, {"skills": [], "insured_until_on": None}),
        (usecases.retire_volunteer, {"reason": "搬家", "is_anonymised": False}),
        (usecases.issue_service_certificate, {"from_on": TODAY, "to_on": TODAY}),
    ]:
        with pytest.raises(VolunteerNotFound):
            do(db, act, **which, **fields, actor=actor)
    with pytest.raises(Forbidden):
        registered(db, actor=actor)
    assert shown(db, made.volunteer_id, actor=city_officer())["code"] == made.code


def test_volunteers_are_listed_by_sound_and_narrowed_to_what_the_actor_works_for(db: Database) -> None:
    for name in ("赵六", "艾云", "关海兰"):
        registered(db, name, skills=[Skill.ARTS] if name == "艾云" else [])
    far = registered(db, "白山", community_id=XINGAN, actor=worker(XINGAN))

    first, more = listed(db, limit=2)
    second, end = listed(db, limit=2, cursor=more)

    assert ([*first, *second], end) == (["艾云", "关海兰", "赵六"], None)
    assert listed(db, skill=Skill.ARTS)[0] == ["艾云"]
    assert listed(db, status=VolunteerStatus.RETIRED)[0] == []
    assert listed(db, actor=city_officer())[0] == ["艾云", "白山", "关海兰", "赵六"]
    assert listed(db, code=far.code)[0] == []
    assert listed(db, code=far.code.lower(), actor=city_officer())[0] == ["白山"]
    with pytest.raises(Forbidden):
        listed(db, community_id=XINGAN)
    with pytest.raises(VolunteerCodeMistyped):
        listed(db, code="AAAA")


def test_a_change_names_the_version_it_is_based_on_and_says_what_it_changed(db: Database) -> None:
    made = registered(db)
    change = {"volunteer_id": made.volunteer_id, "skills": [Skill.REPAIR], "insured_until_on": TODAY}
    do(db, usecases.change_volunteer, **change, expected_version=1)

    with pytest.raises(VersionMismatch):
        do(db, usecases.change_volunteer, **change, expected_version=1)
    [_, line] = shown(db, made.volunteer_id)["history"]
    assert line["changes"]["专长"] == ["", "家电维修"]


def test_who_leaves_is_expected_nowhere_and_may_take_the_name_along(db: Database) -> None:
    made = registered(db)
    shift = opened(db)
    enrolled(db, shift, made)
    leave = {"volunteer_id": made.volunteer_id, "reason": "搬家", "is_anonymised": True}

    with pytest.raises(VolunteerRetired, match="1 个班次"):
        do(db, usecases.retire_volunteer, **leave)
    ids = {"shift_id": shift.shift_id, "volunteer_id": made.volunteer_id}
    do(db, usecases.withdraw_from_shift, **ids)
    do(db, usecases.retire_volunteer, **leave)

    view = shown(db, made.volunteer_id)
    assert (view["status"], view["volunteer_name"]) == (VolunteerStatus.RETIRED, "已清除")
    assert view["possible_acts"] == ["issue_service_certificate"]
    with pytest.raises(VolunteerRetired):
        do(db, usecases.enrol_volunteer, **ids)


# ---- hours and certificates -----------------------------------------------------------------


def hours(db: Database, *, actor: Actor | None = None, **wanted: Any) -> tuple[int, int, int]:
    fields = dict.fromkeys(("volunteer_id", "community_id", "item_id", "from_on", "to_on"))
    with db.reading() as tx:
        counted = usecases.count_service_hours(tx, **fields | wanted, actor=actor or worker())
    return counted["minutes"], counted["volunteers"], counted["shifts"]


def test_hours_add_up_by_volunteer_community_item_and_day(db: Database) -> None:
    item = make_item()
    store(db, item)
    one, two = registered(db, "关海兰"), registered(db, "艾云")
    served(db, one, minutes=60, item_id=item.item_id)
    served(db, two, minutes=30)
    next_day = {"starts_at": STARTS + timedelta(days=1), "ends_at": ENDS + timedelta(days=1)}
    served(db, one, minutes=200, **next_day)
    enrolled(db, opened(db, starts_at=AFTER, ends_at=AFTER + timedelta(hours=1)), one)

    assert hours(db) == (290, 2, 3)
    assert hours(db, volunteer_id=one.volunteer_id) == (260, 1, 2)
    assert hours(db, item_id=item.item_id) == (60, 1, 1)
    assert hours(db, community_id=HUAYUAN, to_on=date(2026, 11, 28)) == (90, 2, 2)
    assert hours(db, actor=worker(XINGAN)) == (0, 0, 0)
    assert shown(db, one.volunteer_id)["minutes"] == 260


def certificate(db: Database, volunteer_id: UUID, *, now: Any = AFTER, **given: Any) -> Any:
    period = {"from_on": date(2026, 11, 1), "to_on": date(2026, 11, 30)} | given
    return do(db, usecases.issue_service_certificate, volunteer_id=volunteer_id, **period, now=now)


def check(db: Database, number: str) -> dict[str, Any]:
    with db.reading() as tx:
        found: dict[str, Any] = usecases.check_service_certificate(tx, number=number)
    return found


def test_anybody_can_check_a_certificate_and_it_says_what_it_said_when_issued(db: Database) -> None:
    made = registered(db)
    served(db, made, minutes=90)
    issued = certificate(db, made.volunteer_id)
    later = {"starts_at": STARTS + timedelta(days=1), "ends_at": ENDS + timedelta(days=1)}
    served(db, made, minutes=60, **later)

    checked = check(db, issued.number.lower().replace("-", ""))

    assert (checked["minutes"], checked["shifts"], checked["community_name"]) == (90, 1, "花园社区")
    with pytest.raises(VolunteerCodeMistyped):
        check(db, "1234")
    with pytest.raises(ServiceCertificateNotFound):
        check(db, "2222-2222-2222")


def test_a_certificate_needs_confirmed_minutes_and_days_that_are_over(db: Database) -> None:
    made = registered(db)
    enrolled(db, opened(db), made)

    with pytest.raises(NoServiceConfirmed):
        certificate(db, made.volunteer_id)
    with pytest.raises(Invalid):
        certificate(db, made.volunteer_id, from_on=date(2026, 12, 2))
    with pytest.raises(Invalid):
        certificate(db, made.volunteer_id, now=NOW)


def test_a_certificate_is_printed_by_staff_of_the_community_only(db: Database) -> None:
    made = registered(db)
    served(db, made, minutes=90)
    issued = certificate(db, made.volunteer_id)
    which = {"certificate_id": issued.certificate_id}

    with db.reading() as tx:
        printed = usecases.get_service_certificate(tx, **which, actor=worker())
        assert printed["volunteer_name"] == "关海兰"
        for actor in (worker(XINGAN), supervisor(), ANONYMOUS):
            with pytest.raises(ServiceCertificateNotFound):
                usecases.get_service_certificate(tx, **which, actor=actor)


# ---- what persons ask -----------------------------------------------------------------------


def test_the_personal_desk_finds_all_of_a_name_and_erases_nobody_by_it(db: Database) -> None:
    made = registered(db, "关海兰")
    registered(db, "艾云")
    person = NOBODY | {"resident_name": "关海兰"}

    with db.transaction(actor=CITY_ADMIN) as tx:
        held = usecases.gather_personal(tx, **person, actor=CITY_ADMIN)
        removed, kept = usecases.erase_personal(tx, **person, actor=CITY_ADMIN)
        assert usecases.gather_personal(tx, **NOBODY, actor=CITY_ADMIN) == []
        with pytest.raises(Forbidden):
            usecases.gather_personal(tx, **person, actor=worker())

    assert [one["record_id"] for one in held] == [made.volunteer_id]
    assert held[0]["facts"] == {"姓名": "关海兰", "社区": "花园社区"}
    assert removed == []
    assert "花园社区" in kept[0]


def test_a_name_is_corrected_by_the_desk_and_then_found_by_the_right_one(db: Database) -> None:
    made = registered(db, "关海南")
    correction = {"record_id": made.volunteer_id, "field": "volunteer_name", "value": "关海兰"}

    with pytest.raises(Forbidden):
        do(db, usecases.correct_personal, **correction)
    do(db, usecases.correct_personal, **correction, actor=CITY_ADMIN)

    with db.reading() as tx:
        assert [one.volunteer_id for one in storage.volunteers_named(tx.session, "关海兰", limit=5)] == [
            made.volunteer_id
        ]
        assert storage.volunteers_named(tx.session, "关海南", limit=5) == []


def test_a_name_is_seen_whole_by_the_director_of_the_community_only(db: Database) -> None:
    made = registered(db)
    which = {"record_id": made.volunteer_id, "field": "volunteer_name"}
    director = Actor(actor_id="d", name="主任", roles=(Role.COMMUNITY_MANAGER,), community_ids=(HUAYUAN,))
    neighbour = Actor(actor_id="n", name="邻居", roles=(Role.COMMUNITY_MANAGER,), community_ids=(XINGAN,))

    with db.reading() as tx:
        assert usecases.unmask(tx, **which, actor=director) == "关海兰"
        for actor in (neighbour, worker()):
            with pytest.raises(Forbidden):
                usecases.unmask(tx, **which, actor=actor)
