"""Periods in working days (domain rules 1.6); the calendar comes from outside as data."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class WorkCalendar:
    """Where the State Council's notice departs from plain weeks: days off, and weekend days worked."""

    days_off: Set[date] = frozenset()
    days_worked: Set[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        return day in self.days_worked or (day.weekday() < SATURDAY and day not in self.days_off)

    def end_of_period(self, start: date, *, working_days: int) -> date:
        """The last day of a period; the day it starts on is not counted (Civil Code 201)."""
        day = start
        while working_days > 0:
            day += ONE_DAY
            working_days -= self.is_working_day(day)
        return day
