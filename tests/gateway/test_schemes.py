"""Schemes and units' results on their pages and the API, on the real service."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.clock import local_today, utc_now
from services.chassis.config import Config
from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.scheme import FIRST_SCHEME
from services.contracts.base import Role
from services.contracts.claims.scheme_terms import PeriodKind, ScorerKind
from tests.builders import HUAYUAN, worker
from tests.claims.test_unit_assessment_usecases import settled_world
from tests.gateway.browsing import Person, words
from tests.gateway.fakes import FakeServices, SignIn
from tests.gateway.test_fund_pages import Office

TOMORROW = local_today() + timedelta(days=1)
DRAFT = {
    "title": "共建考核方案",
    "assessment_weight": "50",
    "poll_weight": "40",
    "timeliness_weight": "10",
    "points_lost_per_day_late": "5",
    "excellent_from": "90",
    "good_from": "80",
    "passed_from": "60",
    "community_weight": "60",
    "community_criteria": "按期完成 40\n工作质量：60",
    "city_weight": "40",
    "city_criteria": "实际成效 100 分",
    "items_weight": "70",
    "item_weighting": "equal",
    "least_items": "3",
}


@pytest.fixture
def office(settings: Config, service_db: Callable[[str], Database]) -> Office:
    return Office(settings, service_db)


@pytest.fixture
def admin(office: Office) -> Person:
    return office.person("admin", Role.CITY_ADMIN)


def drafted(admin: Person, **given: str) -> str:
    """The address of a new draft's page."""
    answered = admin.send("/schemes/new", "/schemes/new", **DRAFT | given)
    assert answered.status_code == 303, words(answered.text)
    return str(answered.location)


def test_a_new_scheme_begins_with_what_is_in_force(admin: Person) -> None:
    page = admin.page("/schemes/new")

    assert 'name="poll_weight" type="number" value="40"' in page
    assert "工作完成情况 100" in page


def test_a_scheme_is_drafted_shown_with_its_example_and_published(admin: Person) -> None:
    address = drafted(admin)
    page = words(admin.page(address))

    published = admin.send(address, f"{address}/publish_scheme", effective_on=str(TOMORROW))

    assert "工作质量 60" in page
    assert "总分 44.00 + 32.50 + 9.00 = 85.50" in page
    assert published.status_code == 303
    listed = words(admin.page("/schemes"))
    assert "第 2 版 共建考核方案 已发布" in listed
    assert "现行" in listed


def test_a_scheme_is_not_back_dated_and_the_form_says_so(admin: Person) -> None:
    address = drafted(admin)

    refused = admin.send(address, f"{address}/publish_scheme", effective_on=str(local_today()))

    assert refused.status_code == 422
    assert "施行日期必须晚于今天" in words(refused.text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"poll_weight": "50"}, "权重之和应为 100%"),
        ({"community_criteria": "按期完成"}, "应写成「名称 满分」"),
        ({"city_weight": "30"}, "各评分方的权重之和应为 100%"),
    ],
)
def test_a_scheme_that_does_not_add_up_comes_back_with_everything_typed(
    admin: Person, wrong: dict[str, str], said: str
) -> None:
    refused = admin.send("/schemes/new", "/schemes/new", **DRAFT | wrong)

    assert refused.status_code == 422
    assert said in words(refused.text)
    assert "实际成效 100 分" in refused.text


def test_a_draft_is_changed_and_withdrawn(admin: Person) -> None:
    address = drafted(admin)

    changed = admin.send(f"{address}/edit", f"{address}/edit", **DRAFT | {"title": "新方案"})
    withdrawn = admin.send(address, f"{address}/withdraw_scheme", reason="重拟")

    assert (changed.status_code, withdrawn.status_code) == (303, 303)
    assert "撤回原因：重拟" in words(admin.page(address))


def test_others_read_the_scheme_in_force_and_have_no_buttons(office: Office) -> None:
    reader = office.person("worker", Role.COMMUNITY_WORKER)

    page = reader.page(f"/schemes/{FIRST_SCHEME.scheme_id}")

    assert "《认领事项考核方案》第 1 版" in page
    assert "publish_scheme" not in page
    assert reader.read("/schemes/new").status_code == 403


# ---- periods and results -------------------------------------------------------------------------


def last_quarter() -> dict[str, Any]:
    today = local_today()
    number = (today.month + 2) // 3 - 1
    year, quarter = (today.year, number) if number else (today.year - 1, 4)
    return {"year": year, "quarter": quarter}


