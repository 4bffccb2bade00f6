"""`gongzhi reconcile`: has every event that was told been heard, and nothing else."""

import json
from typing import Any

import click

from deploy.gongzhi import _hearers
from services.chassis import config as settings
from services.chassis import reconcile
from services.chassis.reconcile import Finding
from services.contracts.base import Unavailable

MOST_SHOWN = 20
WAIT_SECONDS = 10.0


@click.command("reconcile")
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0, 3600),
    default=WAIT_SECONDS,
    show_default=True,
    metavar="秒",
    help="等在途的事件到达，最多这么久。",
)
@click.option("--repair", "repairs", is_flag=True, help="把丢失的事件重新发出。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def command(*, wait_seconds: float, repairs: bool, as_json: bool) -> None:
    """核对：发出的每个事件是否都被每个读者收到，有没有来历不明的。

    退出码：0 一致，1 有丢失、来历不明或重复的事件（--repair 之后也是，请再核对一次）。
    """
    config = settings.load()
    try:
        findings = reconcile.reconcile(
            config,
            _hearers.event_classes(),
            lambda service: _hearers.opened(config, service),
            wait_seconds=wait_seconds,
        )
        repaired = (
            reconcile.send_again(findings, lambda service: _hearers.opened(config, service)) if repairs else 0
        )
    except Unavailable as error:
        raise click.ClickException(error.message) from None
    if as_json:
        shown = {"findings": [_as_dict(finding) for finding in findings], "repaired": repaired}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        _print(findings)
        if repaired:
            click.echo(f"✓ {repaired} 个丢失的事件将重新发出；稍后请再核对一次。")
    if not all(finding.is_sound for finding in findings):
        raise click.exceptions.Exit(1)


def _print(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("发出", "读者", title="事件核对")
    counted = ("发出的", "已完成", "待重试", "已搁置", "已丢弃", "未发布", "在途", "丢失", "来历不明", "重复")
    for title in counted:
        table.add_column(title, justify="right")
    for finding in findings:
        plain = (finding.told, finding.done, finding.waiting, finding.parked, finding.discarded)
        passing = (finding.unpublished, finding.in_flight)
        wrong = (finding.lost, finding.unexpected, finding.duplicated)
        table.add_row(
            finding.producer,
            finding.reader,
            *map(str, plain),
            *(f"[yellow]{len(ids)}[/]" if ids else "0" for ids in passing),
            *(f"[bold red]{len(ids)}[/]" if ids else "0" for ids in wrong),
        )
    console = Console()
    console.print(table)
    for finding in findings:
        for what, ids in (
            ("丢失", finding.lost),
            ("来历不明", finding.unexpected),
            ("重复", finding.duplicated),
        ):
            for event_id in sorted(ids)[:MOST_SHOWN]:
                click.echo(f"✗ {finding.producer} → {finding.reader} {what}：{event_id}")
    if all(finding.is_sound for finding in findings):
        click.echo("✓ 每个事件都在它该在的地方。")


def _as_dict(finding: Finding) -> dict[str, Any]:
    shown: dict[str, Any] = {
        name: sorted(value) if isinstance(value, set) else value for name, value in vars(finding).items()
    }
    return {**shown, "is_sound": finding.is_sound}
