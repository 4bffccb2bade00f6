"""Which fields are about a person, of what kind, and how little of each is shown.

The marking stands on the field and drives everything else: fields of commands carry `marked(kind)` in
their metadata, fields of views are `Personal(kind)`, which writes the value masked unless whoever
reads has a role to which the field is open. To see more is an act of its own (`unmask`).
"""

import re
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import marshmallow as ma
from marshmallow import fields

from services.contracts.base import ANONYMOUS, Actor, Forbidden, Role, Schema, Term, View, text

LEAST_REASON = 5
STARS = "***"

# Fields whose names sound like a person's data and which are not, each with its reason.
PUBLIC = {
    "AuditEntryView.address": "of a machine on the network; the auditor needs it",
    "SuggestionReason.name": "of a criterion",
    "actor_name": "who acted in office; staff and liaisons answer for their acts by name",
    "buyer_name": "a state organ",
    "community_name": "an administrative area",
    "community_names": "administrative areas",
    "contact_id": "of a record",
    "display_name": "staff accounts; residents have none",
    "file_name": "of an uploaded list, without its path",
    "fund_name": "of a fund",
    "partner_name": "a charity in a public register",
    "payee_name": "an organisation; persons who are paid are never named",
    "payer_name": "an office or organisation; persons who give are never named",
    "supplier_name": "an organisation in a public register",
    "unit_name": "an organisation in a public register",
    "unit_names": "organisations in a public register",
    "username": "a staff account's own name for itself",
}

# For whom the answer at hand is written; the chassis sets it for every call.
reader: ContextVar[Actor] = ContextVar("reader", default=ANONYMOUS)


class Kind(Term):
    NAME = "name", "姓名"
    IDENTITY_NUMBER = "identity_number", "身份证号码"
    PHONE = "phone", "电话号码"
    EMAIL = "email", "电子邮箱"
    ADDRESS = "address", "住址"
    HEALTH = "health", "健康状况"


def marked(kind: Kind) -> dict[str, Any]:
    """The metadata of a marked field."""
    return {"personal": kind}


class Personal(fields.String):
    """A field of a view that is about a person; `open_to` names the roles that read it whole."""

    def __init__(self, kind: Kind, *, open_to: Iterable[Role] = (), **kwargs: Any) -> None:
        super().__init__(metadata=marked(kind), **kwargs)
        self.kind = kind
        self.open_to = frozenset(open_to)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        whole = super()._serialize(value, attr, obj, **kwargs)
        if not whole or reader.get().has_role(*self.open_to):
            return whole
        return masked(self.kind, whole)


class UnmaskField(Schema):
    """Seeing one field of one record whole; each service's `Unmask` names its fields."""

    record_id = fields.UUID(required=True)
    reason = text(least=LEAST_REASON, most=200)


class PersonAsked(Schema):
    """By what a person is known; every service looks with what it knows, and at least one is given."""

    resident_name = text(most=50, required=False, metadata=marked(Kind.NAME))
    identity_number = text(most=18, required=False, metadata=marked(Kind.IDENTITY_NUMBER))
    email = text(most=200, required=False, metadata=marked(Kind.EMAIL))


class CorrectField(Schema):
    """Putting one field of one record right; each service's `CorrectPersonal` names its fields.

    The value is marked as what it most often is.
    """

    record_id = fields.UUID(required=True)
    value = text(most=200, metadata=marked(Kind.NAME))


class CorrectedView(View):
    """That it was done; the answer is stored, so it does not repeat the value."""

    record_id = fields.UUID()
    field = fields.String()


class UnmaskedView(View):
    """The one answer that is not masked; it is given once and never stored."""

    value = fields.String()


class HeldRecord(View):
    """One record about a person: what it is, its facts by their Chinese names, why and how long it is held.

    `correctable`: which fields `correct_personal` takes, with their Chinese names.
    """

    record_id = fields.UUID()
    what = fields.String()
    facts = fields.Dict(keys=fields.String(), values=fields.String())
    correctable = fields.Dict(keys=fields.String(), values=fields.String())
    basis = fields.String()
    kept_for = fields.String()


class HeldView(View):
    records = fields.List(fields.Nested(HeldRecord))


class ErasedView(View):
    """What was removed or made anonymous, and what has to stay, each with its reason."""

    removed = fields.List(fields.String())
    kept = fields.List(fields.String())


def require_unmasker(actor: Actor, community_id: UUID | None) -> None:
    """Who may see a value whole: the city's administrator, and a community's director at home."""
    if actor.has_role(Role.CITY_ADMIN):
        return
    if not actor.has_role(Role.COMMUNITY_MANAGER):
        raise Forbidden("只有市级管理员和本社区书记/主任可以查看个人信息原文。")
    if community_id is None or not actor.reaches(community_id):
        raise Forbidden("您没有这个社区的权限。")


def require_personal_desk(actor: Actor) -> None:
    """Requests of persons reach into every community, so the city answers them."""
    if not actor.has_role(Role.CITY_ADMIN):
        raise Forbidden("个人信息申请由市级管理员办理。")


def marked_fields(schema: type[ma.Schema]) -> Iterator[tuple[str, Kind]]:
    """The marked fields of a shape itself, without those of shapes nested in it."""
    for name, field in schema._declared_fields.items():
        if (kind := field.metadata.get("personal")) is not None:
            yield name, kind


def masked(kind: Kind, value: str) -> str:
    """Enough to recognise what one knows, too little to use it; masking twice changes nothing."""
    return _MASKS[kind](value) if value else value


def _name(value: str) -> str:
    """张三丰 -> 张*."""
    return value[:1] + "*"


def _identity_number(value: str) -> str:
    return f"{value[:6]}**********{value[-4:]}" if len(value) >= 15 else STARS


def _phone(value: str) -> str:
    if len(value) >= 11:
        return f"{value[:3]}****{value[-4:]}"
    return f"*****{value[-2:]}" if len(value) > 6 else STARS


def _email(value: str) -> str:
    """Not only mailboxes: a group robot's key stands in the same field and keeps its last four."""
    mailbox, at, domain = value.partition("@")
    return f"{mailbox.lstrip('*')[:1]}***@{domain}" if at else "****" + value[-4:].lstrip("*")


# Where the part of an address begins that tells one household from its neighbours.
_HOUSE = re.compile(
    r"\s*(?:[0-9０-９A-Za-z]|[甲乙丙丁一二三四五六七八九十]+\s*(?:号|幢|栋|座|楼|单元|室|户|组)|\*)"
)
_PLACE = re.compile(r".*(?:小区|家园|花园|街道|社区|大道|大街|[街路巷村镇乡县区市])")


def _address(value: str) -> str:
    """To the street or the compound."""
    before, *_ = _HOUSE.split(value, maxsplit=1)
    if before != value:
        return before + STARS
    place = _PLACE.match(value)
    return (place.group() if place else value[:2]).rstrip() + STARS


def _health(value: str) -> str:
    return STARS


_MASKS = {
    Kind.NAME: _name,
    Kind.IDENTITY_NUMBER: _identity_number,
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
    Kind.ADDRESS: _address,
    Kind.HEALTH: _health,
}
