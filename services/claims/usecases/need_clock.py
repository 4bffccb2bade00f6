"""The clock of an answer: it runs from the day a need came until there is an outcome."""

from datetime import date, datetime

from services.chassis import calendar, clocks
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims.domain.need import Need, working_days_for
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.need_terms import NeedSource


def answer_due_on(tx: Transaction, *, received_at: datetime, working_days: int) -> date:
    start = local_date(received_at)
    return calendar.calendar_of(tx.session, start).end_of_period(start, working_days=working_days)


def answer_days(source: NeedSource, *, received_at: datetime, own: int | None) -> int:
    """How many working days there are; an order may bring its `own`."""
    return own or working_days_for(source, on=local_date(received_at))


def start_clock(tx: Transaction, need: Need, *, working_days: int | None) -> None:
    clocks.start(
        tx,
        ClockKind.NEED_ANSWER,
        need.need_id,
        on=local_date(need.received_at),
        working_days=answer_days(need.source, received_at=need.received_at, own=working_days),
        community_id=need.community_id,
        code=need.code,
        title=need.title,
    )


def stop_clock_if_settled(tx: Transaction, need: Need) -> None:
    """A referral leaves the answer with the community, so it does not stop the clock."""
    if not need.is_waiting:
        clocks.stop(tx, ClockKind.NEED_ANSWER, need.need_id)
