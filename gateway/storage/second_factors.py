"""Second factors and recovery codes, as rows; the secrets are sealed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.storage.tables import factor_secrets, recovery_codes, second_factors, users
from services.chassis.sealing import keyring_of


def find_offered(session: Session, user_id: UUID) -> str | None:
    """The secret that waits to be confirmed."""
    return _secret(session, user_id, second_factors.c.confirmed_at.is_(None))


def offer(session: Session, *, user_id: UUID, secret: str, now: datetime) -> None:
    """Keep a secret until it is confirmed; one that is there already stays."""
    sealed_secret = factor_secrets.seal(keyring_of(session), user_id, secret)
    session.execute(
        insert(second_factors)
        .values(user_id=user_id, sealed_secret=sealed_secret, last_step=0, offered_at=now)
        .on_conflict_do_nothing()
    )


def confirm(session: Session, *, user_id: UUID, now: datetime) -> None:
    session.execute(
        sa.update(second_factors).where(second_factors.c.user_id == user_id).values(confirmed_at=now)
    )
    session.execute(sa.update(users).where(users.c.user_id == user_id).values(second_factor_at=now))


def remove(session: Session, user_id: UUID) -> None:
    session.execute(sa.delete(second_factors).where(second_factors.c.user_id == user_id))
    session.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    session.execute(sa.update(users).where(users.c.user_id == user_id).values(second_factor_at=None))


def find_secret(session: Session, user_id: UUID) -> str | None:
    """Confirmed or not."""
    return _secret(session, user_id)


def _secret(session: Session, user_id: UUID, *more: sa.ColumnElement[bool]) -> str | None:
    sealed = session.scalar(
        sa.select(second_factors.c.sealed_secret).where(second_factors.c.user_id == user_id, *more)
    )
    return None if sealed is None else factor_secrets.unseal(keyring_of(session), user_id, bytes(sealed))


def use_step(session: Session, *, user_id: UUID, step: int) -> bool:
    """Whether that step is later than every one used before; check and note are one statement."""
    used = session.scalar(
        sa.update(second_factors)
        .where(second_factors.c.user_id == user_id, second_factors.c.last_step < step)
        .values(last_step=step)
        .returning(second_factors.c.user_id)
    )
    return used is not None


def replace_recovery_codes(session: Session, *, user_id: UUID, code_hashes: Iterable[bytes]) -> None:
    session.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": code_hash} for code_hash in code_hashes]
    session.execute(sa.insert(recovery_codes), rows)


def use_recovery_code(session: Session, *, user_id: UUID, code_hash: bytes) -> bool:
    """Whether there was such a code; now it is gone."""
    used = session.scalar(
        sa.delete(recovery_codes)
        .where(recovery_codes.c.user_id == user_id, recovery_codes.c.code_hash == code_hash)
        .returning(recovery_codes.c.user_id)
    )
    return used is not None


def count_recovery_codes(session: Session, user_id: UUID) -> int:
    found = session.scalar(
        sa.select(sa.func.count()).select_from(recovery_codes).where(recovery_codes.c.user_id == user_id)
    )
    return found or 0
