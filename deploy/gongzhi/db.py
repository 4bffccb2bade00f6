"""`gongzhi db`: make the databases and bring them up to date."""

import json

import click

from deploy.gongzhi import _databases
from services.chassis import config as settings


@click.group("db")
def command() -> None:
    """数据库。"""


@command.command("migrate")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.option("--without-administrator", is_flag=True, help="平台没有账号时也不开通首个管理员。")
def migrate(*, as_json: bool, without_administrator: bool) -> None:
    """建立缺少的数据库，并升级到最新结构。可以反复运行。

    平台还没有任何账号时，开通管理员 admin，并把一次性密码显示在这里，只显示这一次。
    """
    config = settings.load()
    databases = _databases.all_databases(config)
    done = {}
    if any(database.is_ours_to_make for database in databases):
        with _databases.administration(config) as connection:
            for database in databases:
                if database.is_ours_to_make:
                    _databases.make(connection, database, password=config.database_password(database.name))
                done[database.name] = _migrate(database)
                if database.is_ours_to_make:
                    _databases.guard_audit(config, database)
    else:
        done = {database.name: _migrate(database) for database in databases}

    if not without_administrator:
        _ensure_first_account(config)
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    for name, revisions in done.items():
        click.echo(f"✓ {name}：{'升级了 ' + '、'.join(revisions) if revisions else '已是最新'}")


def _ensure_first_account(config: settings.Config) -> None:
    from gateway.auth.first_account import USERNAME, ensure_first_account
    from services.chassis.db import Database

    password = ensure_first_account(Database(config.database_url("gateway"), service="db", pool_size=1))
    if password:
        # To the terminal and nowhere else: standard output may be kept.
        click.echo(
            f"✓ 已开通首个管理员 {USERNAME}，一次性密码：{password}（只显示这一次，首次登录时必须更换）",
            err=True,
        )


def _migrate(database: _databases.Database) -> list[str]:
    pending = database.pending()
    if pending:
        database.migrate()
    return pending
