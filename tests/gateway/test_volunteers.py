"""Volunteering at the pages, on real services: from the register to a certificate that anybody can check."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from gateway.auth import accounts
from services.chassis.clock import LOCAL, utc_now
from services.chassis.config import Config
from services.chassis.db import Database
from services.claims.storage.tables import enrolments, shifts
from services.contracts.base import SYSTEM, Role
from tests.builders import HUAYUAN, HUAYUAN_CODE, XINGAN, XINGAN_CODE, community_registered, make_uscc
from tests.gateway.browsing import Person, hidden_fields, words
from tests.gateway.one_app import furnished
from tests.gateway.pages_app import PASSWORD
from tests.gateway.real_services import RealServices

PLACES = ((HUAYUAN, HUAYUAN_CODE, "花园社区"), (XINGAN, XINGAN_CODE, "兴安社区"))
ITEM = {
    "community_id": str(HUAYUAN),
    "title": "清理楼道",
    "service_class": "convenience",
    "category": "sanitation",
    "beneficiaries": 10,
    "quantity": 1,
    "measure": "处",
}


class World:
    """Two communities with real claims behind the pages; staffing's list is told by its own service."""

    def __init__(self, settings: Config, service_db: Callable[[str], Database]) -> None:
        self.services = RealServices(service_db, keeps=True)
        self.claims = service_db("claims")
        self.gateway = service_db("gateway")
        for place in PLACES:
            self.services._tell(community_registered(*place))
        self.app: Flask = furnished(settings, self.services, database=self.gateway)  # type: ignore[arg-type]
        for name, role, place in (
            ("manager", Role.COMMUNITY_MANAGER, HUAYUAN),
            ("worker", Role.COMMUNITY_WORKER, HUAYUAN),
            ("neighbour", Role.COMMUNITY_WORKER, XINGAN),
        ):
            accounts.add_user(
                self.gateway,
                username=name,
                display_name=role.label,
                password=PASSWORD,
                roles=(role,),
                community_ids=(place,),
            )

    def call(self, method: str, **data: Any) -> dict[str, Any]:
        answered: dict[str, Any] = self.services.call("claims", method, data, actor=SYSTEM)
        return answered

    def volunteer(self, name: str = "关海兰", **given: Any) -> dict[str, Any]:
        return self.call("register_volunteer", community_id=str(HUAYUAN), volunteer_name=name, **given)

    def shift(self, **given: Any) -> dict[str, Any]:
        begins = utc_now().replace(microsecond=0) + timedelta(minutes=30)
        fields = {
            "community_id": str(HUAYUAN),
            "title": "清雪志愿服务",
            "place": "花园街",
            "starts_at": begins.isoformat(),
            "ends_at": (begins + timedelta(hours=2)).isoformat(),
            "slots": 1,
        }
        return self.call("open_shift", **fields | given)

    def end(self) -> None:
        """As if all shifts had been two hours and a minute ago."""
        with self.claims.engine.begin() as connection:
            for table in (shifts, enrolments):
                earlier = {
                    column: table.c[column] - timedelta(hours=3) for column in ("starts_at", "ends_at")
                }
                connection.execute(sa.update(table).values(earlier))


@pytest.fixture
def world(settings: Config, service_db: Callable[[str], Database]) -> World:
    return World(settings, service_db)


@pytest.fixture
def worker(world: World) -> Person:
    return Person.signed_in(world.app, "worker")


