"""The pages of the alliance: a unit applies without an account, staff decide, and everybody sees what is theirs."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from services.chassis.clock import local_today
from services.chassis.config import Config
from services.chassis.db import Database
from tests.builders import make_uscc
from tests.gateway.alliance_world import APPLICATION, World
from tests.gateway.browsing import Person, words


@pytest.fixture
def world(settings: Config, service_db: Callable[[str], Database]) -> World:
    return World(settings, service_db)


def test_a_unit_applies_without_an_account_and_follows_its_application_to_membership(world: World) -> None:
    visitor, worker = Person.visiting(world.app), world.person("worker")

    sent = visitor.send("/public/units/new", "/public/units/new", **APPLICATION)
    reference = sent.location.rpartition("/")[2]
    assert re.fullmatch("[2-9A-Z]{12}", reference)
    waiting = words(visitor.page(sent.location))
    assert f"查询号 {reference} 只显示这一次" in waiting
    assert "待审核" in waiting
    todo = worker.page("/todo")
    assert "审核入盟申请" in todo
    address = re.search(r'href="(/units/[0-9a-f-]{36})"', todo)
    assert address is not None
    approved = worker.send(address[1], f"{address[1]}/approve_unit")
    assert approved.status_code == 303

    assert "成员单位" in words(visitor.page(f"/public/units/{reference}"))
    assert "审核入盟申请" not in words(worker.page("/todo")).replace("审核入盟申请 0", "")
    for page in ("/public/units/new", "/public/units"):
        assert "关海兰" not in visitor.page(page)


def test_a_refused_application_says_why_to_whoever_has_the_reference(world: World) -> None:
    visitor, worker = Person.visiting(world.app), world.person("worker")
    sent = visitor.send("/public/units/new", "/public/units/new", **APPLICATION)
    [listed] = re.findall(r'href="(/units/[0-9a-f-]{36})"', worker.page("/units?status=applied"))

    worker.send(listed, f"{listed}/refuse_unit", reason="缺营业执照")

    followed = words(visitor.page(sent.location))
    assert "未通过" in followed
    assert "缺营业执照" in followed
    missing = visitor.send("/public/units", "/public/units", reference="abcd-efgh-2345")
    assert visitor.read(missing.location).status_code == 404
    assert visitor.send("/public/units", "/public/units", reference=" ").status_code == 422


def test_a_wrong_code_is_named_beside_its_field_and_nothing_typed_is_lost(world: World) -> None:
    visitor = Person.visiting(world.app)

    refused = visitor.send("/public/units/new", "/public/units/new", **APPLICATION | {"uscc": "5" * 18})

    assert refused.status_code == 422
    assert "统一社会信用代码" in words(refused.text)
    assert 'value="黑河学院"' in refused.text


def test_contacts_are_masked_for_staff_and_absent_for_neighbours(world: World) -> None:
    director, neighbour = world.person("director"), world.person("neighbour")
    address = f"/units/{world.unit_id}"
    contact = {"contact_name": "关海兰", "post": "主任", "contact_phone": "13812345678"}

    added = director.send(address, f"{address}/add_unit_contact", **contact)
    assert added.status_code == 303
    page = director.page(address)
    assert "关海兰" not in page
    assert "138****5678" in page
    [door] = set(re.findall(r'action="(/unit-contacts/[^"]+)"', page))
    seen = director.send(address, door, field="contact_phone", reason="联系办理认领事宜")
    assert "13812345678" in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    theirs = neighbour.page(address)
    assert "138****5678" not in theirs
    assert "办理记录" not in theirs


def test_an_unapproved_unit_does_not_exist_for_neighbours_and_is_not_offered_to_claim(world: World) -> None:
    visitor, worker, neighbour = (
        Person.visiting(world.app),
        world.person("worker"),
        world.person("neighbour"),
    )
    visitor.send("/public/units/new", "/public/units/new", **APPLICATION)
    [listed] = re.findall(r'href="(/units/[0-9a-f-]{36})"', worker.page("/units?status=applied"))

    assert neighbour.read(listed).status_code == 404
    assert "黑河学院" not in neighbour.page("/units")
    assert "黑河学院" in worker.page("/units")


def test_staff_suspend_change_and_reinstate_a_unit_with_a_reason_that_stays_in_its_history(
    world: World,
) -> None:
    worker, address = world.person("worker"), f"/units/{world.unit_id}"

    worker.send(address, f"{address}/suspend_unit", reason="两次未办结")
    assert "已暂停" in words(worker.page(address))
    worker.send(address, f"{address}/reinstate_unit", reason="已整改")
    change = {
        "unit_name": "黑河电业局",
        "kind": "enterprise",
        "community_ids": [APPLICATION["community_ids"]],
    }
    worker.send(address, f"{address}/change_unit", **change)

    shown = words(worker.page(address))
    for said in ("暂停：两次未办结", "恢复：已整改", "黑河电业局"):
        assert said in shown


def test_a_liaison_leaves_for_its_own_unit_only(world: World) -> None:
    liaison, address = world.person("liaison"), f"/units/{world.unit_id}"
    other = world.call(
        "register_unit",
        uscc=make_uscc(9),
        unit_name="别的单位",
        kind="enterprise",
        community_ids=[APPLICATION["community_ids"]],
    )

    assert "退出联盟" not in liaison.page(f"/units/{other['unit_id']}")
    left = liaison.send(address, f"{address}/leave_alliance", reason="单位迁出")
    assert left.status_code == 303
    assert "已退出" in words(liaison.page(address))


def test_staff_enter_an_application_on_paper_and_pass_on_its_reference(world: World) -> None:
    worker = world.person("worker")

    entered = worker.send("/units/applications/new", "/units/applications/new", **APPLICATION)

    page = worker.page(entered.location)
    [reference] = re.findall("查询号 ([2-9A-Z]{12}) 只显示这一次", page)
    assert "待审核" in words(Person.visiting(world.app).page(f"/public/units/{reference}"))


def test_a_units_page_shows_its_work_its_reports_and_to_its_liaison_what_waits(world: World) -> None:
    here = {"community_id": APPLICATION["community_ids"]}
    today = local_today()
    item = world.call(
        "create_item",
        **here,
        title="冬季清雪",
        service_class="convenience",
        category="winter_duty",
        beneficiaries=10,
        quantity=1,
        measure="处",
        due_on=str(today + timedelta(days=30)),
    )
    ids = {"item_id": item["item_id"]}
    world.call("publish_item", **ids, party_study_on=str(today), claim_until_on=str(today))
    claimed = world.call("claim_item", **ids, unit_id=world.unit_id)
    world.call("confirm_claim", **ids, claim_id=claimed["claims"][0]["claim_id"])
    world.call(
        "open_dual_registration",
        **here,
        unit_id=world.unit_id,
        kind="organisation",
        organisation_title="供电公司党支部",
        reported_on=str(today),
    )
    address = f"/units/{world.unit_id}"

    own = words(world.person("liaison").page(address))
    theirs = words(world.person("worker").page(address))
    others = words(world.person("neighbour").page(address))

    for shown in (own, theirs, others):
        assert "1 项，在办 1 项" in shown
        assert "冬季清雪" in shown
    assert "按期办结" in own
    assert "按期办结" not in theirs
    assert "供电公司党支部" in own
    assert "供电公司党支部" in theirs
    assert "供电公司党支部" not in others
