"""The copy of the communities, fed by staffing's events."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.consultation.domain import Community
from services.consultation.storage.registry import metadata, registry

communities = sa.Table(
    "communities",
    metadata,
    sa.Column("community_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("community_name", sa.Text, nullable=False),
    sa.Column("facts_at", sa.DateTime(timezone=True), nullable=False),
)
registry.map_imperatively(Community, communities)


def upsert_community(session: orm.Session, community: Community) -> None:
    """Write what is known, unless something newer is."""
    values = {
        "community_id": community.community_id,
        "code": community.code,
        "community_name": community.community_name,
        "facts_at": community.facts_at,
    }
    # One statement, so that the first news of a community may arrive in two processes at once.
    session.execute(
        pg.insert(communities)
        .values(values)
        .on_conflict_do_update(
            index_elements=["community_id"],
            set_=values,
            where=communities.c.facts_at <= community.facts_at,
        )
    )


def find_community(session: orm.Session, community_id: UUID) -> Community | None:
    return session.get(Community, community_id)


def find_communities(session: orm.Session, community_ids: Collection[UUID]) -> dict[UUID, Community]:
    found = session.scalars(sa.select(Community).where(communities.c.community_id.in_(community_ids)))
    return {community.community_id: community for community in found}
