"""`gongzhi users`: accounts of staff and liaisons."""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import click

from services.chassis import audit
from services.chassis.clock import LOCAL, utc_now
from services.chassis.config import load
from services.chassis.db import Database
from services.contracts.base import Actor, GongzhiError, Role

if TYPE_CHECKING:
    from gateway.auth.password_rules import PasswordRules
    from gateway.storage.users import User

_ROLES = click.Choice([str(role) for role in Role])


@click.group(help="管理登录账号。")
def command() -> None: ...


@command.command("add", help="开通账号。密码从提示或标准输入读取，不出现在命令行里；本人首次登录时必须更换。")
@click.argument("username")
@click.option("--name", "display_name", default="", help="姓名，显示在页面上。")
@click.option("--role", "roles", type=_ROLES, multiple=True, required=True, help="角色，可多次给出。")
@click.option(
    "--community", "community_ids", type=click.UUID, multiple=True, help="所属社区的编号，可多次给出。"
)
@click.option("--unit", "unit_id", type=click.UUID, help="所属驻地单位的编号（仅联络员）。")
@click.password_option(prompt="密码", confirmation_prompt="再输一次")
def add(
    username: str,
    display_name: str,
    roles: tuple[str, ...],
    community_ids: tuple[UUID, ...],
    unit_id: UUID | None,
    password: str,
) -> None:
    from gateway.auth import accounts

    with _noted("add_user", username):
        user = accounts.add_user(
            _database(),
            username=username,
            display_name=display_name,
            password=password,
            roles=roles,
            community_ids=community_ids,
            unit_id=unit_id,
            is_one_time=True,
            rules=_rules(),
        )
    click.echo(f"✓ 已开通账号 {user.username}（{'、'.join(user.role_labels)}）。")


