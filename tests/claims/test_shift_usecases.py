"""Shifts on the database: races for slots, overlapping shifts, signing by code, who sees what."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.sign_in_token import write_token
from services.claims.storage.tables import enrolments, shifts
from services.contracts.base import ANONYMOUS, Actor, GongzhiError, Invalid, VersionMismatch
from services.contracts.claims.errors import (
    EnrolmentNotInState,
    ShiftNotFound,
    ShiftsOverlap,
    SignInTokenInvalid,
    VolunteerNotFound,
)
from services.contracts.claims.volunteer_terms import EnrolmentStatus, ShiftStatus, Signing
from tests.builders import (
    HUAYUAN,
    NOW,
    XINGAN,
    city_officer,
    claim,
    liaison,
    make_item,
    make_unit,
    publish,
    supervisor,
    worker,
)
from tests.claims.acting import do, event_names, events, store
from tests.claims.volunteering import ENDS, STARTS, enrolled, opened, registered, served

KEY = b"of the tests"
ELSEWHEN = {"starts_at": ENDS, "ends_at": ENDS + timedelta(hours=1)}


def shown(db: Database, shift_id: UUID, *, actor: Actor | None = None) -> dict[str, Any]:
    view: dict[str, Any] = do(db, usecases.get_shift, shift_id=shift_id, actor=actor)
    return view


def listed(db: Database, *, actor: Actor | None = None, now: Any = NOW, **wanted: Any) -> Any:
    fields = dict.fromkeys(("community_id", "item_id", "status", "cursor")) | {"is_past": False, "limit": 10}
    page = do(db, usecases.list_shifts, **fields | wanted, actor=actor, now=now)
    return [one["shift_id"] for one in page["items"]], page["next"]


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of so many threads that start together got: nothing, or a refusal."""
    start = threading.Barrier(count)
    outcomes: list[Any] = [None] * count

    def run(number: int) -> None:
        start.wait()
        try:
            act(number)
        except GongzhiError as refusal:
            outcomes[number] = refusal

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


# ---- races ----------------------------------------------------------------------------------


def test_of_fifty_who_enrol_at_once_as_many_get_a_slot_as_there_are(db: Database) -> None:
    shift = opened(db, slots=7)
    people = [registered(db, f"关{number}") for number in range(50)]

    outcomes = at_once(50, lambda number: enrolled(db, shift, people[number]))

    view = shown(db, shift.shift_id)
    assert outcomes == [None] * 50
    assert [one["status"] for one in view["enrolments"]] == [EnrolmentStatus.ENROLLED] * 7
    assert len(view["waiting_list"]) == view["waiting"] == 43
    assert view["remaining"] == 0
    assert event_names(db).count("volunteer_enrolled") == 7


def test_when_everybody_with_a_slot_leaves_at_once_the_waiting_list_moves_up_in_order(db: Database) -> None:
    shift = opened(db, slots=10)
    people = [registered(db, f"关{number}") for number in range(25)]
    enrolled(db, shift, *people)

    def leave(number: int) -> None:
        ids = {"shift_id": shift.shift_id, "volunteer_id": people[number].volunteer_id}
        do(db, usecases.withdraw_from_shift, **ids)

    assert at_once(10, leave) == [None] * 10
    view = shown(db, shift.shift_id)
    holding = [one["volunteer_id"] for one in view["enrolments"] if one["status"] == "enrolled"]
    assert holding == [one.volunteer_id for one in people[10:20]]
    assert [one["volunteer_id"] for one in view["waiting_list"]] == [one.volunteer_id for one in people[20:]]
    promoted = [event for name, event in events(db) if name == "volunteer_enrolled" and event["has_waited"]]
    assert len(promoted) == 10


def test_one_volunteer_who_enrols_in_many_overlapping_shifts_at_once_gets_into_one(db: Database) -> None:
    volunteer = registered(db)
    many = [
        opened(db, title=f"班次{number}", starts_at=STARTS + timedelta(minutes=number))
        for number in range(12)
    ]

    outcomes = at_once(12, lambda number: enrolled(db, many[number], volunteer))

    assert outcomes.count(None) == 1
    assert sum(isinstance(one, ShiftsOverlap) for one in outcomes) == 11


def test_the_database_itself_refuses_a_slot_too_many_and_two_places_at_once(db: Database) -> None:
    volunteer = registered(db)
    one, two = opened(db, slots=1), opened(db)
    enrolled(db, one, volunteer)

    with db.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="never_overfull"):
        connection.execute(sa.update(shifts).where(shifts.c.shift_id == one.shift_id).values(enrolled=2))
    with db.engine.connect() as connection:
        row = dict(connection.execute(sa.select(enrolments)).mappings().one())
    row |= {"enrolment_id": two.shift_id, "shift_id": two.shift_id}
    with db.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="never_in_two_places"):
        connection.execute(sa.insert(enrolments).values(row))


