"""Accounts, rights, audit and personal data at a browser: for a keyboard, a phone, and everybody's eyes."""

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from deploy.sample.city import residents
from gateway.auth import accounts
from services.chassis.config import load
from services.chassis.db import Database
from services.contracts.base import Role
from tests.browser.people import accessibility_faults, sign_in, small_targets, width_beyond_screen

PAGES = {
    Role.SECURITY_ADMIN: (
        "/admin/users",
        "/admin/users/new",
        "/admin/grants",
        "/admin/sessions",
        "/admin/sign-ins",
        "/admin/settings",
        "/account",
        "/account/password",
        "/account/second-factor",
        "/account/proof?next=/account/password",
    ),
    Role.AUDITOR: ("/audit", "/admin/settings", "/jobs"),
    Role.CITY_ADMIN: (
        "/residents",
        "/personal-requests",
        "/subscriptions",
        "/jobs",
        "/items",
        "/agreement-template",
    ),
    None: ("/privacy", "/privacy/requests/new", "/code", "/signin"),
}


@pytest.fixture(scope="module")
def people(platform: Any) -> dict[Role, tuple[str, str]]:
    """Name and password of somebody in each role."""
    database = Database(load(platform.environment).database_url("gateway"), service="tests", pool_size=1)
    made = {}
    for role in PAGES:
        if role is not None:
            name, password = f"browser-{role}".replace("_", "-"), secrets.token_urlsafe(16)
            accounts.add_user(
                database,
                username=name,
                display_name=role.label,
                password=password,
                roles=(role,),
                community_ids=(),
                unit_id=None,
            )
            made[role] = (name, password)
    database.dispose()
    return made


def someone(platform: Any, people: Any, open_page: Any, role: Role | None, **kwargs: Any) -> Page:
    page: Page = open_page(platform.url, **kwargs)
    if role is not None:
        sign_in(page, *people[role])
    return page


@pytest.mark.parametrize("is_phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", list(PAGES), ids=str)
def test_the_pages_have_no_accessibility_fault_and_fit_the_screen(
    platform: Any, people: Any, open_page: Any, role: Role | None, is_phone: bool
) -> None:
    page = someone(platform, people, open_page, role, is_phone=is_phone)
    faults: dict[str, Any] = {}

    for path in PAGES[role]:
        answer = page.goto(path)
        assert answer is not None
        found: list[Any] = [] if answer.status == 200 else [f"status {answer.status}"]
        found += accessibility_faults(page)
        if is_phone:
            found += small_targets(page)
        if width_beyond_screen(page) > 0:
            found.append("wider than the screen")
        if found:
            faults[path] = found

    assert faults == {}


def test_an_account_is_opened_by_keyboard_and_its_one_time_password_shown_once(
    platform: Any, people: Any, open_page: Any
) -> None:
    page = someone(platform, people, open_page, Role.SECURITY_ADMIN)
    page.goto("/admin/users/new")
    name = f"keyboard-{secrets.token_hex(3)}"

    page.get_by_label("用户名").focus()
    page.keyboard.type(name)
    page.get_by_label("姓名").focus()
    page.keyboard.type("键盘")
    page.keyboard.press("Enter")

    shown = page.locator("main")
    expect(shown).to_contain_text(name)
    expect(shown).to_contain_text("一次性密码")
    page.goto("/admin/users")
    expect(page.locator("main")).to_contain_text(name)
    expect(page.locator("main")).not_to_contain_text("一次性密码")


def test_an_auditor_sees_who_signed_in(platform: Any, people: Any, open_page: Any) -> None:
    page = someone(platform, people, open_page, Role.AUDITOR)

    page.goto("/audit?act=gateway.sign_in")

    expect(page.locator("main")).to_contain_text("登录")
    expect(page.locator("main")).to_contain_text("127.0.0.1")
    assert accessibility_faults(page) == []


def test_an_administrator_of_accounts_reads_no_audit(platform: Any, people: Any, open_page: Any) -> None:
    page = someone(platform, people, open_page, Role.SECURITY_ADMIN)

    answer = page.goto("/audit")

    assert answer is not None
    assert answer.status == 403


def test_a_correction_is_asked_for_on_a_phone_and_made_at_the_desk(
    platform: Any, people: Any, open_page: Any
) -> None:
    kept = list(residents())[-1]
    visitor = someone(platform, people, open_page, None, is_phone=True)
    visitor.goto("/privacy/requests/new")
    visitor.get_by_label("申请事项").select_option(label="更正")
    visitor.get_by_label("姓名").fill(kept.resident_name)
    visitor.get_by_label("身份证号码").fill(kept.identity_number)
    visitor.get_by_label("补充说明").fill("姓名少登记了一个字。")
    visitor.get_by_role("button", name="提交申请").dblclick()
    visitor.wait_for_url(lambda address: not address.endswith("/new"))
    reference = visitor.url.rsplit("/", 1)[-1]

    desk = someone(platform, people, open_page, Role.CITY_ADMIN)
    desk.goto("/personal-requests")
    expect(desk.get_by_role("link", name=reference)).to_have_count(1)
    desk.get_by_role("link", name=reference).click()
    fold(desk, "查看平台所持信息").get_by_label("已当面").check()
    fold(desk, "查看平台所持信息").get_by_label("理由").fill("本人到窗口更正")
    fold(desk, "查看平台所持信息").get_by_role("button", name="查看").click()
    fold(desk, "更正姓名").get_by_label("更正为").fill(f"{kept.resident_name}岩")
    faults = [*accessibility_faults(desk), *_on_a_phone(desk)]
    fold(desk, "更正姓名").get_by_role("button", name="更正").click()
    expect(fold(desk, "更正")).to_contain_text("请先核验申请人身份")
    expect(fold(desk, "更正").get_by_label("更正为")).to_have_value(f"{kept.resident_name}岩")
    faults += accessibility_faults(desk)
    fold(desk, "更正").get_by_label("已当面").check()
    fold(desk, "更正").get_by_role("button", name="更正").click()
    expect(desk.get_by_role("status").first).to_contain_text("更正")

    assert faults == []


def fold(page: Page, title: str) -> Locator:
    """What opens under this summary, opened."""
    found = page.locator("details", has=page.locator("summary", has_text=re.compile(f"^\\s*{title}\\s*$")))
    found.first.evaluate("one => one.open = true")
    return found.first


def _on_a_phone(page: Page) -> list[Any]:
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 390, "height": 844})
    found: list[Any] = small_targets(page)
    if width_beyond_screen(page) > 0:
        found.append("wider than the screen")
    page.set_viewport_size(size)
    return found
