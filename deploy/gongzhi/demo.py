"""`gongzhi demo`: the sample city and its story, for development and for showing the platform."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import requests
from rich.console import Console
from rich.table import Table

from deploy.gongzhi import ENVIRONMENT_FILE
from services.chassis import config as settings
from services.chassis.config import Config

STARTING_TAKES_AT_MOST = 60.0


@click.group("demo")
def command() -> None:
    """样例城市与演示。"""


@command.command("load")
def load() -> None:
    """把样例城市载入正在运行的平台；中断后再运行一次即可继续。"""
    from deploy.demo.client import Refused, WaitedInVain
    from deploy.demo.load import SampleCity
    from services.chassis.clock import local_today
    from services.chassis.db import Database

    config = _development()
    console = Console(highlight=False)
    base_url = _address(config)
    _wait_until_ready(base_url)
    database = Database(config.database_url("gateway"), service="demo", pool_size=1)
    city = SampleCity(base_url, database, state=_state(), today=local_today(), teller=_Teller(console))
    began = time.monotonic()
    try:
        is_new = city.load()
    except (Refused, WaitedInVain) as error:
        raise click.ClickException(
            f"样例城市没有载完：{error} 再运行一次 gongzhi demo load 可以继续。"
        ) from error
    console.print(
        f"✓ 样例城市已载入（{time.monotonic() - began:.1f} 秒）" if is_new else "✓ 样例城市早已载入"
    )


@command.command("accounts")
def accounts() -> None:
    """显示地址和样例账号。"""
    from deploy.demo.accounts import AccountFile
    from deploy.sample.city import accounts as sample_accounts
    from deploy.sample.city import communities

    config = _development()
    passwords = AccountFile(_state() / "accounts.json").passwords()
    if not passwords:
        raise click.ClickException("还没有样例账号，请先运行 gongzhi demo load。")
    names = {community.code: community.community_name for community in communities()}
    table = Table("用户名", "密码", "角色", "说明", title=f"登录地址 {config.public_url}")
    for account in sample_accounts():
        if account.username in passwords:
            roles = "、".join(role.label for role in account.roles)
            places = "、".join(names[code] for code in account.community_codes) or "全市"
            table.add_row(account.username, passwords[account.username], roles, places)
    Console(width=None if os.isatty(1) else 110).print(table)


@command.command("play")
def play() -> None:
    """在正在运行的平台上演示一件事的全过程：从 Excel 清单到通报表扬。"""
    from deploy.demo.accounts import AccountFile
    from deploy.demo.client import Refused, WaitedInVain
    from deploy.demo.play import Story

    config = _development()
    passwords = AccountFile(_state() / "accounts.json").passwords()
    if not passwords:
        raise click.ClickException("还没有样例城市，请先运行 gongzhi demo load。")
    base_url = _address(config)
    _wait_until_ready(base_url)
    console = Console(width=None if os.isatty(1) else 100)
    try:
        Story(base_url, passwords, wecom_url=config.wecom_url, console=console).play()
    except (Refused, WaitedInVain) as error:
        raise click.ClickException(f"演示没有走完：{error}") from error
    console.print(f"\n✓ 演示完成。用 hailan 账号登录 {config.public_url} 可以看到这个事项。")


def _development() -> Config:
    config = settings.load()
    if config.is_production:
        raise click.ClickException("样例城市只用于开发和演示，不能载入生产环境。")
    if not config.admin_database_url:
        raise click.ClickException("平台没有在运行，请先运行 script/server。")
    return config


def _state() -> Path:
    """The folder of this installation: its passwords are nobody else's."""
    return Path(os.environ.get("GONGZHI_STATE_DIR", ENVIRONMENT_FILE.parent))


def _address(config: Config) -> str:
    """Of the gateway itself: no proxy stands between it and programs on the same machine."""
    host = "127.0.0.1" if config.bind in {"0.0.0.0", "::", ""} else config.bind
    return f"http://{host}:{config.http_port}"


def _wait_until_ready(base_url: str) -> None:
    deadline = time.monotonic() + STARTING_TAKES_AT_MOST
    with requests.Session() as session:
        session.trust_env = False
        while True:
            try:
                if session.get(f"{base_url}/readyz", timeout=5).ok:
                    return
            except requests.RequestException:
                pass
            if time.monotonic() > deadline:
                raise click.ClickException(f"{base_url} 没有应答，请先运行 script/server。")
            time.sleep(0.3)


class _Teller:
    """One line per step: what, how much, how long."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, doing: str) -> Iterator[Callable[[str], None]]:
        began = time.monotonic()
        told: list[str] = []
        with self._console.status(f"{doing} …"):
            yield told.append
        seconds = time.monotonic() - began
        self._console.print(f"  ✓ {doing}：{''.join(told)}（{seconds:.1f} 秒）")
