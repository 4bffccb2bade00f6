"""A real browser, and pages of it that never ask anything of another host."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright
from werkzeug.serving import make_server

from gateway.manifest import STATIC
from tests.gateway.fake_services import FakePlatform
from tests.gateway.pages_app import make_app

CHROMIUM = Path(os.environ.get("GONGZHI_CHROMIUM", "/usr/bin/chromium"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM.exists(), "install chromium, or name it in GONGZHI_CHROMIUM"
    with sync_playwright() as driver:
        # Native date fields follow the program's language, not the page's.
        launched = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        yield launched
        launched.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """`open_page(base_url, is_phone=True, is_large=True)`: a new person's browser.

    Afterwards nothing was asked of another host and no script failed.
    """
    contexts = []
    faults: list[str] = []

    def open_new(base_url: str, *, is_phone: bool = False, is_large: bool = False) -> Page:
        here = urlsplit(base_url).netloc
        context = browser.new_context(
            base_url=base_url,
            viewport={"width": 390, "height": 844} if is_phone else {"width": 1440, "height": 900},
            is_mobile=is_phone,
            has_touch=is_phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        if is_large:
            context.add_cookies([{"name": "large_type", "value": "1", "url": base_url}])

        def watch(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme not in ("data", "blob") and parts.netloc != here:
                faults.append(f"asked of elsewhere: {request.url}")

        def listen(message: ConsoleMessage) -> None:
            # A refused form answers 4xx, which the console mentions; scripts must not complain.
            if message.type == "error" and not message.text.startswith("Failed to load resource"):
                faults.append(f"console: {message.text}")

        def fail(error: Error) -> None:
            faults.append(f"script: {error}")

        context.on("request", watch)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", fail)
        page.set_default_timeout(15_000)
        return page

    yield open_new
    for context in contexts:
        context.close()
    assert faults == []


@dataclass
class Alone:
    """The gateway with its pages, on services in memory."""

    url: str
    app: Flask
    platform: FakePlatform

    def tell(self, name: str, **event: str) -> None:
        """As if the event had come from the broker."""
        self.app.extensions["streams"].tell(name, event)


@pytest.fixture
def alone() -> Iterator[Alone]:
    assert (STATIC / "manifest.json").exists(), (
        "build the assets first: npm ci && npm run build in gateway/assets"
    )
    platform = FakePlatform()
    app = make_app(platform)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.block_on_close = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Alone(url=f"http://127.0.0.1:{server.port}", app=app, platform=platform)
    app.extensions["streams"].close()
    server.shutdown()
    thread.join()
    server.server_close()
