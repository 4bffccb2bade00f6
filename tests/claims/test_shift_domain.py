"""Shifts by their rules alone: acts by state, order of the waiting list, minutes, codes and tokens."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.claims.domain.enrolment import BOUND
from services.claims.domain.public_code import (
    CERTIFICATE_NUMBER,
    SIGNS,
    VOLUNTEER_CODE,
    read_code,
    write_code,
)
from services.claims.domain.shift import SHIFT_ACTS, Shift
from services.claims.domain.sign_in_token import read_token, write_token
from services.contracts.base import ANONYMOUS, Actor, Conflict, Forbidden, Invalid
from services.contracts.claims.errors import (
    AlreadyEnrolled,
    EnrolmentNotInState,
    InsuranceMissing,
    ShiftNotInState,
    SignInTokenInvalid,
    VolunteerCodeMistyped,
    VolunteerNotFound,
    VolunteerRetired,
)
from services.contracts.claims.events import VolunteerEnrolled
from services.contracts.claims.volunteer_terms import EnrolmentStatus, ShiftStatus, VolunteerStatus
from tests.builders import HUAYUAN, NOW, XINGAN, liaison, supervisor, worker
from tests.claims.volunteering import (
    ENDS,
    SHIFT_DAY,
    STARTS,
    act_on_shift,
    enrol,
    make_shift,
    make_volunteer,
    shift_fields,
    shift_in,
)

# When an act is right, for a shift with one enrolled volunteer.
HOURS = dict.fromkeys(SHIFT_ACTS, NOW) | {
    "sign_in_volunteer": STARTS,
    "sign_out_volunteer": ENDS,
    "confirm_hours": ENDS,
}
DONE_BY_STAFF = ["enrol_volunteer", "withdraw_from_shift", "cancel_shift", "confirm_hours"]


@pytest.mark.parametrize("status", ShiftStatus)
@pytest.mark.parametrize("act", SHIFT_ACTS)
def test_a_shift_moves_only_as_the_table_says(act: str, status: ShiftStatus) -> None:
    volunteer = make_volunteer()
    shift = shift_in(status, volunteer)
    if act == "sign_out_volunteer" and status is ShiftStatus.OPEN:
        shift.sign_in(volunteer, now=STARTS)
    before = (shift.status, shift.version, [one.status for one in shift.enrolments])

    if status is ShiftStatus.OPEN:
        act_on_shift(shift, act, volunteer, actor=worker(), now=HOURS[act])
        assert shift.version == before[1] + 1
        return

    with pytest.raises(ShiftNotInState, match=status.label):
        act_on_shift(shift, act, volunteer, actor=worker(), now=HOURS[act])
    assert (shift.status, shift.version, [one.status for one in shift.enrolments]) == before


@pytest.mark.parametrize("status", EnrolmentStatus)
@pytest.mark.parametrize(
    ("act", "states"),
    [
        ("withdraw_from_shift", {EnrolmentStatus.ENROLLED, EnrolmentStatus.WAITING}),
        ("sign_in_volunteer", {EnrolmentStatus.ENROLLED}),
        ("sign_out_volunteer", {EnrolmentStatus.SIGNED_IN}),
    ],
)
def test_a_place_in_a_shift_moves_only_as_the_table_says(
    act: str, states: set[EnrolmentStatus], status: EnrolmentStatus
) -> None:
    volunteer = make_volunteer()
    shift = make_shift()
    enrol(shift, volunteer)
    [place] = shift.enrolments
    place.status, place.signed_in_at = status, STARTS

    if status in states:
        act_on_shift(shift, act, volunteer, actor=worker(), now=STARTS)
        assert place.status is not status
    else:
        with pytest.raises(EnrolmentNotInState):
            act_on_shift(shift, act, volunteer, actor=worker(), now=STARTS)
        assert place.status is status


@pytest.mark.parametrize("act", DONE_BY_STAFF)
@pytest.mark.parametrize(
    "actor", [worker(XINGAN), supervisor(), liaison(uuid4()), ANONYMOUS], ids=lambda one: one.actor_id[:10]
)
def test_only_staff_of_the_community_act_on_its_shifts(act: str, actor: Actor) -> None:
    volunteer = make_volunteer()
    shift = shift_in(ShiftStatus.OPEN, volunteer)

    with pytest.raises(Forbidden):
        act_on_shift(shift, act, volunteer, actor=actor, now=HOURS[act])
    assert shift.possible_acts(actor=actor, now=NOW) == []


@pytest.mark.parametrize("minutes", [-61, -60, 0, 239, 240, 359, 360])
def test_possible_acts_are_those_that_are_not_refused(minutes: int) -> None:
    now = STARTS + timedelta(minutes=minutes)
    volunteer = make_volunteer()
    for act in SHIFT_ACTS:
        shift = shift_in(ShiftStatus.OPEN, volunteer)
        if act == "sign_out_volunteer":
            shift.sign_in(volunteer, now=STARTS)
        possible = act in shift.possible_acts(actor=worker(), now=now)

        try:
            act_on_shift(shift, act, volunteer, actor=worker(), now=now)
            assert possible, act
        except ShiftNotInState:
            assert not possible, act


# ---- opening and enrolling ------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": STARTS},
        {"ends_at": STARTS + timedelta(hours=24, minutes=1)},
        {"starts_at": NOW - timedelta(hours=2), "ends_at": NOW},
    ],
)
def test_a_shift_ends_after_it_starts_within_a_day_and_not_in_the_past(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Shift.open(shift_id=uuid4(), actor=worker(), now=NOW, **shift_fields(**wrong))


def test_those_who_come_too_late_wait_in_order_and_the_first_is_promoted() -> None:
    first, second, third = (make_volunteer(number) for number in range(3))
    shift = make_shift(slots=1)
    enrol(shift, first, second, third)

    promoted = shift.withdraw(first, actor=worker(), now=NOW)

    assert promoted is not None
    assert (promoted.volunteer_id, promoted.has_waited) == (second.volunteer_id, True)
    assert [one.status for one in shift.enrolments] == [
        EnrolmentStatus.WITHDRAWN,
        EnrolmentStatus.ENROLLED,
        EnrolmentStatus.WAITING,
    ]
    assert (shift.enrolled, shift.waiting, shift.remaining) == (1, 1, 0)


def test_leaving_the_waiting_list_promotes_nobody_and_coming_again_means_the_end_of_it() -> None:
    first, second, third = (make_volunteer(number) for number in range(3))
    shift = make_shift(slots=1)
    enrol(shift, first, second, third)

    assert shift.withdraw(second, actor=worker(), now=NOW) is None
    enrol(shift, second)
    promoted = shift.withdraw(first, actor=worker(), now=NOW)

    assert promoted is not None
    assert promoted.volunteer_id == third.volunteer_id


def test_nobody_enrols_twice_or_after_leaving_the_register_or_from_elsewhere() -> None:
    volunteer = make_volunteer()
    shift = make_shift()
    enrol(shift, volunteer)

    with pytest.raises(AlreadyEnrolled):
        enrol(shift, volunteer)
    with pytest.raises(VolunteerRetired):
        enrol(shift, make_volunteer(2, status=VolunteerStatus.RETIRED))
    with pytest.raises(VolunteerNotFound):
        enrol(shift, make_volunteer(3, community_id=XINGAN))
    assert shift.enrolled == 1


@pytest.mark.parametrize(("until", "may"), [(None, False), (-1, False), (0, True), (1, True)])
def test_a_risky_shift_takes_only_who_is_insured_on_its_day(until: int | None, may: bool) -> None:
    insured = None if until is None else SHIFT_DAY + timedelta(days=until)
    volunteer = make_volunteer(insured_until_on=insured)
    shift = make_shift(is_risky=True)

    if may:
        enrol(shift, volunteer)
        assert shift.enrolled == 1
    else:
        with pytest.raises(InsuranceMissing):
            enrol(shift, volunteer)
    enrol(make_shift(is_risky=False), volunteer)


def test_cancelling_frees_everybody_and_says_whom_to_tell() -> None:
    people = [make_volunteer(number) for number in range(3)]
    shift = make_shift(slots=2)
    enrol(shift, *people)

    event = shift.cancel(reason="大风", actor=worker(), now=NOW)

    assert set(event.volunteer_ids) == {one.volunteer_id for one in people}
    assert not any(one.status in BOUND for one in shift.enrolments)


def test_a_shift_somebody_has_come_to_is_not_cancelled() -> None:
    volunteer = make_volunteer()
    shift = shift_in(ShiftStatus.OPEN, volunteer)
    shift.sign_in(volunteer, now=STARTS)

    with pytest.raises(ShiftNotInState, match="已有志愿者签到"):
        shift.cancel(reason="大风", actor=worker(), now=STARTS)


# ---- hours ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [(0, 240, 240), (-60, 300, 240), (30, 90, 60), (0, 0, 0), (200, 359, 159), (-60, 180, 240)],
)
def test_hours_are_the_minutes_between_the_signatures_but_never_more_than_the_shift(
    came: int, left: int, minutes: int
) -> None:
    volunteer = make_volunteer()
    shift = shift_in(ShiftStatus.OPEN, volunteer)
    shift.sign_in(volunteer, now=STARTS + timedelta(minutes=came))
    shift.sign_out(volunteer, now=STARTS + timedelta(minutes=left, seconds=59))

    event = shift.confirm_hours({}, actor=worker(), now=ENDS + timedelta(hours=3))

    assert event.minutes == shift.minutes == minutes
    [place] = shift.enrolments
    assert place.status is (EnrolmentStatus.CONFIRMED if minutes else EnrolmentStatus.ABSENT)


def test_who_never_signed_out_needs_a_correction_and_who_never_came_gets_nothing() -> None:
    forgot, absent, waits = (make_volunteer(number) for number in range(3))
    shift = make_shift(slots=2)
    enrol(shift, forgot, absent, waits)
    shift.sign_in(forgot, now=STARTS)

    with pytest.raises(EnrolmentNotInState, match="没有签退"):
        shift.confirm_hours({}, actor=worker(), now=ENDS)
    event = shift.confirm_hours({forgot.volunteer_id: 90}, actor=worker(), now=ENDS)

    assert (event.minutes, event.volunteers) == (90, 1)
    assert [one.status for one in shift.enrolments] == [
        EnrolmentStatus.CONFIRMED,
        EnrolmentStatus.ABSENT,
        EnrolmentStatus.PASSED_OVER,
    ]


def test_a_correction_is_for_those_who_had_a_slot_and_never_longer_than_the_shift() -> None:
    volunteer, waits = make_volunteer(1), make_volunteer(2)
    shift = make_shift(slots=1)
    enrol(shift, volunteer, waits)

    with pytest.raises(Invalid):
        shift.confirm_hours({volunteer.volunteer_id: 241}, actor=worker(), now=ENDS)
    with pytest.raises(EnrolmentNotInState):
        shift.confirm_hours({waits.volunteer_id: 10}, actor=worker(), now=ENDS)
    assert shift.status is ShiftStatus.OPEN


# ---- any order of acts ----------------------------------------------------------------------


class Shifts(RuleBasedStateMachine):
    """Whatever people do in whatever order, the slots are never more than there are."""

    @initialize(slots=st.integers(1, 4))
    def begin(self, slots: int) -> None:
        self.shift = make_shift(slots=slots)
        self.people = [make_volunteer(number) for number in range(8)]
        self.now = STARTS - timedelta(minutes=90)

    @rule(who=st.integers(0, 7), act=st.sampled_from(["enrol", "withdraw", "sign_in", "sign_out"]))
    def one_acts(self, who: int, act: str) -> None:
        volunteer = self.people[who]
        first = next((e for e in self.shift.enrolments if e.status is EnrolmentStatus.WAITING), None)
        had_slot = self.shift.remaining > 0
        try:
            match act:
                case "enrol":
                    event = self.shift.enrol(
                        volunteer, enrolment_id=uuid4(), day=SHIFT_DAY, actor=worker(), now=self.now
                    )
                    assert (event is not None) == had_slot
                case "withdraw":
                    promoted = self.shift.withdraw(volunteer, actor=worker(), now=self.now)
                    if isinstance(promoted, VolunteerEnrolled):
                        assert first is not None
                        assert promoted.volunteer_id == first.volunteer_id
                case "sign_in":
                    self.shift.sign_in(volunteer, now=self.now)
                case _:
                    self.shift.sign_out(volunteer, now=self.now)
        except Conflict as refusal:
            assert refusal.message  # noqa: PT017  either outcome is right

    @rule(minutes=st.integers(1, 120))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(act=st.sampled_from(["cancel", "confirm"]))
    def it_ends(self, act: str) -> None:
        unsigned = {
            one.volunteer_id: 30 for one in self.shift.enrolments if one.status is EnrolmentStatus.SIGNED_IN
        }
        try:
            if act == "cancel":
                self.shift.cancel(reason="大风", actor=worker(), now=self.now)
            else:
                self.shift.confirm_hours(unsigned, actor=worker(), now=self.now)
        except Conflict as refusal:
            assert refusal.message  # noqa: PT017  either outcome is right

    @invariant()
    def slots_hold(self) -> None:
        if not hasattr(self, "shift"):
            return
        shift = self.shift
        holding = [one for one in shift.enrolments if one.is_holding]
        waiting = [one for one in shift.enrolments if one.status is EnrolmentStatus.WAITING]
        assert len(holding) == shift.enrolled <= shift.slots
        assert len(waiting) == shift.waiting
        assert not (waiting and shift.remaining)
        assert len({one.volunteer_id for one in [*holding, *waiting]}) == len(holding) + len(waiting)
        assert [one.number for one in shift.enrolments] == list(range(1, len(shift.enrolments) + 1))
        assert all((one.minutes or 0) <= shift.length_minutes for one in shift.enrolments)
        if shift.status is not ShiftStatus.OPEN:
            assert not any(one.is_bound for one in shift.enrolments)


TestShifts = Shifts.TestCase
TestShifts.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)


# ---- codes and tokens -----------------------------------------------------------------------


@given(st.integers(0, 2**128 - 1), st.sampled_from([VOLUNTEER_CODE, CERTIFICATE_NUMBER]))
def test_a_code_is_read_however_it_was_typed(number: int, length: int) -> None:
    code = write_code(number, length=length)

    assert read_code(code.lower().replace("-", " "), length=length) == code


@given(st.integers(0, 2**128 - 1), st.data())
def test_a_wrong_sign_or_two_swapped_are_noticed(number: int, data: st.DataObject) -> None:
    code = write_code(number, length=VOLUNTEER_CODE).replace("-", "")
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = code[:place] + data.draw(st.sampled_from(SIGNS.replace(code[place], ""))) + code[place + 1 :]
    swapped = code[:2] + code[3] + code[2] + code[4:]

    for typed in {wrong, swapped} - {code}:
        with pytest.raises(VolunteerCodeMistyped):
            read_code(typed, length=VOLUNTEER_CODE)


def test_a_token_opens_its_shift_until_it_runs_out_and_no_made_up_one_does() -> None:
    shift_id = uuid4()
    token = write_token(shift_id, expires_at=ENDS, key=b"k")

    assert read_token(token, now=ENDS - timedelta(seconds=1), key=b"k") == shift_id
    for wrong, now, key in [
        (token, ENDS, b"k"),
        (token, NOW, b"another"),
        (token[:-2] + ("AA" if not token.endswith("AA") else "BB"), NOW, b"k"),
        (token[:20] + ("A" if token[20] != "A" else "B") + token[21:], NOW, b"k"),
        (token + "A", NOW, b"k"),
        ("", NOW, b"k"),
    ]:
        with pytest.raises(SignInTokenInvalid):
            read_token(wrong, now=now, key=key)


def test_volunteers_of_the_shift_are_of_its_community() -> None:
    assert make_shift().community_id == make_volunteer().community_id == HUAYUAN
