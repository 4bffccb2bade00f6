"""`gongzhi users`: accounts of staff and liaisons."""

import json
from uuid import UUID

import click

from services.chassis.config import load
from services.chassis.db import Database
from services.contracts.base import GongzhiError, Role

_ROLES = click.Choice([str(role) for role in Role])


@click.group(help="管理登录账号。")
def command() -> None: ...


@command.command("add", help="开通账号。密码从提示或标准输入读取，不出现在命令行里。")
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

    try:
        user = accounts.add_user(
            _database(),
            username=username,
            display_name=display_name,
            password=password,
            roles=roles,
            community_ids=community_ids,
            unit_id=unit_id,
        )
    except GongzhiError as refusal:
        raise click.ClickException(refusal.message) from None
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
            "正常" if user.is_active else "停用",
            f"{signed_in_at.astimezone():%Y-%m-%d %H:%M}" if signed_in_at else "",
        )
    Console().print(table)


@command.command("set-password", help="重设密码，并结束该账号的全部登录。")
@click.argument("username")
@click.password_option(prompt="新密码", confirmation_prompt="再输一次")
def set_password(username: str, password: str) -> None:
    from gateway.auth import accounts

    try:
        user = accounts.set_password(_database(), username=username, password=password)
    except GongzhiError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"✓ 已重设 {user.username} 的密码，原有登录全部失效。")


@command.command("close", help="停用账号，并结束它的全部登录；可用 reopen 恢复。")
@click.argument("username")
def close(username: str) -> None:
    _set_active(username, is_active=False)


@command.command("reopen", help="恢复停用的账号。")
@click.argument("username")
def reopen(username: str) -> None:
    _set_active(username, is_active=True)


def _set_active(username: str, *, is_active: bool) -> None:
    from gateway.auth import accounts

    try:
        user = accounts.set_active(_database(), username=username, is_active=is_active)
    except GongzhiError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"✓ 账号 {user.username} {'已恢复' if is_active else '已停用'}。")


def _database() -> Database:
    return Database(load().database_url("gateway"), service="users", pool_size=1)
