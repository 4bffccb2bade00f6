"""Accounts and their sessions, as rows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.storage.grants import RIGHTS
from gateway.storage.tables import sessions, sign_ins, used_passwords, users
from services.chassis import audit, tracing
from services.chassis.ids import new_id
from services.contracts.base import ANONYMOUS, Actor, Role

# A session's last use is written at most this often, so that reading pages does not become writing.
SEEN_EVERY = timedelta(minutes=1)
# A user with what today's grants allow.
_USERS = sa.select(users, RIGHTS).select_from(users.join(RIGHTS, sa.true()))
# Made once: it is asked with every request.
_OPEN_SESSION = (
    sa.select(
        users,
        RIGHTS,
        sessions.c.session_id,
        sessions.c.expires_at,
        sessions.c.last_seen_at,
        sessions.c.proven_at,
    )
    .select_from(sessions.join(users, users.c.user_id == sessions.c.user_id).join(RIGHTS, sa.true()))
    .where(
        sessions.c.token_hash == sa.bindparam("token_hash"),
        sessions.c.expires_at > sa.bindparam("now"),
        sessions.c.last_seen_at > sa.bindparam("seen_after"),
        users.c.is_active,
        sa.or_(users.c.closes_at.is_(None), users.c.closes_at > sa.bindparam("now")),
    )
)


@dataclass(frozen=True, kw_only=True)
class User:
    """A person with an account and what today's grants allow; `roles` are the values of `Role`.

    `held` are the roles with the communities they hold in, None for the city or the unit. `used_at`: the last
    time that somebody signed in, or that somebody else opened the account or gave it a password.
    """

    user_id: UUID
    username: str
    display_name: str
    roles: tuple[str, ...]
    community_ids: tuple[UUID, ...]
    unit_id: UUID | None
    is_active: bool = True
    must_change_password: bool = False
    password_changed_at: datetime | None = None
    has_second_factor: bool = False
    closes_at: datetime | None = None
    used_at: datetime | None = None
    held: tuple[tuple[str, UUID | None], ...] = ()

    @property
    def actor(self) -> Actor:
        return Actor(
            actor_id=str(self.user_id),
            name=self.display_name,
            roles=self.roles,
            community_ids=self.community_ids,
            unit_id=self.unit_id,
        )

    def actor_as(self, roles: Collection[str]) -> Actor:
        """With the rights of these roles only: who leads one community and works in another leads only one."""
        if not self.held or not roles:
            return self.actor
        kept = [(role, community_id) for role, community_id in self.held if role in roles]
        return replace(
            self.actor,
            roles=tuple(dict.fromkeys(role for role, _ in kept)),
            community_ids=_distinct(community_id for _, community_id in kept),
        )

    @property
    def role_labels(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]

    def may_sign_in(self, now: datetime) -> bool:
        return self.is_active and (self.closes_at is None or self.closes_at > now)

    def is_idle(self, now: datetime, after: timedelta) -> bool:
        return self.used_at is not None and self.used_at < now - after

    def has_role(self, *roles: str) -> bool:
        return any(role in self.roles for role in roles)


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """`expires_at`: the moment it ends if nobody uses it any more.

    `proven_at`: when its owner last showed who he is.
    """

    session_id: UUID
    user: User
    expires_at: datetime
    proven_at: datetime


def add_user(session: Session, *, user: User, password_hash: str, now: datetime) -> None:
    """`User.must_change_password`: somebody else chose the password."""
    session.execute(
        sa.insert(users).values(
            user_id=user.user_id,
            username=user.username,
            display_name=user.display_name,
            password_hash=password_hash,
            is_active=user.is_active,
            created_at=now,
            password_changed_at=now,
            must_change_password=user.must_change_password,
        )
    )


def find_user(session: Session, username: str) -> tuple[User, str] | None:
    """The account of that name and its password hash."""
    row = session.execute(_USERS.where(users.c.username == username)).one_or_none()
    return None if row is None else (_user(row), row.password_hash)


def list_users(session: Session) -> list[tuple[User, datetime | None]]:
    rows = session.execute(_USERS.order_by(users.c.username))
    return [(_user(row), row.signed_in_at) for row in rows]


def set_password(
    session: Session, *, user_id: UUID, password_hash: str, is_one_time: bool, now: datetime
) -> None:
    """The hash it replaces is kept, so that the password does not come back at once."""
    session.execute(
        sa.insert(used_passwords).from_select(
            ["user_id", "replaced_at", "password_hash"],
            sa.select(users.c.user_id, sa.literal(now), users.c.password_hash).where(
                users.c.user_id == user_id
            ),
        )
    )
    session.execute(
        sa.update(users)
        .where(users.c.user_id == user_id)
        .values(password_hash=password_hash, password_changed_at=now, must_change_password=is_one_time)
    )


def last_passwords(session: Session, *, user_id: UUID, most: int) -> list[str]:
    """The hashes of the latest ones, the present one first."""
    before = session.scalars(
        sa.select(used_passwords.c.password_hash)
        .where(used_passwords.c.user_id == user_id)
        .order_by(used_passwords.c.replaced_at.desc())
        .limit(max(most - 1, 0))
    ).all()
    present = session.scalar(sa.select(users.c.password_hash).where(users.c.user_id == user_id))
    return [present, *before][:most] if present else []


def set_active(session: Session, *, user_id: UUID, is_active: bool, now: datetime) -> None:
    """Opened again, an account counts as used: the time after which it is left alone begins anew."""
    changed: dict[str, Any] = {"is_active": is_active, **({"reopened_at": now} if is_active else {})}
    session.execute(sa.update(users).where(users.c.user_id == user_id).values(changed))


def set_closing(session: Session, *, user_id: UUID, is_active: bool, closes_at: datetime) -> None:
    """Open until a moment, after which the account is closed by itself."""
    session.execute(
        sa.update(users).where(users.c.user_id == user_id).values(is_active=is_active, closes_at=closes_at)
    )


def is_anybody_there(session: Session) -> bool:
    return bool(session.scalar(sa.select(sa.exists().select_from(users))))


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
            proven_at=now,
        )
    )
    return session_id


def find_session(
    connection: sa.Connection, *, token_hash: bytes, idle: timedelta, is_use: bool, now: datetime
) -> OpenSession | None:
    """The session of that token, if it has neither ended nor been left alone for too long.

    `is_use`: whether asking for it keeps it alive.
    """
    wanted = {"token_hash": token_hash, "now": now, "seen_after": now - idle}
    row = connection.execute(_OPEN_SESSION, wanted).one_or_none()
    if row is None:
        return None
    if is_use and row.last_seen_at < now - SEEN_EVERY:
        connection.execute(
            sa.update(sessions).where(sessions.c.session_id == row.session_id).values(last_seen_at=now)
        )
    return OpenSession(
        session_id=row.session_id,
        user=_user(row),
        expires_at=min(row.expires_at, now + idle),
        proven_at=row.proven_at,
    )


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
    note: str = "",
) -> None:
    session.execute(
        sa.insert(sign_ins).values(
            at=now,
            username=username,
            user_id=user_id,
            address=address,
            user_agent=user_agent,
            outcome=outcome,
            note=note,
        )
    )
    is_refused = outcome not in ("signed_in", "signed_out")
    entry = audit.entry_of(
        "gateway.sign_out" if outcome == "signed_out" else "gateway.sign_in",
        audit.Subject(record_id=str(user_id) if user_id else None, reason=note),
        actor=replace(ANONYMOUS, actor_id=str(user_id)) if user_id and not is_refused else ANONYMOUS,
        at=now,
        address=address,
        request_id=tracing.request_id.get(),
        outcome=audit.REFUSED if is_refused else audit.DONE,
        code=outcome if is_refused else "",
    )
    audit.write(session.connection(), entry)


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
    held = tuple(zip(row.held_roles or (), row.held_communities or (), strict=True))
    return User(
        user_id=row.user_id,
        username=row.username,
        display_name=row.display_name,
        roles=tuple(dict.fromkeys(role for role, _ in held)),
        community_ids=_distinct(community_id for _, community_id in held),
        unit_id=row.unit_id,
        is_active=row.is_active,
        must_change_password=row.must_change_password,
        password_changed_at=row.password_changed_at,
        has_second_factor=row.second_factor_at is not None,
        closes_at=row.closes_at,
        used_at=used_at(row),
        held=held,
    )


def used_at(row: Any) -> datetime:
    found: tuple[datetime | None, ...]
    found = (row.created_at, row.signed_in_at, row.password_changed_at, row.reopened_at)
    return max(moment for moment in found if moment is not None)


def _distinct(community_ids: Iterable[UUID | None]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(one for one in community_ids if one is not None))