@command.command("list", help="列出账号。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def list_users(as_json: bool) -> None:
    from gateway.storage import users

    with _database().reading() as tx:
        found = users.list_users(tx.session)
    if as_json:
        shown = [
            {
                "user_id": str(user.user_id),
                "username": user.username,
                "display_name": user.display_name,
                "roles": list(user.roles),
                "community_ids": [str(community_id) for community_id in user.community_ids],
                "unit_id": str(user.unit_id) if user.unit_id else None,
                "is_active": user.is_active,
                "signed_in_at": signed_in_at.isoformat() if signed_in_at else None,
            }
            for user, signed_in_at in found
        ]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("用户名", "姓名", "角色", "社区", "状态", "最近登录")
    for user, signed_in_at in found:
        table.add_row(
            user.username,
            user.display_name,
            "、".join(user.role_labels),
            str(len(user.community_ids) or ""),
            _state(user),
            f"{signed_in_at.astimezone():%Y-%m-%d %H:%M}" if signed_in_at else "",
        )
    Console().print(table)


@command.command("set-password", help="重设密码，并结束该账号的全部登录；本人登录时必须更换。")
@click.argument("username")
@click.password_option(prompt="新密码", confirmation_prompt="再输一次")
def set_password(username: str, password: str) -> None:
    from gateway.auth import accounts

    with _noted("set_password", username):
        user = accounts.set_password(
            _database(), username=username, password=password, is_one_time=True, rules=_rules()
        )
    click.echo(f"✓ 已重设 {user.username} 的密码，原有登录全部失效。")


@command.command("reset-password", help="生成一次性密码，并结束该账号的全部登录。")
@click.argument("username")
def reset_password(username: str) -> None:
    from gateway.auth import accounts

    with _noted("reset_password", username):
        password = accounts.reset_password(_database(), username=username)
    click.echo(f"✓ 一次性密码：{password}（只显示这一次，本人登录时必须更换）")


@command.command("remove-second-factor", help="手机和备用码都丢失时，停用该账号的动态验证码。")
@click.argument("username")
def remove_second_factor(username: str) -> None:
    from gateway.auth import accounts

    with _noted("remove_second_factor", username):
        user = accounts.remove_second_factor(_database(), username=username)
    click.echo(f"✓ 已停用 {user.username} 的动态验证码，原有登录全部失效。")


@command.group("break-glass", help="应急账号：其他人都无法登录时使用，平时关闭。")
def break_glass() -> None: ...


@break_glass.command("enable", help="开启应急账号；到时自动关闭，开启期间所有页面显示警告。")
@click.option("--hours", type=float, required=True, help="开启多少小时。")
@click.option("--reason", required=True, help="开启的原因，写入登录记录。")
def enable_break_glass(hours: float, reason: str) -> None:
    from gateway.auth import break_glass as emergency
    from gateway.auth.accounts import BREAK_GLASS

    with _noted("enable_break_glass", BREAK_GLASS, reason=reason):
        password, closes_at = emergency.enable(_database(), hours=hours, reason=reason)
    click.echo(
        f"✓ 应急账号 {BREAK_GLASS} 已开启，{closes_at.astimezone(LOCAL):%Y-%m-%d %H:%M} 自动关闭。\n"
        f"  一次性密码：{password}（只显示这一次）",
    )


@break_glass.command("disable", help="立即关闭应急账号，并结束它的全部登录。")
def disable_break_glass() -> None:
    from gateway.auth import break_glass as emergency
    from gateway.auth.accounts import BREAK_GLASS

    with _noted("disable_break_glass", BREAK_GLASS):
        emergency.disable(_database())
    click.echo("✓ 应急账号已关闭。")


@command.command("close", help="停用账号，并结束它的全部登录；可用 reopen 恢复。")
@click.argument("username")
def close(username: str) -> None:
    _set_active(username, is_active=False)


@command.command("reopen", help="恢复停用的账号。")
@click.argument("username")
def reopen(username: str) -> None:
    _set_active(username, is_active=True)


@command.command("link", help="把另一登录系统的身份绑定到账号，本人即可用它登录。")
@click.argument("username")
@click.option("--provider", required=True, help="登录系统的名称，即 GONGZHI_SSO_<名称> 的小写。")
@click.option("--subject", required=True, help="此人在该系统中的编号（sub、工号等）。")
def link(username: str, provider: str, subject: str) -> None:
    from gateway.auth.sso import sign_on

    with _noted("link_identity", username, reason=provider):
        label = _provider_label(provider)
        sign_on.link(_database(), provider=provider, subject=subject, user=_user(username))
    click.echo(f"✓ 账号 {username} 今后可以用“{label}”登录。")


@command.command("unlink", help="解除绑定，并结束由此打开的登录。")
@click.argument("username")
@click.option("--provider", required=True, help="登录系统的名称。")
def unlink(username: str, provider: str) -> None:
    from gateway.auth.sso import sign_on

    with _noted("unlink_identity", username, reason=provider):
        sign_on.unlink(_database(), provider=provider, user=_user(username))
    click.echo(f"✓ 已解除账号 {username} 与“{provider}”的绑定。")


@command.command("identities", help="列出已绑定的外部身份。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def list_identities(as_json: bool) -> None:
    from gateway.storage import identities

    with _database().reading() as tx:
        found = identities.list_identities(tx.session)
    if as_json:
        click.echo(json.dumps([vars(each) for each in found], ensure_ascii=False, indent=2, default=str))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("用户名", "登录系统", "编号", "最近使用")
    for each in found:
        used_at = each.last_used_at
        table.add_row(
            each.username,
            each.provider,
            each.subject,
            f"{used_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if used_at else "",
        )
    Console().print(table)


def _state(user: "User") -> str:
    from gateway.settings import Settings

    if not user.is_active:
        return "停用"
    return "长期未用" if user.is_idle(utc_now(), Settings.of(load()).account_idle) else "正常"


def _provider_label(name: str) -> str:
    """As the settings call it; refuses a name that is in no setting, because it could never be used."""
    from gateway.auth.sso.settings import drivers

    made = drivers(load())
    if name not in made:
        raise click.ClickException(f"没有设置名为“{name}”的登录系统，现有：{'、'.join(made) or '无'}。")
    return made[name].provider.label


def _user(username: str) -> "User":
    from gateway.auth import accounts

    return accounts.get_user(_database(), username=username)


def _set_active(username: str, *, is_active: bool) -> None:
    from gateway.auth import accounts

    with _noted("reopen_user" if is_active else "close_user", username):
        user = accounts.set_active(_database(), username=username, is_active=is_active)
    click.echo(f"✓ 账号 {user.username} {'已恢复' if is_active else '已停用'}。")


@contextmanager
def _noted(act: str, username: str, *, reason: str = "") -> Iterator[None]:
    """A refusal is told in a sentence; what was done leaves its row in the audit."""
    from gateway.auth import accounts

    try:
        yield
        database = _database()
        user = accounts.get_user(database, username=username)
        entry = audit.entry_of(
            f"gateway.{act}",
            audit.Subject(record_id=str(user.user_id), reason=reason),
            actor=Actor(actor_id=f"console:{getpass.getuser()}", name="服务器控制台"),
            at=utc_now(),
        )
        with database.looking() as connection:
            audit.write(connection, entry)
    except GongzhiError as refusal:
        raise click.ClickException(refusal.message) from None


def _rules() -> "PasswordRules":
    from gateway.auth.password_rules import PasswordRules

    return PasswordRules.of(load().variables)


def _database() -> Database:
    return Database(load().database_url("gateway"), service="users", pool_size=1)
