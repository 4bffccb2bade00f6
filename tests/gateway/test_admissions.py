"""The task gate and the burden meter through the API and the pages, on the real service."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gateway.auth import accounts
from services.chassis.clock import local_today
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.browsing import words
from tests.gateway.fakes import Program
from tests.gateway.one_app import furnished
from tests.gateway.real_services import RealServices
from tests.gateway.rights_world import APPLICATION, BURDEN, SEAL, TASK

PASSWORD = "correct-horse-battery"
TODAY = local_today()
MONTH = f"{TODAY:%Y-%m}"


class City:
    """Two communities on the real services, and somebody of each office."""

    def __init__(self, settings: Config, service_db: Callable[[str], Database]) -> None:
        services = RealServices(service_db, keeps=True)
        for name in ("claims", "consultation", "staffing", "notifications"):
            service_db(name)
        self._database = service_db("gateway")
        self.app: Flask = furnished(settings, services, database=self._database)  # type: ignore[arg-type]
        self.app.config["WTF_CSRF_METHODS"] = set()
        self.admin = self.person("admin", Role.CITY_ADMIN)
        self.officer = self.person("officer", Role.CITY_OFFICER)
        self.here, self.there = (self._community(1, "海兰社区"), self._community(2, "花园社区"))
        self.manager = self.person("manager", Role.COMMUNITY_MANAGER, self.here)
        self.worker = self.person("worker", Role.COMMUNITY_WORKER, self.here)
        self.neighbour = self.person("neighbour", Role.COMMUNITY_WORKER, self.there)

    def person(self, username: str, role: Role, *community_ids: Any) -> Program:
        accounts.add_user(
            self._database,
            username=username,
            display_name=role.label,
            password=PASSWORD,
            roles=(role,),
            community_ids=community_ids,
        )
        client = self.app.test_client()
        opened = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
        client.set_cookie("gongzhi_session", opened.json["token"])
        return Program(client, opened.json["token"])

    def _community(self, number: int, name: str) -> str:
        made = self.admin.post(
            "/communities",
            json={
                "code": f"23110200{number}001",
                "community_name": name,
                "street": "花园街道",
                "grade": "standard",
                "households": 1000,
                "population": 2000,
            },
        )
        community_id: str = made.json["community_id"]
        return community_id

    def admitted(self, **given: Any) -> dict[str, Any]:
        made = self.officer.post("/admissions", json=APPLICATION | given).json
        address = f"/admissions/{made['admission_id']}"
        for office in ("市民政局", "市司法局", "市财政局"):
            self.officer.post(f"{address}/opinions", json={"office": office, "agrees": True, "reason": "可"})
        decided = self.admin.post(f"{address}/decision", json={"is_admitted": True, "reason": "同意"})
        assert decided.status_code == 200, decided.text
        shown: dict[str, Any] = decided.json
        return shown


@pytest.fixture
def city(settings: Config, service_db: Callable[[str], Database]) -> City:
    return City(settings, service_db)


# ---- the API ------------------------------------------------------------------------------------


def test_an_application_is_decided_jointly_over_the_api(city: City) -> None:
    made = city.officer.post("/admissions", json=APPLICATION)
    address = made.headers["Location"].removeprefix("/api/v1")
    early = city.admin.post(f"{address}/decision", json={"is_admitted": True, "reason": "同意"})
    for office in ("市民政局", "市司法局", "市财政局"):
        said = city.officer.post(
            f"{address}/opinions", json={"office": office, "agrees": True, "reason": "可"}
        )
        assert said.status_code == 201
    seen = city.admin.get(address)
    stale = city.admin.post(
        f"{address}/decision",
        json={"is_admitted": True, "reason": "同意"},
        headers={"If-Match": '"1"'},
    )
    decided = city.admin.post(
        f"{address}/decision",
        json={"is_admitted": True, "reason": "同意"},
        headers={"If-Match": seen.headers["ETag"]},
    )

    assert made.status_code == 201
    assert (early.status_code, early.json["type"]) == (409, "/problems/opinions_missing")
    assert stale.status_code == 412
    assert (decided.status_code, decided.json["status"]) == (200, "admitted")
    assert city.worker.get("/admissions/counts").json["by_status"]["admitted"] == 1
    assert city.worker.get("/admissions?status=admitted").json["total"] == 1


def test_an_officer_enters_and_only_the_administrator_decides(city: City) -> None:
    address = f"/admissions/{city.admitted()['admission_id']}"

    refused = city.officer.post(f"{address}/revocation", json={"reason": "废止"})
    revoked = city.admin.post(f"{address}/revocation", json={"reason": "废止"})

    assert refused.status_code == 403
    assert city.worker.post("/admissions", json=APPLICATION).status_code == 403
    assert revoked.json["status"] == "revoked"
    assert revoked.json["possible_acts"] == ["send_back_task"]


def test_a_late_application_says_which_field_and_when(city: City) -> None:
    refused = city.officer.post(
        "/admissions", json={**APPLICATION, "from_on": str(TODAY + timedelta(days=20))}
    )

    assert refused.status_code == 422
    assert refused.json["type"] == "/problems/applied_too_late"
    assert "最早可从" in refused.text
    assert "from_on" in refused.text


def test_a_forbidden_proof_is_refused_over_the_api(city: City) -> None:
    asked = city.worker.post(
        "/seal-requests", json={"community_id": city.here, **SEAL, "proof_title": "亲属关系证明"}
    )

    assert asked.status_code == 201, "the request is recorded, its answer is no"
    assert (asked.json["status"], asked.json["proof_number"]) == ("refused", 1)


def test_the_meter_counts_burdens_and_leaves_out_what_was_sent_back(city: City) -> None:
    city.worker.post("/sent-back-tasks", json={"community_id": city.here, **TASK})
    before = city.worker.get(f"/burden-meter?month={MONTH}").json["total"]["index"]
    made = city.worker.post("/burdens", json={"community_id": city.here, **BURDEN, "quantity": 2})
    shown = city.worker.get(f"/burden-meter?month={MONTH}").json
    rows = city.worker.get(f"/burdens?month={MONTH}&department=市某局").json["items"]
    city.worker.post(f"/burdens/{made.json['burden_id']}/withdrawal", json={"reason": "误登"})

    assert before == 0
    assert shown["total"]["index"] == 4
    assert [one["burden_id"] for one in rows] == [made.json["burden_id"]]
    assert city.worker.get(f"/burden-meter?month={MONTH}").json["total"]["index"] == 0
    assert city.neighbour.get(f"/burdens?month={MONTH}").json["items"] == []
    assert city.neighbour.get(f"/burdens?community_id={city.here}").status_code == 403


# ---- the pages ----------------------------------------------------------------------------------

HTML = {"Accept": "text/html"}


def read(person: Program, path: str) -> str:
    answered = person.client.get(path, headers=HTML)
    assert answered.status_code == 200, f"{path}: {answered.status_code}"
    return words(answered.text)


def send(person: Program, path: str, **fields: Any) -> TestResponse:
    return person.client.post(path, data=fields, headers=HTML)


def test_every_page_of_the_gate_opens_for_those_who_watch_it(city: City) -> None:
    supervisor = city.person("supervisor", Role.SUPERVISOR, city.here)
    city.admitted()
    city.worker.post("/sent-back-tasks", json={"community_id": city.here, **TASK, "task_title": "另一张"})
    for person in (city.admin, city.officer, city.manager, city.worker, supervisor):
        for path in (
            "/admissions", "/gate-lists", "/sent-back-tasks", "/emergencies", "/seals", "/burdens",
            "/burdens/meter", f"/burdens/meter?month={MONTH}", "/burdens/meter?month=nonsense",
        ):  # fmt: skip
            read(person, path)
    assert city.worker.client.get("/admissions/new", headers=HTML).status_code == 403
    assert "登记申请" not in read(city.worker, "/admissions")


def test_an_application_is_entered_decided_and_revoked_on_its_page(city: City) -> None:
    made = send(city.officer, "/admissions/new", **APPLICATION, funds_yuan="1,200.50")
    page = made.headers["Location"]
    for office in ("市民政局", "市司法局", "市财政局"):
        said = send(city.officer, f"{page}/record_opinion", office=office, agrees="true", reason="可")
        assert said.status_code == 303
    twice = send(city.officer, f"{page}/record_opinion", office="市民政局", agrees="false", reason="不")
    before = read(city.admin, page)
    decided = send(city.admin, f"{page}/decide_admission", is_admitted="true", reason="联席会商同意")
    after = read(city.admin, page)

    assert twice.status_code == 409
    assert "每个单位只登记一次" in twice.text
    assert "1,200.50 元" in before
    assert "会商决定" in before
    assert "会商决定" not in read(city.officer, page).partition("办理记录")[0].partition("办理 ")[2]
    assert decided.status_code == 303
    assert "准入：联席会商同意" in after
    assert "撤销准入" in after
    assert "已准入 1" in read(city.worker, "/admissions?status=admitted")


def test_a_late_application_comes_back_with_the_reason_beside_its_field(city: City) -> None:
    refused = send(
        city.officer, "/admissions/new", **{**APPLICATION, "from_on": str(TODAY + timedelta(days=3))}
    )

    assert refused.status_code == 422
    assert "最早可从" in refused.text
    assert 'value="满意度台账"' in refused.text


def test_an_unadmitted_task_is_sent_back_with_one_click_and_the_letter_is_there(city: City) -> None:
    made = city.officer.post("/admissions", json=APPLICATION).json
    page = f"/admissions/{made['admission_id']}"
    assert "未准入—退回" in read(city.worker, page)

    sent = send(city.worker, f"{page}/send_back_task", community_id=city.here)
    letter = read(city.worker, sent.headers["Location"])

    assert sent.status_code == 303
    assert "市某局： 贵单位交由海兰社区承担的表格报表「满意度台账」未经准入，现予退回。" in letter
    assert city.neighbour.client.get(sent.headers["Location"], headers=HTML).status_code == 404
    assert "满意度台账" in read(city.manager, "/sent-back-tasks")


def test_what_is_on_a_list_is_not_sent_back_and_the_form_says_why(city: City) -> None:
    listed = send(
        city.admin,
        "/gate-lists",
        gate_list="assist",
        title="满意度台账",
        also="满意度登记\n台账登记",
        basis="市清单",
        from_on=str(TODAY),
    )
    refused = send(city.worker, "/sent-back-tasks", community_id=city.here, **TASK)

    assert listed.status_code == 303
    assert "又称：满意度登记、台账登记" in read(city.worker, "/gate-lists")
    assert refused.status_code == 409
    assert "列入依法协助政府事项清单，不能退回" in refused.text
    entry_id = city.admin.get("/gate-entries").json["items"][0]["entry_id"]
    ended = send(city.admin, f"/gate-lists/{entry_id}/end_gate_entry", until_on=str(TODAY), reason="清单修订")
    assert ended.status_code == 303
    assert "清单修订" in read(city.worker, "/gate-lists")


def test_a_seal_is_asked_for_and_decided_on_the_page(city: City) -> None:
    refused = send(city.worker, "/seals", community_id=city.here, **{**SEAL, "proof_title": "养犬证明"})
    send(city.worker, "/seals", community_id=city.here, **SEAL)
    shown = read(city.worker, "/seals")
    seal_id = city.manager.get("/seal-requests?status=requested").json["items"][0]["seal_id"]
    approved = send(city.manager, f"/seals/{seal_id}/decide_seal", is_approved="true")

    assert refused.status_code == 303
    assert (
        "不予出具：《首批不应由基层群众性自治组织出具证明事项清单（2020 年）》第 4 项：居民养犬证明。"
        in shown
    )
    assert send(city.worker, f"/seals/{seal_id}/decide_seal", is_approved="true").status_code == 403
    assert approved.status_code == 303
    assert "同意用印" in read(city.worker, "/seals?status=approved")


def test_the_numbers_of_the_meter_lead_to_the_rows_behind_them(city: City) -> None:
    send(
        city.officer,
        "/emergencies",
        department="市应急管理局",
        title="暴雪应急巡查",
        kind="life",
        reason="红色预警",
        from_on=str(TODAY),
        until_on=str(TODAY + timedelta(days=3)),
    )
    emergency_id = city.worker.get("/emergencies?is_running=true").json["items"][0]["emergency_id"]
    send(city.worker, "/burdens", community_id=city.here, **BURDEN, quantity="3")
    counted = send(
        city.worker,
        "/burdens",
        **{**BURDEN, "kind": "inspection", "title": "巡查"},
        community_id=city.here,
        emergency_id=emergency_id,
    )
    answered = city.admin.client.get(f"/burdens/meter?month={MONTH}", headers=HTML)
    shown = words(answered.text)

    assert counted.status_code == 303
    assert "填报表格（未准入）3 次 × 1 × 2 = 6。" in shown
    assert "应急 1 次，免于准入，单独计数，不计入指数。" in shown
    assert "未准入而仍由社区承担的，按 2 倍计算。" in shown
    assert shown.index("海兰社区") < shown.index("花园社区"), "the heaviest first"
    links = [
        unescape(link) for link in re.findall(r'href="(/(?:burdens|sent-back-tasks)\?[^"]+)"', answered.text)
    ]
    assert any("basis=emergency" in link and city.here in link for link in links)
    for link in links:
        read(city.admin, link)
    assert any(link.startswith("/sent-back-tasks?month=") for link in links)
    assert "巡查" in read(city.admin, f"/burdens?month={MONTH}&basis=emergency")
    burden_id = city.worker.get(f"/burdens?month={MONTH}&kind=form").json["items"][0]["burden_id"]
    send(city.worker, f"/burdens/{burden_id}/withdraw_burden", reason="误登")
    assert "误登" in read(city.worker, "/burdens?with_withdrawn=true")


def test_the_inbox_leads_to_the_application_that_waits(city: City) -> None:
    made = city.officer.post("/admissions", json=APPLICATION).json

    page = city.officer.client.get("/todo", headers=HTML).text

    assert "准入会商决定" in page
    assert f'href="/admissions/{made["admission_id"]}"' in page
