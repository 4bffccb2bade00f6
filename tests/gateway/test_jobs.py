"""The queue and the process that empties it, also when it is killed."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deploy.local.stack import LocalStack
from gateway.files.storage import files_of
from gateway.jobs import worker as workers
from gateway.jobs.claim_list_file import KIND
from gateway.jobs.desk import Desk, JobNotFound
from gateway.jobs.outcome import Outcome
from gateway.jobs.worker import Worker
from gateway.storage import jobs as queue
from gateway.storage.tables import jobs, uploads
from services.chassis.config import load
from services.chassis.db import Database
from services.chassis.rpc import RpcClient
from services.chassis.work import ear
from services.contracts.base import DeadlineExceeded, Role
from tests.gateway.fakes import FakeServices, Program, SignIn
from tests.gateway.sheets import row, table

PROJECT = Path(__file__).parents[2]
# A workbook of 5 KB whose reader asks for half a terabyte and aborts.
LAST_CELL = "XFD1048576"


def start(desk: Desk, content: bytes, **meta: Any) -> UUID:
    return desk.start(KIND, content, {"file_name": "清单.xlsx", **meta}, owner="wang")


def far_cell() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(table(row())))
    assert book.active is not None
    book.active[LAST_CELL] = "x"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_file_handed_in_is_read(desk: Desk, working: Worker) -> None:
    job = desk.wait(start(desk, table(row())), owner="wang", seconds=20)

    assert job.status == "done"
    assert job.progress == 100
    assert job.result is not None
    assert job.result["rows"][0]["cells"]["community"] == "海兰社区"
    assert job.result["file_name"] == "清单.xlsx"


def test_a_refused_file_says_why(desk: Desk, working: Worker) -> None:
    job = desk.wait(start(desk, b"%PDF"), owner="wang", seconds=20)

    assert (job.status, job.error) == ("failed", "这是PDF，不是 Excel 文件。")


def test_a_file_that_makes_its_reader_abort_hurts_nobody(desk: Desk, working: Worker) -> None:
    hostile = start(desk, far_cell())
    honest = start(desk, table(row()))

    assert desk.wait(hostile, owner="wang", seconds=30).error == workers.BROKEN_FILE
    assert desk.wait(honest, owner="wang", seconds=30).status == "done"


def test_many_jobs_are_each_done_once(desk: Desk, working: Worker, database: Database) -> None:
    job_ids = [start(desk, table(row())) for _ in range(6)]

    assert {desk.wait(job_id, owner="wang", seconds=60).status for job_id in job_ids} == {"done"}
    with database.reading() as tx:
        assert set(tx.session.scalars(sa.select(jobs.c.attempts))) == {1}


def test_nobody_sees_the_job_of_another(desk: Desk) -> None:
    job_id = start(desk, table(row()))

    with pytest.raises(JobNotFound):
        desk.get(job_id, owner="li")


def test_waiting_for_a_job_has_an_end(desk: Desk) -> None:
    with pytest.raises(DeadlineExceeded):
        desk.wait(start(desk, table(row())), owner="wang", seconds=0.1)


def test_two_workers_never_take_the_same_job(desk: Desk, database: Database) -> None:
    start(desk, b"x")

    with database.transaction() as first, database.transaction() as second:
        assert queue.take_job(first.session) is not None
        assert queue.take_job(second.session) is None


def test_a_job_whose_holder_vanished_is_taken_again_and_the_old_holder_cannot_finish_it(
    desk: Desk, database: Database
) -> None:
    job_id = start(desk, b"x")
    with database.transaction() as tx:
        lost = queue.take_job(tx.session)
        tx.session.execute(sa.update(jobs).values(lease_until=sa.func.now() - queue.LEASE))
    with database.transaction() as tx:
        found = queue.take_job(tx.session)
    assert lost is not None
    assert found is not None

    with database.transaction() as tx:
        assert not queue.renew_lease(tx.session, lost)
        assert not queue.finish_job(tx.session, lost, Outcome(error="zu spät"))
        assert queue.finish_job(tx.session, found, Outcome(result={"rows": []}))

    assert desk.get(job_id, owner="wang").result == {"rows": []}


def test_a_job_is_given_up_after_three_attempts(desk: Desk, database: Database) -> None:
    job_id = start(desk, b"x")
    for _ in range(queue.MOST_ATTEMPTS):
        with database.transaction() as tx:
            assert queue.take_job(tx.session) is not None
            tx.session.execute(sa.update(jobs).values(lease_until=sa.func.now() - queue.LEASE))

    with database.transaction() as tx:
        assert queue.take_job(tx.session) is None
        assert queue.fail_exhausted(tx.session) == 1

    assert desk.get(job_id, owner="wang").error == "多次处理都没有完成，请检查文件后重新上传。"


def test_a_job_given_back_has_lost_no_attempt(desk: Desk, database: Database) -> None:
    start(desk, b"x")
    with database.transaction() as tx:
        taken = queue.take_job(tx.session)
        assert taken is not None
        queue.give_back(tx.session, taken)

    with database.reading() as tx:
        assert tx.session.execute(sa.select(jobs.c.status, jobs.c.attempts)).one() == ("waiting", 0)


def test_files_and_results_are_kept_for_a_week(desk: Desk, database: Database) -> None:
    start(desk, b"old")
    with database.transaction() as tx:
        taken = queue.take_job(tx.session)
        assert taken is not None
        queue.finish_job(tx.session, taken, Outcome(result={}))
        queue.remove_old(tx.session)
        assert tx.session.scalar(sa.select(sa.func.count()).select_from(uploads)) == 1

    with database.transaction() as tx:
        tx.session.execute(sa.update(jobs).values(finished_at=jobs.c.finished_at - queue.KEPT))
        tx.session.execute(sa.update(uploads).values(uploaded_at=uploads.c.uploaded_at - queue.KEPT))
        queue.remove_old(tx.session)

    with database.reading() as tx:
        assert tx.session.scalar(sa.select(sa.func.count()).select_from(uploads)) == 0


def test_the_broker_wakes_a_worker_for_a_job(
    database: Database, stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "POLL_SECONDS", 60.0)
    config = load({**os.environ, **stack.environment()})
    worker, caller = Worker(database, files_of(config)), RpcClient(config)
    hearing = ear(config, "jobs", worker.ring)
    threads = [threading.Thread(target=run) for run in (worker.run, hearing.run, caller.link.run)]
    for thread in threads:
        thread.start()
    try:
        _wait_until(lambda: hearing.channel is not None and caller.link.channel is not None)
        time.sleep(0.5)  # the hands have looked by themselves, and wait now
        desk = Desk(database, lambda job_id: caller.tell("jobs", str(job_id)))
        woken = desk.wait(start(desk, table(row())), owner="wang", seconds=20)
    finally:
        for part in (worker, hearing, caller.link):
            part.stop()
        worker.ring()
        for thread in threads:
            thread.join(timeout=20)

    assert woken.status == "done"


def test_a_job_of_which_nobody_told_is_found_all_the_same(desk: Desk, working: Worker) -> None:
    """The gateway was killed after the commit, or the broker was away: no message ever came."""
    time.sleep(0.5)

    assert desk.wait(start(desk, table(row())), owner="wang", seconds=20).status == "done"


def _wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def jobs_process(stack: LocalStack, tmp_path: Path, **variables: str) -> "subprocess.Popen[bytes]":
    env = {**os.environ, **stack.environment(), "GONGZHI_JOBS_OPS": _free_address(), **variables}
    with (tmp_path / "jobs.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "services.chassis.runner", "jobs"],
            cwd=PROJECT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def test_the_process_killed_in_the_middle_of_a_job_is_replaced_by_the_next(
    desk: Desk, database: Database, stack: LocalStack, tmp_path: Path
) -> None:
    job_id = start(desk, table(row()))
    killed = jobs_process(stack, tmp_path, GONGZHI_FAULTPOINT="jobs.taken:1")
    assert killed.wait(timeout=30) == -signal.SIGKILL
    assert desk.get(job_id, owner="wang").status == "running"
    with database.transaction() as tx:
        tx.session.execute(sa.update(jobs).values(lease_until=sa.func.now()))

    again = jobs_process(stack, tmp_path)
    try:
        assert desk.wait(job_id, owner="wang", seconds=30).status == "done"
    finally:
        again.terminate()
    assert again.wait(timeout=20) == 0


def _free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def test_a_preview_is_asked_for_until_the_file_is_read(
    signed_in: SignIn, services: FakeServices, working: Worker
) -> None:
    worker = signed_in(Role.COMMUNITY_WORKER)
    services.answers["claims.preview_claim_list"] = {"rows": [], "new": 1}
    sent = worker.post("/claim-lists/previews", data={"file": (_stream(table(row())), "C:/docs/清单.xlsx")})

    assert sent.status_code == 202
    place = sent.headers["Location"].removeprefix("/api/v1")
    for _ in range(200):
        shown = worker.get(place)
        if shown.status_code == 200:
            break
        time.sleep(0.1)
    assert shown.json["preview"] == {"rows": [], "new": 1}
    assert shown.json["file"]["file_name"] == "清单.xlsx"
    assert "rows" not in shown.json["file"]
    assert services.last.data["rows"][0]["row_number"] == 2


def test_a_file_sent_again_under_the_same_key_is_the_same_job(signed_in: SignIn) -> None:
    worker, other = signed_in(Role.COMMUNITY_WORKER), signed_in(Role.COMMUNITY_MANAGER)

    def upload(who: Program, content: bytes, key: str) -> str:
        files = {"file": (_stream(content), "清单.xlsx")}
        sent = who.post("/claim-lists/previews", data=files, headers={"Idempotency-Key": key})
        assert sent.status_code == 202
        return str(sent.json["preview_id"])

    content = table(row())
    first = upload(worker, content, "key-1")

    assert upload(worker, content, "key-1") == first
    assert len({first, upload(worker, content, "key-2"), upload(worker, b"x", "key-1")}) == 3
    assert upload(other, content, "key-1") != first


def test_an_upload_under_an_unusable_key_is_refused(signed_in: SignIn) -> None:
    files = {"file": (_stream(table(row())), "清单.xlsx")}

    refused = signed_in(Role.COMMUNITY_WORKER).post(
        "/claim-lists/previews", data=files, headers={"Idempotency-Key": "a b"}
    )

    assert refused.status_code == 422


def test_a_file_is_imported_with_its_hash(signed_in: SignIn, services: FakeServices, working: Worker) -> None:
    services.answers["claims.import_claim_list"] = {"claim_list_id": "x"}

    imported = signed_in(Role.COMMUNITY_MANAGER).post(
        "/claim-lists", data={"file": (_stream(table(row())), "清单.xlsx"), "title": "第四季度"}
    )

    assert imported.status_code == 201
    assert services.last.data["title"] == "第四季度"
    assert len(services.last.data["file_hash"]) == 64
    assert services.last.idempotency_key


def test_an_unreadable_file_is_the_askers_mistake(
    signed_in: SignIn, services: FakeServices, working: Worker
) -> None:
    refused = signed_in(Role.COMMUNITY_MANAGER).post(
        "/claim-lists", data={"file": (_stream(b"\x89PNG"), "x.xlsx"), "title": "x"}
    )

    assert refused.status_code == 422
    assert refused.json["type"] == "/problems/file_unreadable"
    assert refused.json["detail"] == "这是图片，不是 Excel 文件。"
    assert services.asked == []


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"title": "x"}, "/file"),
        ({"file": "text", "title": "x"}, "/file"),
        ({"title": ""}, "/title"),
        ({"title": "x", "more": "y"}, "/more"),
    ],
)
def test_an_incomplete_upload_names_what_is_missing(
    signed_in: SignIn, form: dict[str, str], pointer: str
) -> None:
    refused = signed_in(Role.COMMUNITY_MANAGER).post(
        "/claim-lists", data=form, content_type="multipart/form-data"
    )

    assert refused.status_code == 422
    assert pointer in [place["pointer"] for place in refused.json["errors"]]


def test_rows_may_come_as_json_too(signed_in: SignIn, services: FakeServices) -> None:
    rows = [{"row_number": 2, "cells": {"title": "清雪"}}]

    shown = signed_in(Role.COMMUNITY_WORKER).post("/claim-lists/previews", json={"rows": rows})

    assert shown.status_code == 200
    assert services.last.data == {"rows": rows}


def test_the_template_can_be_fetched(signed_in: SignIn) -> None:
    fetched = signed_in(Role.UNIT_LIAISON).get("/claim-lists/template.xlsx")

    assert fetched.data[:2] == b"PK"
    assert "attachment" in fetched.headers["Content-Disposition"]


def _stream(content: bytes) -> Any:
    return io.BytesIO(content)


def test_a_job_of_somebody_else_is_not_found(signed_in: SignIn, client: FlaskClient, desk: Desk) -> None:
    job_id = start(desk, table(row()))

    assert signed_in(Role.CITY_ADMIN).get(f"/claim-lists/previews/{job_id}").status_code == 404
