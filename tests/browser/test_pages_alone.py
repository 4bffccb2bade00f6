"""Every page by itself: accessible, wide enough, and live; the services stand in memory."""

import gzip
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.chassis.ids import new_id
from tests.browser.people import (
    accessibility_faults,
    be_connected,
    sign_in,
    small_targets,
    width_beyond_screen,
)
from tests.gateway.fake_sample import id_of
from tests.gateway.pages_app import PASSWORD

STAFF_PAGES = (
    "/dashboard",
    "/todo",
    "/items",
    "/items/new",
    "/claim-lists",
    "/claim-lists/import",
    "/units",
    "/units/new",
    "/units/applications/new",
    "/dual-registrations",
    "/dual-registrations/new",
    "/community-tasks",
    "/funds",
    "/funds/new",
    f"/funds/{id_of('fund', 1)}",
    f"/funds/{id_of('fund', 1)}/postings",
    "/schemes",
    "/schemes/new",
    f"/schemes/{id_of('scheme', 2)}",
    "/assessment-periods",
    f"/assessment-periods/{id_of('period', 1)}",
    f"/unit-assessments/{id_of('result', 'open')}",
    f"/unit-assessments/{id_of('result', 'commended')}",
    f"/unit-assessments/{id_of('result', 'frozen')}/letter",
    "/purchases",
    f"/purchases/{id_of('purchase', 1)}",
    "/polls",
    "/deliveries",
    "/subscriptions",
    "/communities",
    "/account",
    "/nothing",
)
PUBLIC_PAGES = (
    "/board",
    "/public/items",
    "/public/contracts",
    "/public/units",
    "/public/units/new",
    "/public/units/ABCDEFGH2345",
    "/public/funds",
    f"/public/funds/{id_of('fund', 1)}",
    "/public/results",
    f"/public/results/{id_of('result', 'commended')}",
    "/polls/answer/open-token",
    "/polls/answer/answered-token",
    "/polls/answer/closed-token",
    "/polls/answer/nobody",
    "/signin",
)


def item_of(alone: Any, status: str) -> dict[str, Any]:
    return next(item for item in alone.platform.claims.items.values() if item["status"] == status)


def item_pages(alone: Any) -> list[str]:
    poll = next(poll for poll in alone.platform.consultation.polls.values() if poll["status"] == "open")
    return [
        *(f"/items/{item_of(alone, status)['item_id']}" for status in ("draft", "submitted", "commended")),
        f"/items/{item_of(alone, 'published')['item_id']}?act=claim_item",
        f"/units/{alone.platform.claims.units[0]['unit_id']}",
        f"/polls/{poll['poll_id']}",
        f"/polls/{poll['poll_id']}/invitations",
    ]


@pytest.mark.parametrize("is_large", [False, True], ids=["standard", "large"])
@pytest.mark.parametrize("is_phone", [False, True], ids=["desk", "phone"])
def test_no_page_has_an_accessibility_fault(
    alone: Any, open_page: Any, is_phone: bool, is_large: bool
) -> None:
    visitor = open_page(alone.url, is_phone=is_phone, is_large=is_large)
    staff = open_page(alone.url, is_phone=is_phone, is_large=is_large)
    sign_in(staff, "city", PASSWORD)
    public_item = f"/public/items/{item_of(alone, 'commended')['item_id']}"
    faults: dict[str, list[Any]] = {}

    for page, paths in ((visitor, [*PUBLIC_PAGES, public_item]), (staff, [*STAFF_PAGES, *item_pages(alone)])):
        for path in paths:
            page.goto(path)
            found: list[Any] = accessibility_faults(page)
            if (beyond := width_beyond_screen(page)) > 0:
                found.append(f"{beyond} px wider than the screen")
            if is_phone:
                found += small_targets(page)
            if found:
                faults[path] = found

    assert faults == {}


def test_the_pages_of_a_liaison_have_no_accessibility_fault(alone: Any, open_page: Any) -> None:
    page = open_page(alone.url, is_phone=True)
    sign_in(page, "liaison", PASSWORD)
    faults = {}

    for path in ("/items", f"/items/{item_of(alone, 'published')['item_id']}?act=claim_item", "/todo"):
        page.goto(path)
        faults[path] = accessibility_faults(page) + small_targets(page)

    assert {path: found for path, found in faults.items() if found} == {}


@pytest.fixture
def page(alone: Any, open_page: Any) -> Page:
    opened: Page = open_page(alone.url)
    sign_in(opened, "city", PASSWORD)
    return opened


def test_searching_replaces_the_table_while_typing_and_keeps_the_address(page: Page) -> None:
    page.goto("/items")

    page.get_by_label("关键词").type("清淤")
    expect(page.locator("#list .foot")).to_contain_text("共 12 项")
    page.get_by_label("社区", exact=True).select_option(label="花园社区")
    page.wait_for_url(re.compile("community_id="))

    assert "q=" in page.url
    assert "category=" not in page.url
    page.reload()
    expect(page.get_by_label("关键词")).to_have_value("清淤")
    page.go_back()
    expect(page.locator("#list .foot")).to_contain_text("共")


def test_a_slash_leads_to_the_search_and_enter_searches(page: Page) -> None:
    page.goto("/dashboard")

    page.keyboard.press("/")
    page.keyboard.type("助餐")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"/items\?q="))
    expect(page.locator("td.name").first).to_have_text("独居老人助餐点")


