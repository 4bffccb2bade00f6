"""What people do at a browser in these tests."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/signin")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda address: "/signin" not in address)


def be_connected(page: Page) -> None:
    """Wait until the page hears events."""
    expect(page.locator("html[data-connected=true]")).to_be_attached()


def accessibility_faults(page: Page) -> list[dict[str, Any]]:
    found = Axe().run(page).response["violations"]
    return [
        {"rule": fault["id"], "at": [node["html"][:160] for node in fault["nodes"]][:3]} for fault in found
    ]


def width_beyond_screen(page: Page) -> int:
    beyond: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return beyond


def small_targets(page: Page) -> list[str]:
    """Controls less than 44 px high that a finger has to hit; links inside a sentence are exempt (WCAG 2.5.8)."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, summary, .btn, .form-control, .form-select, .tabs a")]
            .filter((one) => { const box = one.getBoundingClientRect(); return box.height > 0 && box.height < 43.5; })
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    return found
