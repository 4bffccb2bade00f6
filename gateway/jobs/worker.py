"""The process `jobs`: takes work from the queue, does it in child processes, keeps what came of it.

The broker says that there is work, the row says what, to whom it belongs, and how far it is. A message
that was lost, or a broker that is away, costs the seconds until a hand looks by itself.
Killed in the middle of a job, the process renews the job's lease no more, and another takes the job
up. Told to stop, it finishes what it has in hand, or gives it back.
"""

import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from prometheus_client import start_http_server

from gateway.files.storage import Files, files_of
from gateway.jobs import evidence_file
from gateway.jobs.childhood import Child
from gateway.jobs.outcome import MadeFile, Outcome
from gateway.storage import files, jobs
from gateway.storage.jobs import Taken
from gateway.storage.personal_requests import forget_persons
from services.chassis import metrics
from services.chassis.clock import utc_now
from services.chassis.config import Config, load
from services.chassis.db import Database
from services.chassis.faults import faultpoint
from services.chassis.logs import get_logger
from services.chassis.work import ear
from services.contracts.base import Unavailable

HANDS = 2
POLL_SECONDS = 2.0
# So often a job's progress is shown, and so soon it is noticed that nobody wants it any more.
BEAT_SECONDS = 1.0
LOOK_SECONDS = 0.2
GRACE_SECONDS = 10.0
# More than a child may compute; one that waits for ever is ended, too.
LONGEST_SECONDS = 120.0
TIDY_SECONDS = 600.0

BROKEN_FILE = "文件无法读取，可能已损坏或过于复杂。请另存为 .xlsx 后重新上传。"

T = TypeVar("T")
log = get_logger(__name__)


class Stopped(Exception):
    """The process is to stop before the job was done."""


class LeaseLost(Exception):
    """Another worker has the job now, or nobody wants it any more."""


class Worker:
    """Some hands that work, and a bell that wakes them; `files` is where evidence is kept."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files
        self._stop = threading.Event()
        self._bell = threading.Condition()
        self._rings = 0

    def run(self, *, hands: int = HANDS) -> None:
        """Until `stop` is called; then until everybody has put down what he held."""
        threads = [threading.Thread(target=self._work, name=f"hand-{n}") for n in range(hands)]
        for thread in threads:
            thread.start()
        self._stop.wait()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Without ringing the bell: a signal handler must not wait for a lock that its own thread holds."""
        self._stop.set()

    def _work(self) -> None:
        tidied_at = 0.0
        while not self._stop.is_set():
            seen = self._rings
            try:
                if time.monotonic() - tidied_at > TIDY_SECONDS:
                    tidied_at = time.monotonic()
                    self._in_transaction(jobs.remove_old)
                    self._in_transaction(partial(forget_persons, now=utc_now()))
                    self._remove_free_files()
                self._in_transaction(jobs.fail_exhausted)
                taken = self._in_transaction(jobs.take_job)
                if taken is not None:
                    self._do(taken)
                    continue
            except Unavailable:
                log.warning("jobs wait for the database")
            except Exception:  # the hand must go on; the job's lease ends and it is tried again
                log.exception("job failed")
            with self._bell:
                if self._rings == seen:
                    self._bell.wait(POLL_SECONDS)

    def _do(self, taken: Taken) -> None:
        began = time.monotonic()
        faultpoint("jobs.taken")
        try:
            outcome = self._in_child(taken)
        except Stopped:
            self._in_transaction(lambda session: jobs.give_back(session, taken))
            log.info("job given back", job_id=str(taken.job_id))
            return
        except LeaseLost:
            log.info("job taken away or cancelled", job_id=str(taken.job_id))
            return
        if taken.kind == evidence_file.KIND and outcome.file is not None:
            outcome = self._kept_outside(taken, outcome.file)
        faultpoint("jobs.done")
        kept = self._in_transaction(lambda session: jobs.finish_job(session, taken, outcome))
        how, seconds = "failed" if outcome.error else "done", time.monotonic() - began
        metrics.JOBS_FINISHED.labels(taken.kind, how).inc()
        metrics.JOB_SECONDS.labels(taken.kind).observe(seconds)
        log.info(
            "job finished",
            job_id=str(taken.job_id),
            kind=taken.kind,
            outcome=how,
            kept=kept,
            seconds=round(seconds, 3),
        )

    def _kept_outside(self, taken: Taken, made: MadeFile) -> Outcome:
        """Noted first: killed in between, the worker leaves a file that the tidying finds."""
        self._in_transaction(lambda session: files.note(session, taken.job_id))
        outcome = evidence_file.keep(self._files, taken.job_id, made)
        self._in_transaction(lambda session: files.empty_upload(session, taken.job_id))
        return outcome

    def _remove_free_files(self) -> None:
        """Rows first: what is attached meanwhile is refused, and a file never goes from under its record."""
        for file_id in self._in_transaction(files.take_free):
            evidence_file.remove(self._files, file_id)

    def _in_child(self, taken: Taken) -> Outcome:
        """What the child says; a child that dies or hangs says that the file is broken."""
        with Child(taken) as child:
            self._wait_for(child, taken)
            outcome = child.outcome()
        if outcome is None:
            log.warning(
                "child failed",
                job_id=str(taken.job_id),
                returncode=child.returncode,
                stderr=child.complaint,
            )
            return Outcome(error=BROKEN_FILE)
        return outcome

    def _wait_for(self, child: Child, taken: Taken) -> None:
        end = time.monotonic() + LONGEST_SECONDS
        stopping_since: float | None = None
        beat_at = time.monotonic() + BEAT_SECONDS
        while not child.has_ended(within=LOOK_SECONDS):
            now = time.monotonic()
            if self._stop.is_set():
                stopping_since = stopping_since or now
                if now - stopping_since > GRACE_SECONDS:
                    raise Stopped
            if now > end:
                child.kill()
            if now > beat_at:
                beat_at = now + BEAT_SECONDS
                renew = partial(jobs.renew_lease, taken=taken, progress=child.progress)
                if not self._in_transaction(renew):
                    raise LeaseLost

    def _in_transaction(self, act: Callable[[Any], T]) -> T:
        with self._database.transaction() as tx:
            return act(tx.session)

    def ring(self) -> None:
        """There is a new job."""
        with self._bell:
            self._rings += 1
            self._bell.notify_all()


def main() -> None:
    config = load()
    worker = Worker(_database(config), files_of(config))
    hearing = ear(config, "jobs", worker.ring)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    host, port = config.ops_address("jobs")
    server, _ = start_http_server(port, host)
    threading.Thread(target=hearing.run, name="ear", daemon=True).start()
    log.info("started", hands=HANDS)
    try:
        worker.run()
    finally:
        hearing.stop()
        server.shutdown()
    log.info("stopped")


def _database(config: Config) -> Database:
    return Database(config.database_url("gateway"), service="jobs", pool_size=HANDS + 1)
