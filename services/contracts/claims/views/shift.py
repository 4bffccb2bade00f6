"""How shifts are shown: to everybody, and to those who run them."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.views.item import HistoryEntry
from services.contracts.claims.volunteer_terms import EnrolmentStatus, ShiftStatus, Skill
from services.contracts.personal import Kind, Personal


class ShiftRow(View):
    """`remaining`: slots that are free; `waiting`: how many stand on the waiting list."""

    shift_id = fields.UUID()
    community_id = fields.UUID()
    community_name = fields.String()
    item_id = fields.UUID(allow_none=True)
    title = fields.String()
    place = fields.String()
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    slots = fields.Integer()
    remaining = fields.Integer()
    waiting = fields.Integer()
    skills = fields.List(fields.Enum(Skill, by_value=True))
    is_risky = fields.Boolean()
    status = fields.Enum(ShiftStatus, by_value=True)
    version = fields.Integer()


class ShiftPage(View):
    items = fields.List(fields.Nested(ShiftRow))
    next = fields.String(allow_none=True)


class EnrolmentView(View):
    """`minutes`: confirmed, or what the signatures come to until then; null before signing out."""

    volunteer_id = fields.UUID()
    code = fields.String()
    volunteer_name = Personal(Kind.NAME)
    status = fields.Enum(EnrolmentStatus, by_value=True)
    enrolled_at = fields.AwareDateTime()
    signed_in_at = fields.AwareDateTime(allow_none=True)
    signed_out_at = fields.AwareDateTime(allow_none=True)
    minutes = fields.Integer(allow_none=True)
    possible_acts = fields.List(fields.String())


class ShiftView(ShiftRow):
    """`enrolments` and `waiting_list` in the order in which people came; both empty for unit liaisons."""

    item_code = fields.String()
    item_title = fields.String()
    cancel_reason = fields.String()
    minutes = fields.Integer()
    enrolments = fields.List(fields.Nested(EnrolmentView))
    waiting_list = fields.List(fields.Nested(EnrolmentView))
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())


class SignInTokenView(View):
    token = fields.String()
    expires_at = fields.AwareDateTime()


class SignInView(View):
    """What stands behind the QR code before anybody types."""

    title = fields.String()
    place = fields.String()
    community_name = fields.String()
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    possible_acts = fields.List(fields.String())


class SignedView(View):
    """The receipt of one signature."""

    volunteer_name = Personal(Kind.NAME)
    title = fields.String()
    status = fields.Enum(EnrolmentStatus, by_value=True)
    signed_in_at = fields.AwareDateTime(allow_none=True)
    signed_out_at = fields.AwareDateTime(allow_none=True)
    minutes = fields.Integer(allow_none=True)
