"""The clock of an answer: it runs from the day a need came until there is an outcome."""

from datetime import date, datetime

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims.domain.need import Need, working_days_for
from services.claims.usecases.score import work_calendar
from services.contracts.claims.need_terms import NeedSource

KIND = "need_answer"


def answer_due_on(
    tx: Transaction, *, source: NeedSource, received_at: datetime, working_days: int | None = None
) -> date:
    """The last day for the answer; `working_days` is what an order brings along."""
    start = local_date(received_at)
    days = working_days or working_days_for(source, on=start)
    return work_calendar(start.year).end_of_period(start, working_days=days)


def start_clock(tx: Transaction, need: Need) -> None: ...


def stop_clock_if_settled(tx: Transaction, need: Need) -> None: ...
