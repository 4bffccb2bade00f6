"""Counting failed sign-ins, so that each further guess has to wait longer.

Only a keyed hash of what is counted is kept: people type passwords into the field of the name.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.storage.tables import throttles
from services.chassis.config import load

LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """`wait`: what is still due, nought if the attempt may go ahead; only then it was counted."""

    wait: timedelta
    failed_count: int

    @property
    def is_counted(self) -> bool:
        return not self.wait


def count_attempt(session: Session, *, key: str, free: int, now: datetime) -> Counted:
    """Count one attempt as failed in advance.

    Counting before the password is checked keeps a burst of parallel guesses from sharing one try.
    After `free` attempts the wait is 1 s, then doubles; a quiet quarter of an hour forgets everything.
    """
    key = veiled(key)
    session.execute(
        insert(throttles).values(key=key, failed_count=0, locked_until=now).on_conflict_do_nothing()
    )
    row = session.execute(sa.select(throttles).where(throttles.c.key == key).with_for_update()).one()
    if row.locked_until > now:
        return Counted(wait=row.locked_until - now, failed_count=row.failed_count)
    is_forgotten = row.locked_until < now - LONGEST
    failed_count = 1 if is_forgotten else min(row.failed_count + 1, 1000)
    session.execute(
        sa.update(throttles)
        .where(throttles.c.key == key)
        .values(failed_count=failed_count, locked_until=now + wait_after(failed_count, free=free))
    )
    return Counted(wait=timedelta(0), failed_count=failed_count)


def wait_after(failed_count: int, *, free: int) -> timedelta:
    if failed_count <= free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failed_count - free - 1, 20)), LONGEST)


def forget(session: Session, key: str) -> None:
    session.execute(sa.delete(throttles).where(throttles.c.key == veiled(key)))


def take_back(session: Session, *, key: str, now: datetime) -> None:
    """The attempt counted in advance succeeded; earlier failures of the key stay counted."""
    session.execute(
        sa.update(throttles)
        .where(throttles.c.key == veiled(key))
        .values(failed_count=sa.func.greatest(throttles.c.failed_count - 1, 0), locked_until=now)
    )


def veiled(key: str) -> str:
    """As it stands in the table."""
    return hmac.new(_hash_key(), key.encode(), hashlib.sha256).hexdigest()


@cache
def _hash_key() -> bytes:
    """Made once for a process, of the platform's secret."""
    return load().derived("gateway:throttles")
