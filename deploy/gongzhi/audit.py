"""`gongzhi audit`: verify the chains, hand their rows out, archive old ones, tell the public key."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa

from deploy.gongzhi import _audit_archive, _databases
from services.chassis import audit_verify
from services.chassis import config as settings
from services.chassis.audit_chain import Signer
from services.chassis.audit_sealer import head_file
from services.chassis.audit_tables import chain as links
from services.chassis.audit_tables import entries
from services.chassis.audit_verify import Verdict
from services.chassis.clock import LOCAL
from services.chassis.config import Config
from services.chassis.db import connect_args

A_LONG_TIME = 3600

_chain = click.option("--chain", "only", help="只看这一条链（数据库）；不写则全部。")


@click.group("audit")
def command() -> None:
    """审计日志：核对、导出、归档。"""


@command.command("verify")
@_chain
@click.option(
    "--heads",
    "folder",
    type=click.Path(path_type=Path),
    help="签名文件所在目录；不写则用 GONGZHI_AUDIT_HEADS。",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def verify(*, only: str | None, folder: Path | None, as_json: bool) -> None:
    """逐行核对每条链、每条记录和每个签名。

    退出码：0 全部无误，1 有被改动、删除、插入、调换的行，或链尾被截断。
    """
    config = settings.load()
    signer = Signer(config)
    verdicts = []
    for database in _chosen(config, only):
        file = (folder or Path(config.audit_heads)) / head_file(config, database.name).name
        with _snapshot(database) as connection:
            verdicts.append(audit_verify.verify(connection, database.name, signer, file=file))
    if as_json:
        shown = [{**vars(verdict), "is_sound": verdict.is_sound} for verdict in verdicts]
        click.echo(json.dumps({"chains": shown}, ensure_ascii=False, indent=2))
    else:
        for verdict in verdicts:
            _print(verdict)
    if not all(verdict.is_sound for verdict in verdicts):
        raise click.exceptions.Exit(1)


@command.command("export")
@_chain
@click.option("--since", type=click.DateTime(), help="从何时起（本地时间），含。")
@click.option("--until", type=click.DateTime(), help="到何时止（本地时间），不含。")
def export(*, only: str | None, since: datetime | None, until: datetime | None) -> None:
    """把记录写成 JSON 行，字节与入链时相同；已入链的另给出序号和链值。"""
    config = settings.load()
    wanted = sa.select(*entries.c, links.c.seq, links.c.hash).outerjoin(
        links, links.c.entry_id == entries.c.entry_id
    )
    if since:
        wanted = wanted.where(entries.c.at >= since.replace(tzinfo=LOCAL))
    if until:
        wanted = wanted.where(entries.c.at < until.replace(tzinfo=LOCAL))
    for database in _chosen(config, only):
        with _snapshot(database) as connection:
            rows = connection.execute(
                wanted.order_by(entries.c.entry_id), execution_options={"yield_per": 1000}
            )
            for row in rows.mappings():
                click.echo(_audit_archive.line_of(database.name, row))


@command.command("archive")
@_chain
@click.option(
    "--before", type=click.DateTime(), required=True, help="这一天（本地时间）之前的行；近 180 天的不归档。"
)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="归档文件所在目录。")
def archive(*, only: str | None, before: datetime, folder: Path) -> None:
    """把旧的行写进签名文件，再从数据库删除；链从归档处接着往下走。只有数据库管理员能做。

    归档之前先核对整条链；不全对的链不归档。退出码：0 完成，1 有链没有归档。
    """
    config = settings.load()
    signer = Signer(config)
    refused = False
    for database in _chosen(config, only):
        with _snapshot(database) as connection:
            file = head_file(config, database.name)
            verdict = audit_verify.verify(connection, database.name, signer, file=file)
        if not verdict.is_sound:
            _print(verdict)
            refused = True
            continue
        archived = _audit_archive.archive(
            config, database, signer, before=before.replace(tzinfo=LOCAL), folder=folder
        )
        click.echo(f"✓ {database.name}：" + (f"已归档到 {archived}" if archived else "没有可归档的行"))
    if refused:
        raise click.exceptions.Exit(1)


@command.command("key")
def key() -> None:
    """验证签名用的公钥（Ed25519，十六进制）和它的编号。"""
    signer = Signer(settings.load())
    click.echo(f"{signer.key_id} {signer.public_key.hex()}")


def _chosen(config: Config, only: str | None) -> list[_databases.Database]:
    databases = _databases.all_databases(config)
    found = [database for database in databases if only in (None, database.name)]
    if not found:
        names = "、".join(database.name for database in databases)
        raise click.BadParameter(f"没有链“{only}”；有：{names}。")
    return found


@contextmanager
def _snapshot(database: _databases.Database) -> Iterator[sa.Connection]:
    """Reading one state of the database, however long it takes and whatever goes on meanwhile."""
    engine = sa.create_engine(
        database.url,
        poolclass=sa.NullPool,
        isolation_level="REPEATABLE READ",
        connect_args=connect_args("audit", statement_seconds=A_LONG_TIME),
    )
    try:
        with engine.connect() as connection:
            yield connection.execution_options(postgresql_readonly=True)
    except sa.exc.OperationalError:
        raise click.ClickException(f"{database.name} 的数据库连接不上。") from None


def _print(verdict: Verdict) -> None:
    archived = f"，另有 {verdict.archived} 行已归档" if verdict.archived else ""
    waiting = f"，{verdict.waiting} 条等待入链" if verdict.waiting else ""
    signed = f"，最近签名 {verdict.last_head}" if verdict.last_head else "，还没有签名"
    mark = "✓" if verdict.is_sound else "✗"
    click.echo(f"{mark} {verdict.chain}：{verdict.size} 行{archived}{waiting}{signed}")
    for finding in verdict.findings:
        click.echo(f"  ✗ {finding}")
