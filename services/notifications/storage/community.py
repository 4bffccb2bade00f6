"""The copy of the communities."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.notifications.storage.tables import communities


def keep_newest_community(
    session: orm.Session, *, community_id: UUID, community_name: str, known_at: datetime
) -> None:
    """One statement, so that two events of one community cannot undo each other."""
    news = pg.insert(communities).values(
        community_id=community_id, community_name=community_name, known_at=known_at
    )
    session.execute(
        news.on_conflict_do_update(
            index_elements=[communities.c.community_id],
            set_={"community_name": news.excluded.community_name, "known_at": news.excluded.known_at},
            where=communities.c.known_at < news.excluded.known_at,
        )
    )


def community_name(session: orm.Session, community_id: UUID | None) -> str:
    """Empty for a community not heard of yet."""
    wanted = sa.select(communities.c.community_name).where(communities.c.community_id == community_id)
    return session.scalar(wanted) or ""