# ---- enrolling ------------------------------------------------------------------------------


def test_the_next_hour_is_free_and_so_is_a_time_that_was_given_back(db: Database) -> None:
    volunteer = registered(db)
    first, touching, same = opened(db), opened(db, **ELSEWHEN), opened(db, title="同一时间")
    enrolled(db, first, volunteer)

    enrolled(db, touching, volunteer)
    with pytest.raises(ShiftsOverlap, match="清雪志愿服务"):
        enrolled(db, same, volunteer)
    do(
        db,
        usecases.withdraw_from_shift,
        shift_id=first.shift_id,
        volunteer_id=volunteer.volunteer_id,
    )
    enrolled(db, same, volunteer)

    assert event_names(db).count("volunteer_enrolled") == 3


def test_waiting_for_a_slot_binds_too(db: Database) -> None:
    holder, waits = registered(db, "艾云"), registered(db)
    full = opened(db, slots=1)
    enrolled(db, full, holder, waits)

    with pytest.raises(ShiftsOverlap):
        enrolled(db, opened(db), waits)


def test_another_communitys_volunteer_and_shift_are_not_found(db: Database) -> None:
    shift, far = opened(db), registered(db, "白山", community_id=XINGAN, actor=worker(XINGAN))
    ids = {"shift_id": shift.shift_id, "volunteer_id": far.volunteer_id}

    for actor in (worker(), worker(HUAYUAN, XINGAN), city_officer()):
        with pytest.raises(VolunteerNotFound):
            do(db, usecases.enrol_volunteer, **ids, actor=actor)
    for actor in (worker(XINGAN), ANONYMOUS):
        with pytest.raises(ShiftNotFound):
            do(db, usecases.enrol_volunteer, **ids, actor=actor)
        with pytest.raises(ShiftNotFound):
            shown(db, shift.shift_id, actor=actor)
    assert event_names(db) == ["shift_opened"]


def test_a_refusal_leaves_no_trace(db: Database) -> None:
    volunteer = registered(db)
    shift = opened(db, is_risky=True)

    with pytest.raises(GongzhiError, match="没有有效保险"):
        enrolled(db, shift, volunteer)

    view = shown(db, shift.shift_id)
    assert (view["version"], view["enrolments"]) == (1, [])
    assert [line["act"] for line in view["history"]] == ["open_shift"]
    assert event_names(db) == ["shift_opened"]


def test_a_shift_is_for_an_item_of_its_own_community(db: Database) -> None:
    item = make_item(community_id=XINGAN)
    store(db, item)

    with pytest.raises(Invalid):
        opened(db, item_id=item.item_id)


def test_cancelling_and_confirming_name_the_version_they_are_based_on(db: Database) -> None:
    shift = opened(db)
    enrolled(db, shift, registered(db))

    with pytest.raises(VersionMismatch):
        do(db, usecases.cancel_shift, shift_id=shift.shift_id, reason="大风", expected_version=1)
    do(db, usecases.cancel_shift, shift_id=shift.shift_id, reason="大风", expected_version=2)

    assert event_names(db)[-1] == "shift_cancelled"
    assert shown(db, shift.shift_id)["cancel_reason"] == "大风"


# ---- signing --------------------------------------------------------------------------------


def sign(db: Database, token: str, code: str, signing: Signing, now: Any) -> dict[str, Any]:
    fields = {"token": token, "volunteer_code": code, "signing": signing, "key": KEY}
    receipt: dict[str, Any] = do(db, usecases.sign_by_token, **fields, actor=ANONYMOUS, now=now)
    return receipt


def test_a_volunteer_signs_in_and_out_behind_the_qr_code_and_staff_confirm_the_hours(db: Database) -> None:
    volunteer = registered(db)
    shift = opened(db)
    enrolled(db, shift, volunteer)
    with db.reading() as tx:
        token = usecases.get_sign_in_token(tx, shift_id=shift.shift_id, key=KEY, actor=worker())["token"]
        page = usecases.open_sign_in(tx, token=token, key=KEY, now=STARTS)
    assert page["possible_acts"] == ["sign_in_volunteer", "sign_out_volunteer"]

    sign(db, token, volunteer.code.lower(), Signing.IN, STARTS)
    receipt = sign(db, token, volunteer.code, Signing.OUT, STARTS + timedelta(minutes=95))
    do(db, usecases.confirm_hours, shift_id=shift.shift_id, corrections=[], now=ENDS)

    assert (receipt["status"], receipt["minutes"]) == (EnrolmentStatus.SIGNED_OUT, 95)
    name, confirmed = events(db)[-1]
    assert (name, confirmed["minutes"], confirmed["volunteers"]) == ("hours_confirmed", 95, 1)
    view = shown(db, shift.shift_id)
    assert (view["status"], view["minutes"], view["possible_acts"]) == (ShiftStatus.CONFIRMED, 95, [])


