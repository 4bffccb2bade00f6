"""What goes over the wire and how: JSON, events as CloudEvents, errors as their own classes.

Events travel in CloudEvents 1.0 binary mode with the headers of the RabbitMQ binding (`ce-*`).
Readers are tolerant: unknown fields are ignored, an older version is read with the defaults of the
newer; a version newer than the reader's class is unreadable, because its meaning is not known here.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from services.contracts import base
from services.contracts.base import Event, GongzhiError

JSON = "application/json"
MOST_EVENT_BYTES = 64 * 1024

dumps = msgspec.json.encode
loads = msgspec.json.decode


class Unreadable(Exception):
    """The bytes are no message that this process can understand."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event as it lies in an outbox or arrives at an inbox, its payload still JSON."""

    event_id: str
    source: str
    name: str
    version: int
    aggregate_id: str
    sequence: int
    occurred_at: datetime
    traceparent: str
    body: bytes

    def headers(self) -> dict[str, str]:
        return {
            "ce-specversion": "1.0",
            "ce-id": self.event_id,
            "ce-source": f"/gongzhi/{self.source}",
            "ce-type": f"gongzhi.{self.source}.{self.name}.v{self.version}",
            "ce-subject": self.aggregate_id,
            "ce-sequence": f"{self.sequence:020d}",
            "ce-time": self.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "traceparent": self.traceparent,
        }


_TYPE = re.compile(r"^gongzhi\.([a-z]+)\.([a-z_]+)\.v([1-9][0-9]{0,3})$")


def read_envelope(headers: Any, content_type: str | None, body: bytes) -> Envelope:
    """The envelope out of a message's headers; raises `Unreadable` with the reason."""
    if not isinstance(headers, dict):
        raise Unreadable("no headers")
    if headers.get("ce-specversion") != "1.0":
        raise Unreadable("not a CloudEvents 1.0 message")
    if (content_type or "").split(";")[0].strip() != JSON:
        raise Unreadable(f"content type {content_type!r} is not {JSON}")
    if len(body) > MOST_EVENT_BYTES:
        raise Unreadable(f"{len(body)} bytes are more than {MOST_EVENT_BYTES}")
    match = _TYPE.match(str(headers.get("ce-type")))
    if match is None:
        raise Unreadable(f"unknown type {str(headers.get('ce-type'))[:100]!r}")
    try:
        envelope = Envelope(
            event_id=str(UUID(str(headers["ce-id"]))),
            source=match[1],
            name=match[2],
            version=int(match[3]),
            aggregate_id=str(UUID(str(headers["ce-subject"]))),
            sequence=int(headers["ce-sequence"]),
            occurred_at=datetime.fromisoformat(str(headers["ce-time"])),
            traceparent=str(headers.get("traceparent", "")),
            body=body,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unreadable(f"malformed header: {error}") from error
    if not 0 <= envelope.sequence < 2**63 or envelope.occurred_at.tzinfo is None:
        raise Unreadable("malformed header: ce-sequence out of range, or ce-time without time zone")
    return envelope


def write_event(event: Event) -> str:
    """The payload as JSON text; an event too large for intermediaries is a mistake of ours."""
    payload = dumps(event)
    if len(payload) > MOST_EVENT_BYTES:
        raise ValueError(f"{event.name()} has {len(payload)} bytes, more than {MOST_EVENT_BYTES}")
    return payload.decode()


E = TypeVar("E", bound=Event)


def read_event(envelope: Envelope, event_class: type[E]) -> E:
    if envelope.version > event_class.version:
        raise Unreadable(f"{envelope.name} has version {envelope.version}, known is {event_class.version}")
    try:
        event = msgspec.json.decode(envelope.body, type=event_class)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable(f"payload: {error}") from error
    if event.occurred_at.tzinfo is None:
        raise Unreadable("payload: occurred_at has no time zone")
    return event


_KINDS = {
    kind.__name__.lower(): kind
    for kind in (base.Invalid, base.Forbidden, base.NotFound, base.Conflict, base.Unavailable)
}


def kind_of(error: GongzhiError) -> str:
    return next((name for name, kind in _KINDS.items() if isinstance(error, kind)), "error")


def write_error(error: GongzhiError) -> dict[str, Any]:
    return {
        "code": error.code,
        "kind": kind_of(error),
        "message": error.message,
        "fields": error.fields,
    }


def read_error(wire: dict[str, Any]) -> GongzhiError:
    """The error as its own class where this process knows it, else as its kind."""
    known = {cls.code: cls for cls in _all_subclasses(GongzhiError)}
    as_kind: type[GongzhiError] = _KINDS.get(wire["kind"], GongzhiError)
    error = known.get(wire["code"], as_kind)(wire["message"])
    error.fields = wire.get("fields") or {}
    return error


def _all_subclasses(cls: type[GongzhiError]) -> list[type[GongzhiError]]:
    return [sub for direct in cls.__subclasses__() for sub in (direct, *_all_subclasses(direct))]