def test_from_the_register_to_a_certificate_that_anybody_can_check(world: World, worker: Person) -> None:
    registered = worker.send(
        "/volunteers/new",
        "/volunteers/new",
        community_id=str(HUAYUAN),
        volunteer_name="关海兰",
        skills="arts",
    )
    page = worker.page(registered.location)
    code = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", words(page))[0]
    volunteer_id = registered.location.rpartition("/")[2]
    assert "关*" in words(page)
    assert "关海兰" not in page
    shift = world.shift()
    address = f"/shifts/{shift['shift_id']}"
    worker.send(address, f"{address}/enrol_volunteer", volunteer_id=volunteer_id)
    code_page = worker.page(f"{address}/sign-in-code")
    assert 'class="qr"' in code_page
    token = world.call("get_sign_in_token", shift_id=shift["shift_id"])["token"]
    visitor = Person.visiting(world.app)
    door = f"/volunteer-sign-in/{token}"

    signed = visitor.send(door, door, volunteer_code=code.lower(), signing="in")
    assert "关*，已签到" in words(signed.text)
    world.end()
    confirm = {f"minutes-{volunteer_id}": "95"}
    done = worker.send(address, f"{address}/confirm_hours", **confirm)
    assert done.status_code == 303, words(done.text)
    today = utc_now().astimezone(LOCAL).date()
    period = {"from_on": str(today - timedelta(days=2)), "to_on": str(today)}
    person = f"/volunteers/{volunteer_id}"
    issued = worker.send(person, f"{person}/issue_service_certificate", **period)

    printed = words(worker.page(issued.location))
    assert "兹证明 关海兰" in printed
    assert "1 小时 35 分" in printed
    [number] = set(re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", printed))
    checked = visitor.page(f"/service-certificates/check?number={number}")
    assert "证明属实" in words(checked)
    assert "关*" in words(checked)
    assert "关海兰" not in checked
    program = world.app.test_client().get(f"/api/v1/public/service-certificates/{number}").json
    assert (program["volunteer_name"], program["minutes"]) == ("关*", 95)


def test_a_wrong_number_is_told_so_and_guessing_has_to_wait(world: World) -> None:
    visitor = Person.visiting(world.app)

    first = visitor.read("/service-certificates/check?number=ABC")
    unknown = visitor.read("/service-certificates/check?number=2222-2222-2222")
    for _ in range(12):
        last = visitor.read("/service-certificates/check?number=ABC")

    assert (first.status_code, unknown.status_code, last.status_code) == (422, 404, 429)
    assert "没有这个编号的服务证明" in words(unknown.text)
    assert int(last.headers["Retry-After"]) >= 1


def test_a_made_up_sign_in_code_and_a_stranger_are_refused_in_words(world: World) -> None:
    shift, stranger = world.shift(), world.volunteer("艾云")
    token = world.call("get_sign_in_token", shift_id=shift["shift_id"])["token"]
    visitor, door = Person.visiting(world.app), f"/volunteer-sign-in/{token}"

    made_up = visitor.read(f"/volunteer-sign-in/{'A' * 54}")
    refused = visitor.send(door, door, volunteer_code=stranger["code"], signing="in")

    assert made_up.status_code == 404
    assert "签到二维码无效" in words(made_up.text)
    assert refused.status_code == 409
    assert "没有报名本班次" in words(refused.text)


def test_the_waiting_list_is_shown_in_order_and_moves_up(world: World, worker: Person) -> None:
    people = [world.volunteer(name) for name in ("关海兰", "艾云", "赵六")]
    shift = world.shift()
    address = f"/shifts/{shift['shift_id']}"
    for one in people:
        world.call("enrol_volunteer", shift_id=shift["shift_id"], volunteer_id=one["volunteer_id"])
    assert "候补 第 1 位" in words(worker.page(address))

    first = people[0]["volunteer_id"]
    worker.send(address, f"{address}/enrolments/{first}/withdraw_from_shift")

    shown = worker.page(address)
    waiting = words(shown.partition('aria-label="候补"')[0] and shown)
    assert "余 0，候补 1" in waiting
    assert f"{people[1]['code']} 已报名" in waiting
    assert f"{people[2]['code']} 候补 第 1 位" in waiting


def test_a_shift_page_shows_only_what_is_possible(world: World, worker: Person) -> None:
    volunteer, shift = world.volunteer(), world.shift()
    address = f"/shifts/{shift['shift_id']}"
    world.call("enrol_volunteer", shift_id=shift["shift_id"], volunteer_id=volunteer["volunteer_id"])
    before = worker.page(address)
    world.end()
    after = worker.page(address)

    for act, there_before, there_after in (
        ("enrol_volunteer", True, False),
        ("cancel_shift", True, True),
        ("confirm_hours", False, True),
        ("sign_in_volunteer", True, False),
    ):
        assert (f"{address}/{act}" in before) is there_before, act
        assert (f"{address}/{act}" in after) is there_after, act


def test_a_refused_form_is_shown_again_with_its_reason(world: World, worker: Person) -> None:
    fields = {
        "community_id": str(HUAYUAN),
        "title": "清雪",
        "place": "花园街",
        "slots": "3",
        "starts_at": "2030-01-02T09:00",
        "ends_at": "2030-01-02T08:00",
    }

    refused = worker.send("/shifts/new", "/shifts/new", **fields)
    accepted = worker.send("/shifts/new", "/shifts/new", **fields | {"ends_at": "2030-01-02T12:00"})

    assert refused.status_code == 422
    assert "结束时间应晚于开始时间" in words(refused.text)
    assert 'value="2030-01-02T09:00"' in refused.text
    assert "2030-01-02 09:00" in words(worker.page(accepted.location))


@pytest.mark.parametrize("what", ["volunteers", "shifts", "service-certificates"])
def test_the_neighbour_finds_nothing_of_ours(world: World, what: str) -> None:
    volunteer, shift = world.volunteer(), world.shift()
    ids = {"volunteers": volunteer["volunteer_id"], "shifts": shift["shift_id"]}
    neighbour = Person.signed_in(world.app, "neighbour")

    answered = neighbour.read(f"/{what}/{ids.get(what, volunteer['volunteer_id'])}")

    assert answered.status_code == 404
    assert volunteer["code"] not in neighbour.page("/volunteers")
    assert "清雪志愿服务" not in words(neighbour.page("/shifts"))


def test_everybody_sees_where_hands_are_wanted(world: World) -> None:
    world.shift(is_risky=True, skills=["snow_clearing"])
    world.shift(title="兴安的班次", community_id=str(XINGAN))
    visitor = Person.visiting(world.app)

    everywhere = words(visitor.page("/public/shifts"))
    here = words(visitor.page(f"/public/shifts?community_id={HUAYUAN}"))

    assert "余 1 个名额" in here
    assert "清雪除冰" in here
    assert "有风险，须办理保险" in here
    assert "兴安的班次" in everywhere
    assert "兴安的班次" not in here


def test_a_director_sees_a_name_once_for_a_reason_and_a_worker_does_not(world: World) -> None:
    volunteer = world.volunteer()
    act = f"/volunteers/{volunteer['volunteer_id']}/unmask"
    manager, clerk = (Person.signed_in(world.app, name) for name in ("manager", "worker"))

    seen = manager.send("/volunteers", act, reason="核对服务证明")
    too_short = manager.send("/volunteers", act, reason="看")
    refused = clerk.client.post(act, data=hidden_fields(clerk.page("/volunteers/new"), "/volunteers/new"))

    assert "关海兰" in seen.text
    assert (too_short.status_code, refused.status_code) == (422, 403)
    assert act not in clerk.page("/volunteers")


def test_parties_are_linked_on_the_items_page_and_shown_to_the_public_masked(
    world: World, worker: Person
) -> None:
    today = utc_now().astimezone(LOCAL).date()
    period = {"party_study_on": str(today), "claim_until_on": str(today)}
    item = world.call("create_item", **ITEM, due_on=str(today + timedelta(days=30)))
    world.call("publish_item", item_id=item["item_id"], **period)
    volunteer = world.volunteer()
    address = f"/items/{item['item_id']}"
    link = {"kind": "volunteer", "volunteer_id": volunteer["volunteer_id"], "duty": "清理", "minutes": "60"}

    worker.send(address, f"{address}/link_party", **link)
    refused = worker.send(address, f"{address}/link_party", **link | {"money_yuan": "10"})
    worker.send(
        address,
        f"{address}/link_party",
        kind="charity_resource",
        party="慈善总会",
        duty="捐赠",
        money_yuan="1,200.50",
    )

    assert "志愿服务是无偿的" in words(refused.text)
    public = Person.visiting(world.app).page(f"/public/items/{item['item_id']}")
    assert "✓ 社区志愿者" in words(public)
    assert "关*" in words(public)
    assert "关海兰" not in public
    assert "1,200.50 元" in words(public)
    assert "unlink_party" not in public
    assert "unlink_party" in worker.page(address)


def test_a_social_organisation_is_registered_changed_and_found(world: World, worker: Person) -> None:
    unit = world.call(
        "register_unit",
        uscc=make_uscc(5),
        unit_name="花园社工服务站",
        kind="social_organisation",
        community_ids=[str(HUAYUAN)],
    )
    fields = {
        "registration_number": "黑民证字 1 号",
        "level": "city",
        "service_fields": "elderly",
        "stars": "4",
    }
    new = "/social-organisations/new"

    worker.send(new, new, unit_id=unit["unit_id"], **fields)
    form = f"/social-organisations/{unit['unit_id']}"
    changed = worker.send(form, f"{form}/change_social_organisation", **fields, status="suspended")

    assert changed.status_code == 303
    shown = words(worker.page("/social-organisations?service_field=elderly"))
    assert "花园社工服务站" in shown
    assert "4A" in shown
    assert "活动异常" in shown
    assert "花园社工服务站" not in words(worker.page("/social-organisations?service_field=legal_aid"))


def test_the_register_holds_no_number_of_any_document_or_telephone(world: World) -> None:
    columns = {column["name"] for column in sa.inspect(world.claims.engine).get_columns("volunteers")}

    assert not [name for name in columns for word in ("phone", "identity", "address") if word in name]
