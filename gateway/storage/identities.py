"""Links to other sign-in systems, attempts under way, and the sessions they opened, as rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.storage.tables import identities, sessions, sign_on_sessions, sign_on_steps, users


@dataclass(frozen=True, kw_only=True)
class PendingStep:
    """Somebody who has left for the other system; `wanted` is the page he asked for."""

    provider: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    wanted: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The system that opened a session; `sealed_hint` is what it wants to hear when the session ends."""

    provider: str
    has_second_factor: bool
    sealed_hint: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Identity:
    provider: str
    subject: str
    username: str
    linked_at: datetime
    last_used_at: datetime | None


def add_step(
    session: Session, step: PendingStep, *, state_hash: bytes, browser_hash: bytes, expires_at: datetime
) -> None:
    session.execute(
        sa.insert(sign_on_steps).values(
            **vars(step), state_hash=state_hash, browser_hash=browser_hash, expires_at=expires_at
        )
    )


def take_step(
    session: Session, *, state_hash: bytes, browser_hash: bytes, now: datetime
) -> PendingStep | None:
    """The step of that state, for the browser that began it, and nobody after."""
    row = session.execute(
        sa.delete(sign_on_steps)
        .where(
            sign_on_steps.c.state_hash == state_hash,
            sign_on_steps.c.browser_hash == browser_hash,
            sign_on_steps.c.expires_at > now,
        )
        .returning(
            sign_on_steps.c.provider,
            sign_on_steps.c.nonce,
            sign_on_steps.c.code_verifier,
            sign_on_steps.c.wanted,
        )
    ).one_or_none()
    return row and PendingStep(**row._mapping)


def forget_steps(session: Session, *, now: datetime) -> None:
    session.execute(sa.delete(sign_on_steps).where(sign_on_steps.c.expires_at <= now))


def find_owner(session: Session, *, provider: str, subject: str) -> str | None:
    """The name of the account."""
    return session.scalar(
        sa.select(users.c.username)
        .join(identities, identities.c.user_id == users.c.user_id)
        .where(identities.c.provider == provider, identities.c.subject == subject)
    )


def add_identity(session: Session, *, provider: str, subject: str, user_id: UUID, now: datetime) -> bool:
    """False when the identity, or this user's place at that provider, is taken."""
    added = session.execute(
        insert(identities)
        .values(provider=provider, subject=subject, user_id=user_id, linked_at=now)
        .on_conflict_do_nothing()
    )
    return bool(added.rowcount)  # type: ignore[attr-defined]


def note_use(session: Session, *, provider: str, subject: str, now: datetime) -> None:
    session.execute(
        sa.update(identities)
        .where(identities.c.provider == provider, identities.c.subject == subject)
        .values(last_used_at=now)
    )


def remove_identity(session: Session, *, provider: str, user_id: UUID) -> bool:
    """Also ends the sessions that the other system opened for him."""
    removed = session.execute(
        sa.delete(identities).where(identities.c.provider == provider, identities.c.user_id == user_id)
    )
    opened = sa.select(sign_on_sessions.c.session_id).where(sign_on_sessions.c.provider == provider)
    session.execute(
        sa.delete(sessions).where(sessions.c.user_id == user_id, sessions.c.session_id.in_(opened))
    )
    return bool(removed.rowcount)  # type: ignore[attr-defined]


def list_identities(session: Session) -> list[Identity]:
    rows = session.execute(
        sa.select(
            identities.c.provider,
            identities.c.subject,
            users.c.username,
            identities.c.linked_at,
            identities.c.last_used_at,
        )
        .join(users, users.c.user_id == identities.c.user_id)
        .order_by(users.c.username, identities.c.provider)
    )
    return [Identity(**row._mapping) for row in rows]


def note_origin(session: Session, origin: Origin, *, session_id: UUID, key_hashes: Sequence[bytes]) -> None:
    """`key_hashes`: of the keys by which the other system may end the session."""
    session.execute(
        sa.insert(sign_on_sessions).values(**vars(origin), session_id=session_id, key_hashes=list(key_hashes))
    )


def find_origin(session: Session, session_id: UUID) -> Origin | None:
    row = session.execute(
        sa.select(
            sign_on_sessions.c.provider,
            sign_on_sessions.c.has_second_factor,
            sign_on_sessions.c.sealed_hint,
        ).where(sign_on_sessions.c.session_id == session_id)
    ).one_or_none()
    return row and Origin(**row._mapping)


def end_sessions(session: Session, *, provider: str, key_hash: bytes) -> list[UUID]:
    """Whose sessions have ended."""
    ended = sa.select(sign_on_sessions.c.session_id).where(
        sign_on_sessions.c.provider == provider, sign_on_sessions.c.key_hashes.contains([key_hash])
    )
    return list(
        session.scalars(
            sa.delete(sessions).where(sessions.c.session_id.in_(ended)).returning(sessions.c.user_id)
        )
    )
