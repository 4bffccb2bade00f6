"""The running platform through a browser: from the Excel list to the claim that the open board shows."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from services.chassis.clock import local_today
from services.contracts.claims.sheet import COLUMNS
from tests.browser.people import accessibility_faults, be_connected, sign_in, width_beyond_screen

TITLE = "浏览器演练：海兰小区单元门前除雪"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGES = [
    "/dashboard",
    "/todo",
    "/items",
    "/items/new",
    "/claim-lists",
    "/claim-lists/import",
    "/units",
    "/units/new",
    "/polls",
    "/deliveries",
    "/subscriptions",
    "/communities",
    "/account",
    "/board",
    "/public/items",
]


@pytest.fixture
def someone(platform: Any, open_page: Any) -> Any:
    """`someone("hailan")`: that person's browser, signed in; without a name a visitor's."""

    def open_for(username: str = "", **kwargs: Any) -> Page:
        page: Page = open_page(platform.url, **kwargs)
        if username:
            sign_in(page, username, platform.accounts[username])
        return page

    return open_for


def claim_list(*, due_on: str) -> bytes:
    """A claim list of one item as an office writes it."""
    cells = {
        "community": "海兰社区",
        "service_class": "便民利民",
        "category": "冬季除雪",
        "title": TITLE,
        "beneficiaries": "860",
        "quantity": "12",
        "measure": "次",
        "due_on": due_on,
    }
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("认领清单")
        for place, column in enumerate(COLUMNS):
            sheet.write_string(0, place, column.header)
            sheet.write_string(1, place, cells.get(column.name, ""))
    return out.getvalue()


def upload(page: Page, content: bytes) -> None:
    page.get_by_label(re.compile("选择清单文件|改正后重新上传")).set_input_files(
        {"name": "海兰社区清单.xlsx", "mimeType": XLSX, "buffer": content}
    )
    page.get_by_role("button", name="上传并预览").click()


def test_a_list_is_imported_published_and_claimed_while_the_board_looks_on(someone: Any) -> None:
    board = someone(is_phone=True)
    board.goto("/board")
    be_connected(board)
    manager = someone("hailan")
    in_a_month = (local_today() + timedelta(days=30)).isoformat()

    # A file with a mistake is refused by its row, the corrected one is taken.
    manager.goto("/claim-lists/import")
    upload(manager, claim_list(due_on="冬天"))
    expect(manager.get_by_role("heading", level=1)).to_have_text(re.compile("文件有 1 处问题"))
    expect(manager.locator("tbody tr")).to_contain_text("2")
    upload(manager, claim_list(due_on=in_a_month))
    expect(manager.get_by_role("heading", level=1)).to_have_text("确认导入")
    manager.get_by_label("清单名称").fill("浏览器演练清单")
    manager.get_by_role("button", name="确认导入 1 项").click()
    expect(manager.get_by_role("status")).to_contain_text("已导入 1 项")

    # Publishing shows on the open board without anybody touching it.
    manager.get_by_label("党组织研究日期").fill((local_today() - timedelta(days=1)).isoformat())
    manager.get_by_label("认领截止日期").fill((local_today() + timedelta(days=14)).isoformat())
    manager.get_by_role("button", name="发布 1 项").click()
    expect(manager.get_by_role("status").first).to_contain_text("已发布 1 项")
    expect(board.locator("#notices")).to_contain_text(TITLE, timeout=20_000)

    # The unit claims; the manager's open page and the board follow.
    manager.get_by_role("link", name=TITLE).click()
    be_connected(manager)
    liaison = someone("wuye", is_phone=True)
    liaison.goto("/items?q=浏览器演练&status=published")
    liaison.get_by_role("link", name=TITLE).click()
    liaison.get_by_text("认领", exact=True).last.click()
    liaison.get_by_label("说明").fill("由物业保洁队承担。")
    liaison.get_by_role("button", name="提交认领").click()
    expect(liaison.get_by_role("status").first).to_contain_text("认领已登记")

    expect(manager.locator("#claims")).to_contain_text("安居乐物业服务有限公司", timeout=20_000)
    expect(manager.locator("summary", has_text="确认认领")).to_be_visible()
    expect(board.locator("#notices")).to_contain_text("安居乐物业服务有限公司", timeout=20_000)


def test_every_page_with_the_sample_city_is_accessible_and_fits(someone: Any) -> None:
    desk, phone = someone("admin"), someone("admin", is_phone=True, is_large=True)
    faults: dict[str, list[Any]] = {}

    for page in (desk, phone):
        page.goto("/items")
        item = page.locator("td.name a").first.get_attribute("href")
        for path in (*PAGES, item, f"/public{item}"):
            page.goto(path)
            found: list[Any] = accessibility_faults(page)
            if (beyond := width_beyond_screen(page)) > 0:
                found.append(f"{beyond} px wider than the screen")
            if found:
                faults[path] = found

    assert faults == {}


def test_who_may_not_see_a_page_is_told_why(someone: Any) -> None:
    page = someone("wuye")

    page.goto("/deliveries")

    expect(page.get_by_role("alert")).to_contain_text("没有权限")
    expect(page.get_by_role("link", name="通知发送记录")).to_have_count(0)


def test_signing_out_ends_the_session_everywhere_in_this_browser(someone: Any) -> None:
    page = someone("hailan-worker")
    page.goto("/items")

    page.locator("summary.person").click()
    page.get_by_role("button", name="退出登录").click()
    page.goto("/items")

    expect(page).to_have_url(re.compile(r"/signin\?next="))


def test_the_numbers_on_the_dashboard_are_those_of_the_list(someone: Any) -> None:
    page = someone("admin")

    page.goto("/dashboard")
    figure = page.locator("[data-figure=claimed]")
    shown = figure.locator(".value").inner_text()
    figure.click()

    assert re.sub(r"\D", "", shown) == page.locator(".tabs a[aria-current] span").inner_text()