def test_a_signature_needs_the_token_the_code_and_the_enrolment(db: Database) -> None:
    volunteer, stranger = registered(db), registered(db, "艾云")
    far = registered(db, "白山", community_id=XINGAN, actor=worker(XINGAN))
    shift = opened(db)
    enrolled(db, shift, volunteer)
    token = write_token(shift.shift_id, expires_at=shift.token_expires_at, key=KEY)

    with pytest.raises(SignInTokenInvalid):
        sign(db, write_token(shift.shift_id, expires_at=ENDS, key=b"x"), volunteer.code, Signing.IN, STARTS)
    with pytest.raises(SignInTokenInvalid):
        sign(db, token, volunteer.code, Signing.OUT, ENDS + timedelta(hours=2))
    with pytest.raises(EnrolmentNotInState):
        sign(db, token, stranger.code, Signing.IN, STARTS)
    with pytest.raises(VolunteerNotFound):
        sign(db, token, far.code, Signing.IN, STARTS)
    with pytest.raises(EnrolmentNotInState):
        sign(db, token, volunteer.code, Signing.OUT, STARTS)
    [place] = shown(db, shift.shift_id)["enrolments"]
    assert place["signed_in_at"] is None


def test_only_staff_of_the_community_get_the_token(db: Database) -> None:
    shift = opened(db)

    with db.reading() as tx:
        for actor in (worker(XINGAN), ANONYMOUS, supervisor()):
            with pytest.raises(GongzhiError):
                usecases.get_sign_in_token(tx, shift_id=shift.shift_id, key=KEY, actor=actor)


# ---- lists ----------------------------------------------------------------------------------


def test_a_liaison_sees_the_shifts_of_the_items_of_the_own_unit_and_nobodys_name(db: Database) -> None:
    unit, other = make_unit(), make_unit("别的单位", number=2)
    item = publish(make_item())
    store(db, item, unit, other)
    item_id, unit_id = item.item_id, unit.unit_id
    with db.transaction() as tx:
        claim(tx.session.merge(item), tx.session.merge(unit))
    shift = opened(db, item_id=item_id)
    opened(db, title="与事项无关")
    enrolled(db, shift, registered(db))

    assert listed(db, actor=liaison(unit_id))[0] == [shift.shift_id]
    assert listed(db, actor=liaison(other.unit_id))[0] == []
    view = shown(db, shift.shift_id, actor=liaison(unit_id))
    assert (view["enrolments"], view["history"], view["possible_acts"]) == ([], [], [])
    assert view["remaining"] == 1
    with pytest.raises(ShiftNotFound):
        shown(db, shift.shift_id, actor=liaison(other.unit_id))


def test_shifts_are_listed_by_the_hour_in_pages_and_past_ones_the_other_way(db: Database) -> None:
    made = [
        opened(db, starts_at=STARTS + timedelta(hours=hour), ends_at=STARTS + timedelta(hours=hour + 1))
        for hour in (2, 0, 1)
    ]
    ids = [made[1].shift_id, made[2].shift_id, made[0].shift_id]

    first, more = listed(db, limit=2)
    second, end = listed(db, limit=2, cursor=more)

    assert ([*first, *second], end) == (ids, None)
    later = STARTS + timedelta(hours=2)
    assert listed(db, now=later)[0] == [ids[2]]
    past, more = listed(db, now=later, is_past=True, limit=1)
    assert past == [ids[1]]
    assert listed(db, now=later, is_past=True, cursor=more)[0] == [ids[0]]
    assert listed(db, actor=worker(XINGAN))[0] == []
    assert listed(db, community_id=XINGAN)[0] == []
    assert listed(db, actor=supervisor())[0] == ids


def test_everybody_sees_where_hands_are_wanted_and_not_what_is_over_or_cancelled(db: Database) -> None:
    wanted = opened(db)
    cancelled = opened(db, title="已取消")
    do(db, usecases.cancel_shift, shift_id=cancelled.shift_id, reason="大风")
    served(db, registered(db), minutes=60, title="已确认")

    with db.reading(actor=ANONYMOUS) as tx:
        page = usecases.list_open_shifts(tx, community_id=None, cursor=None, limit=10, now=NOW)
        elsewhere = usecases.list_open_shifts(tx, community_id=XINGAN, cursor=None, limit=10, now=NOW)

    assert [one["shift_id"] for one in page["items"]] == [wanted.shift_id]
    assert elsewhere["items"] == []
