"""History lines, oldest first."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.history import HistoryLine
from services.claims.storage.tables import history


def history_of(session: orm.Session, subject_id: UUID) -> list[HistoryLine]:
    wanted = sa.select(HistoryLine).where(history.c.subject_id == subject_id).order_by(history.c.history_id)
    return list(session.scalars(wanted))


def latest_history_of(session: orm.Session, subject_id: UUID, *, limit: int) -> list[HistoryLine]:
    """Of records with a long life only the end of it, oldest first as well."""
    wanted = (
        sa.select(HistoryLine)
        .where(history.c.subject_id == subject_id)
        .order_by(history.c.history_id.desc())
        .limit(limit)
    )
    return list(reversed(session.scalars(wanted).all()))
