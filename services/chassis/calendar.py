"""The working days of China: the library's, and on top of them what `gongzhi calendar load` brought.

The State Council's notice for a year comes in the November before. Until it is known, the library has the
statutory holidays of that year but no weekend that is worked in exchange; that is how its absence is seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.contracts.working_days import WorkCalendar

NOVEMBER = 11
# Longer than any period; and back, to tell how late something is.
YEARS_BACK, YEARS_AHEAD = 2, 2

metadata = sa.MetaData()

overrides = sa.Table(
    "calendar_overrides",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("is_working_day", sa.Boolean, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)


@dataclass(frozen=True, kw_only=True)
class Override:
    """One day of a notice that is a day off, or is worked, whatever weekday it is."""

    day: date
    is_working_day: bool
    note: str = ""


def create(connection: sa.Connection) -> None:
    metadata.create_all(connection)


@cache
def statutory_calendar(year: int) -> WorkCalendar:
    """The library's calendar around that year, without any override."""
    known = holidays.country_holidays("CN", years=range(year - YEARS_BACK, year + YEARS_AHEAD + 1))
    worked: set[date] = known.weekend_workdays
    return WorkCalendar(days_off=frozenset(known), days_worked=frozenset(worked))


def calendar_of(session: orm.Session, today: date) -> WorkCalendar:
    """The working days around `today`, with what was loaded into this database."""
    plain = statutory_calendar(today.year)
    rows = session.execute(sa.select(overrides.c.day, overrides.c.is_working_day)).all()
    if not rows:
        return plain
    worked = {day for day, is_working in rows if is_working}
    off = {day for day, is_working in rows if not is_working}
    return WorkCalendar(
        days_off=(plain.days_off | off) - worked, days_worked=(plain.days_worked | worked) - off
    )


def load_overrides(session: orm.Session, days: Iterable[Override]) -> int:
    """Take over the days of a notice; a day that is there already is replaced. How many there were."""
    rows = [{"day": one.day, "is_working_day": one.is_working_day, "note": one.note} for one in days]
    if rows:
        adding = pg.insert(overrides)
        session.execute(
            adding.on_conflict_do_update(
                index_elements=["day"],
                set_={name: adding.excluded[name] for name in ("is_working_day", "note")},
            ),
            rows,
        )
    return len(rows)


def missing_notices(session: orm.Session, today: date) -> list[int]:
    """Years in which periods already run or soon end, and whose notice nobody has told us of."""
    years = [today.year] + ([today.year + 1] if today.month >= NOVEMBER else [])
    calendar = calendar_of(session, today)
    known = {day.year for day in calendar.days_worked}
    loaded = session.scalars(sa.select(sa.extract("year", overrides.c.day)).distinct())
    known |= {int(year) for year in loaded}
    return [year for year in years if year not in known]
