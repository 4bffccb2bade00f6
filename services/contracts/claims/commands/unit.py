"""What units and those who look after the alliance can ask.

Acts on a unit answer with the whole unit as it now is (`views.UnitRecordView`).
"""

from uuid import UUID

from marshmallow import fields, validate

from services.contracts.base import Change, Page, Schema, text
from services.contracts.claims.terms import Category, UnitKind, UnitStatus
from services.contracts.personal import Kind, marked

PHONE_FORM = r"^[0-9+][0-9 -]{4,18}\Z"


def functions_wanted() -> fields.List[Category]:
    return fields.List(
        fields.Enum(Category, by_value=True), load_default=list, validate=validate.Length(max=20)
    )


def communities_wanted() -> fields.List[UUID]:
    return fields.List(
        fields.UUID(), required=True, validate=validate.Length(1, 100, error="至少选择一个社区。")
    )


class UnitFields(Schema):
    uscc = fields.String(
        required=True, validate=validate.Length(18, 18, error="统一社会信用代码应为 18 位。")
    )
    unit_name = text(most=100)
    kind = fields.Enum(UnitKind, by_value=True, required=True)
    functions = functions_wanted()
    community_ids = communities_wanted()


class RegisterUnit(UnitFields):
    """Application and approval in one, by staff: the unit is a member at once."""


class ContactFields(Schema):
    """Who speaks for the unit; kept sealed, shown masked, gone when the unit leaves."""

    contact_name = text(most=50, metadata=marked(Kind.NAME))
    post = text(most=50, required=False)
    contact_phone = fields.String(
        required=True,
        validate=validate.Regexp(PHONE_FORM, error="应为 5 至 19 位电话号码。"),
        metadata=marked(Kind.PHONE),
    )


class ApplyUnit(UnitFields, ContactFields):
    """A unit applies, without an account. Whoever was refused or has left applies again under the same code."""

    introduction = text(most=1000, required=False)


class EnterApplication(ApplyUnit):
    """By staff, for a unit that applied on paper."""


class FollowApplication(Schema):
    """By whoever has the reference; letters in any case, spaces and hyphens do not matter."""

    reference = text(most=40)


class GetUnit(Schema):
    unit_id = fields.UUID(required=True)


class GetUnitWork(Schema):
    """What the unit claimed, finished and earned."""

    unit_id = fields.UUID(required=True)


class ListUnits(Page):
    """Who does not work for a unit's communities sees no applications."""

    q = text(most=50, required=False)
    community_id = fields.UUID(load_default=None, allow_none=True)
    status = fields.Enum(UnitStatus, by_value=True, load_default=None, allow_none=True)


class UnitChange(Change):
    unit_id = fields.UUID(required=True)


class ChangeUnit(UnitChange):
    """The code stays: another code is another unit."""

    unit_name = text(most=100)
    kind = fields.Enum(UnitKind, by_value=True, required=True)
    functions = functions_wanted()
    community_ids = communities_wanted()
    introduction = text(most=1000, required=False)


class ApproveUnit(UnitChange): ...


class UnitReason(UnitChange):
    reason = text(most=500)


class RefuseUnit(UnitReason): ...


class SuspendUnit(UnitReason):
    """What it claimed goes on; it claims nothing new."""


class ReinstateUnit(UnitReason): ...


class LeaveAlliance(UnitReason):
    """Its contacts go, its history stays."""


class AddUnitContact(ContactFields, UnitChange): ...


class RemoveUnitContact(UnitChange):
    contact_id = fields.UUID(required=True)
