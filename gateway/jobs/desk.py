"""Handing work to the jobs process, and asking how far it is."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from flask import current_app, request

from gateway.auth.session import current_actor
from gateway.calls import sent_idempotency_key
from gateway.jobs.outcome import MadeFile
from gateway.storage import jobs
from gateway.storage.jobs import Job
from services.chassis.db import Database
from services.chassis.ids import new_id
from services.contracts.base import Conflict, DeadlineExceeded, Invalid, NotFound

# The namespace of the ids that are made of keys.
_KEYED = UUID("7c5d3f0e-2a54-4f7e-9a57-6b6f6f62d0a1")
# People wait for the answer, so the first looks are quick.
_LOOKS = (0.05, 0.05, 0.1, 0.1, 0.2, 0.2, 0.3)


class JobNotFound(NotFound): ...


class JobFinished(Conflict): ...


class FileUnreadable(Invalid): ...


class Desk:
    """The gateway's side of the queue; `tell` lets the broker wake a worker for a job that is committed."""

    def __init__(self, database: Database, tell: Callable[[UUID], object] = lambda _job_id: None) -> None:
        self._database = database
        self._tell = tell

    def start(
        self, kind: str, content: bytes, meta: Mapping[str, Any], *, owner: str, key: str | None = None
    ) -> UUID:
        """The same file under the same `key` of the same owner is one job, however often it is handed in."""
        file_hash = hashlib.sha256(content).hexdigest()
        job_id = uuid5(_KEYED, f"{owner}|{kind}|{file_hash}|{key}") if key else new_id()
        with self._database.transaction() as tx, tx.session.begin_nested() as handed_in:
            upload_id = jobs.add_upload(
                tx.session, content=content, file_hash=file_hash, uploaded_by=owner, now=tx.now
            )
            is_new = jobs.add_job(
                tx.session,
                job_id=job_id,
                kind=kind,
                meta=dict(meta),
                upload_id=upload_id,
                owner=owner,
                now=tx.now,
            )
            if not is_new:
                handed_in.rollback()  # the file is there already, too
        self._tell(job_id)
        return job_id

    def get(self, job_id: UUID, *, owner: str) -> Job:
        """Raises `JobNotFound` for a job of somebody else, too."""
        with self._database.reading() as tx:
            job = jobs.find_job(tx.session, job_id)
        if job is None or job.owner != owner:
            raise JobNotFound("没有找到这项处理任务，可能已过期，请重新上传文件。")
        return job

    def list(self, *, owner: str, most: int = 50) -> list[Job]:
        """The latest first."""
        with self._database.reading() as tx:
            return jobs.list_jobs(tx.session, owner=owner, most=most)

    def file_of(self, job_id: UUID, *, owner: str) -> MadeFile:
        """Raises `JobNotFound`, also when the job has made no file."""
        self.get(job_id, owner=owner)
        with self._database.reading() as tx:
            made = jobs.find_file(tx.session, job_id)
        if made is None:
            raise JobNotFound("这项任务没有可以下载的文件，可能还在处理或已过期。")
        return made

    def cancel(self, job_id: UUID, *, owner: str) -> Job:
        """The job as it then is; raises `JobFinished` when it was too late."""
        self.get(job_id, owner=owner)
        with self._database.transaction() as tx:
            was_in_time = jobs.cancel_job(tx.session, job_id)
        job = self.get(job_id, owner=owner)
        if not was_in_time and job.status != "cancelled":
            raise JobFinished("这项任务已经处理完，不能取消。")
        return job

    def wait(self, job_id: UUID, *, owner: str, seconds: float) -> Job:
        """The job once it is done or has failed; raises `DeadlineExceeded` if it takes longer."""
        end = time.monotonic() + seconds
        looks = iter(_LOOKS)
        while True:
            job = self.get(job_id, owner=owner)
            if job.is_finished:
                return job
            if time.monotonic() > end:
                raise DeadlineExceeded("文件还在处理中，请稍后再试。")
            time.sleep(next(looks, 0.5))


def start_job(kind: str, content: bytes, meta: Mapping[str, Any]) -> UUID:
    """Hand it in for whoever sent the request at hand, under the key that came with it."""
    sent = sent_idempotency_key()
    key = f"{request.endpoint}|{sent}" if sent else None
    return _desk().start(kind, content, meta, owner=current_actor().actor_id, key=key)


def list_jobs() -> Sequence[Job]:
    """The jobs of whoever sent the request at hand, the latest first."""
    return _desk().list(owner=current_actor().actor_id)


def cancel_job(job_id: UUID) -> Job:
    """Raises `JobNotFound`, `JobFinished`."""
    return _desk().cancel(job_id, owner=current_actor().actor_id)


def file_of_job(job_id: UUID) -> MadeFile:
    """Raises `JobNotFound`."""
    return _desk().file_of(job_id, owner=current_actor().actor_id)


def get_job(job_id: UUID) -> Job:
    """A job of whoever sent the request at hand; raises `JobNotFound`."""
    return _desk().get(job_id, owner=current_actor().actor_id)


def wait_for_job(job_id: UUID, *, seconds: float = 20.0) -> Job:
    return _desk().wait(job_id, owner=current_actor().actor_id, seconds=seconds)


def result_of(job: Job) -> dict[str, Any]:
    """What a finished job found; raises `FileUnreadable` with the reason if it failed or was cancelled."""
    if job.status == "cancelled":
        raise FileUnreadable("这项任务已取消。")
    if job.status == "failed":
        raise FileUnreadable(job.error or "文件无法读取。")
    return job.result or {}


def _desk() -> Desk:
    desk: Desk = current_app.extensions["desk"]
    return desk
