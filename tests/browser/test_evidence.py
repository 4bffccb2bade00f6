"""A worker photographs the work with a phone; everybody sees the picture once it is shown."""

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from deploy.demo.client import Client
from tests.browser.people import accessibility_faults, sign_in, small_targets, width_beyond_screen
from tests.gateway.test_files import photo


def test_a_photo_is_taken_with_a_phone_and_shown_to_the_public(
    platform: Any, open_page: Any, tmp_path: Path
) -> None:
    reader = Client(platform.url).signed_in("admin", platform.accounts["admin"])
    item_id = reader.get("/items", status="in_progress", limit=1)["items"][0]["item_id"]
    picture = tmp_path / "清雪后.jpg"
    picture.write_bytes(photo(size=(1600, 1200)))
    worker, visitor = (open_page(platform.url, is_phone=True) for _ in range(2))
    sign_in(worker, "admin", platform.accounts["admin"])

    worker.goto(f"/items/{item_id}")
    worker.locator("summary", has_text="上传照片或资料").first.click()
    worker.get_by_label("照片或资料").first.set_input_files(picture)
    worker.get_by_role("button", name="上传", exact=True).first.click()

    thumbnail = worker.get_by_role("img", name="清雪后.jpg")
    expect(thumbnail).to_be_visible()
    thumbnail.scroll_into_view_if_needed()
    worker.wait_for_function("document.querySelector('.evidence img').naturalWidth === 320")
    assert (accessibility_faults(worker), small_targets(worker), width_beyond_screen(worker)) == ([], [], 0)
    worker.get_by_role("button", name="对外公开").click()
    expect(worker.get_by_text("已公开")).to_be_visible()
    visitor.goto(f"/public/items/{item_id}")
    expect(visitor.get_by_role("img", name="清雪后.jpg")).to_be_visible()
    assert (accessibility_faults(visitor), width_beyond_screen(visitor)) == ([], 0)
