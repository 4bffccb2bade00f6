"""The rest of the task gate: the three lists, send-backs, emergencies and seal requests."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.claims.domain.gate_list import GateEntry
from services.claims.domain.seal import SealRequest
from services.claims.domain.sent_back import Counted, Emergency, SentBackTask
from services.claims.storage.admission import reached
from services.claims.storage.tables import (
    communities,
    emergencies,
    gate_entries,
    seal_requests,
    sent_back_tasks,
)
from services.claims.storage.words import mentions
from services.contracts.claims.admission_terms import GateList, SealStatus
from services.contracts.claims.errors import (
    EmergencyNotFound,
    GateEntryAlreadyListed,
    GateEntryNotFound,
    SealRequestNotFound,
    SentBackTaskNotFound,
)

# ---- the three lists ----------------------------------------------------------------------------


def add_gate_entry(session: orm.Session, entry: GateEntry) -> None:
    """Refused when the list has it already without an end, also when somebody adds it at this very moment."""
    try:
        with session.begin_nested():
            session.add(entry)
    except sa.exc.IntegrityError as error:
        raise GateEntryAlreadyListed(f"「{entry.title}」已在{entry.gate_list.label}清单中。") from error


def gate_entry_for_update(session: orm.Session, entry_id: UUID) -> GateEntry:
    wanted = sa.select(GateEntry).where(gate_entries.c.entry_id == entry_id).with_for_update()
    entry = session.scalars(wanted).one_or_none()
    if entry is None:
        raise GateEntryNotFound("没有这个清单条目。")
    return entry


def gate_entries_naming(session: orm.Session, title: str, *, on: date) -> list[GateEntry]:
    """The entries in force on that day that name a task of that title; a city has some hundreds."""
    in_force = (
        sa.select(GateEntry)
        .where(gate_entries.c.from_on <= on, _is_open_on(on))
        .order_by(gate_entries.c.entry_id)
    )
    return [entry for entry in session.scalars(in_force) if entry.names(title)]


def list_gate_entries(
    session: orm.Session,
    *,
    gate_list: GateList | None,
    on: date | None,
    q: str,
    after: UUID | None,
    limit: int,
) -> list[GateEntry]:
    """Oldest first, as such lists are printed; `on` leaves out what is not in force that day."""
    query = sa.select(GateEntry).order_by(gate_entries.c.entry_id).limit(limit)
    if gate_list is not None:
        query = query.where(gate_entries.c.gate_list == gate_list)
    if on is not None:
        query = query.where(gate_entries.c.from_on <= on, _is_open_on(on))
    if q:
        query = query.where(mentions(q, gate_entries.c.title))
    if after is not None:
        query = query.where(gate_entries.c.entry_id > after)
    return list(session.scalars(query))


def _is_open_on(day: date) -> sa.ColumnElement[bool]:
    return gate_entries.c.until_on.is_(None) | (gate_entries.c.until_on >= day)


# ---- tasks sent back ----------------------------------------------------------------------------


def get_sent_back_task(session: orm.Session, sent_back_id: UUID) -> SentBackTask:
    task = session.get(SentBackTask, sent_back_id)
    if task is None:
        raise SentBackTaskNotFound("没有这份退回单。")
    return task


def list_sent_back_tasks(
    session: orm.Session,
    *,
    community_ids: Collection[UUID] | None,
    department: str,
    start: date | None,
    end: date | None,
    after: UUID | None,
    limit: int,
) -> list[tuple[SentBackTask, str]]:
    """Newest first, with the name of the community; days from `start` until before `end`."""
    query = (
        sa.select(SentBackTask, communities.c.community_name)
        .join(communities, communities.c.community_id == sent_back_tasks.c.community_id)
        .where(*reached(sent_back_tasks.c.community_id, community_ids))
        .order_by(sent_back_tasks.c.sent_back_id.desc())
        .limit(limit)
    )
    if department:
        query = query.where(sent_back_tasks.c.department == department)
    if start is not None:
        query = query.where(sent_back_tasks.c.sent_back_on >= start)
    if end is not None:
        query = query.where(sent_back_tasks.c.sent_back_on < end)
    if after is not None:
        query = query.where(sent_back_tasks.c.sent_back_id < after)
    return [(task, name) for task, name in session.execute(query)]


def count_sent_back(session: orm.Session, *, department: str, community_id: UUID, year: int) -> Counted:
    """How often that department's tasks were sent back this year, there and in the whole city."""
    here = sa.func.count().filter(sent_back_tasks.c.community_id == community_id)
    row = session.execute(
        sa.select(here, sa.func.count()).where(
            sent_back_tasks.c.department == department,
            sent_back_tasks.c.sent_back_on >= date(year, 1, 1),
            sent_back_tasks.c.sent_back_on <= date(year, 12, 31),
        )
    ).one()
    return Counted(here=row[0], in_city=row[1])


# ---- emergencies --------------------------------------------------------------------------------


def get_emergency(session: orm.Session, emergency_id: UUID) -> Emergency:
    emergency = session.get(Emergency, emergency_id)
    if emergency is None:
        raise EmergencyNotFound("没有这次应急。")
    return emergency


def covering_emergency(
    session: orm.Session, *, key: str, department: str, community_id: UUID, day: date
) -> Emergency | None:
    named = sa.select(Emergency).where(
        emergencies.c.until_on >= day,
        emergencies.c.from_on <= day,
        emergencies.c.title_key == key,
        emergencies.c.department == department,
    )
    return next((one for one in session.scalars(named) if one.covers(community_id, day)), None)


def list_emergencies(
    session: orm.Session,
    *,
    community_id: UUID | None,
    running_on: date | None,
    after: UUID | None,
    limit: int,
) -> list[Emergency]:
    """Newest first."""
    query = sa.select(Emergency).order_by(emergencies.c.emergency_id.desc()).limit(limit)
    if community_id is not None:
        query = query.where(
            emergencies.c.community_ids.contains([community_id])
            | (emergencies.c.community_ids == sa.cast([], pg.ARRAY(sa.Uuid)))
        )
    if running_on is not None:
        query = query.where(emergencies.c.from_on <= running_on, emergencies.c.until_on >= running_on)
    if after is not None:
        query = query.where(emergencies.c.emergency_id < after)
    return list(session.scalars(query))


# ---- seals --------------------------------------------------------------------------------------


def seal_request_for_update(session: orm.Session, seal_id: UUID) -> SealRequest:
    wanted = sa.select(SealRequest).where(seal_requests.c.seal_id == seal_id).with_for_update()
    request = session.scalars(wanted).one_or_none()
    if request is None:
        raise SealRequestNotFound("没有这个用印申请。")
    return request


def list_seal_requests(
    session: orm.Session,
    *,
    community_ids: Collection[UUID] | None,
    status: SealStatus | None,
    after: UUID | None,
    limit: int,
) -> list[tuple[SealRequest, str]]:
    """Newest first, with the name of the community."""
    query = (
        sa.select(SealRequest, communities.c.community_name)
        .join(communities, communities.c.community_id == seal_requests.c.community_id)
        .where(*reached(seal_requests.c.community_id, community_ids))
        .order_by(seal_requests.c.seal_id.desc())
        .limit(limit)
    )
    if status is not None:
        query = query.where(seal_requests.c.status == status)
    if after is not None:
        query = query.where(seal_requests.c.seal_id < after)
    return [(request, name) for request, name in session.execute(query)]
