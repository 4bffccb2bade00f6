"""What every contract is made of: errors, events, terms, shapes and the actor.

GongzhiError
├── Invalid       422  the request cannot mean anything; names the fields
├── Forbidden     403  the actor may not do this, or not here
├── NotFound      404  no such record, or none the actor may know of
├── Conflict      409  right in itself, but not in the record's present state
│   └── VersionMismatch  412  the record changed since the actor read it
└── Unavailable   503  not now; trying again may help
    └── DeadlineExceeded 504  no answer in time; whether it took effect is unknown
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

import marshmallow as ma
from marshmallow import fields, validate


def snake_case(name: str) -> str:
    """`ItemClaimed` -> `item_claimed`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class GongzhiError(Exception):
    """Takes exactly one message, in Chinese, meant for the person who asked.

    `fields` maps a field's path to what is wrong with it; it travels with the error.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.fields: dict[str, list[str]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.code = snake_case(cls.__name__)

    @property
    def message(self) -> str:
        return str(self.args[0]) if self.args else ""


class Invalid(GongzhiError): ...


class Forbidden(GongzhiError): ...


class NotFound(GongzhiError): ...


class Conflict(GongzhiError): ...


class Unavailable(GongzhiError): ...


class VersionMismatch(Conflict): ...


class IdempotencyKeyReused(Invalid): ...


class DeadlineExceeded(Unavailable): ...


class Term(StrEnum):
    """A closed vocabulary whose members carry the Chinese word that people see."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def of(cls, value: str) -> Self:
        """The member of that value; raises `ValueError` when there is none."""
        return cls(value)  # type: ignore[call-arg]  # a type checker sees the call that makes members

    @classmethod
    def labelled(cls, label: str) -> Self | None:
        """The member whose Chinese word is `label`, if there is one."""
        return next((member for member in cls if member.label == label), None)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact that one service tells all others; past tense, ids and public facts only.

    Subclasses name their `source` (the emitting service), the field that holds the id of the
    aggregate whose order they keep, and the services here that read them.
    Before its first event a producer makes sure that every reader's queue stands, so a reader
    that has never run yet misses nothing.
    An event without readers is public: programs outside may read it, and none has to.
    A released class only ever gains fields with defaults; a changed meaning is a new name.
    """

    source: ClassVar[str]
    aggregate: ClassVar[str]
    version: ClassVar[int] = 1
    readers: ClassVar[tuple[str, ...]] = ()

    occurred_at: datetime

    @classmethod
    def name(cls) -> str:
        return snake_case(cls.__name__)

    @property
    def aggregate_id(self) -> UUID:
        value: UUID = getattr(self, self.aggregate)
        return value


class Role(Term):
    CITY_ADMIN = "city_admin", "市级管理员"
    CITY_OFFICER = "city_officer", "市级工作人员"
    COMMUNITY_MANAGER = "community_manager", "社区书记/主任"
    COMMUNITY_WORKER = "community_worker", "社区工作者"
    UNIT_LIAISON = "unit_liaison", "驻地单位联络员"
    SUPERVISOR = "supervisor", "居务监督委员会"
    AUDITOR = "auditor", "审计员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    OPERATOR = "operator", "系统运维"


CITY_ROLES = frozenset({Role.CITY_ADMIN, Role.CITY_OFFICER})
STAFF_ROLES = CITY_ROLES | {Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER}


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who asks: travels with every call; the use case that knows the record checks the community.

    City roles reach every community; everybody else only those in `community_ids`.
    """

    actor_id: str
    name: str = ""
    roles: tuple[str, ...] = ()
    community_ids: tuple[UUID, ...] = ()
    unit_id: UUID | None = None

    def has_role(self, *roles: str) -> bool:
        return any(role in self.roles for role in roles)

    @property
    def is_anonymous(self) -> bool:
        return not self.roles

    @property
    def is_staff(self) -> bool:
        return any(role in STAFF_ROLES for role in self.roles)

    @property
    def reaches_whole_city(self) -> bool:
        return any(role in CITY_ROLES for role in self.roles)

    def reaches(self, community_id: UUID) -> bool:
        return self.reaches_whole_city or community_id in self.community_ids

    def require_staff_of(self, community_id: UUID) -> None:
        """Refuse unless the actor works for this community or for the city."""
        if not self.is_staff:
            raise Forbidden("只有社区或市级工作人员可以进行此操作。")
        if not self.reaches(community_id):
            raise Forbidden("您没有这个社区的权限。")

    def require_city(self) -> None:
        if not self.reaches_whole_city:
            raise Forbidden("只有市级工作人员可以进行此操作。")


ANONYMOUS = Actor(actor_id="anonymous")
SYSTEM = Actor(actor_id="system", name="系统", roles=(Role.CITY_ADMIN,))


