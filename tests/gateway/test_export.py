"""Work that takes a while: its progress is seen, it can be called off, and its file fetched."""

import io
import json
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from flask.testing import FlaskClient

from gateway.jobs import claim_list_file, items_sheet
from gateway.jobs.desk import Desk, JobFinished, JobNotFound
from gateway.jobs.worker import Worker
from gateway.storage import jobs as queue
from services.chassis.db import Database
from services.contracts.base import Role
from services.contracts.claims.sheet import COLUMNS
from tests.chassis.processes import eventually
from tests.gateway.fakes import FakeServices, SignIn
from tests.gateway.sheets import GOOD

FORMULA = '=HYPERLINK("//evil","x")'


def cells(**changed: str) -> dict[str, str]:
    names = {column.header: column.name for column in COLUMNS}
    return {**{names[header]: str(value) for header, value in GOOD.items()}, **changed}


def hand_in(desk: Desk, *rows: dict[str, str]) -> UUID:
    content = json.dumps(rows, ensure_ascii=False).encode()
    return desk.start(items_sheet.KIND, content, {"file_name": "清单.xlsx"}, owner="wang")


def long_work(desk: Desk) -> UUID:
    return hand_in(desk, *[cells(description="很长的描述" * 40)] * items_sheet.MOST_ROWS)


def test_an_exported_file_imported_again_changes_nothing(desk: Desk, working: Worker) -> None:
    rows = [cells(), cells(title=FORMULA, grid_code="0012", place="@SUM(1)")]

    job = desk.wait(hand_in(desk, *rows), owner="wang", seconds=30)

    made = desk.file_of(job.job_id, owner="wang")
    found = claim_list_file.read(made.content, {"file_name": made.name}, lambda _percent: None)
    empty = {column.name: "" for column in COLUMNS}
    assert [row["cells"] for row in found["rows"]] == [{**empty, **row} for row in rows]


def test_what_begins_like_a_formula_is_a_text_in_the_file(desk: Desk, working: Worker) -> None:
    job = desk.wait(hand_in(desk, cells(title=FORMULA)), owner="wang", seconds=30)

    made = desk.file_of(job.job_id, owner="wang")
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert sheet is not None
    [cell] = [cell for cell in sheet[2] if cell.value == FORMULA]
    assert cell.data_type == "s"


def test_the_progress_of_a_running_job_is_seen(desk: Desk, working: Worker) -> None:
    job_id = long_work(desk)

    seen = eventually(lambda: desk.get(job_id, owner="wang").progress, within=30)

    assert 0 < seen < 100
    assert desk.wait(job_id, owner="wang", seconds=60).progress == 100


def test_a_job_that_waits_is_called_off_and_never_taken(desk: Desk, database: Database) -> None:
    job_id = hand_in(desk, cells())

    assert desk.cancel(job_id, owner="wang").status == "cancelled"
    with database.transaction() as tx:
        assert queue.take_job(tx.session) is None


def test_a_job_that_runs_is_called_off_and_its_process_ends(desk: Desk, working: Worker) -> None:
    job_id = long_work(desk)
    eventually(lambda: desk.get(job_id, owner="wang").status == "running", within=20)

    desk.cancel(job_id, owner="wang")

    # The hand is free again for the next one, and nothing of the old one is kept.
    after = desk.wait(hand_in(desk, cells()), owner="wang", seconds=20)
    assert after.status == "done"
    cancelled = desk.get(job_id, owner="wang")
    assert (cancelled.status, cancelled.file_name) == ("cancelled", None)
    eventually(lambda: not _children(working), within=10)


def test_a_finished_job_cannot_be_called_off(desk: Desk, working: Worker) -> None:
    job = desk.wait(hand_in(desk, cells()), owner="wang", seconds=30)

    with pytest.raises(JobFinished):
        desk.cancel(job.job_id, owner="wang")


def test_nobody_else_gets_the_file_or_calls_the_job_off(desk: Desk, working: Worker) -> None:
    job = desk.wait(hand_in(desk, cells()), owner="wang", seconds=30)

    with pytest.raises(JobNotFound):
        desk.file_of(job.job_id, owner="li")
    with pytest.raises(JobNotFound):
        desk.cancel(job.job_id, owner="li")


def test_items_are_exported_through_the_api_as_the_asker_may_see_them(
    signed_in: SignIn, services: FakeServices, working: Worker
) -> None:
    asker = signed_in(Role.UNIT_LIAISON)
    services.answers["claims.export_items"] = {"items": [cells()], "next": None}

    started = asker.post("/items/exports?status=published", headers={"Idempotency-Key": "export-1"})

    assert started.status_code == 202
    assert services.last.data["status"] == "published"
    assert services.last.actor.roles == (Role.UNIT_LIAISON,)
    place = started.headers["Location"].removeprefix("/api/v1")
    eventually(lambda: asker.get(place).json["status"] == "done", within=30)
    fetched = asker.get(f"{place}/file")
    assert fetched.data[:2] == b"PK"
    assert "UTF-8''%E8%AE%A4%E9%A2%86%E6%B8%85%E5%8D%95" in fetched.headers["Content-Disposition"]
    assert [job["job_id"] for job in asker.get("/jobs").json["items"]] == [started.json["job_id"]]


def test_a_job_is_called_off_through_the_api(signed_in: SignIn, services: FakeServices) -> None:
    asker = signed_in(Role.COMMUNITY_WORKER)
    services.answers["claims.export_items"] = {"items": [cells()], "next": None}
    started = asker.post("/items/exports", headers={"Idempotency-Key": "export-2"})
    place = started.headers["Location"].removeprefix("/api/v1")

    called_off = asker.post(f"{place}/cancellation", headers={"Idempotency-Key": "cancel-2"})

    assert (called_off.status_code, called_off.json["status"]) == (200, "cancelled")
    assert asker.get(f"{place}/file").status_code == 404


def test_more_items_than_a_file_holds_are_refused(
    signed_in: SignIn, services: FakeServices, client: FlaskClient
) -> None:
    services.answers["claims.export_items"] = {"items": [cells()] * (items_sheet.MOST_ROWS + 1), "next": None}

    refused = signed_in(Role.CITY_ADMIN).post("/items/exports", headers={"Idempotency-Key": "export-3"})

    assert refused.status_code == 422
    assert "缩小筛选范围" in refused.json["detail"]


def _children(worker: Worker) -> list[int]:
    """The children of this process that work on a job."""
    me = Path("/proc/self").resolve().name
    found = Path(f"/proc/{me}/task").glob("*/children")
    pids = [int(pid) for each in found for pid in each.read_text().split()]
    return [pid for pid in pids if b"gateway.jobs.child" in Path(f"/proc/{pid}/cmdline").read_bytes()]
