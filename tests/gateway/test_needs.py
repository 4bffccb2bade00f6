"""Residents' needs at the pages and in the API, over the real services."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from gateway.auth import accounts
from gateway.jobs import needs_file, template
from gateway.jobs.outcome import FileRefused, Outcome
from gateway.limits import RouteClass, class_of
from gateway.storage import jobs
from services.chassis.clock import local_today
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from services.contracts.claims.need_sheet import MOST_NEEDS
from tests.gateway.browsing import Person, words
from tests.gateway.fakes import Program
from tests.gateway.one_app import furnished
from tests.gateway.real_services import RealServices

PASSWORD = "correct-horse-battery"
NEW = "/public/needs/new"
TODAY = local_today()


class Town:
    """Two communities; the city's desk and a worker of the first one."""

    def __init__(self, settings: Config, service_db: Callable[[str], Database]) -> None:
        self.database = service_db("gateway")
        self.app = furnished(settings, RealServices(service_db, keeps=True), database=self.database)
        city = self.program("city", Role.CITY_ADMIN)
        self.home, self.other = (
            city.post(
                "/communities",
                json={
                    "code": f"23110200{number}001",
                    "community_name": name,
                    "street": "花园街道",
                    "grade": "standard",
                    "households": 1000,
                    "population": 2000,
                },
            ).json["community_id"]
            for number, name in ((1, "海兰社区"), (2, "兴安社区"))
        )
        self.city = city
        self.program("worker", Role.COMMUNITY_WORKER, self.home)

    def program(self, username: str, role: Role, *community_ids: Any) -> Program:
        accounts.add_user(
            self.database,
            username=username,
            display_name=role.label,
            password=PASSWORD,
            roles=(role,),
            community_ids=community_ids,
        )
        self.app.extensions["places"].refresh()
        client = self.app.test_client()
        opened = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
        return Program(client, opened.json["token"])

    def worker(self) -> Person:
        self.app.extensions["places"].refresh()
        person = Person.visiting(self.app)
        assert person.send("/signin", "/signin", username="worker", password=PASSWORD).status_code == 303
        return person

    def told(self, **fields: str) -> str:
        """A resident tells a need; the address where it can be followed."""
        sent = {"community_id": self.home, "description": "楼道灯不亮", **fields}
        answered = Person.visiting(self.app).send(NEW, NEW, **sent)
        assert answered.status_code == 303, words(answered.text)
        return answered.headers["Location"]

    def page_of(self, person: Person, title: str) -> str:
        found = re.search(rf'href="(/needs/[0-9a-f-]{{36}})">{title}', person.page("/needs"))
        assert found, words(person.page("/needs"))
        return found[1]


@pytest.fixture
def town(settings: Config, service_db: Callable[[str], Database]) -> Town:
    for name in ("claims", "consultation", "staffing", "notifications"):
        service_db(name)
    return Town(settings, service_db)


def act(person: Person, page: str, name: str, **fields: str) -> None:
    answered = person.send(page, f"{page}/{name}", **fields)
    assert answered.status_code == 303, words(answered.text)


def test_a_resident_tells_a_need_and_follows_it_until_it_is_an_item_that_is_published(town: Town) -> None:
    visitor = Person.visiting(town.app)
    followed = town.told(place="3 号楼", category="facilities")
    assert re.fullmatch("/public/needs/[2-9A-Z]{12}", followed)
    assert "待分办" in words(visitor.page(followed))

    worker = town.worker()
    page = town.page_of(worker, "楼道灯不亮")
    act(worker, page, "triage_need", service_class="convenience", category="facilities", priority="urgent")
    assert "已分办：便民利民，公共设施，优先级紧急" in words(visitor.page(followed))
    act(
        worker,
        page,
        "turn_need_into_item",
        title="更换楼道灯",
        beneficiaries="60",
        quantity="12",
        measure="盏",
        due_on=str(TODAY + timedelta(days=40)),
    )
    assert "经社区党组织研究后公布" in words(visitor.page(followed))

    item = re.search(r'href="(/items/[0-9a-f-]{36})"', worker.page(page))
    assert item
    assert f'href="{page}">居民需求</a>' in worker.page(item[1])
    town.city.post(
        f"{item[1]}/publication",
        json={"party_study_on": str(TODAY), "claim_until_on": str(TODAY + timedelta(days=20))},
    )
    shown = visitor.page(followed)
    assert f'href="/public{item[1]}"' in shown
    assert "待认领" in words(shown)
    assert "居民需求" in words(visitor.page(f"/public{item[1]}"))


