"""Dual registration at the pages, on real services: reporting, serving, evaluating, and the forms for paper."""

import io
import json
from collections.abc import Callable

import openpyxl
import pytest

from gateway.jobs import list_sheet
from gateway.jobs.export import REGISTRATION_COLUMNS
from services.chassis.clock import local_today
from services.chassis.config import Config
from services.chassis.db import Database
from tests.builders import HUAYUAN
from tests.gateway.alliance_world import World
from tests.gateway.browsing import Person, words

NEW = "/dual-registrations/new"
TODAY = local_today()


@pytest.fixture
def world(settings: Config, service_db: Callable[[str], Database]) -> World:
    return World(settings, service_db)


def reported(world: World, worker: Person, **given: str) -> str:
    fields = {
        "kind": "member",
        "community_id": str(HUAYUAN),
        "unit_id": world.unit_id,
        "organisation_title": "机关第二党支部",
        "member_name": "关海兰",
        "reported_on": str(TODAY),
    }
    sent = worker.send(NEW, NEW, **fields | given)
    assert sent.status_code == 303, words(sent.text)
    return str(sent.location)


def test_a_member_reports_serves_is_evaluated_and_the_liaison_reads_the_feedback(world: World) -> None:
    worker, liaison = world.person("worker"), world.person("liaison")
    address = reported(world, worker)

    worker.send(
        address,
        f"{address}/record_dual_service",
        title="入户走访",
        served_on=str(TODAY),
        minutes="95",
        people="1",
    )
    worker.send(
        address,
        f"{address}/evaluate_dual_registration",
        year=str(TODAY.year),
        grade="excellent",
        comment="热心负责",
    )

    page = liaison.page(address)
    for said in ("入户走访", "1 小时 35 分", f"{TODAY.year} 年度：优秀", "热心负责"):
        assert said in words(page)
    assert "关海兰" not in page
    assert "登记服务" not in words(page)
    assert "关*" in words(liaison.page("/dual-registrations"))
    assert world.person("neighbour").read(address).status_code == 404


def test_the_forms_for_paper_carry_what_was_reported_and_done(world: World) -> None:
    worker = world.person("worker")
    address = reported(world, worker, kind="organisation", member_name="", headcount="23")
    services = worker.page(address)
    assert "还没有服务记录" in services
    worker.send(
        address,
        f"{address}/record_dual_service",
        title="清雪",
        served_on=str(TODAY),
        minutes="60",
        people="8",
    )

    slip, card = words(worker.page(f"{address}/slip")), words(worker.page(f"{address}/card"))

    assert "机关第二党支部 （党员 23 人）" in slip
    assert "合计 8 小时" in card


def test_a_member_without_a_name_is_asked_for_it(world: World) -> None:
    worker = world.person("worker")

    refused = worker.send(
        NEW,
        NEW,
        kind="member",
        community_id=str(HUAYUAN),
        unit_id=world.unit_id,
        organisation_title="党支部",
        reported_on=str(TODAY),
    )

    assert refused.status_code == 422
    assert "在职党员报到应填写姓名" in words(refused.text)


def test_tasks_are_introduced_and_seen_by_units(world: World) -> None:
    worker = world.person("worker")
    page = "/community-tasks"

    task = {"community_id": str(HUAYUAN), "title": "入户宣传", "people": "5", "until_on": str(TODAY)}
    worker.send(page, page, **task)

    assert "入户宣传" in words(world.person("liaison").page(page))
    assert "结束任务" not in words(world.person("liaison").page(page))
    refused = worker.send(page, page, **task | {"until_on": "2020-01-01"})
    assert refused.status_code == 422


def test_only_a_leader_sees_the_name_whole_and_gives_a_reason(world: World) -> None:
    director = world.person("director")
    address = reported(world, world.person("worker"))

    seen = director.send(address, f"{address}/unmask", reason="核对报到人身份")

    assert "关海兰" in seen.text
    assert seen.headers["Cache-Control"] == "no-store"


def test_the_list_is_handed_to_the_jobs_as_the_reader_sees_it(world: World) -> None:
    worker = world.person("worker")
    reported(world, worker)
    started = worker.send("/dual-registrations", "/dual-registrations/export")

    assert started.status_code == 303
    assert started.location.startswith("/jobs/")


def test_the_sheet_has_a_heading_and_texts_only() -> None:
    rows = json.dumps([{"编号": "BD-2026-00001", "姓名": "=1+1"}]).encode()
    meta = {"file_name": "报到一览表.xlsx", "title": "报到一览表", "columns": REGISTRATION_COLUMNS}

    made = list_sheet.write(rows, meta, lambda percent: None)

    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [name for name, _ in REGISTRATION_COLUMNS]
    assert (sheet["A2"].value, sheet["F2"].value, sheet["F2"].data_type) == ("BD-2026-00001", "=1+1", "s")
