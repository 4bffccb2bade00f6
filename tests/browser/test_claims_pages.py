"""Needs, funds, the task gate, volunteers: every page of the sample city, by axe and at both widths."""

from typing import Any

import pytest

from deploy.demo.client import Client
from tests.browser.people import accessibility_faults, sign_in, small_targets, width_beyond_screen

# Lists and forms, then path and key of the records that have a page each.
PAGES = (
    "/needs",
    "/needs/new",
    "/needs/import",
    "/funds",
    "/funds/new",
    "/admissions",
    "/admissions/new",
    "/gate-lists",
    "/sent-back-tasks",
    "/emergencies",
    "/seals",
    "/burdens",
    "/burdens/meter",
    "/volunteers",
    "/volunteers/new",
    "/shifts",
    "/shifts/new",
    "/social-organisations",
    "/social-organisations/new",
)
RECORDS = (
    ("needs", "need_id"),
    ("funds", "fund_id"),
    ("admissions", "admission_id"),
    ("volunteers", "volunteer_id"),
    ("shifts", "shift_id"),
)
PUBLIC_PAGES = (
    "/public/needs",
    "/public/needs/new",
    "/public/funds",
    "/public/shifts",
    "/service-certificates/check",
)


@pytest.mark.parametrize("is_phone", [False, True], ids=["desktop", "phone"])
def test_the_pages_have_no_accessibility_fault_and_fit_the_screen(
    platform: Any, open_page: Any, is_phone: bool
) -> None:
    reader = Client(platform.url).signed_in("admin", platform.accounts["admin"])
    of_records = [
        f"/{path}/{one[key]}" for path, key in RECORDS for one in reader.get(f"/{path}", limit=3)["items"]
    ]
    a_fund = reader.get("/public/funds")["items"][0]["fund_id"]
    staff, visitor = (open_page(platform.url, is_phone=is_phone) for _ in range(2))
    sign_in(staff, "admin", platform.accounts["admin"])
    visits = [(staff, path) for path in (*PAGES, *of_records, f"/funds/{a_fund}/postings")]
    visits += [(visitor, path) for path in (*PUBLIC_PAGES, f"/public/funds/{a_fund}")]
    faults: dict[str, Any] = {}

    for page, path in visits:
        answer = page.goto(path)
        found: list[Any] = [] if answer.status == 200 else [f"status {answer.status}"]
        found += accessibility_faults(page)
        if is_phone:
            found += small_targets(page)
        if (beyond := width_beyond_screen(page)) > 0:
            found.append(f"{beyond} px wider than the screen")
        if found:
            faults[path] = found

    assert len(of_records) > len(RECORDS)
    assert faults == {}
