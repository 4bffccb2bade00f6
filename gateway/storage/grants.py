"""Grants as rows: the truth of who may do what, where, and from when to when.

A grant is never changed: it ends by its last day or by being revoked, and stays as history.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Session

from gateway.storage.tables import communities, grants, users
from services.contracts.base import Role, Term

# The first day of a grant is a day in Heihe, whatever the server's clock calls it.
TODAY = sa.cast(sa.func.timezone("Asia/Shanghai", sa.func.now()), sa.Date)
_IS_IN_FORCE = sa.and_(
    grants.c.revoked_at.is_(None),
    grants.c.valid_from <= TODAY,
    sa.or_(grants.c.valid_to.is_(None), grants.c.valid_to >= TODAY),
)
# A street counts as all communities it has today.
_COMMUNITY = sa.case(
    (grants.c.scope == "community", sa.cast(grants.c.scope_id, sa.Uuid)), else_=communities.c.community_id
)
_IN_ORDER = (grants.c.role, _COMMUNITY)
# What a user may do today, for the statements that read users: parallel lists of roles and communities.
RIGHTS = (
    sa.select(
        sa.func.array_agg(pg.aggregate_order_by(grants.c.role, *_IN_ORDER), type_=pg.ARRAY(sa.Text)).label(
            "held_roles"
        ),
        sa.func.array_agg(pg.aggregate_order_by(_COMMUNITY, *_IN_ORDER), type_=pg.ARRAY(sa.Uuid)).label(
            "held_communities"
        ),
        sa.cast(sa.func.max(grants.c.scope_id).filter(grants.c.scope == "unit"), sa.Uuid).label("unit_id"),
    )
    .select_from(
        grants.outerjoin(
            communities, sa.and_(grants.c.scope == "street", communities.c.street == grants.c.scope_id)
        )
    )
    .where(grants.c.user_id == users.c.user_id, _IS_IN_FORCE)
    .correlate(users)
    .lateral("rights")
)


class Scope(Term):
    CITY = "city", "全市"
    STREET = "street", "街道"
    COMMUNITY = "community", "社区"
    UNIT = "unit", "驻地单位"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """`valid_to` is the last day, None when there is no end; `granted_by` None: the command line."""

    grant_id: UUID
    user_id: UUID
    role: Role
    scope: Scope
    scope_id: str
    valid_from: date
    valid_to: date | None
    granted_by: UUID | None
    granted_at: datetime
    revoked_by: UUID | None = None
    revoked_at: datetime | None = None

    def is_open(self, *, today: date) -> bool:
        """In force today, or still to come."""
        return self.revoked_at is None and (self.valid_to is None or self.valid_to >= today)


def add_grants(session: Session, new: Iterable[Grant]) -> None:
    rows = [{**vars(one), "role": one.role.value, "scope": one.scope.value} for one in new]
    if rows:
        session.execute(sa.insert(grants), rows)


def grants_of(session: Session, user_id: UUID) -> list[Grant]:
    """All that the user ever held, the latest first."""
    wanted = grants.select().where(grants.c.user_id == user_id).order_by(grants.c.granted_at.desc())
    return [_grant(row) for row in session.execute(wanted)]


def list_open_grants(
    session: Session, *, role: Role | None, offset: int, limit: int
) -> list[tuple[Grant, str]]:
    """Those in force or still to come, with the name of whoever holds them."""
    wanted = (
        sa.select(grants, users.c.display_name)
        .join(users, users.c.user_id == grants.c.user_id)
        .where(grants.c.revoked_at.is_(None), sa.or_(grants.c.valid_to.is_(None), grants.c.valid_to >= TODAY))
        .order_by(grants.c.role, users.c.username, grants.c.grant_id)
        .offset(offset)
        .limit(limit)
    )
    if role is not None:
        wanted = wanted.where(grants.c.role == role.value)
    return [(_grant(row), row.display_name) for row in session.execute(wanted)]


def find_grant(session: Session, grant_id: UUID) -> Grant | None:
    row = session.execute(grants.select().where(grants.c.grant_id == grant_id)).one_or_none()
    return None if row is None else _grant(row)


def revoke(session: Session, grant_id: UUID, *, revoked_by: UUID | None, now: datetime) -> None:
    session.execute(
        sa.update(grants)
        .where(grants.c.grant_id == grant_id, grants.c.revoked_at.is_(None))
        .values(revoked_by=revoked_by, revoked_at=now)
    )


def lock_rights(session: Session) -> None:
    """One change of rights at a time: rules that count holders must not race each other."""
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('gateway.grants'))"))


def holders_of(session: Session, role: Role) -> set[UUID]:
    """The open accounts that hold the role today."""
    wanted = (
        sa.select(grants.c.user_id)
        .join(users, users.c.user_id == grants.c.user_id)
        .where(grants.c.role == role.value, users.c.is_active, _IS_IN_FORCE)
    )
    return set(session.scalars(wanted))


def keep_communities(session: Session, listed: Iterable[Mapping[str, Any]]) -> None:
    """Take over what staffing lists; communities are never taken off the list."""
    rows = [
        {name: one[name] for name in ("community_id", "community_name", "street")}
        for one in sorted(listed, key=lambda one: str(one["community_id"]))
    ]
    if not rows:
        return
    written = pg.insert(communities)
    session.execute(
        written.on_conflict_do_update(
            index_elements=["community_id"],
            set_={
                "community_name": written.excluded.community_name,
                "street": written.excluded.street,
            },
        ),
        rows,
    )


def community_names(session: Session) -> dict[str, str]:
    found = session.execute(sa.select(communities.c.community_id, communities.c.community_name))
    return {str(community_id): name for community_id, name in found}


def streets(session: Session) -> list[str]:
    return list(session.scalars(sa.select(communities.c.street).distinct().order_by(communities.c.street)))


def _grant(row: Any) -> Grant:
    fields = {column.name: row._mapping[column.name] for column in grants.c}
    return Grant(**{**fields, "role": Role.of(row.role), "scope": Scope.of(row.scope)})
