"""Dual registration: members' names sealed, and as keyed hashes by which a name is found again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.chassis.sealing import keyring_of
from services.claims.domain.dual_registration import DualRegistration, DualService, Evaluation, Task
from services.claims.storage.tables import (
    communities,
    community_tasks,
    dual_evaluations,
    dual_registration_numbers,
    dual_registrations,
    dual_services,
    member_names,
    units,
)
from services.contracts.claims.dual_registration_terms import RegistrationKind, RegistrationStatus
from services.contracts.claims.errors import AlreadyReported, DualRegistrationNotFound, TaskNotFound

_PLAIN = (
    "registration_id",
    "number",
    "code",
    "community_id",
    "unit_id",
    "kind",
    "organisation_title",
    "headcount",
    "skills",
    "reported_on",
    "status",
    "ended_on",
    "end_reason",
    "version",
)
_SERVICE = (
    "service_id",
    "task_id",
    "item_id",
    "shift_id",
    "title",
    "served_on",
    "minutes",
    "people",
    "withdrawn_reason",
)
_EVALUATION = ("year", "grade", "comment", "evaluated_at")


@dataclass(frozen=True, kw_only=True)
class WantedRegistrations:
    """`seen_by` are the communities the reader works for (None: all); a liaison's unit stands in `unit_id`."""

    seen_by: Collection[UUID] | None = None
    community_id: UUID | None = None
    unit_id: UUID | None = None
    kind: RegistrationKind | None = None
    status: RegistrationStatus | None = None
    unevaluated_in: int | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        table = dual_registrations.c
        equal: dict[sa.Column[Any], Any] = {
            table.community_id: self.community_id,
            table.unit_id: self.unit_id,
            table.kind: self.kind,
            table.status: self.status,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        if self.seen_by is not None:
            found.append(table.community_id.in_(self.seen_by))
        if self.unevaluated_in is not None:
            done = sa.select(dual_evaluations.c.registration_id).where(
                dual_evaluations.c.registration_id == table.registration_id,
                dual_evaluations.c.year == self.unevaluated_in,
            )
            year = self.unevaluated_in
            found.append(~done.exists() & (sa.extract("year", table.reported_on) <= year))
            found.append(table.ended_on.is_(None) | (sa.extract("year", table.ended_on) >= year))
        return found


def take_registration_number(session: orm.Session) -> int:
    return int(session.scalar(sa.select(dual_registration_numbers.next_value())) or 0)


def save_dual_registration(session: orm.Session, registration: DualRegistration) -> None:
    """A new one, or all that may have changed of one that is locked."""
    keyring, name = keyring_of(session), registration.member_name
    row = {
        **{column: getattr(registration, column) for column in _PLAIN},
        "name_sealed": member_names.seal(keyring, registration.registration_id, name) if name else None,
        "name_hash": member_names.keyed_hash(keyring, name) if name else None,
    }
    its = {"registration_id": registration.registration_id}
    try:
        with session.begin_nested():
            _upsert(session, dual_registrations, [row], ("registration_id",))
    except sa.exc.IntegrityError as error:
        raise AlreadyReported(f"「{registration.unit_name}」的党组织已向这个社区报到。") from error
    services = [its | {name: getattr(one, name) for name in _SERVICE} for one in registration.services]
    _upsert(session, dual_services, services, ("service_id",))
    said = [its | {name: getattr(one, name) for name in _EVALUATION} for one in registration.evaluations]
    _upsert(session, dual_evaluations, said, ("registration_id", "year"))


def get_dual_registration(
    session: orm.Session, registration_id: UUID, *, is_locked: bool = False
) -> DualRegistration:
    wanted = sa.select(dual_registrations).where(dual_registrations.c.registration_id == registration_id)
    row = session.execute(wanted.with_for_update() if is_locked else wanted).one_or_none()
    if row is None:
        raise DualRegistrationNotFound("没有这条报到登记。")
    return _registration(session, row)


def members_named(session: orm.Session, name: str, *, limit: int) -> list[DualRegistration]:
    hashed = member_names.keyed_hash(keyring_of(session), name)
    wanted = sa.select(dual_registrations).where(dual_registrations.c.name_hash == hashed).limit(limit)
    return [_registration(session, row) for row in session.execute(wanted)]


def list_registration_lines(
    session: orm.Session, wanted: WantedRegistrations, *, after: int | None, limit: int
) -> list[dict[str, Any]]:
    """One line per registration with its sums and its last evaluation, newest first, in one statement."""
    table = dual_registrations.c
    sums = (
        sa.select(
            sa.func.coalesce(sa.func.sum(dual_services.c.minutes * dual_services.c.people), 0).label(
                "minutes"
            ),
            sa.func.count().label("services"),
        )
        .where(
            dual_services.c.registration_id == table.registration_id,
            dual_services.c.withdrawn_reason == "",
        )
        .lateral()
    )
    last = (
        sa.select(dual_evaluations.c.year.label("last_year"), dual_evaluations.c.grade.label("last_grade"))
        .where(dual_evaluations.c.registration_id == table.registration_id)
        .order_by(dual_evaluations.c.year.desc())
        .limit(1)
        .lateral()
    )
    lines = (
        sa.select(
            dual_registrations,
            communities.c.community_name,
            units.c.unit_name,
            sums.c.minutes,
            sums.c.services,
            last.c.last_year,
            last.c.last_grade,
        )
        .join(communities, communities.c.community_id == table.community_id)
        .join(units, units.c.unit_id == table.unit_id)
        .join(sums, sa.true())
        .outerjoin(last, sa.true())
        .where(*wanted.conditions())
        .order_by(table.number.desc())
        .limit(limit)
    )
    if after is not None:
        lines = lines.where(table.number < after)
    return [
        {**row, "member_name": _name(session, row["registration_id"], row["name_sealed"])}
        for row in session.execute(lines).mappings()
    ]


def _registration(session: orm.Session, row: Any) -> DualRegistration:
    its = row.registration_id
    services = sa.select(dual_services).where(dual_services.c.registration_id == its)
    said = sa.select(dual_evaluations).where(dual_evaluations.c.registration_id == its)
    order = (dual_services.c.served_on, dual_services.c.service_id)
    return DualRegistration(
        **{column: getattr(row, column) for column in _PLAIN},
        unit_name=session.scalar(sa.select(units.c.unit_name).where(units.c.unit_id == row.unit_id)) or "",
        member_name=_name(session, its, row.name_sealed),
        services=[
            DualService(**{name: getattr(one, name) for name in _SERVICE})
            for one in session.execute(services.order_by(*order))
        ],
        evaluations=[
            Evaluation(**{name: getattr(one, name) for name in _EVALUATION})
            for one in session.execute(said.order_by(dual_evaluations.c.year))
        ],
    )


def _name(session: orm.Session, registration_id: UUID, sealed: bytes | None) -> str:
    return "" if sealed is None else member_names.unseal(keyring_of(session), registration_id, sealed)


def _upsert(
    session: orm.Session, table: sa.Table, rows: Sequence[dict[str, Any]], key: Sequence[str]
) -> None:
    if not rows:
        return
    added = pg.insert(table).values(rows)
    changed = {name: added.excluded[name] for name in rows[0] if name not in key}
    session.execute(added.on_conflict_do_update(index_elements=list(key), set_=changed))


# ---- tasks ----------------------------------------------------------------------------------


def get_task(session: orm.Session, task_id: UUID, *, is_locked: bool = False) -> Task:
    task = session.get(Task, task_id, with_for_update=is_locked or None)
    if task is None:
        raise TaskNotFound("没有这个任务。")
    return task


def task_line(session: orm.Session, task_id: UUID) -> sa.RowMapping:
    return session.execute(_task_lines().where(community_tasks.c.task_id == task_id)).mappings().one()


def list_tasks(
    session: orm.Session,
    *,
    seen_by: Collection[UUID] | None,
    community_id: UUID | None,
    is_open: bool | None,
    after: UUID | None,
    limit: int,
) -> Sequence[sa.RowMapping]:
    """The newest first, each with what was done for it."""
    table = community_tasks.c
    wanted = _task_lines().order_by(table.task_id.desc()).limit(limit)
    if seen_by is not None:
        wanted = wanted.where(table.community_id.in_(seen_by))
    if community_id is not None:
        wanted = wanted.where(table.community_id == community_id)
    if is_open is not None:
        wanted = wanted.where(table.is_open == is_open)
    if after is not None:
        wanted = wanted.where(table.task_id < after)
    return session.execute(wanted).mappings().all()


def _task_lines() -> sa.Select[Any]:
    table = community_tasks.c
    done = (
        sa.select(
            sa.func.coalesce(sa.func.sum(dual_services.c.people), 0).label("served_people"),
            sa.func.coalesce(sa.func.sum(dual_services.c.minutes * dual_services.c.people), 0).label(
                "minutes"
            ),
        )
        .where(dual_services.c.task_id == table.task_id, dual_services.c.withdrawn_reason == "")
        .lateral()
    )
    return (
        sa.select(community_tasks, communities.c.community_name, done.c.served_people, done.c.minutes)
        .join(communities, communities.c.community_id == table.community_id)
        .join(done, sa.true())
    )