def test_the_reference_is_shown_once_to_whoever_brought_the_need(town: Town) -> None:
    worker = town.worker()
    sent = worker.send("/needs/new", "/needs/new", community_id=town.home, description="井盖松动")
    page = sent.headers["Location"]

    first, again = worker.page(page), worker.page(page)

    found = re.search("查询号 ([2-9A-Z]{12}) 只显示这一次", words(first))
    assert found
    assert found[1] not in again
    assert "井盖松动" in words(Person.visiting(town.app).page(f"/public/needs/{found[1].lower()}"))


def test_a_reference_is_typed_in_with_gaps_and_a_wrong_one_is_told(town: Town) -> None:
    visitor = Person.visiting(town.app)
    followed = town.told()
    typed = followed.rpartition("/")[2]

    found = visitor.send("/public/needs", "/public/needs", reference=f"{typed[:4]}-{typed[4:8]} {typed[8:]}")
    wrong = visitor.read("/public/needs/23456789ABCD")
    empty = visitor.send("/public/needs", "/public/needs", reference="  ")

    assert found.headers["Location"] == followed
    assert (wrong.status_code, empty.status_code) == (404, 422)
    assert "没有这个查询号" in words(wrong.text)
    assert "请输入登记时得到的 12 位查询号" in words(empty.text)


def test_a_refused_public_form_keeps_what_was_typed(town: Town) -> None:
    answered = Person.visiting(town.app).send(NEW, NEW, community_id="", description="楼道灯不亮")

    assert answered.status_code == 422
    assert "楼道灯不亮" in answered.text
    assert "社区" in words(answered.text)


def test_the_public_form_is_limited_as_other_public_forms_are(town: Town) -> None:
    for endpoint in ("public_needs.submit_need", "public_needs.open_reference", "api_needs.submit_need"):
        assert class_of(town.app.view_functions[endpoint], "POST") is RouteClass.PUBLIC_FORM


def test_staff_refer_and_then_answer_and_the_author_reads_both(town: Town) -> None:
    followed, worker = town.told(), town.worker()
    page = town.page_of(worker, "楼道灯不亮")

    act(worker, page, "refer_need", department="区住建局", reason="属市政道路")
    act(worker, page, "answer_need", reply="住建局已修好")

    shown = words(Person.visiting(town.app).page(followed))
    assert "转区住建局办理：属市政道路" in shown
    assert "答复：住建局已修好" in shown
    assert "社区工作者" not in shown


def test_needs_that_read_alike_are_offered_for_merging(town: Town) -> None:
    first = town.told(description="3 号楼 2 单元楼道灯坏了一周，晚上看不见")
    town.told(description="3 号楼 2 单元楼道灯坏了，晚上看不见路")
    worker = town.worker()
    page = town.page_of(worker, "3 号楼 2 单元楼道灯坏了一周，晚上看不见")
    shown = worker.page(page)
    assert "可能重复" in words(shown)
    into = re.search(r'name="into_need_id" value="([0-9a-f-]{36})"', shown)
    assert into

    act(worker, page, "merge_need", into_need_id=into[1])
    act(worker, f"/needs/{into[1]}", "decline_need", reason="产权单位负责")

    assert "产权单位负责" in words(Person.visiting(town.app).page(first))
    assert "合并到" in words(worker.page(page))


def test_a_need_is_merged_into_one_whose_code_is_typed(town: Town) -> None:
    town.told(description="井盖松动")
    town.told(description="花园街 8 号门前的井")
    worker = town.worker()
    page = town.page_of(worker, "花园街 8 号门前的井")
    code = next(one["code"] for one in town.city.get("/needs").json["items"] if one["title"] == "井盖松动")

    wrong = worker.send(page, f"{page}/merge_need", into_code="XQ-1999-00001")
    act(worker, page, "merge_need", into_code=code.lower())

    assert wrong.status_code == 422
    assert "没有编号为 XQ-1999-00001 的需求" in words(wrong.text)
    assert f"合并到 {code}" in words(worker.page(page))


def test_a_refused_act_is_told_on_the_needs_own_page(town: Town) -> None:
    town.told()
    worker = town.worker()
    page = town.page_of(worker, "楼道灯不亮")

    answered = worker.send(page, f"{page}/answer_need", reply="")

    assert answered.status_code == 422
    assert "答复" in words(answered.text)


def test_a_need_of_another_community_is_not_there_for_the_worker(town: Town) -> None:
    town.told(community_id=town.other, description="兴安的事")
    listed = town.city.get("/needs").json["items"]
    worker = town.worker()

    assert worker.read(f"/needs/{listed[0]['need_id']}").status_code == 404
    assert "兴安的事" not in words(worker.page("/needs"))


def test_the_list_is_narrowed_by_tab_and_word(town: Town) -> None:
    town.told(description="楼道灯不亮")
    town.told(description="暖气不热")
    worker = town.worker()

    shown = words(worker.page("/needs?q=暖气"))
    answered = words(worker.page("/needs?status=answered"))

    assert "暖气不热" in shown
    assert "楼道灯不亮" not in shown
    assert "没有符合条件的需求" in answered


