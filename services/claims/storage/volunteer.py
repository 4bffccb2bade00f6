"""Volunteers: names sealed, and as keyed hashes by which a name is found again; their hours and certificates."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.chassis.clock import LOCAL
from services.chassis.personal import sort_key
from services.chassis.sealing import keyring_of
from services.claims.domain.volunteer import ServiceCertificate, Volunteer
from services.claims.storage.tables import (
    enrolments,
    service_certificates,
    shifts,
    volunteer_names,
    volunteers,
)
from services.contracts.claims.errors import ServiceCertificateNotFound, VolunteerNotFound
from services.contracts.claims.volunteer_terms import EnrolmentStatus, Skill, VolunteerStatus

_PLAIN = (
    "volunteer_id",
    "community_id",
    "code",
    "skills",
    "insured_until_on",
    "status",
    "registered_at",
    "version",
)


def save_volunteer(session: orm.Session, volunteer: Volunteer) -> None:
    """A new one, or all that may have changed of one that is locked."""
    volunteer.sort_key = sort_key(volunteer.volunteer_name)
    keyring = keyring_of(session)
    row = {
        **{name: getattr(volunteer, name) for name in _PLAIN},
        "sort_key": volunteer.sort_key,
        "name_sealed": volunteer_names.seal(keyring, volunteer.volunteer_id, volunteer.volunteer_name),
        "name_hash": hash_of_name(session, volunteer.volunteer_name),
    }
    if volunteer.version == 1:
        session.execute(sa.insert(volunteers).values(row))
    else:
        session.execute(
            sa.update(volunteers).where(volunteers.c.volunteer_id == volunteer.volunteer_id).values(row)
        )


def get_volunteer(session: orm.Session, volunteer_id: UUID, *, is_locked: bool = False) -> Volunteer:
    return _one(session, volunteers.c.volunteer_id == volunteer_id, is_locked=is_locked)


def get_volunteer_by_code(session: orm.Session, code: str) -> Volunteer:
    return _one(session, volunteers.c.code == code)


def volunteers_by_id(session: orm.Session, volunteer_ids: Collection[UUID]) -> dict[UUID, Volunteer]:
    found = session.execute(sa.select(volunteers).where(volunteers.c.volunteer_id.in_(volunteer_ids)))
    return {row.volunteer_id: _volunteer(session, row) for row in found}


def volunteers_named(session: orm.Session, name: str, *, limit: int) -> list[Volunteer]:
    wanted = sa.select(volunteers).where(volunteers.c.name_hash == hash_of_name(session, name)).limit(limit)
    return [_volunteer(session, row) for row in session.execute(wanted)]


def hash_of_name(session: orm.Session, name: str) -> bytes:
    return volunteer_names.keyed_hash(keyring_of(session), name)


def list_volunteers(
    session: orm.Session,
    *,
    community_ids: Collection[UUID] | None,
    skill: Skill | None,
    status: VolunteerStatus | None,
    code: str,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[Volunteer]:
    """By the sound of their names; `community_ids` None means everywhere."""
    wanted = sa.select(volunteers).order_by(volunteers.c.sort_key, volunteers.c.volunteer_id).limit(limit)
    if community_ids is not None:
        wanted = wanted.where(volunteers.c.community_id.in_(community_ids))
    if skill is not None:
        wanted = wanted.where(volunteers.c.skills.contains([skill]))
    if status is not None:
        wanted = wanted.where(volunteers.c.status == status)
    if code:
        wanted = wanted.where(volunteers.c.code == code)
    if after is not None:
        wanted = wanted.where(sa.tuple_(volunteers.c.sort_key, volunteers.c.volunteer_id) > after)
    return [_volunteer(session, row) for row in session.execute(wanted)]


def _one(session: orm.Session, condition: sa.ColumnElement[bool], *, is_locked: bool = False) -> Volunteer:
    wanted = sa.select(volunteers).where(condition)
    row = session.execute(wanted.with_for_update() if is_locked else wanted).one_or_none()
    if row is None:
        raise VolunteerNotFound("没有这位志愿者。")
    return _volunteer(session, row)


def _volunteer(session: orm.Session, row: Any) -> Volunteer:
    name = volunteer_names.unseal(keyring_of(session), row.volunteer_id, row.name_sealed)
    plain = {column: getattr(row, column) for column in _PLAIN}
    return Volunteer(**plain, volunteer_name=name, sort_key=row.sort_key)


# ---- hours ----------------------------------------------------------------------------------


def minutes_of(session: orm.Session, volunteer_ids: Collection[UUID]) -> dict[UUID, int]:
    """All confirmed minutes of each who has any."""
    rows = session.execute(
        sa.select(enrolments.c.volunteer_id, sa.func.sum(enrolments.c.minutes))
        .where(enrolments.c.volunteer_id.in_(volunteer_ids), _CONFIRMED)
        .group_by(enrolments.c.volunteer_id)
    )
    return {volunteer_id: int(minutes) for volunteer_id, minutes in rows}


def count_service(
    session: orm.Session,
    *,
    volunteer_id: UUID | None = None,
    community_ids: Collection[UUID] | None = None,
    item_id: UUID | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> dict[str, int]:
    """Confirmed minutes, and how many people and shifts they are of; a shift counts on the local day it starts."""
    day = sa.cast(sa.func.timezone(str(LOCAL), enrolments.c.starts_at), sa.Date)
    wanted = (
        sa.select(
            sa.func.coalesce(sa.func.sum(enrolments.c.minutes), 0),
            sa.func.count(enrolments.c.volunteer_id.distinct()),
            sa.func.count(enrolments.c.shift_id.distinct()),
        )
        .select_from(enrolments.join(shifts, shifts.c.shift_id == enrolments.c.shift_id))
        .where(_CONFIRMED)
    )
    if volunteer_id is not None:
        wanted = wanted.where(enrolments.c.volunteer_id == volunteer_id)
    if community_ids is not None:
        wanted = wanted.where(shifts.c.community_id.in_(community_ids))
    if item_id is not None:
        wanted = wanted.where(shifts.c.item_id == item_id)
    if from_on is not None:
        wanted = wanted.where(day >= from_on)
    if to_on is not None:
        wanted = wanted.where(day <= to_on)
    minutes, people, held = session.execute(wanted).one()
    return {"minutes": int(minutes), "volunteers": people, "shifts": held}


def records_of(session: orm.Session, volunteer_id: UUID, *, limit: int) -> Sequence[sa.RowMapping]:
    """The shifts of a volunteer, the last first."""
    wanted = (
        sa.select(
            shifts.c.shift_id,
            shifts.c.title,
            shifts.c.starts_at,
            enrolments.c.status,
            enrolments.c.minutes,
        )
        .join(enrolments, enrolments.c.shift_id == shifts.c.shift_id)
        .where(enrolments.c.volunteer_id == volunteer_id)
        .order_by(shifts.c.starts_at.desc(), enrolments.c.enrolment_id.desc())
        .limit(limit)
    )
    return session.execute(wanted).mappings().all()


_CONFIRMED = enrolments.c.status == EnrolmentStatus.CONFIRMED


# ---- certificates ---------------------------------------------------------------------------


def get_service_certificate(session: orm.Session, certificate_id: UUID) -> ServiceCertificate:
    found = session.get(ServiceCertificate, certificate_id)
    if found is None:
        raise ServiceCertificateNotFound("没有这份服务证明。")
    return found


def service_certificate_numbered(session: orm.Session, number: str) -> ServiceCertificate:
    found = session.scalars(
        sa.select(ServiceCertificate).where(service_certificates.c.number == number)
    ).one_or_none()
    if found is None:
        raise ServiceCertificateNotFound("没有这个编号的服务证明，请核对编号；如有疑问请联系开具的社区。")
    return found


def service_certificates_of(session: orm.Session, volunteer_id: UUID) -> list[ServiceCertificate]:
    wanted = (
        sa.select(ServiceCertificate)
        .where(service_certificates.c.volunteer_id == volunteer_id)
        .order_by(service_certificates.c.certificate_id.desc())
    )
    return list(session.scalars(wanted))
