"""Working-day clocks: stages by the ladder, turning once, and a notice that comes late."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import calendar, clocks
from services.chassis.calendar import Override, statutory_calendar
from services.chassis.clock import LOCAL
from services.chassis.db import Database
from services.contracts.clocks import ClockStage
from services.contracts.working_days import WorkCalendar

MONDAY = date(2026, 11, 23)
SUBJECT = UUID(int=1)


@pytest.fixture
def db(service_db: Callable[[str], Database]) -> Database:
    return service_db("claims")


def at(day: date) -> datetime:
    return datetime.combine(day, time(9), LOCAL).astimezone(UTC)


def start(db: Database, *, on: date = MONDAY, working_days: int = 5, subject: UUID = SUBJECT) -> date:
    with db.transaction(now=at(on)) as tx:
        return clocks.start(tx, "verify_claim", subject, working_days=working_days, title="除雪", on=on)


def turn(db: Database, day: date) -> list[ClockStage]:
    with db.transaction(now=at(day)) as tx:
        return [clock.stage for clock in clocks.turn(tx)]


def running(db: Database) -> list[clocks.Clock]:
    with db.reading() as tx:
        return list(clocks.list_open(tx.session, clocks.Wanted()))


@pytest.mark.parametrize(
    ("start_on", "working_days", "end"),
    [
        (date(2026, 9, 22), 7, date(2026, 10, 9)),
        (date(2026, 2, 11), 5, date(2026, 2, 25)),
        (date(2026, 4, 30), 5, date(2026, 5, 11)),
        (date(2026, 11, 23), 7, date(2026, 12, 2)),
        (date(2026, 12, 30), 2, date(2027, 1, 4)),
    ],
)
def test_the_calendar_in_use_knows_the_vectors_in_working_days(
    db: Database, start_on: date, working_days: int, end: date
) -> None:
    with db.reading() as tx:
        days = calendar.calendar_of(tx.session, start_on)

    assert days.end_of_period(start_on, working_days=working_days) == end


@pytest.mark.parametrize(
    ("start_on", "days", "end"),
    [
        (date(2026, 9, 24), 7, date(2026, 10, 8)),
        (date(2026, 2, 8), 7, date(2026, 2, 24)),
        (date(2026, 9, 5), 15, date(2026, 9, 20)),
    ],
)
def test_a_period_in_calendar_days_never_ends_on_a_day_off(start_on: date, days: int, end: date) -> None:
    assert statutory_calendar(2026).end_of_days(start_on, days=days) == end


def test_a_clock_climbs_its_ladder_and_each_step_is_told_once(db: Database) -> None:
    assert start(db) == date(2026, 11, 30)

    told = {MONDAY + timedelta(days=day): turn(db, MONDAY + timedelta(days=day)) for day in range(20)}

    assert {day: stages for day, stages in told.items() if stages} == {
        date(2026, 11, 26): [ClockStage.DUE_SOON],  # Friday and Monday are left
        date(2026, 12, 1): [ClockStage.OVERDUE],
        date(2026, 12, 3): [ClockStage.ESCALATED],
        date(2026, 12, 7): [ClockStage.ESCALATED_TO_CITY],
    }


def test_a_clock_whose_last_day_is_a_friday_is_late_on_saturday(db: Database) -> None:
    start(db, working_days=4)

    assert turn(db, date(2026, 11, 28)) == [ClockStage.OVERDUE]


def test_a_service_that_slept_tells_only_where_the_clock_stands_now(db: Database) -> None:
    start(db)

    assert turn(db, date(2026, 12, 24)) == [ClockStage.ESCALATED_TO_CITY]
    assert turn(db, date(2026, 12, 25)) == []


def test_a_stopped_clock_turns_no_more(db: Database) -> None:
    start(db)
    with db.transaction(now=at(MONDAY)) as tx:
        assert clocks.stop(tx, "verify_claim", SUBJECT)
        assert not clocks.stop(tx, "verify_claim", SUBJECT)

    assert turn(db, date(2027, 1, 1)) == []
    assert running(db) == []


def test_starting_again_starts_over(db: Database) -> None:
    start(db)
    start(db, on=MONDAY + timedelta(days=7))

    [clock] = running(db)
    assert clock.due_on == date(2026, 12, 7)


def test_two_processes_never_tell_the_same_step(db: Database) -> None:
    start(db)
    late = at(date(2026, 12, 1))

    with db.transaction(now=late) as first, db.transaction(now=late) as second:
        told = [len(clocks.turn(first)), len(clocks.turn(second))]

    assert told == [1, 0]


def test_a_notice_that_arrives_late_moves_the_clocks_that_run(db: Database) -> None:
    """The year 2028 is known by its statutory holidays alone, until its notice is loaded."""
    first_due = start(db, on=date(2028, 1, 24), working_days=5)
    untouched = uuid4()
    with db.transaction(now=at(date(2028, 1, 24))) as tx:
        clocks.start(tx, "finish_claim", untouched, due_on=first_due, title="除雪", on=date(2028, 1, 24))
    days = statutory_calendar(2028)
    off = [
        day
        for day in (date(2028, 1, 24) + timedelta(days=n) for n in range(1, 15))
        if days.is_working_day(day)
    ]

    with db.transaction(now=at(date(2028, 1, 24))) as tx:
        assert calendar.missing_notices(tx.session, date(2028, 1, 24)) == [2028]
        calendar.load_overrides(tx.session, [Override(day=day, is_working_day=False) for day in off[:2]])
        assert clocks.recompute(tx) == 1
        assert calendar.missing_notices(tx.session, date(2028, 1, 24)) == []

    due = {clock.subject_id: clock.due_on for clock in running(db)}
    assert due[untouched] == first_due
    assert days.working_days_between(first_due, due[SUBJECT]) == 2


def test_a_clock_moved_out_of_a_stage_tells_it_again(db: Database) -> None:
    start(db)
    assert turn(db, date(2026, 11, 26)) == [ClockStage.DUE_SOON]
    off = [Override(day=date(2026, 11, day), is_working_day=False) for day in (24, 25)]

    with db.transaction(now=at(date(2026, 11, 26))) as tx:
        calendar.load_overrides(tx.session, off)
        assert clocks.recompute(tx) == 1

    assert turn(db, date(2026, 11, 27)) == []
    assert running(db)[0].due_on == date(2026, 12, 2)
    assert turn(db, date(2026, 11, 30)) == [ClockStage.DUE_SOON]


def test_the_notice_of_the_coming_year_is_missed_from_november_on(db: Database) -> None:
    with db.reading() as tx:
        assert calendar.missing_notices(tx.session, date(2026, 6, 1)) == []
        assert calendar.missing_notices(tx.session, date(2034, 10, 31)) == [2034]
        assert calendar.missing_notices(tx.session, date(2034, 11, 1)) == [2034, 2035]


YEAR = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(due_on=YEAR, today=YEAR)
def test_the_next_turn_is_the_first_day_of_a_later_stage(due_on: date, today: date) -> None:
    days: WorkCalendar = statutory_calendar(2026)
    stage = clocks.stage_on(today, due_on, days)

    turns_on = clocks._next_turn(due_on, stage, days)

    if turns_on is None:
        assert stage is ClockStage.ESCALATED_TO_CITY
        return
    assert clocks.stage_on(turns_on, due_on, days) is not stage
    assert turns_on > today
    assert clocks.stage_on(turns_on - timedelta(days=1), due_on, days) is stage
