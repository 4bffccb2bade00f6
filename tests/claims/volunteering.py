"""Volunteers and shifts for tests; a test names only what it is about."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.chassis.db import Database
from services.chassis.ids import new_id
from services.claims import usecases
from services.claims.domain.public_code import VOLUNTEER_CODE, write_code
from services.claims.domain.shift import Shift
from services.claims.domain.volunteer import Volunteer
from services.contracts.base import Actor
from services.contracts.claims.volunteer_terms import ShiftStatus, Skill
from tests.builders import HUAYUAN, NOW, worker
from tests.claims.acting import do

STARTS = NOW + timedelta(days=5)
ENDS = STARTS + timedelta(hours=4)
SHIFT_DAY = date(2026, 11, 28)


def make_volunteer(number: int = 1, **given: Any) -> Volunteer:
    fields: dict[str, Any] = {
        "volunteer_id": uuid4(),
        "community_id": HUAYUAN,
        "code": write_code(number, length=VOLUNTEER_CODE),
        "volunteer_name": "关海兰",
        "registered_at": NOW,
    }
    return Volunteer(**fields | given)


def shift_fields(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "community_id": HUAYUAN,
        "item_id": None,
        "title": "清雪志愿服务",
        "place": "花园街 12 号",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "slots": 2,
        "skills": [Skill.SNOW_CLEARING],
        "is_risky": False,
    }
    return fields | given


def make_shift(**given: Any) -> Shift:
    return Shift(**{"shift_id": uuid4()} | shift_fields(**given))


def enrol(shift: Shift, *volunteers: Volunteer, now: datetime = NOW) -> None:
    for volunteer in volunteers:
        shift.enrol(volunteer, enrolment_id=new_id(), day=SHIFT_DAY, actor=worker(), now=now)


def act_on_shift(shift: Shift, act: str, volunteer: Volunteer, *, actor: Actor, now: datetime) -> Any:
    """Any act on a shift, with arguments that only its state, its hour or the actor could make wrong."""
    who: dict[str, Any] = {"actor": actor, "now": now}
    match act:
        case "enrol_volunteer":
            newcomer = make_volunteer(99)
            return shift.enrol(newcomer, enrolment_id=new_id(), day=SHIFT_DAY, **who)
        case "withdraw_from_shift":
            return shift.withdraw(volunteer, **who)
        case "sign_in_volunteer":
            return shift.sign_in(volunteer, now=now)
        case "sign_out_volunteer":
            return shift.sign_out(volunteer, now=now)
        case "confirm_hours":
            return shift.confirm_hours({}, **who)
        case "cancel_shift":
            return shift.cancel(reason="大风", **who)
    raise AssertionError(act)


def shift_in(status: ShiftStatus, volunteer: Volunteer) -> Shift:
    """A shift with one volunteer in it that came to this status by acts alone."""
    shift = make_shift()
    enrol(shift, volunteer)
    if status is ShiftStatus.CONFIRMED:
        shift.confirm_hours({}, actor=worker(), now=ENDS)
    if status is ShiftStatus.CANCELLED:
        shift.cancel(reason="大风", actor=worker(), now=NOW)
    return shift


# ---- on the database ------------------------------------------------------------------------


def registered(db: Database, name: str = "关海兰", **given: Any) -> Volunteer:
    fields: dict[str, Any] = {
        "community_id": HUAYUAN,
        "volunteer_name": name,
        "skills": [],
        "insured_until_on": None,
    }
    actor = given.pop("actor", None)
    made: Volunteer = do(db, usecases.register_volunteer, **fields | given, actor=actor)
    return made


def opened(db: Database, **given: Any) -> Shift:
    made: Shift = do(db, usecases.open_shift, **shift_fields(**given))
    return made


def enrolled(db: Database, shift: Shift, *volunteers: Volunteer) -> None:
    for volunteer in volunteers:
        ids: dict[str, UUID] = {"shift_id": shift.shift_id, "volunteer_id": volunteer.volunteer_id}
        do(db, usecases.enrol_volunteer, **ids)


def served(db: Database, volunteer: Volunteer, *, minutes: int, **given: Any) -> Shift:
    """A shift that is over and confirmed, in which this volunteer did so many minutes."""
    shift = opened(db, **given)
    enrolled(db, shift, volunteer)
    starts_at, code = shift.starts_at, volunteer.code
    sign = {"shift_id": shift.shift_id, "volunteer_code": code}
    do(db, usecases.sign_in_volunteer, **sign, now=starts_at)
    do(db, usecases.sign_out_volunteer, **sign, now=starts_at + timedelta(minutes=minutes))
    confirmed: Shift = do(
        db, usecases.confirm_hours, shift_id=shift.shift_id, corrections=[], now=shift.ends_at
    )
    return confirmed
