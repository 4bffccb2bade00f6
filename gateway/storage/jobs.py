"""Jobs and the files they read, as rows.

A worker holds a job by a lease that it renews; a worker that is killed renews nothing, and after
the lease another takes the job up again. Only the holder of the lease may finish it.
The database's clock counts, because workers may stand on several machines.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Session

from gateway.jobs.outcome import JobStatus, MadeFile, Outcome
from gateway.storage import first_answers
from gateway.storage.tables import jobs, sessions, sign_ins, throttles, uploads
from services.chassis.ids import new_id

MOST_ATTEMPTS = 3
LEASE = timedelta(seconds=30)
KEPT = timedelta(days=7)
SIGN_INS_KEPT = timedelta(days=183)


@dataclass(frozen=True, kw_only=True)
class Job:
    """`status`: one of `JobStatus`; `progress` in percent.

    `file_name` names the file that the job made, if it made one.
    """

    job_id: UUID
    kind: str
    status: str
    meta: dict[str, Any]
    owner: str
    progress: int
    result: dict[str, Any] | None
    error: str | None
    file_name: str | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_finished(self) -> bool:
        return self.status in (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED)


# Without the file itself.
_SHOWN = tuple(
    jobs.c[name]
    for name in (
        "job_id",
        "kind",
        "status",
        "meta",
        "owner",
        "progress",
        "result",
        "error",
        "file_name",
        "created_at",
        "finished_at",
    )
)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A job in a worker's hands."""

    job_id: UUID
    lease_id: UUID
    kind: str
    meta: dict[str, Any]
    content: bytes


def add_upload(session: Session, *, content: bytes, file_hash: str, uploaded_by: str, now: datetime) -> UUID:
    upload_id = new_id()
    session.execute(
        sa.insert(uploads).values(
            upload_id=upload_id,
            file_hash=file_hash,
            content=content,
            uploaded_by=uploaded_by,
            uploaded_at=now,
        )
    )
    return upload_id


