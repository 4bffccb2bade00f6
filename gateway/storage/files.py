"""Which files lie in the storage, and whether anything refers to them.

A file is noted before it is written, so that none is forgotten; one that belongs to nothing is removed
after a day. Whoever is about to attach it marks it first: if he then fails, a file stays too long, and
never the other way round.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.storage.tables import jobs as job_rows
from gateway.storage.tables import stored_files, uploads

FREE_FOR = timedelta(days=1)
IN_A_TURN = 100


def note(session: Session, file_id: UUID) -> None:
    session.execute(
        insert(stored_files)
        .values(file_id=file_id, noted_at=sa.func.clock_timestamp(), is_attached=False)
        .on_conflict_do_nothing()
    )


def mark_attached(session: Session, file_id: UUID) -> bool:
    """False when it is gone."""
    return _mark(session, file_id, is_attached=True)


def mark_free(session: Session, file_id: UUID) -> None:
    _mark(session, file_id, is_attached=False)


def take_free(session: Session) -> list[UUID]:
    """Those that nothing has referred to for a day; they are noted no more and have to be removed."""
    chosen = (
        sa.select(stored_files.c.file_id)
        .where(~stored_files.c.is_attached, stored_files.c.noted_at < sa.func.clock_timestamp() - FREE_FOR)
        .limit(IN_A_TURN)
        .with_for_update(skip_locked=True)
    )
    gone = sa.delete(stored_files).where(stored_files.c.file_id.in_(chosen))
    return list(session.scalars(gone.returning(stored_files.c.file_id)))


def empty_upload(session: Session, job_id: UUID) -> None:
    """What was sent is not kept beside what became of it."""
    of_the_job = sa.select(job_rows.c.upload_id).where(job_rows.c.job_id == job_id).scalar_subquery()
    session.execute(sa.update(uploads).where(uploads.c.upload_id == of_the_job).values(content=b""))


def _mark(session: Session, file_id: UUID, *, is_attached: bool) -> bool:
    marked = session.execute(
        sa.update(stored_files)
        .where(stored_files.c.file_id == file_id)
        .values(is_attached=is_attached, noted_at=sa.func.clock_timestamp())
    )
    return bool(marked.rowcount)  # type: ignore[attr-defined]
