"""The copy of the communities."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.claims.domain.community import Community
from services.claims.storage import tables


def keep_community(session: orm.Session, community: Community) -> None:
    """Store the facts unless newer ones are here already."""
    facts = {column.name: getattr(community, column.name) for column in tables.communities.columns}
    insert = pg.insert(tables.communities).values(**facts)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["community_id"],
            set_={name: insert.excluded[name] for name in facts},
            where=tables.communities.c.as_of <= insert.excluded.as_of,
        )
    )


def find_community(session: orm.Session, community_id: UUID) -> Community | None:
    return session.get(Community, community_id)


def list_communities(session: orm.Session) -> list[Community]:
    """All of them: a city has dozens."""
    return list(session.scalars(sa.select(Community).order_by(tables.communities.c.code)))


def known_communities(session: orm.Session, community_ids: Collection[UUID]) -> set[UUID]:
    wanted = sa.select(tables.communities.c.community_id).where(
        tables.communities.c.community_id.in_(community_ids)
    )
    return set(session.scalars(wanted))
