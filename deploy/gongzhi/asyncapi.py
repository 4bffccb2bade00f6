"""`gongzhi asyncapi`: the events of all services as an AsyncAPI 3.0 document, made from their classes."""

import inspect
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from deploy.gongzhi import PROJECT, _hearers
from services.chassis import wire
from services.chassis.topology import exchange_name, inbox_name
from services.contracts.base import Event, Term

DOCUMENT = PROJECT / "docs" / "events" / "asyncapi.json"
REF = "#/components/schemas/{name}"

_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "ce-specversion": ("CloudEvents 的版本。", {"const": "1.0"}),
    "ce-id": ("事件的编号；同一编号再次送达是重复。", {"format": "uuid"}),
    "ce-source": ("发出的服务。", {}),
    "ce-type": ("事件的类型和版本。", {}),
    "ce-subject": ("聚合的编号；同一聚合的事件保持先后。", {"format": "uuid"}),
    "ce-sequence": ("事件在其聚合中的序号，从 1 起连续，补零到 20 位。", {"pattern": "^[0-9]{20}$"}),
    "ce-time": ("事件发生的时间，UTC。", {"format": "date-time"}),
    "traceparent": ("引起事件的请求的 W3C 追踪标识。", {}),
}


@click.command("asyncapi")
@click.option("--check", is_flag=True, help="只检查提交的文件是否最新；不是则退出码为 1。")
def command(*, check: bool) -> None:
    """生成 docs/events/asyncapi.json：各服务对外的事件。"""
    text = written(document(_hearers.event_classes()))
    shown = DOCUMENT.relative_to(PROJECT)
    if check:
        if not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != text:
            raise click.ClickException(f"{shown} 不是最新的，请运行 gongzhi asyncapi。")
        click.echo(f"✓ {shown} 是最新的。")
        return
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(text, encoding="utf-8")
    click.echo(f"✓ 已写入 {shown}。")


def written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def document(events: Iterable[type[Event]]) -> dict[str, Any]:
    by_source: dict[str, list[type[Event]]] = {}
    for event in events:
        by_source.setdefault(event.source, []).append(event)
    known = [event for source in by_source.values() for event in source]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "共治平台的事件",
            "version": "1.0.0",
            "description": "每个服务有一个 topic 交换机，路由键是事件名；消息是 CloudEvents 1.0（binary mode，"
            "头为 `ce-*`），至少送达一次，读者按 `ce-id` 去重。读者必须容忍未知字段；含义变化时换新的事件名。",
        },
        "defaultContentType": wire.JSON,
        "channels": {exchange_name(source): _channel(source, told) for source, told in by_source.items()},
        "operations": dict(_operations(by_source)),
        "components": {
            "messages": {_key(event): _message(event) for event in known},
            "schemas": {"CloudEventHeaders": _headers(), **_schemas(known)},
        },
    }


def _channel(source: str, events: list[type[Event]]) -> dict[str, Any]:
    exchange = {"name": exchange_name(source), "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": exchange_name(source),
        "title": f"{source} 的事件",
        "messages": {event.name(): {"$ref": f"#/components/messages/{_key(event)}"} for event in events},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _operations(by_source: dict[str, list[type[Event]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Who tells and who hears; readers outside may hear everything too."""
    for source, events in by_source.items():
        yield f"{source}.tells", _operation("send", source, events, f"{source} 发出的事件。")
    for source, events in by_source.items():
        for reader in sorted({reader for event in events for reader in event.readers}):
            heard = [event for event in events if reader in event.readers]
            summary = f"{reader} 从 {source} 收到的事件，经队列 {inbox_name(reader)}。"
            yield f"{reader}.hears.{source}", _operation("receive", source, heard, summary)


def _operation(action: str, source: str, events: list[type[Event]], summary: str) -> dict[str, Any]:
    channel = f"#/channels/{exchange_name(source)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": summary,
        "messages": [{"$ref": f"{channel}/messages/{event.name()}"} for event in events],
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.name(),
        "title": event.__name__,
        "summary": _says(event) or f"{event.__name__}，第 {event.version} 版。",
        "contentType": wire.JSON,
        "headers": {
            "type": "object",
            "allOf": [{"$ref": REF.format(name="CloudEventHeaders")}],
            "properties": {
                "ce-source": {"const": f"/gongzhi/{event.source}"},
                "ce-type": {"const": _key(event)},
            },
        },
        "payload": {"$ref": REF.format(name=event.__name__)},
        "x-aggregate": event.aggregate,
        "x-readers": list(event.readers),
        "examples": _examples(event),
    }


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "CloudEvents 1.0 的 RabbitMQ 绑定（binary mode）。",
        "required": list(_HEADERS),
        "properties": {
            name: {"type": "string", "description": meaning, **more}
            for name, (meaning, more) in _HEADERS.items()
        },
    }


def _schemas(events: list[type[Event]]) -> dict[str, Any]:
    _refs, schemas = msgspec.json.schema_components(events, ref_template=REF)
    labels = {term.__name__: {str(member.value): member.label for member in term} for term in _terms(Term)}
    for name, schema in schemas.items():
        if "enum" in schema and name in labels:
            schema["x-labels"] = {value: labels[name][value] for value in schema["enum"]}
    by_name = {event.__name__: event for event in events}
    for name, schema in schemas.items():
        if name in by_name:
            schema.pop("description", None)
            if says := _says(by_name[name]):
                schema["description"] = says
    return dict(sorted(schemas.items()))


def _terms(cls: type[Term]) -> Iterator[type[Term]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _terms(sub)


def _key(event: type[Event]) -> str:
    return f"gongzhi.{event.source}.{event.name()}.v{event.version}"


def _says(event: type[Event]) -> str:
    """Its own docstring; dataclasses without one are given their signature."""
    text = vars(event).get("__doc__") or ""
    return "" if text.startswith(f"{event.__name__}(") else inspect.cleandoc(text)


def _examples(event: type[Event]) -> list[dict[str, Any]]:
    """The recorded sample, where this is a working copy that has the tests."""
    file: Path = PROJECT / "tests/contracts/samples" / event.source / f"{event.name()}.v{event.version}.json"
    if not file.exists():
        return []
    sample = json.loads(file.read_text(encoding="utf-8"))
    return [{"name": event.name(), "headers": sample["headers"], "payload": sample["body"]}]
