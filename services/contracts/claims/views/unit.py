"""How units of the alliance are shown."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.terms import Category, UnitKind, UnitStatus
from services.contracts.claims.views.item import HistoryEntry
from services.contracts.personal import Kind, Personal


class UnitView(View):
    unit_id = fields.UUID()
    uscc = fields.String()
    unit_name = fields.String()
    kind = fields.Enum(UnitKind, by_value=True)
    functions = fields.List(fields.Enum(Category, by_value=True))
    community_ids = fields.List(fields.UUID())
    status = fields.Enum(UnitStatus, by_value=True)
    version = fields.Integer()


class UnitPage(View):
    items = fields.List(fields.Nested(UnitView))
    next = fields.String(allow_none=True)


class UnitContactView(View):
    contact_id = fields.UUID()
    contact_name = Personal(Kind.NAME)
    post = fields.String()
    contact_phone = Personal(Kind.PHONE)


class UnitRecordView(UnitView):
    """A unit whole. Contacts and history are for its own liaison and the staff of its communities."""

    community_names = fields.List(fields.String())
    introduction = fields.String()
    reason = fields.String()
    applied_at = fields.AwareDateTime(allow_none=True)
    joined_on = fields.Date(allow_none=True)
    contacts = fields.List(fields.Nested(UnitContactView))
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())


class UnitWorkView(View):
    """`average_score` in points of 100, null when nothing was scored; `rectifying`: bad ratings not yet put right."""

    unit_id = fields.UUID()
    claims = fields.Integer()
    open = fields.Integer()
    done = fields.Integer()
    released = fields.Integer()
    scored = fields.Integer()
    average_score = fields.Decimal(as_string=True, allow_none=True)
    commended = fields.Integer()
    rectifying = fields.Integer()


class AppliedUnitView(View):
    """`reference` is given once and stored nowhere but as a hash."""

    unit_id = fields.UUID()
    reference = fields.String()
    due_on = fields.Date()


class ApplicationStep(View):
    at = fields.AwareDateTime()
    office = fields.String()
    summary = fields.String()


class FollowedApplicationView(View):
    """What whoever has the reference sees."""

    unit_name = fields.String()
    status = fields.Enum(UnitStatus, by_value=True)
    reason = fields.String()
    applied_at = fields.AwareDateTime()
    due_on = fields.Date(allow_none=True)
    community_names = fields.List(fields.String())
    steps = fields.List(fields.Nested(ApplicationStep))
