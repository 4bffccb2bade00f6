"""Accounts, sessions and sign-ins as administrators look at them: lists with filters, page by page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.storage.grants import RIGHTS
from gateway.storage.tables import sessions, sign_ins, users


@dataclass(frozen=True, kw_only=True)
class WantedSignIns:
    """Filters of the sign-in log; empty ones count as not given. `before` is the number of the last row seen."""

    username: str = ""
    address: str = ""
    outcome: str = ""
    before: int | None = None


def list_users(session: Session, *, q: str, after: str, limit: int) -> list[Any]:
    """By name; `q` is a part of the user name or of the person's."""
    wanted = sa.select(users, RIGHTS).select_from(users.join(RIGHTS, sa.true()))
    if q:
        wanted = wanted.where(
            sa.or_(
                users.c.username.contains(q.casefold(), autoescape=True),
                users.c.display_name.contains(q, autoescape=True),
            )
        )
    return list(
        session.execute(wanted.where(users.c.username > after).order_by(users.c.username).limit(limit))
    )


def find_user(session: Session, user_id: UUID) -> Any | None:
    return session.execute(users.select().where(users.c.user_id == user_id)).one_or_none()


def rename(session: Session, *, user_id: UUID, display_name: str) -> None:
    session.execute(sa.update(users).where(users.c.user_id == user_id).values(display_name=display_name))


def names(session: Session, user_ids: set[UUID]) -> dict[UUID, str]:
    found = session.execute(
        sa.select(users.c.user_id, users.c.display_name).where(users.c.user_id.in_(user_ids))
    )
    return dict(found.all())


def list_sessions(
    session: Session, *, idle: timedelta, now: datetime, user_id: UUID | None = None, limit: int
) -> list[Any]:
    """All that can still be used, the last used first."""
    wanted = (
        sa.select(
            sessions.c.session_id,
            sessions.c.user_id,
            sessions.c.address,
            sessions.c.user_agent,
            sessions.c.created_at,
            sessions.c.last_seen_at,
            users.c.username,
            users.c.display_name,
        )
        .join(users, users.c.user_id == sessions.c.user_id)
        .where(sessions.c.expires_at > now, sessions.c.last_seen_at > now - idle)
        .order_by(sessions.c.last_seen_at.desc(), sessions.c.session_id)
        .limit(limit)
    )
    if user_id is not None:
        wanted = wanted.where(sessions.c.user_id == user_id)
    return list(session.execute(wanted))


def end_session(session: Session, session_id: UUID) -> bool:
    ended = session.execute(
        sa.delete(sessions).where(sessions.c.session_id == session_id).returning(sessions.c.user_id)
    )
    return ended.one_or_none() is not None


def list_sign_ins(session: Session, wanted: WantedSignIns, *, limit: int) -> list[Any]:
    """The latest first."""
    found = sign_ins.select().order_by(sign_ins.c.sign_in_id.desc()).limit(limit)
    if wanted.username:
        found = found.where(sign_ins.c.username == wanted.username.casefold())
    if wanted.address:
        found = found.where(sign_ins.c.address == wanted.address)
    if wanted.outcome:
        found = found.where(sign_ins.c.outcome == wanted.outcome)
    if wanted.before is not None:
        found = found.where(sign_ins.c.sign_in_id < wanted.before)
    return list(session.execute(found))
