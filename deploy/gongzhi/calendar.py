"""`gongzhi calendar`: the working days, and the notice of the State Council for a coming year."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import sqlalchemy as sa

from deploy.gongzhi import _databases
from services.chassis import calendar, clocks
from services.chassis.calendar import Override
from services.chassis.clock import local_today
from services.chassis.config import load
from services.chassis.db import Database

_WORDS = {"休": False, "off": False, "班": True, "work": True}


@click.group("calendar", help="管理工作日历：节假日和调休。")
def command() -> None: ...


@command.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def load_notice(file: Path, *, as_json: bool) -> None:
    """载入放假通知，并重新计算所有未办结的期限。

    FILE 为 CSV，每行：日期,休|班,说明。例如：2027-02-05,班,春节调休。重复载入没有副作用。
    """
    days = list(read_notice(file))
    moved = {}
    for database in _keeping_clocks():
        with database.transaction() as tx:
            calendar.load_overrides(tx.session, days)
            moved[database.service] = clocks.recompute(tx)
        database.dispose()
    if as_json:
        click.echo(json.dumps({"days": len(days), "moved": moved}))
        return
    click.echo(f"✓ 已载入 {len(days)} 天")
    for service, count in moved.items():
        click.echo(f"✓ {service}：{count} 个期限随之改变")


@command.command("check")
def check() -> None:
    """哪些年份的放假通知还没有载入；有缺失时以 1 退出。"""
    missing = sorted({year for database in _keeping_clocks() for year in _missing(database)})
    for year in missing:
        click.echo(f"✗ 缺少 {year} 年的放假通知，工作日期限可能不准：gongzhi calendar load <文件>")
    if missing:
        raise SystemExit(1)
    click.echo("✓ 所需年份的放假通知都已载入")


def read_notice(file: Path) -> Iterator[Override]:
    """Raises `click.ClickException` that names the line."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), start=1):
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            try:
                day, is_working_day = date.fromisoformat(cells[0]), _WORDS[cells[1]]
            except (ValueError, KeyError, IndexError) as error:
                raise click.ClickException(
                    f"第 {number} 行应为“日期,休”或“日期,班”，例如 2027-02-05,班：{','.join(row)}"
                ) from error
            yield Override(day=day, is_working_day=is_working_day, note=cells[2] if len(cells) > 2 else "")


def _keeping_clocks() -> Iterator[Database]:
    config = load()
    for found in _databases.all_databases(config):
        database = Database(config.database_url(found.name), service=found.name, pool_size=1)
        if sa.inspect(database.engine).has_table(clocks.clocks.name):
            yield database


def _missing(database: Database) -> list[int]:
    with database.reading() as tx:
        return calendar.missing_notices(tx.session, local_today())
