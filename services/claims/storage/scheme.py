"""Schemes: few, read whole; the first one is no row."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.scheme import FIRST_SCHEME, Scheme
from services.claims.storage.tables import schemes
from services.contracts.claims.errors import SchemeNotFound
from services.contracts.claims.scheme_terms import SchemeStatus

# The advisory lock of those who number or publish schemes ("KH" in ASCII).
SCHEMES_LOCK = 0x4B48


def lock_schemes(session: orm.Session) -> None:
    """From here to the end of the transaction nobody else numbers or publishes a scheme."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(SCHEMES_LOCK)))


def next_scheme_number(session: orm.Session) -> int:
    """Needs `lock_schemes`."""
    last = session.scalar(sa.select(sa.func.max(schemes.c.number)))
    return (last or FIRST_SCHEME.number) + 1


def get_scheme(session: orm.Session, scheme_id: UUID) -> Scheme:
    found = FIRST_SCHEME if scheme_id == FIRST_SCHEME.scheme_id else session.get(Scheme, scheme_id)
    if found is None:
        raise SchemeNotFound("没有这个考核方案。")
    return found


def scheme_for_update(session: orm.Session, scheme_id: UUID) -> Scheme:
    if scheme_id == FIRST_SCHEME.scheme_id:
        return FIRST_SCHEME
    found = session.scalars(
        sa.select(Scheme).where(schemes.c.scheme_id == scheme_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise SchemeNotFound("没有这个考核方案。")
    return found


def published_schemes(session: orm.Session) -> list[Scheme]:
    """All that are or will be in force, with the first."""
    wanted = sa.select(Scheme).where(schemes.c.status == SchemeStatus.PUBLISHED).order_by(schemes.c.number)
    return [FIRST_SCHEME, *session.scalars(wanted)]


def scheme_of_number(session: orm.Session, number: int) -> Scheme:
    if number == FIRST_SCHEME.number:
        return FIRST_SCHEME
    return session.scalars(sa.select(Scheme).where(schemes.c.number == number)).one()


def list_schemes(
    session: orm.Session, *, statuses: list[SchemeStatus], before: int | None, limit: int
) -> list[Scheme]:
    """The newest number first, the first scheme last."""
    wanted = sa.select(Scheme).where(schemes.c.status.in_(statuses))
    if before is not None:
        wanted = wanted.where(schemes.c.number < before)
    found = list(session.scalars(wanted.order_by(schemes.c.number.desc()).limit(limit)))
    is_first_wanted = FIRST_SCHEME.status in statuses and (before is None or before > FIRST_SCHEME.number)
    if len(found) < limit and is_first_wanted:
        found.append(FIRST_SCHEME)
    return found
