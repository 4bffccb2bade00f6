"""A person's own sessions, and the half ones of people who still owe a code."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.storage.tables import half_sessions, sessions, users


@dataclass(frozen=True, kw_only=True)
class SessionSeen:
    session_id: UUID
    address: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime


def list_sessions(
    session: Session, *, user_id: UUID, seen_after: datetime, now: datetime
) -> list[SessionSeen]:
    """Those that can still be used, the last used first."""
    rows = session.execute(
        sa.select(
            sessions.c.session_id,
            sessions.c.address,
            sessions.c.user_agent,
            sessions.c.created_at,
            sessions.c.last_seen_at,
        )
        .where(
            sessions.c.user_id == user_id, sessions.c.expires_at > now, sessions.c.last_seen_at > seen_after
        )
        .order_by(sessions.c.last_seen_at.desc(), sessions.c.session_id)
    )
    return [SessionSeen(**row._mapping) for row in rows]


def open_among(
    session: Session, session_ids: Collection[UUID], *, seen_after: datetime, now: datetime
) -> set[UUID]:
    """Those of them that have not ended; looking keeps none of them alive."""
    return set(
        session.scalars(
            sa.select(sessions.c.session_id)
            .join(users, users.c.user_id == sessions.c.user_id)
            .where(
                sessions.c.session_id.in_(session_ids),
                sessions.c.expires_at > now,
                sessions.c.last_seen_at > seen_after,
                users.c.is_active,
                sa.or_(users.c.closes_at.is_(None), users.c.closes_at > now),
            )
        )
    )


def note_proof(session: Session, session_id: UUID, *, now: datetime) -> None:
    """Whoever sits there has just shown who he is."""
    session.execute(sa.update(sessions).where(sessions.c.session_id == session_id).values(proven_at=now))


def end_own_session(session: Session, *, user_id: UUID, session_id: UUID) -> bool:
    """False when that person has no such session."""
    ended = session.scalar(
        sa.delete(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.session_id == session_id)
        .returning(sessions.c.session_id)
    )
    return ended is not None


def end_other_sessions(session: Session, *, user_id: UUID, but: UUID) -> int:
    """How many there were."""
    ended = session.scalars(
        sa.delete(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.session_id != but)
        .returning(sessions.c.session_id)
    )
    return len(ended.all())


def add_half_session(
    session: Session, *, token_hash: bytes, user_id: UUID, expires_at: datetime, now: datetime
) -> None:
    session.execute(sa.delete(half_sessions).where(half_sessions.c.expires_at < now))
    session.execute(
        sa.insert(half_sessions).values(token_hash=token_hash, user_id=user_id, expires_at=expires_at)
    )


def find_half_session(session: Session, *, token_hash: bytes, now: datetime) -> str | None:
    """The name of whoever has given the right password."""
    return session.scalar(
        sa.select(users.c.username)
        .join(half_sessions, half_sessions.c.user_id == users.c.user_id)
        .where(half_sessions.c.token_hash == token_hash, half_sessions.c.expires_at > now)
    )


def end_half_sessions_of(session: Session, user_id: UUID) -> None:
    session.execute(sa.delete(half_sessions).where(half_sessions.c.user_id == user_id))
