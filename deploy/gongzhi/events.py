"""`gongzhi events`: parked events (死信) and those that wait for another attempt."""

import getpass
import json
from collections.abc import Callable
from typing import Any

import click

from deploy.gongzhi import _hearers
from services.chassis import config as settings
from services.chassis import parked
from services.chassis.clock import LOCAL
from services.chassis.db import Transaction
from services.chassis.parked import EventNotHeld, HeldEvent
from services.contracts.base import Actor, GongzhiError, Role, Unavailable

STATUS = {"parked": "已搁置", "waiting": "待重试", "discarded": "已丢弃", "done": "已完成"}
ACTS = {"replay": "重放", "discard": "丢弃"}

_service = click.option("--service", help="只看这个服务；不写则看全部。")
_as_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
_reason = click.option("--reason", required=True, help="原因，和事件一起留存。")
_event_id = click.argument("event_id")


@click.group("events")
def command() -> None:
    """搁置的事件（死信）与等待重试的事件。

    退出码：0 完成，1 没有这样的事件或被拒绝，2 用法不对。
    """


@command.command("list")
@_service
@click.option(
    "--status", type=click.Choice(parked.UNDECIDED), help="parked 已搁置，waiting 待重试；不写则两种都列。"
)
@_as_json
def list_events(*, service: str | None, status: str | None, as_json: bool) -> None:
    """列出未完成的事件，最早的在前。"""
    found = {name: _with(name, lambda tx: parked.list_parked(tx, status=status)) for name in _names(service)}
    if as_json:
        click.echo(_json([_as_dict(name, held) for name, events in found.items() for held in events]))
        return
    from rich.console import Console
    from rich.table import Table

    if not any(found.values()):
        click.echo("✓ 没有搁置或等待重试的事件。")
        return
    table = Table("服务", "事件", "编号", "状态", "尝试", "收到时间", "原因")
    for name, events in found.items():
        for held in events:
            colour = "red" if held.status == "parked" else "yellow"
            status_label = f"[{colour}]{STATUS[held.status]}[/]"
            received = held.received_at.astimezone(LOCAL).strftime("%m-%d %H:%M:%S")
            table.add_row(
                name,
                held.name,
                held.event_id,
                status_label,
                str(held.attempts),
                received,
                _plain(held.reason),
            )
    Console().print(table)
    click.echo("用 gongzhi events show 编号 看全文；replay 重放，discard 丢弃。")


@command.command("show")
@_event_id
@_service
@_as_json
def show(event_id: str, *, service: str | None, as_json: bool) -> None:
    """一个事件的全文和处理记录；编号可以只写开头。"""
    name, held = _first(service, lambda tx: parked.show(tx, event_id), event_id)
    if as_json:
        click.echo(_json(_as_dict(name, held, in_full=True)))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, box=None)
    facts = {
        "编号": held.event_id,
        "服务与处理": held.handler if held.handler.startswith(f"{name}.") else f"{name} {held.handler}",
        "事件": f"{held.source} {held.name}",
        "聚合与序号": f"{held.aggregate_id} 第 {held.sequence} 个",
        "状态": STATUS[held.status],
        "已尝试": f"{held.attempts} 次",
        "收到": f"{held.received_at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}",
        "原因": _plain(held.reason),
        "之后已生效": f"{held.overtaken_by} 个同一聚合的事件",
    }
    for title, fact in facts.items():
        table.add_row(f"[bold]{title}[/]", fact)
    for title, fact in held.headers.items():
        table.add_row(title, _plain(fact))
    console = Console()
    console.print(table)
    console.print("[bold]内容[/]")
    click.echo(_body(held))
    for decision in held.decisions:
        click.echo(f"{decision['at']} {decision['by']} {ACTS[decision['act']]}：{decision['reason']}")


@command.command("replay")
@_event_id
@_service
@_reason
@_as_json
def replay(event_id: str, *, service: str | None, reason: str, as_json: bool) -> None:
    """让服务立刻再处理一次。"""
    name, held = _first(service, lambda tx: parked.replay(tx, event_id, reason=reason), event_id)
    if held.overtaken_by:
        click.echo(
            f"注意：同一聚合之后的 {held.overtaken_by} 个事件已经生效，重放的内容可能已经过时。", err=True
        )
    _say(as_json, name, held, "replayed", "已交给服务重新处理")


@command.command("discard")
@_event_id
@_service
@_reason
@_as_json
def discard(event_id: str, *, service: str | None, reason: str, as_json: bool) -> None:
    """不再处理；记录保留作为凭据。"""
    name, held = _first(service, lambda tx: parked.discard(tx, event_id, reason=reason), event_id)
    _say(as_json, name, held, "discarded", "已丢弃")


def _names(service: str | None) -> list[str]:
    return [service] if service else _hearers.service_names()


def _with(service: str, act: Callable[[Transaction], Any]) -> Any:
    operator = Actor(actor_id=f"shell:{getpass.getuser()}", name=getpass.getuser(), roles=(Role.OPERATOR,))
    with _hearers.opened(settings.load(), service) as database:
        try:
            with database.transaction(actor=operator) as tx:
                return act(tx)
        except Unavailable:
            raise click.ClickException(f"{service} 的数据库连接不上。") from None


def _first(
    service: str | None, act: Callable[[Transaction], HeldEvent], event_id: str
) -> tuple[str, HeldEvent]:
    """In the first service that holds the event."""
    for name in _names(service):
        try:
            return name, _with(name, act)
        except EventNotHeld:
            continue
        except GongzhiError as refusal:
            raise click.ClickException(refusal.message) from None
    raise click.ClickException(f"没有编号为 {event_id} 的未完成事件。")


def _say(as_json: bool, service: str, held: HeldEvent, outcome: str, sentence: str) -> None:
    if as_json:
        said = {"service": service, "event_id": held.event_id, "outcome": outcome}
        click.echo(_json({**said, "overtaken_by": held.overtaken_by}))
        return
    click.echo(f"✓ {service} 的事件 {held.event_id} {sentence}。")


def _as_dict(service: str, held: HeldEvent, *, in_full: bool = False) -> dict[str, Any]:
    shown = {
        "service": service,
        "handler": held.handler,
        "event_id": held.event_id,
        "status": held.status,
        "source": held.source,
        "name": held.name,
        "aggregate_id": held.aggregate_id,
        "sequence": held.sequence,
        "received_at": held.received_at.isoformat(),
        "attempts": held.attempts,
        "next_attempt_at": held.next_attempt_at.isoformat() if held.next_attempt_at else None,
        "reason": held.reason,
    }
    if in_full:
        more = {"headers": dict(held.headers), "body": _body(held), "decisions": list(held.decisions)}
        shown |= {**more, "overtaken_by": held.overtaken_by}
    return shown


def _body(held: HeldEvent) -> str:
    """As readable as it is: JSON, else text, else its bytes."""
    try:
        return json.dumps(json.loads(held.body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        text = held.body[:4000].decode(errors="backslashreplace")
        return text if text.isprintable() else repr(held.body[:4000])


def _plain(text: str) -> str:
    """Square brackets are markup to rich."""
    return text.replace("[", r"\[")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
