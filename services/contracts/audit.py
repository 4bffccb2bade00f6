"""What every service can be asked about its audit, and how a row looks to an auditor."""

from marshmallow import fields

from services.contracts.base import Page, Schema, Term, View, text


class Outcome(Term):
    DONE = "done", "已执行"
    REFUSED = "refused", "被拒绝"


class ListAudit(Page):
    """Newest first; `act` is part of its code, or its end if it begins with a dot; everything else is exact."""

    since = fields.AwareDateTime(load_default=None, allow_none=True)
    until = fields.AwareDateTime(load_default=None, allow_none=True)
    actor_id = text(most=100, required=False)
    act = text(most=100, required=False)
    record_id = text(most=100, required=False)
    community_id = fields.UUID(load_default=None, allow_none=True)
    outcome = fields.Enum(Outcome, by_value=True, load_default=None, allow_none=True)
    request_id = text(most=100, required=False)


class GetAuditState(Schema):
    """How far the chain has come, and whether its end is as it was written."""


class AuditEntryView(View):
    """`before_hash` and `after_hash` are hashes of the record; what it says stands in no audit."""

    entry_id = fields.UUID()
    chain = fields.String()
    at = fields.AwareDateTime()
    actor_id = fields.String()
    roles = fields.List(fields.String())
    on_behalf_of = fields.String(allow_none=True)
    act = fields.String()
    record_id = fields.String(allow_none=True)
    community_id = fields.UUID(allow_none=True)
    address = fields.String()
    request_id = fields.String()
    outcome = fields.Enum(Outcome, by_value=True)
    code = fields.String()
    before_hash = fields.String(allow_none=True)
    after_hash = fields.String(allow_none=True)
    reason = fields.String()


class AuditPage(View):
    """`away`: the chains that did not answer; their rows are missing here."""

    items = fields.List(fields.Nested(AuditEntryView))
    next = fields.String(allow_none=True)
    away = fields.List(fields.String())


class AuditStateView(View):
    """`checked` rows at the end were computed again; `finding` is what was wrong with them, or empty."""

    chain = fields.String()
    size = fields.Integer()
    archived = fields.Integer()
    waiting = fields.Integer()
    signed_size = fields.Integer(allow_none=True)
    signed_at = fields.AwareDateTime(allow_none=True)
    checked = fields.Integer()
    finding = fields.String()


class AuditStateList(View):
    items = fields.List(fields.Nested(AuditStateView))
    away = fields.List(fields.String())