def test_a_slash_inside_a_field_is_only_a_slash(page: Page) -> None:
    page.goto("/items/new")

    page.get_by_label("事项名称").focus()
    page.keyboard.type("清雪/除冰")

    expect(page.get_by_label("事项名称")).to_have_value("清雪/除冰")


def test_the_first_key_leads_past_the_menu(page: Page) -> None:
    page.goto("/items")

    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到主要内容")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.locator("main :focus")).to_have_count(1)


def test_a_claim_shows_only_the_fields_of_its_kind(alone: Any, page: Page) -> None:
    page.goto(f"/items/{item_of(alone, 'published')['item_id']}?act=claim_item")

    expect(page.get_by_label("认领数量")).to_be_hidden()
    page.get_by_label("部分认领").check()
    expect(page.get_by_label("认领数量")).to_be_visible()
    page.get_by_label("联合认领").check()
    expect(page.get_by_label("认领数量")).to_be_hidden()
    expect(page.get_by_role("group", name="协同单位")).to_be_visible()


def test_a_refused_form_comes_back_open_with_the_reason_in_focus(alone: Any, page: Page) -> None:
    item = item_of(alone, "published")
    page.goto(f"/items/{item['item_id']}?act=claim_item")
    page.get_by_label("认领单位").select_option(index=1)
    page.get_by_label("说明").fill("周末施工")
    item["remaining"] = 0  # somebody else was faster

    page.get_by_role("button", name="提交认领").click()

    expect(page.locator(".refusal:focus")).to_contain_text("不够认领")
    expect(page.get_by_label("说明")).to_have_value("周末施工")


def test_an_open_item_refreshes_itself_and_keeps_what_is_being_typed(alone: Any, page: Page) -> None:
    item = item_of(alone, "in_progress")
    page.goto(f"/items/{item['item_id']}")
    be_connected(page)
    page.locator("summary", has_text="报告进展").click()
    page.get_by_label("进展", exact=True).fill("正在写的进展")

    item["claims"][0]["note"] = "别人刚刚改的说明"
    alone.tell("milestone_reported", item_id=item["item_id"], community_id=item["community_id"])

    expect(page.get_by_text("别人刚刚改的说明")).to_be_visible()
    expect(page.get_by_label("进展", exact=True)).to_have_value("正在写的进展")


def test_an_event_of_another_item_refreshes_nothing(alone: Any, page: Page) -> None:
    item = item_of(alone, "in_progress")
    page.goto(f"/items/{item['item_id']}")
    be_connected(page)

    asked = len(alone.platform.sent("claims.get_item"))
    alone.tell("milestone_reported", item_id=str(new_id()), community_id=item["community_id"])
    page.wait_for_timeout(800)

    assert len(alone.platform.sent("claims.get_item")) == asked


def test_a_new_notice_appears_on_an_open_board(alone: Any, open_page: Any) -> None:
    board = open_page(alone.url, is_phone=True)
    board.goto("/board")
    be_connected(board)
    notices = alone.platform.notifications.notices

    notices.insert(0, {**notices[0], "notice_id": str(new_id()), "title": "海兰社区除雪事项已公布"})
    alone.tell("notice_published", notice_id=notices[0]["notice_id"])

    expect(board.locator("#notices h3").first).to_have_text("海兰社区除雪事项已公布")


def test_after_a_break_the_page_asks_anew(alone: Any, page: Page) -> None:
    item = item_of(alone, "in_progress")
    page.goto(f"/items/{item['item_id']}")
    be_connected(page)

    item["claims"][0]["note"] = "断线期间的变化"
    alone.app.extensions["streams"].close()

    expect(page.get_by_text("断线期间的变化")).to_be_visible()


def test_the_dashboard_draws_both_pictures_and_a_bar_leads_to_its_items(page: Page) -> None:
    page.goto("/dashboard")

    expect(page.locator("[data-chart][data-drawn=true] svg")).to_have_count(2)
    box = page.locator("[data-chart=bars]").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 52, box["y"] + box["height"] - 70)

    page.wait_for_url(re.compile(r"/items\?community_id="))


def test_the_menu_of_a_phone_opens_and_escape_closes_it(alone: Any, open_page: Any) -> None:
    page = open_page(alone.url, is_phone=True)
    sign_in(page, "city", PASSWORD)
    page.goto("/items")

    page.get_by_label("菜单", exact=True).click()
    expect(page.get_by_role("navigation", name="主菜单（手机）").get_by_text("数据看板")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("navigation", name="主菜单（手机）").get_by_text("数据看板")).to_be_hidden()


def test_a_public_page_is_light_on_its_first_visit(alone: Any, open_page: Any) -> None:
    """What a phone fetches before it can show the board, compressed as a proxy would; scripts come after it."""
    page = open_page(alone.url, is_phone=True)
    fetched: list[int] = []
    page.on("response", lambda answered: fetched.append(_packed(answered)))

    page.goto("/board")
    page.wait_for_timeout(500)

    assert sum(fetched) < 150_000


def _packed(answered: Any) -> int:
    if "event-stream" in answered.headers.get("content-type", ""):
        return 0
    return len(gzip.compress(answered.body()))


def test_the_document_of_the_interface_opens_without_help_from_elsewhere(page: Page) -> None:
    page.goto("/api/docs")

    expect(page.locator(".swagger-ui .info .title")).to_contain_text("共治")
    expect(page.locator("#document .opblock").first).to_be_visible()
