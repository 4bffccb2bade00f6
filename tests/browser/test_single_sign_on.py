"""Signing in with a real OpenID Connect provider, in a real browser."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from deploy.local import processes
from deploy.local.stack import LocalStack
from gateway.app import create_app
from gateway.auth import accounts
from gateway.auth.sso import sign_on
from services.chassis.config import load
from services.chassis.db import Database
from services.contracts.base import Role
from tests.browser.people import accessibility_faults
from tests.gateway.fake_services import FakePlatform
from tests.sso.provider import provider_for

pytestmark = pytest.mark.oidc

PASSWORD = "correct-horse-battery"


@pytest.fixture
def database(service_db: Callable[[str], Database]) -> Database:
    return service_db("gateway")


@pytest.fixture
def gateway(stack: LocalStack, database: Database, tmp_path: Path) -> Iterator[str]:
    """The address of a gateway that knows one provider, which knows it in turn."""
    port = processes.free_port()
    address = f"http://127.0.0.1:{port}"
    with provider_for(address, tmp_path / "provider.log") as issuer:
        variables = {
            "GONGZHI_PUBLIC_URL": address,
            "GONGZHI_SSO_CITY_KIND": "oidc",
            "GONGZHI_SSO_CITY_LABEL": "市统一身份认证",
            "GONGZHI_SSO_CITY_ISSUER": issuer,
            "GONGZHI_SSO_CITY_CLIENT_ID": "gongzhi",
            "GONGZHI_SSO_CITY_CLIENT_SECRET": "a-secret-of-the-test",
        }
        app = create_app(load({**stack.environment(), **variables}), FakePlatform(), database=database)
        server = make_server("127.0.0.1", port, app, threaded=True)
        server.daemon_threads = True  # type: ignore[attr-defined]
        server.block_on_close = False  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield address
        app.extensions["streams"].close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(browser: Browser, gateway: str) -> Iterator[Page]:
    context = browser.new_context(base_url=gateway, locale="zh-CN")
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    yield opened
    context.close()


def sign_in_there(page: Page, login: str) -> str:
    """The address of the provider, as the browser shows it."""
    page.goto("/signin")
    page.get_by_role("link", name="市统一身份认证登录").click()
    page.get_by_placeholder("Enter any login").fill(login)
    parts = urlsplit(page.url)
    page.get_by_placeholder("and password").fill("anything")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    return f"{parts.scheme}://{parts.netloc}"


def test_a_linked_person_signs_in_by_the_button_and_out_at_both(
    page: Page, gateway: str, database: Database
) -> None:
    user = accounts.add_user(
        database, username="wang", display_name="王秀兰", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )
    sign_on.link(database, provider="city", subject="u-1001", user=user)

    sign_in_there(page, "u-1001")
    page.wait_for_url(f"{gateway}/dashboard")
    expect(page.get_by_text("王秀兰").first).to_be_visible()

    page.get_by_label("王秀兰，个人菜单").click()
    page.get_by_role("banner").get_by_role("button", name="退出登录").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{gateway}/signin")

    page.goto("/account")
    page.wait_for_url(lambda address: address.startswith(f"{gateway}/signin"))
    page.get_by_role("link", name="市统一身份认证登录").click()
    expect(page.get_by_placeholder("Enter any login")).to_be_visible()


def test_signing_out_there_ends_the_session_here(page: Page, gateway: str, database: Database) -> None:
    user = accounts.add_user(
        database, username="wang", display_name="王秀兰", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )
    sign_on.link(database, provider="city", subject="u-1001", user=user)
    issuer = sign_in_there(page, "u-1001")
    page.wait_for_url(f"{gateway}/dashboard")

    page.goto(f"{issuer}/session/end")
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_text("Sign-out Success")).to_be_visible()

    page.goto(f"{gateway}/account")
    page.wait_for_url(lambda address: address.startswith(f"{gateway}/signin"))


def test_whoever_is_unknown_links_his_account_and_is_known_from_then_on(
    page: Page, gateway: str, database: Database
) -> None:
    accounts.add_user(
        database, username="wang", display_name="王秀兰", password=PASSWORD, roles=(Role.CITY_OFFICER,)
    )

    sign_in_there(page, "u-1001")
    expect(page.get_by_role("heading", name="此身份尚未绑定账号")).to_be_visible()
    assert accessibility_faults(page) == []
    page.get_by_role("link", name="登录并绑定").click()
    page.get_by_label("用户名").fill("wang")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("button", name="绑定到此账号").click()
    expect(page.get_by_text("已绑定")).to_be_visible()

    page.context.clear_cookies(domain="127.0.0.1")
    page.goto("/signin")
    page.get_by_role("link", name="市统一身份认证登录").click()
    page.wait_for_url(f"{gateway}/dashboard")