def add_job(
    session: Session,
    *,
    job_id: UUID,
    kind: str,
    meta: dict[str, Any],
    upload_id: UUID,
    owner: str,
    now: datetime,
) -> bool:
    """Put it into the queue; False when that job is there already."""
    added = session.scalar(
        pg.insert(jobs)
        .values(
            job_id=job_id,
            kind=kind,
            status="waiting",
            meta=meta,
            upload_id=upload_id,
            owner=owner,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(jobs.c.job_id)
    )
    return added is not None


def find_job(session: Session, job_id: UUID) -> Job | None:
    row = session.execute(sa.select(*_SHOWN).where(jobs.c.job_id == job_id)).one_or_none()
    return None if row is None else Job(**row._mapping)


def list_jobs(session: Session, *, owner: str, most: int) -> list[Job]:
    """The latest first."""
    rows = session.execute(
        sa.select(*_SHOWN)
        .where(jobs.c.owner == owner)
        .order_by(jobs.c.created_at.desc(), jobs.c.job_id)
        .limit(most)
    )
    return [Job(**row._mapping) for row in rows]


def find_file(session: Session, job_id: UUID) -> MadeFile | None:
    row = session.execute(
        sa.select(jobs.c.file_name, jobs.c.file_type, jobs.c.file).where(
            jobs.c.job_id == job_id, jobs.c.file.is_not(None)
        )
    ).one_or_none()
    return row and MadeFile(name=row.file_name, mime=row.file_type, content=bytes(row.file))


def cancel_job(session: Session, job_id: UUID) -> bool:
    """Whoever holds it notices when renewing the lease; False when it is finished already."""
    cancelled = session.execute(
        sa.update(jobs)
        .where(jobs.c.job_id == job_id, jobs.c.status.in_(("waiting", "running")))
        .values(status="cancelled", lease_id=None, lease_until=None, finished_at=sa.func.clock_timestamp())
    )
    return bool(cancelled.rowcount)  # type: ignore[attr-defined]


def take_job(session: Session) -> Taken | None:
    """The oldest job that nobody holds; two workers never get the same one."""
    free = sa.or_(
        jobs.c.status == "waiting",
        sa.and_(jobs.c.status == "running", jobs.c.lease_until < sa.func.clock_timestamp()),
    )
    job_id = session.scalar(
        sa.select(jobs.c.job_id)
        .where(free, jobs.c.attempts < MOST_ATTEMPTS)
        .order_by(jobs.c.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job_id is None:
        return None
    lease_id = uuid4()
    session.execute(
        sa.update(jobs)
        .where(jobs.c.job_id == job_id)
        .values(
            status="running",
            attempts=jobs.c.attempts + 1,
            lease_id=lease_id,
            lease_until=sa.func.clock_timestamp() + LEASE,
            progress=0,
        )
    )
    row = session.execute(
        sa.select(jobs.c.kind, jobs.c.meta, uploads.c.content)
        .join(uploads, uploads.c.upload_id == jobs.c.upload_id)
        .where(jobs.c.job_id == job_id)
    ).one()
    return Taken(job_id=job_id, lease_id=lease_id, kind=row.kind, meta=row.meta, content=bytes(row.content))


def renew_lease(session: Session, taken: Taken, *, progress: int = 0) -> bool:
    """False when the lease was lost: another worker has the job now, or somebody cancelled it."""
    renewed = session.execute(
        sa.update(jobs)
        .where(*_held(taken))
        .values(lease_until=sa.func.clock_timestamp() + LEASE, progress=progress)
    )
    return bool(renewed.rowcount)  # type: ignore[attr-defined]


def finish_job(session: Session, taken: Taken, outcome: Outcome) -> bool:
    """Keep the outcome; False when the lease was lost meanwhile and the outcome is not wanted."""
    made = outcome.file
    finished = session.execute(
        sa.update(jobs)
        .where(*_held(taken))
        .values(
            status="done" if outcome.error is None else "failed",
            progress=100,
            result=sa.null() if outcome.result is None else outcome.result,
            error=outcome.error,
            file_name=made and made.name,
            file_type=made and made.mime,
            file=made and made.content,
            lease_id=None,
            lease_until=None,
            finished_at=sa.func.clock_timestamp(),
        )
    )
    return bool(finished.rowcount)  # type: ignore[attr-defined]


def give_back(session: Session, taken: Taken) -> None:
    """Stop without a result and without counting the attempt: the process is being stopped."""
    session.execute(
        sa.update(jobs)
        .where(*_held(taken))
        .values(status="waiting", attempts=jobs.c.attempts - 1, lease_id=None, lease_until=None)
    )


def fail_exhausted(session: Session) -> int:
    """Jobs that took their workers down time and again are not tried any more."""
    failed = session.execute(
        sa.update(jobs)
        .where(
            jobs.c.status == "running",
            jobs.c.attempts >= MOST_ATTEMPTS,
            jobs.c.lease_until < sa.func.clock_timestamp(),
        )
        .values(
            status="failed",
            error="多次处理都没有完成，请检查文件后重新上传。",
            finished_at=sa.func.clock_timestamp(),
            lease_id=None,
            lease_until=None,
        )
    )
    return int(failed.rowcount)  # type: ignore[attr-defined]


def remove_old(session: Session) -> None:
    """Files and results after a week, sign-ins after half a year (Cybersecurity Law), the rest once over."""
    now = sa.func.clock_timestamp()
    session.execute(sa.delete(jobs).where(jobs.c.finished_at < now - KEPT))
    session.execute(
        sa.delete(uploads).where(
            uploads.c.uploaded_at < now - KEPT, ~sa.exists().where(jobs.c.upload_id == uploads.c.upload_id)
        )
    )
    first_answers.remove_old(session)
    session.execute(sa.delete(sign_ins).where(sign_ins.c.at < now - SIGN_INS_KEPT))
    session.execute(sa.delete(sessions).where(sessions.c.expires_at < now))
    session.execute(sa.delete(throttles).where(throttles.c.locked_until < now - timedelta(days=1)))


def _held(taken: Taken) -> tuple[Any, ...]:
    return jobs.c.job_id == taken.job_id, jobs.c.lease_id == taken.lease_id, jobs.c.status == "running"
