"""Periods in working days and in calendar days (domain rules 1.6); the calendar comes from outside as data."""

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

    def end_of_days(self, start: date, *, days: int) -> date:
        """The last of so many calendar days; on a day off it moves to the next working day (Civil Code 203)."""
        day = start + days * ONE_DAY
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days come after `start` up to and with `end`; below nought when `end` lies before."""
        if end < start:
            return -self.working_days_between(end, start)
        step, day = 0, start
        while day < end:
            day += ONE_DAY
            step += self.is_working_day(day)
        return step

    def working_day_before(self, end: date, *, working_days: int) -> date:
        """The first day on which not more than so many working days are left until the end of `end`."""
        day = end
        while working_days > 0 or not self.is_working_day(day):
            working_days -= self.is_working_day(day)
            day -= ONE_DAY
        return day
