"""Revising an item through the API and on its page, on the real services: what is seen, typed and refused."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from services.chassis.clock import local_today
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from services.contracts.claims.errors import ItemBargainFixed
from tests.builders import HUAYUAN, make_uscc
from tests.gateway.browsing import words
from tests.gateway.fakes import FakeServices, SignIn
from tests.gateway.test_fund_pages import Office

TODAY = local_today()
ITEM = "0199aaaa-0000-7000-8000-000000000031"
WRITTEN: dict[str, Any] = {
    "title": "冬季清雪",
    "service_class": "convenience",
    "category": "winter_duty",
    "description": "",
    "beneficiaries": "300",
    "quantity": "3",
    "measure": "处",
    "budget_yuan": "1,200.50",
    "supports": "people",
    "due_on": str(TODAY + timedelta(days=60)),
}


# ---- the API ------------------------------------------------------------------------------------


def test_a_revision_reaches_the_service_with_the_version_that_was_seen(
    signed_in: SignIn, services: FakeServices
) -> None:
    services.answers["claims.revise_item"] = {"item_id": ITEM, "version": 5}
    body = {name: value for name, value in WRITTEN.items() if name not in ("budget_yuan", "supports")}
    body |= {"beneficiaries": 300, "quantity": 4, "supports": [], "reason": "新增一处"}

    answered = signed_in(Role.COMMUNITY_MANAGER).post(
        f"/items/{ITEM}/revisions", json=body, headers={"If-Match": '"4"'}
    )

    assert answered.status_code == 200
    asked = services.last
    assert (asked.method, asked.data["expected_version"], asked.data["quantity"]) == ("revise_item", 4, 4)


def test_what_can_no_longer_change_is_named(signed_in: SignIn, services: FakeServices) -> None:
    refusal = ItemBargainFixed("事项 RL-2026-0001 已有单位承办。")
    refusal.fields = {"quantity": ["已有单位承办，不能再改。"]}
    services.answers["claims.revise_item"] = refusal
    body = {name: value for name, value in WRITTEN.items() if name not in ("budget_yuan", "supports")}

    answered = signed_in(Role.COMMUNITY_MANAGER).post(
        f"/items/{ITEM}/revisions", json=body | {"beneficiaries": 300, "quantity": 4}
    )

    assert answered.status_code == 409
    assert answered.json["type"].endswith("item_bargain_fixed")
    assert "quantity" in str(answered.json["errors"])


# ---- the page -----------------------------------------------------------------------------------


@pytest.fixture
def office(settings: Config, service_db: Callable[[str], Database]) -> Office:
    return Office(settings, service_db)


def typed_in(page: str) -> dict[str, Any]:
    """What the form of a revision holds before anybody types."""
    form = re.search(r'id="act-revise_item".*?</details>', page, re.S)
    assert form is not None
    held = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', form[0]))
    held |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', form[0]))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form[0], re.S):
        held[name] = re.search(r'value="([^"]*)" selected', options)[1]  # type: ignore[index]
    supports = re.findall(r'type="(?:hidden|checkbox)"[^>]*name="supports" value="(\w+)"( checked)?', form[0])
    is_hidden = 'type="hidden" name="supports"' in form[0]
    held["supports"] = [value for value, checked in supports if checked or is_hidden]
    return {name: unescape(value) if isinstance(value, str) else value for name, value in held.items()}


def test_a_published_item_is_revised_on_its_page_and_everybody_reads_what_it_said_before(
    office: Office,
) -> None:
    manager = office.person("chen", Role.COMMUNITY_MANAGER)
    item = str(manager.send("/items/new", "/items/new", community_id=str(HUAYUAN), **WRITTEN).location)
    period = {"party_study_on": str(TODAY), "claim_until_on": str(TODAY + timedelta(days=9))}
    assert manager.send(item, f"{item}/publish_item", **period).status_code == 303

    held = typed_in(manager.page(item))
    assert {name: held[name] for name in WRITTEN if name != "supports"} == {
        name: value for name, value in WRITTEN.items() if name != "supports"
    }
    assert held["supports"] == ["people"]
    changed = held | {"quantity": "5", "reason": "新增两处", "budget_yuan": "2,000"}
    answered = manager.send(item, f"{item}/revise_item", **changed)

    assert answered.status_code == 303, words(answered.text)
    for page in (manager.page(item), office.visitor().page(f"/public{item}")):
        seen = words(page)
        assert "修订事项：新增两处" in seen
        assert "数量： 3 → 5" in seen
        assert "预算（元）： 1200.50 → 2000" in seen


def test_once_claimed_the_page_asks_only_for_what_may_still_change(office: Office) -> None:
    manager = office.person("chen", Role.COMMUNITY_MANAGER)
    item = str(manager.send("/items/new", "/items/new", community_id=str(HUAYUAN), **WRITTEN).location)
    period = {"party_study_on": str(TODAY), "claim_until_on": str(TODAY + timedelta(days=9))}
    manager.send(item, f"{item}/publish_item", **period)
    manager.send(
        "/units/new",
        "/units/new",
        uscc=make_uscc(62),
        unit_name="市供热公司",
        kind="enterprise",
        community_ids=str(HUAYUAN),
    )
    unit_id = re.search(r'<option value="([\w-]{36})">市供热公司', manager.page(item))[1]  # type: ignore[index]
    assert manager.send(item, f"{item}/claim_item", unit_id=unit_id, kind="whole").status_code == 303

    page = manager.page(item)
    held = typed_in(page)
    form = re.search(r'id="act-revise_item".*?</details>', page, re.S)[0]  # type: ignore[index]
    assert 'id="revise_item-quantity"' not in form
    later = str(TODAY + timedelta(days=70))
    changed = held | {"due_on": later, "place": "东侧", "reason": "天气"}
    answered = manager.send(item, f"{item}/revise_item", **changed)

    assert answered.status_code == 303, words(answered.text)
    assert "实施地点：东侧" in words(manager.page(item))
    more = typed_in(manager.page(item)) | {"quantity": "9", "reason": "多"}
    refused = manager.send(item, f"{item}/revise_item", **more)
    assert refused.status_code == 409
    assert "已有单位承办" in words(refused.text)


def test_a_worker_changes_a_draft(office: Office) -> None:
    worker = office.person("wang", Role.COMMUNITY_WORKER)
    item = str(worker.send("/items/new", "/items/new", community_id=str(HUAYUAN), **WRITTEN).location)

    held = typed_in(worker.page(item))
    answered = worker.send(item, f"{item}/revise_item", **(held | {"title": "清雪除冰"}))

    assert answered.status_code == 303, words(answered.text)
    assert "清雪除冰" in words(worker.page(item))
    assert "修订事项" not in words(worker.page(item))
