"""Clocks: somebody has to do something within so many working days; the table says who is late.

    clocks.start(tx, "need_answer", need_id, working_days=5, community_id=…, title=…, on=today)
    clocks.stop(tx, "need_answer", need_id)

A record has at most one running clock of a kind. Stages follow from the day alone (`stage_on`), so a
service that slept over a weekend catches up, and a notice that arrives late moves them all
(`recompute`). The service's timer calls `turn`, which hands over each clock that entered a new stage.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.chassis import metrics
from services.chassis.calendar import calendar_of, missing_notices
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.contracts.clocks import LADDER, ClockStage
from services.contracts.working_days import ONE_DAY, WorkCalendar

COMMUNITY, CITY = "community", "city"
BATCH = 200
LATE = [stage for stage in ClockStage if stage.is_late]

metadata = sa.MetaData()

clocks = sa.Table(
    "clocks",
    metadata,
    sa.Column("clock_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Uuid, nullable=False),
    sa.Column("record_id", sa.Uuid, nullable=False),
    sa.Column("community_id", sa.Uuid),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("started_on", sa.Date, nullable=False),
    # Null when people chose the day themselves.
    sa.Column("working_days", sa.SmallInteger),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("turns_on", sa.Date),
    sa.Column("stopped_on", sa.Date),
)
_IS_RUNNING = clocks.c.stopped_on.is_(None)
sa.Index("clocks_once", clocks.c.kind, clocks.c.subject_id, unique=True, postgresql_where=_IS_RUNNING)
sa.Index("clocks_of_subject", clocks.c.subject_id)
sa.Index("clocks_turning", clocks.c.turns_on, postgresql_where=_IS_RUNNING)
sa.Index("clocks_by_due_day", clocks.c.due_on, clocks.c.clock_id, postgresql_where=_IS_RUNNING)
sa.Index(
    "clocks_by_community",
    clocks.c.community_id,
    clocks.c.due_on,
    clocks.c.clock_id,
    postgresql_where=_IS_RUNNING,
)
sa.Index("clocks_by_owner", clocks.c.owner, clocks.c.due_on, postgresql_where=_IS_RUNNING)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A running clock; `owner` is who has to act: `community`, `city` or `unit:<id>`.

    `subject_id` is what the clock belongs to (a claim), `record_id` what one opens to act (its item).
    """

    clock_id: UUID
    kind: str
    subject_id: UUID
    record_id: UUID
    community_id: UUID | None
    owner: str
    code: str
    title: str
    started_on: date
    working_days: int | None
    due_on: date
    stage: ClockStage


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which clocks: of these communities (None: of all), of this owner, of these kinds or stages."""

    community_ids: Collection[UUID] | None = None
    owner: str | None = None
    kind: str | None = None
    stage: str | None = None
    is_late: bool = False


def create(connection: sa.Connection) -> None:
    metadata.create_all(connection)


def unit_owner(unit_id: UUID) -> str:
    return f"unit:{unit_id}"


def start(
    tx: Transaction,
    kind: str,
    subject_id: UUID,
    *,
    on: date,
    title: str,
    code: str = "",
    working_days: int | None = None,
    due_on: date | None = None,
    community_id: UUID | None = None,
    record_id: UUID | None = None,
    owner: str = COMMUNITY,
) -> date:
    """Start it over if it runs already; the last day. Either `working_days` or `due_on` says how long."""
    calendar = calendar_of(tx.session, on)
    if working_days is not None:
        due_on = calendar.end_of_period(on, working_days=working_days)
    if due_on is None:
        raise TypeError("a clock needs working_days or due_on")
    stop(tx, kind, subject_id)
    stage = stage_on(on, due_on, calendar)
    tx.session.execute(
        sa.insert(clocks).values(
            clock_id=new_id(),
            kind=kind,
            subject_id=subject_id,
            record_id=record_id or subject_id,
            community_id=community_id,
            owner=owner,
            code=code,
            title=title,
            started_on=on,
            working_days=working_days,
            due_on=due_on,
            stage=stage,
            turns_on=_next_turn(due_on, stage, calendar),
        )
    )
    return due_on


def stop(tx: Transaction, kind: str, subject_id: UUID) -> bool:
    """What had to be done is done, or is not wanted any more; False when no such clock ran."""
    stopped = tx.session.execute(
        sa.update(clocks)
        .where(clocks.c.kind == kind, clocks.c.subject_id == subject_id, _IS_RUNNING)
        .values(stopped_on=local_date(tx.now), turns_on=None)
    )
    return bool(stopped.rowcount)  # type: ignore[attr-defined]


def stop_others(tx: Transaction, subject_id: UUID, *, but: str | None) -> None:
    """Leave the subject only the clock of the kind `but`, if that runs."""
    others = sa.true() if but is None else clocks.c.kind != but
    tx.session.execute(
        sa.update(clocks)
        .where(clocks.c.subject_id == subject_id, others, _IS_RUNNING)
        .values(stopped_on=local_date(tx.now), turns_on=None)
    )


def rename(tx: Transaction, record_id: UUID, *, title: str) -> None:
    """The record that running clocks belong to is called otherwise now."""
    tx.session.execute(
        sa.update(clocks).where(clocks.c.record_id == record_id, _IS_RUNNING).values(title=title)
    )


def find(session: orm.Session, kind: str, subject_id: UUID) -> Clock | None:
    row = session.execute(
        sa.select(*_SHOWN).where(clocks.c.kind == kind, clocks.c.subject_id == subject_id, _IS_RUNNING)
    ).one_or_none()
    return None if row is None else _clock(row)


def list_open(
    session: orm.Session, wanted: Wanted, *, after: tuple[date, UUID] | None = None, limit: int = 50
) -> Sequence[Clock]:
    """The most urgent first."""
    query = sa.select(*_SHOWN).where(*_conditions(wanted))
    if after is not None:
        query = query.where(sa.tuple_(clocks.c.due_on, clocks.c.clock_id) > sa.tuple_(*after))
    rows = session.execute(query.order_by(clocks.c.due_on, clocks.c.clock_id).limit(limit))
    return [_clock(row) for row in rows]


def count_open(session: orm.Session, wanted: Wanted) -> dict[tuple[str, ClockStage], int]:
    """(kind, stage) -> how many run."""
    rows = session.execute(
        sa.select(clocks.c.kind, clocks.c.stage, sa.func.count())
        .where(*_conditions(wanted))
        .group_by(clocks.c.kind, clocks.c.stage)
    )
    return {(kind, ClockStage.of(stage)): count for kind, stage, count in rows}


def turn(tx: Transaction) -> list[Clock]:
    """The clocks that entered a new stage by today, each handed over once; empty when none is left.

    Two processes may turn at once: each takes clocks that the other does not hold.
    """
    today = local_date(tx.now)
    rows = tx.session.execute(
        sa.select(*_SHOWN)
        .where(clocks.c.turns_on <= today, _IS_RUNNING)
        .order_by(clocks.c.turns_on)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return []
    calendar = calendar_of(tx.session, today)
    turned = []
    for clock in map(_clock, rows):
        stage = stage_on(today, clock.due_on, calendar)
        _settle(tx.session, clock, due_on=clock.due_on, stage=stage, calendar=calendar)
        if stage is not clock.stage:
            turned.append(Clock(**{**vars(clock), "stage": stage}))
    return turned


def recompute(tx: Transaction) -> int:
    """A notice has come: running clocks get the last day that it gives them; how many of them moved.

    A clock that moved out of a stage comes back to it when its day is there, and is told again.
    """
    today = local_date(tx.now)
    calendar = calendar_of(tx.session, today)
    rows = tx.session.execute(sa.select(*_SHOWN).where(_IS_RUNNING).with_for_update()).all()
    moved = 0
    for clock in map(_clock, rows):
        due_on = clock.due_on
        if clock.working_days is not None:
            due_on = calendar.end_of_period(clock.started_on, working_days=clock.working_days)
        stage = stage_on(today, due_on, calendar)
        moved += due_on != clock.due_on
        # What it has become by now is told by the next turn, so that nobody misses it.
        is_later = LADDER_ORDER[stage] > LADDER_ORDER[clock.stage]
        _settle(tx.session, clock, due_on=due_on, stage=clock.stage if is_later else stage, calendar=calendar)
    return moved


def measure(session: orm.Session, service: str, today: date) -> None:
    """Set the gauges: clocks past their last day, and years whose notice is missing."""
    counted = session.scalar(
        sa.select(sa.func.count()).select_from(clocks).where(*_conditions(Wanted(is_late=True)))
    )
    metrics.CLOCKS_OVERDUE.labels(service).set(counted or 0)
    metrics.CALENDAR_MISSING.labels(service).set(len(missing_notices(session, today)))


def stage_on(today: date, due_on: date, calendar: WorkCalendar) -> ClockStage:
    """The stage of a clock on that day, by the ladder: so many working days before or after its last day."""
    left = calendar.working_days_between(today, due_on)
    if today > due_on and left == 0:
        left = -1  # a weekend after the last day is late, although no working day has passed
    found = ClockStage.RUNNING
    for stage, most_left in LADDER:
        if left <= most_left:
            found = stage
    return found


LADDER_ORDER = {stage: number for number, stage in enumerate(ClockStage)}


def _next_turn(due_on: date, stage: ClockStage, calendar: WorkCalendar) -> date | None:
    """The first day on which a later stage than this begins."""
    for later, most_left in LADDER:
        if LADDER_ORDER[later] > LADDER_ORDER[stage]:
            if most_left >= 0:
                return calendar.working_day_before(due_on, working_days=most_left)
            first_late = due_on + ONE_DAY
            return first_late if most_left == -1 else calendar.end_of_period(due_on, working_days=-most_left)
    return None


def _settle(
    session: orm.Session, clock: Clock, *, due_on: date, stage: ClockStage, calendar: WorkCalendar
) -> None:
    session.execute(
        sa.update(clocks)
        .where(clocks.c.clock_id == clock.clock_id)
        .values(due_on=due_on, stage=stage, turns_on=_next_turn(due_on, stage, calendar))
    )


_SHOWN = tuple(column for column in clocks.c if column.name not in ("turns_on", "stopped_on"))


def _clock(row: sa.Row[tuple[object, ...]]) -> Clock:
    found = dict(row._mapping)
    return Clock(**{**found, "stage": ClockStage.of(found["stage"])})


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [_IS_RUNNING]
    if wanted.community_ids is not None:
        found.append(clocks.c.community_id.in_(wanted.community_ids))
    for name in ("owner", "kind", "stage"):
        if (value := getattr(wanted, name)) is not None:
            found.append(clocks.c[name] == value)
    if wanted.is_late:
        found.append(clocks.c.stage.in_(LATE))
    return found