def test_an_order_sent_twice_by_a_program_is_one_need(town: Town) -> None:
    order = {
        "order_number": "HH20261123001",
        "community_id": town.home,
        "title": "暖气不热",
        "content": "5 号楼暖气不热，电话 13845678901",
        "received_at": "2026-11-20T02:00:00Z",
    }

    first, again = (town.city.post("/needs/orders", json=order) for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json["need_id"] == again.json["need_id"]
    assert "13845678901" not in first.text
    assert town.city.get("/needs/counts").json["total"] == 1


def test_an_act_of_a_program_needs_the_version_it_saw(town: Town) -> None:
    need_id = town.city.post("/needs", json={"community_id": town.home, "description": "井盖"}).json[
        "need_id"
    ]
    seen = town.city.get(f"/needs/{need_id}").headers["ETag"]

    done = town.city.post(f"/needs/{need_id}/reply", json={"reply": "好"}, headers={"If-Match": seen})
    late = town.city.post(f"/needs/{need_id}/refusal", json={"reason": "不"}, headers={"If-Match": seen})

    assert (done.status_code, late.status_code) == (200, 412)
    assert done.json["status"] == "answered"


def test_the_public_api_answers_without_an_account(town: Town) -> None:
    client = town.app.test_client()
    taken = client.post(
        "/api/v1/public/needs",
        json={"community_id": town.home, "description": "井盖松动"},
        headers={"Idempotency-Key": str(uuid4())},
    )
    followed = client.get(f"/api/v1/public/needs/{taken.json['reference']}")

    assert taken.status_code == 201
    assert followed.json["status"] == "received"
    assert "description" not in followed.json


# ---- files --------------------------------------------------------------------------------------


def workbook(*rows: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("社区", "收到日期", "标题", "需求内容", "工单号"), *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def uploaded(town: Town, worker: Person, content: bytes) -> str:
    """The address of the preview, once the file is read."""
    sent = worker.send("/needs/import", "/needs/import", file=(io.BytesIO(content), "需求.xlsx"))
    assert sent.status_code == 303, words(sent.text)
    assert "正在读取" in words(worker.page(sent.headers["Location"]))
    with town.database.transaction() as tx:
        taken = jobs.take_job(tx.session)
        assert taken is not None
        assert taken.kind == needs_file.KIND
        read = needs_file.read(taken.content, taken.meta, lambda _percent: None)
        jobs.finish_job(tx.session, taken, Outcome(result=read))
    return sent.headers["Location"]


def test_a_file_with_errors_names_them_and_a_corrected_one_is_imported_once(town: Town) -> None:
    worker, day = town.worker(), str(TODAY)
    wrong = uploaded(
        town, worker, workbook(("海兰社区", day, "", "井盖松动", ""), ("月亮社区", day, "", "灯不亮", ""))
    )
    assert "第3行「社区」：没有「月亮社区」这个社区" in words(worker.page(wrong))
    good = uploaded(
        town,
        worker,
        workbook(("海兰社区", day, "", "井盖松动", ""), ("海兰社区", day, "", "灯不亮", "HH-0001")),
    )

    first = worker.send(good, good)
    again = worker.send(good, good)

    assert first.headers["Location"] == "/needs?status=received"
    assert again.status_code == 409
    assert "已导入过" in words(again.text)
    assert town.city.get("/needs/counts").json["total"] == 2


def test_the_template_of_needs_can_be_read_back() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template.build_needs()))["居民需求"]
    assert [cell.value for cell in sheet[1]][:4] == ["社区", "收到日期", "标题", "需求内容"]

    with pytest.raises(FileRefused, match="没有数据行"):
        needs_file.read(template.build_needs(), {"file_name": "模板.xlsx"}, lambda _percent: None)


def test_a_file_of_too_many_needs_is_refused() -> None:
    rows = "".join(f"海兰社区,2026-11-23,{number} 号楼\n" for number in range(MOST_NEEDS + 1))

    with pytest.raises(FileRefused, match="超过 2000 行"):
        needs_file.read(
            f"社区,收到日期,需求内容\n{rows}".encode(), {"file_name": "需求.csv"}, lambda _percent: None
        )


def test_a_file_without_the_needed_columns_is_refused() -> None:
    book = b"\xe7\xa4\xbe\xe5\x8c\xba,\xe6\xa0\x87\xe9\xa2\x98\nA,B\n"

    with pytest.raises(FileRefused, match="缺少必填的列：收到日期、需求内容"):
        needs_file.read(book, {"file_name": "需求.csv"}, lambda _percent: None)
