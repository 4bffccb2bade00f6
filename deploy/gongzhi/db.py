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
def migrate(*, as_json: bool) -> None:
    """建立缺少的数据库，并升级到最新结构。可以反复运行。"""
    config = settings.load()
    databases = _databases.all_databases(config)
    done = {}
    if any(database.is_ours_to_make for database in databases):
        with _databases.administration(config) as connection:
            for database in databases:
                if database.is_ours_to_make:
                    _databases.make(connection, database, password=config.database_password(database.name))
                done[database.name] = _migrate(database)
    else:
        done = {database.name: _migrate(database) for database in databases}

    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    for name, revisions in done.items():
        click.echo(f"✓ {name}：{'升级了 ' + '、'.join(revisions) if revisions else '已是最新'}")


def _migrate(database: _databases.Database) -> list[str]:
    pending = database.pending()
    if pending:
        database.migrate()
    return pending