_MESSAGES = {
    fields.Field: {"required": "必填。", "null": "不能为空。", "validator_failed": "值不正确。"},
    fields.String: {"invalid": "应为文字。", "invalid_utf8": "不是有效的 UTF-8 文字。"},
    fields.UUID: {"invalid_uuid": "应为 UUID。"},
    fields.Number: {"invalid": "应为数字。", "too_large": "数字太大。"},
    fields.Integer: {"invalid": "应为整数。"},
    fields.Decimal: {"special": "不能是无穷或非数字。"},
    fields.Boolean: {"invalid": "应为 true 或 false。"},
    fields.DateTime: {"invalid": "时间格式不对，应为带时区的 ISO 8601。", "format": "时间格式不对。"},
    fields.AwareDateTime: {"awareness": "时间必须带时区。"},
    fields.Date: {"invalid": "日期格式不对，应为 2026-11-23 这样。", "format": "日期格式不对。"},
    fields.List: {"invalid": "应为列表。"},
    fields.Nested: {"type": "应为对象。"},
    fields.Mapping: {"invalid": "应为对象。"},
    fields.Enum: {"unknown": "取值应为：{choices}。"},
}
_field: Any
for _field, _messages in _MESSAGES.items():
    _field.default_error_messages = {**_field.default_error_messages, **_messages}


class Schema(ma.Schema):
    """The base of every shape: unknown fields are refused, errors become `Invalid` naming the fields."""

    class Meta:
        unknown = ma.RAISE

    error_messages = {  # noqa: RUF012  marshmallow's own attribute
        "unknown": "没有这个字段。",
        "type": "应为 JSON 对象。",
    }

    is_nested = False

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        inner = field_obj.inner if isinstance(field_obj, fields.List) else field_obj
        if isinstance(inner, fields.Nested) and isinstance(inner.schema, Schema):
            inner.schema.is_nested = True

    def handle_error(self, error: ma.ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        # The outermost shape speaks for all: it alone knows the path to a nested field, and the other rows' errors.
        if not self.is_nested:
            raise invalid(error.normalized_messages()) from error  # type: ignore[no-untyped-call]


SchemaType = TypeVar("SchemaType", bound=ma.Schema)


@functools.cache
def shape(schema: type[SchemaType]) -> SchemaType:
    """The one instance of a shape; making one costs more than using it."""
    return schema()


def write(view: type[ma.Schema], value: Any) -> dict[str, Any]:
    """A record or an answer as the plain values that its view names."""
    written: dict[str, Any] = shape(view).dump(value)
    return written


def invalid(messages: Mapping[str, Any]) -> Invalid:
    """`Invalid` out of marshmallow's nested messages: paths joined by dots."""
    flat: dict[str, list[str]] = {}

    def walk(node: Any, path: str) -> None:
        if isinstance(node, Mapping):
            for key, value in node.items():
                walk(value, path if key == "_schema" else f"{path}.{key}" if path else str(key))
        else:
            flat[path] = [str(part) for part in (node if isinstance(node, list) else [node])]

    walk(messages, "")
    error = Invalid(
        "；".join(f"{path}：{''.join(parts)}" if path else "".join(parts) for path, parts in flat.items())
    )
    error.fields = flat
    return error


def invalid_field(path: str, message: str) -> Invalid:
    """`Invalid` about one field, for rules that no shape can know."""
    error = Invalid(message)
    error.fields = {path: [message]}
    return error


def between(least: int, most: int) -> validate.Range:
    return validate.Range(least, most, error="应在 {min} 与 {max} 之间。")


class Whole(fields.Integer):
    """An integer, or its digits as query strings carry them; 1.5 and true are refused, not rounded.

    7.0 is an integer: JSON knows one kind of number, and some programs write every number with a point.
    """

    def _validated(self, value: Any) -> int:
        is_broken = isinstance(value, float) and not value.is_integer()
        is_no_digits = isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,18}", value.strip())
        if isinstance(value, bool) or is_broken or is_no_digits:
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Flag(fields.Boolean):
    """True or false, as JSON knows them or spelled out as query strings and forms do; 1, 0 and "yes" are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value is True or value == "true":
            return True
        if value is False or value == "false":
            return False
        raise self.make_error("invalid", input=value)


class View(Schema):
    """A shape only ever written out; reading back (in programs) tolerates new fields."""

    class Meta:
        unknown = ma.EXCLUDE


class Empty(Schema):
    """A command or query without fields."""


class Page(Schema):
    """What every list takes: an opaque cursor and a page size."""

    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))
    limit = Whole(load_default=20, validate=between(1, 200))


class Change(Schema):
    """What every change of an existing record takes: the version the actor saw (from `If-Match`)."""

    expected_version = Whole(load_default=None, allow_none=True, validate=between(0, 2**31 - 1))


def text(*, most: int = 200, least: int = 1, required: bool = True, **kwargs: Any) -> fields.String:
    """A text field of bounded length without control characters."""
    if not required:
        kwargs.setdefault("load_default", "")
        least = 0
    return fields.String(
        required=required,
        validate=[
            validate.Length(least, most, error="长度应在 {min} 与 {max} 之间。"),
            no_control_characters,
        ],
        **kwargs,
    )


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def no_control_characters(value: str) -> None:
    """PostgreSQL refuses NUL and lone surrogates; other control characters are never meant."""
    if _CONTROL.search(value):
        raise ma.ValidationError("含有不可用的控制字符。")
