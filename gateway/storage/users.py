"""Accounts and their sessions, as rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.storage.tables import sessions, sign_ins, users
from services.chassis.ids import new_id
from services.contracts.base import Actor, Role

# A session's last use is written at most this often, so that reading pages does not become writing.
SEEN_EVERY = timedelta(minutes=1)
# Made once: it is asked with every request.
_OPEN_SESSION = (
    sa.select(users, sessions.c.session_id, sessions.c.expires_at, sessions.c.last_seen_at)
    .join(users, users.c.user_id == sessions.c.user_id)
    .where(
        sessions.c.token_hash == sa.bindparam("token_hash"),
        sessions.c.expires_at > sa.bindparam("now"),
        sessions.c.last_seen_at > sa.bindparam("seen_after"),
        users.c.is_active,
    )
)


@dataclass(frozen=True, kw_only=True)
class User:
    """A person with an account; `roles` are the values of `Role`."""

    user_id: UUID
    username: str
    display_name: str
    roles: tuple[str, ...]
    community_ids: tuple[UUID, ...]
    unit_id: UUID | None
    is_active: bool = True

    @property
    def actor(self) -> Actor:
        return Actor(
            actor_id=str(self.user_id),
            name=self.display_name,
            roles=self.roles,
            community_ids=self.community_ids,
            unit_id=self.unit_id,
        )

    @property
    def role_labels(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]

    def has_role(self, *roles: str) -> bool:
        return any(role in self.roles for role in roles)


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """`expires_at`: the moment it ends if nobody uses it any more."""

    session_id: UUID
    user: User
    expires_at: datetime


def add_user(session: Session, *, user: User, password_hash: str, now: datetime) -> None:
    session.execute(
        sa.insert(users).values(
            user_id=user.user_id,
            username=user.username,
            display_name=user.display_name,
            password_hash=password_hash,
            roles=list(user.roles),
            community_ids=list(user.community_ids),
            unit_id=user.unit_id,
            is_active=user.is_active,
            created_at=now,
            password_changed_at=now,
        )
    )


def find_user(session: Session, username: str) -> tuple[User, str] | None:
    """The account of that name and its password hash."""
    row = session.execute(sa.select(users).where(users.c.username == username)).one_or_none()
    return None if row is None else (_user(row), row.password_hash)


def list_users(session: Session) -> list[tuple[User, datetime | None]]:
    rows = session.execute(sa.select(users).order_by(users.c.username))
    return [(_user(row), row.signed_in_at) for row in rows]


def set_password(session: Session, *, user_id: UUID, password_hash: str, now: datetime) -> None:
    session.execute(
        sa.update(users)
        .where(users.c.user_id == user_id)
        .values(password_hash=password_hash, password_changed_at=now)
    )


def set_active(session: Session, *, user_id: UUID, is_active: bool) -> None:
    session.execute(sa.update(users).where(users.c.user_id == user_id).values(is_active=is_active))


def refresh_hash(session: Session, *, user_id: UUID, old: str, new: str) -> None:
    """The same password hashed with today's parameters; not if it was changed meanwhile."""
    session.execute(
        sa.update(users)
        .where(users.c.user_id == user_id, users.c.password_hash == old)
        .values(password_hash=new)
    )


def note_sign_in(session: Session, *, user_id: UUID, now: datetime) -> None:
    session.execute(sa.update(users).where(users.c.user_id == user_id).values(signed_in_at=now))


def add_session(
    session: Session,
    *,
    token_hash: bytes,
    user_id: UUID,
    address: str,
    user_agent: str,
    expires_at: datetime,
    now: datetime,
) -> UUID:
    session_id = new_id()
    session.execute(
        sa.insert(sessions).values(
            session_id=session_id,
            token_hash=token_hash,
            user_id=user_id,
            created_at=now,
            last_seen_at=now,
            expires_at=expires_at,
            address=address,
            user_agent=user_agent,
        )
    )
    return session_id


def find_session(
    connection: sa.Connection, *, token_hash: bytes, idle: timedelta, now: datetime
) -> OpenSession | None:
    """The session of that token, if it has neither ended nor been left alone for too long."""
    wanted = {"token_hash": token_hash, "now": now, "seen_after": now - idle}
    row = connection.execute(_OPEN_SESSION, wanted).one_or_none()
    if row is None:
        return None
    if row.last_seen_at < now - SEEN_EVERY:
        connection.execute(
            sa.update(sessions).where(sessions.c.session_id == row.session_id).values(last_seen_at=now)
        )
    return OpenSession(session_id=row.session_id, user=_user(row), expires_at=min(row.expires_at, now + idle))


def end_session(session: Session, token_hash: bytes) -> UUID | None:
    """Whose session it was, if there was one."""
    return session.scalar(
        sa.delete(sessions).where(sessions.c.token_hash == token_hash).returning(sessions.c.user_id)
    )


def end_sessions_of(session: Session, user_id: UUID) -> None:
    session.execute(sa.delete(sessions).where(sessions.c.user_id == user_id))


def log_sign_in(
    session: Session,
    *,
    username: str,
    user_id: UUID | None,
    address: str,
    user_agent: str,
    outcome: str,
    now: datetime,
) -> None:
    session.execute(
        sa.insert(sign_ins).values(
            at=now,
            username=username,
            user_id=user_id,
            address=address,
            user_agent=user_agent,
            outcome=outcome,
        )
    )


def has_signed_in_from(session: Session, *, user_id: UUID, address: str, since: datetime) -> bool:
    found = session.scalar(
        sa.select(sa.true()).where(
            sa.exists().where(
                sign_ins.c.user_id == user_id,
                sign_ins.c.address == address,
                sign_ins.c.outcome == "signed_in",
                sign_ins.c.at > since,
            )
        )
    )
    return bool(found)


def _user(row: Any) -> User:
    return User(
        user_id=row.user_id,
        username=row.username,
        display_name=row.display_name,
        roles=tuple(row.roles),
        community_ids=tuple(row.community_ids),
        unit_id=row.unit_id,
        is_active=row.is_active,
    )
