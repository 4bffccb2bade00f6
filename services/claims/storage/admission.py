"""Applications at the task gate: loaded whole under their lock, listed, and found again when they end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.claims.domain.admission import Admission
from services.claims.storage.tables import admissions, gate_numbers
from services.claims.storage.words import mentions
from services.contracts.claims.admission_terms import AdmissionStatus, TaskKind
from services.contracts.claims.errors import AdmissionNotFound


def take_gate_code(session: orm.Session, series: str, year: int) -> str:
    """The next code of a series; whoever takes one holds the series until the commit, so none is missing."""
    taking = pg.insert(gate_numbers).values(series=series, year=year, last=1)
    last = session.execute(
        taking.on_conflict_do_update(
            index_elements=["series", "year"], set_={"last": gate_numbers.c.last + 1}
        ).returning(gate_numbers.c.last)
    ).scalar_one()
    return f"{series}-{year}-{last:04d}"


def get_admission(session: orm.Session, admission_id: UUID) -> Admission:
    admission = session.get(Admission, admission_id)
    if admission is None:
        raise AdmissionNotFound("没有这个准入申请。")
    return admission


def admission_for_update(session: orm.Session, admission_id: UUID) -> Admission:
    """As it is once everybody before us has finished; its opinions are read by the statement that follows."""
    wanted = (
        sa.select(Admission)
        .where(admissions.c.admission_id == admission_id)
        .with_for_update(of=admissions)
        .execution_options(populate_existing=True)
    )
    admission = session.scalars(wanted).one_or_none()
    if admission is None:
        raise AdmissionNotFound("没有这个准入申请。")
    return admission


def ended_admissions_for_update(session: orm.Session, today: date, *, limit: int) -> Sequence[Admission]:
    """Those whose last day is over and that nobody else is ending at this moment."""
    wanted = (
        sa.select(Admission)
        .where(admissions.c.status == AdmissionStatus.ADMITTED, admissions.c.until_on < today)
        .order_by(admissions.c.until_on, admissions.c.admission_id)
        .limit(limit)
        .with_for_update(of=admissions, skip_locked=True)
    )
    return session.scalars(wanted).all()


def covering_admission(
    session: orm.Session, *, key: str, department: str, community_id: UUID, day: date
) -> Admission | None:
    """The admission under which that department may hand that task to that community on that day."""
    named = sa.select(Admission).where(
        admissions.c.title_key == key, admissions.c.department == department, admissions.c.until_on >= day
    )
    found = [one for one in session.scalars(named) if one.covers(community_id, day)]
    return found[0] if found else None


@dataclass(frozen=True, kw_only=True)
class WantedAdmissions:
    """What a list is narrowed to; a status is that of today, whether or not the timer has come by."""

    today: date
    q: str = ""
    community_id: UUID | None = None
    kind: TaskKind | None = None
    status: AdmissionStatus | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = []
        if self.q:
            found.append(mentions(self.q, admissions.c.task_title, admissions.c.department))
        if self.community_id is not None:
            found.append(
                admissions.c.community_ids.contains([self.community_id])
                | (admissions.c.community_ids == sa.cast([], pg.ARRAY(sa.Uuid)))
            )
        if self.kind is not None:
            found.append(admissions.c.kind == self.kind)
        is_over = (admissions.c.status == AdmissionStatus.ADMITTED) & (admissions.c.until_on < self.today)
        if self.status is AdmissionStatus.EXPIRED:
            found.append((admissions.c.status == AdmissionStatus.EXPIRED) | is_over)
        elif self.status is AdmissionStatus.ADMITTED:
            found.append((admissions.c.status == self.status) & (admissions.c.until_on >= self.today))
        elif self.status is not None:
            found.append(admissions.c.status == self.status)
        return found


def list_admissions(
    session: orm.Session, wanted: WantedAdmissions, *, after: UUID | None, limit: int
) -> list[Admission]:
    """Newest first."""
    query = (
        sa.select(Admission)
        .where(*wanted.conditions())
        .options(orm.lazyload(Admission.opinions))  # type: ignore[arg-type]  # mypy sees the plain class
        .order_by(admissions.c.admission_id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(admissions.c.admission_id < after)
    return list(session.scalars(query))


def count_admissions(session: orm.Session, wanted: WantedAdmissions) -> dict[AdmissionStatus, int]:
    is_over = (admissions.c.status == AdmissionStatus.ADMITTED) & (admissions.c.until_on < wanted.today)
    status = sa.case(
        (is_over, sa.literal(AdmissionStatus.EXPIRED.value)), else_=sa.cast(admissions.c.status, sa.Text)
    )
    rows = session.execute(
        sa.select(status, sa.func.count())
        .select_from(admissions)
        .where(*wanted.conditions())
        .group_by(status)
    )
    return {AdmissionStatus.of(value): count for value, count in rows}


def reached(column: sa.Column[UUID], community_ids: Collection[UUID] | None) -> list[sa.ColumnElement[bool]]:
    """Rows of the communities that a reader reaches; None means all."""
    return [] if community_ids is None else [column.in_(community_ids)]
