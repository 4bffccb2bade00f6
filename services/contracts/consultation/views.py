"""What consultation shows."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.consultation.terms import PollStatus
from services.contracts.personal import Kind, Personal


class PollView(View):
    """Counts, rate and score stay null until the poll is closed."""

    poll_id = fields.UUID()
    item_id = fields.UUID()
    community_id = fields.UUID()
    title = fields.String()
    status = fields.Enum(PollStatus, by_value=True)
    seed = fields.String()
    sampled = fields.Integer()
    answered = fields.Integer()
    turnout_percent = fields.Decimal(as_string=True, allow_none=True)
    least_sample = fields.Integer()
    is_sample_sufficient = fields.Boolean(allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), allow_none=True)
    satisfaction_percent = fields.Decimal(as_string=True, allow_none=True)
    bad_percent = fields.Decimal(as_string=True, allow_none=True)
    score = fields.Decimal(as_string=True, allow_none=True)
    opened_at = fields.AwareDateTime()
    closes_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
    possible_acts = fields.List(fields.String())


class PollPage(View):
    items = fields.List(fields.Nested(PollView))
    next = fields.String(allow_none=True)


class InvitationView(View):
    resident_name = Personal(Kind.NAME)
    token = fields.String()
    code = fields.String(metadata={"description": "纸质通知上的 8 位答题码"})


class InvitationList(View):
    items = fields.List(fields.Nested(InvitationView))


class CodeView(View):
    token = fields.String()


class BallotView(View):
    """What stands on a resident's screen behind the personal link."""

    poll_id = fields.UUID()
    title = fields.String()
    community_name = fields.String()
    closes_at = fields.AwareDateTime()
    is_open = fields.Boolean()
    is_answered = fields.Boolean()


class AnsweredView(View):
    answered = fields.Boolean()


class ResidentsImported(View):
    added = fields.Integer()
    known = fields.Integer()


class ResidentView(View):
    resident_id = fields.UUID()
    community_id = fields.UUID()
    resident_name = Personal(Kind.NAME)
    identity_number = Personal(Kind.IDENTITY_NUMBER)
    grid_code = fields.String()
    employer_uscc = fields.String()


class ResidentPage(View):
    items = fields.List(fields.Nested(ResidentView))
    next = fields.String(allow_none=True)


class ResidentCount(View):
    residents = fields.Integer()