def test_a_period_is_opened_scored_closed_commended_and_printed(office: Office) -> None:
    claims = office.services.services["claims"].db
    unit = settled_world(claims)
    with claims.transaction() as tx:
        period = last_quarter()
        month = period["quarter"] * 3
        moment = utc_now().replace(year=period["year"], month=month, day=15)
        tx.session.execute(sa.text("UPDATE items SET verified_at = :moment"), {"moment": moment})
    manager = office.person("manager", Role.COMMUNITY_MANAGER)
    form = {"community_id": str(HUAYUAN), "kind": "quarter", **last_quarter()}

    opened = manager.send("/assessment-periods", "/assessment-periods", **form)
    page = manager.page(opened.location)
    result = re.search(r'href="(/unit-assessments/[0-9a-f-]+)"', page)
    assert result
    address = result[1]
    early = manager.send(opened.location, f"{opened.location}/close_period")
    scored = manager.send(address, f"{address}/score_unit", points="90")
    closed = manager.send(opened.location, f"{opened.location}/close_period")

    assert unit.unit_name in page
    assert early.status_code == 409
    assert "缺社区的评分" in words(early.text)
    assert (scored.status_code, closed.status_code) == (303, 303)
    public = words(office.visitor().page(f"/public/results/{address.rpartition('/')[2]}"))
    assert "总分 60.55 + 27.00 = 87.55，达到 80 分，等级为「良好」" in public
    assert "公示期内可以向社区提出异议" in public
    letter = words(manager.page(f"{address}/letter"))
    assert "核验通过事项 3 个，考核总分 87.55 分" in letter


def test_an_objection_of_the_unit_reaches_whoever_has_to_answer_it(office: Office) -> None:
    claims = office.services.services["claims"].db
    settled_world(claims, items=0)
    with claims.transaction(actor=worker()) as tx:
        here = {"actor": worker(), "now": utc_now()}
        opened = usecases.open_period(
            tx, community_id=HUAYUAN, kind=PeriodKind.QUARTER, **last_quarter(), **here
        )
        assessment_id = opened["results"][0]["assessment_id"]
        usecases.score_unit(
            tx,
            assessment_id=assessment_id,
            scorer=ScorerKind.COMMUNITY,
            points=[Decimal(90)],
            comment="",
            **here,
        )
        usecases.close_period(tx, period_id=opened["period_id"], **here)
    manager = office.person("manager", Role.COMMUNITY_MANAGER)
    address = f"/unit-assessments/{assessment_id}"

    objected = manager.send(address, f"{address}/object_to_result", content="漏计一项")
    todo = manager.page("/todo")
    action = re.search(
        rf'action="({address}/objections/[0-9a-f-]+/answer_result_objection)"', manager.page(address)
    )
    assert action
    answered = manager.send(address, action[1], is_upheld="true", answer="确有遗漏")

    assert objected.status_code == 303
    assert address in todo
    assert "答复考核结果异议" in todo
    assert answered.status_code == 303
    assert "复核中" in words(manager.page(address))
    assert office.visitor().read(f"/public/results/{assessment_id}").status_code == 404


# ---- the API -------------------------------------------------------------------------------------


def test_points_by_criteria_reach_the_service_with_the_version_that_was_seen(
    signed_in: SignIn, services: FakeServices
) -> None:
    services.answers["claims.score_item"] = {"item_id": str(HUAYUAN), "version": 8}

    answered = signed_in(Role.CITY_OFFICER).post(
        f"/items/{HUAYUAN}/scorings",
        json={"scorer": "city", "points": ["80.00"]},
        headers={"If-Match": '"7"'},
    )

    assert answered.status_code == 200
    assert services.last.data["points"] == ["80.00"]
    assert services.last.data["expected_version"] == 7


@pytest.mark.parametrize("points", [[], ["101"], ["-1"], ["x"], "90"])
def test_points_that_are_none_never_reach_the_service(
    signed_in: SignIn, services: FakeServices, points: Any
) -> None:
    answered = signed_in(Role.CITY_OFFICER).post(
        f"/items/{HUAYUAN}/scorings", json={"scorer": "city", "points": points}
    )

    assert answered.status_code == 422
    assert services.asked == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CITY_ADMIN])
def test_only_the_citys_administrator_drafts_schemes(signed_in: SignIn, role: Role) -> None:
    assert signed_in(role).post("/schemes", json={}).status_code == 403
