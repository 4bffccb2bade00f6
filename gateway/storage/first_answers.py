"""The first answers of POSTs whose effect is in this database, as rows; what was answered is sealed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.storage.tables import answers, first_answers
from services.chassis.sealing import keyring_of

KEPT = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class FirstAnswer:
    fingerprint: bytes
    text: str


def begin(session: Session, *, answer_id: UUID, fingerprint: bytes, now: datetime) -> FirstAnswer | None:
    """None the first time; whoever else begins under this id then waits for the end of our transaction."""
    begun = session.execute(
        insert(first_answers)
        .values(answer_id=answer_id, fingerprint=fingerprint, answered_at=now)
        .on_conflict_do_nothing()
    )
    if begun.rowcount:  # type: ignore[attr-defined]
        return None
    row = session.execute(first_answers.select().where(first_answers.c.answer_id == answer_id)).one()
    text = answers.unseal(keyring_of(session), answer_id, bytes(row.answer_sealed))
    return FirstAnswer(fingerprint=bytes(row.fingerprint), text=text)


def keep(session: Session, *, answer_id: UUID, text: str) -> None:
    session.execute(
        sa.update(first_answers)
        .where(first_answers.c.answer_id == answer_id)
        .values(answer_sealed=answers.seal(keyring_of(session), answer_id, text))
    )


def remove_old(session: Session) -> None:
    ended = sa.func.clock_timestamp() - KEPT
    session.execute(sa.delete(first_answers).where(first_answers.c.answered_at < ended))
