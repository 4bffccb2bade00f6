"""What the task gate shows."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.admission_terms import (
    AdmissionStatus,
    EmergencyKind,
    Frequency,
    GateList,
    SealStatus,
    TaskKind,
)
from services.contracts.claims.views.item import HistoryEntry


class OpinionView(View):
    office = fields.String()
    agrees = fields.Boolean()
    reason = fields.String()
    recorded_at = fields.AwareDateTime()


class AdmissionRow(View):
    """An application as lists show it; no communities means the whole city."""

    admission_id = fields.UUID()
    code = fields.String()
    department = fields.String()
    task_title = fields.String()
    kind = fields.Enum(TaskKind, by_value=True)
    status = fields.Enum(AdmissionStatus, by_value=True)
    from_on = fields.Date()
    until_on = fields.Date()
    community_ids = fields.List(fields.UUID())
    applied_at = fields.AwareDateTime()
    decide_by_on = fields.Date(allow_none=True)
    is_late = fields.Boolean(metadata={"description": "超过会商期限仍未决定，或决定时已超期"})
    is_by_rule = fields.Boolean()
    version = fields.Integer()


class AdmissionPage(View):
    items = fields.List(fields.Nested(AdmissionRow))
    next = fields.String(allow_none=True)
    total = fields.Integer()


class AdmissionCounts(View):
    total = fields.Integer()
    by_status = fields.Dict(keys=fields.String(), values=fields.Integer())


class AdmissionView(AdmissionRow):
    """An application whole, with its opinions and history."""

    uscc = fields.String()
    legal_basis = fields.String()
    frequency = fields.Enum(Frequency, by_value=True)
    funds_fen = fields.Integer()
    people = fields.Integer()
    training = fields.String()
    form_count = fields.Integer()
    assessed_how = fields.String()
    community_names = fields.List(fields.String())
    opinions = fields.List(fields.Nested(OpinionView))
    opinions_needed = fields.Integer()
    decided_at = fields.AwareDateTime(allow_none=True)
    decision_reason = fields.String()
    entry_id = fields.UUID(allow_none=True)
    revoked_on = fields.Date(allow_none=True)
    revocation_reason = fields.String()
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())


class GateEntryView(View):
    entry_id = fields.UUID()
    gate_list = fields.Enum(GateList, by_value=True)
    title = fields.String()
    also = fields.List(fields.String())
    basis = fields.String()
    from_on = fields.Date()
    until_on = fields.Date(allow_none=True)
    end_reason = fields.String()
    is_in_force = fields.Boolean()
    possible_acts = fields.List(fields.String())
    version = fields.Integer()


class GateEntryPage(View):
    items = fields.List(fields.Nested(GateEntryView))
    next = fields.String(allow_none=True)


class SentBackRow(View):
    sent_back_id = fields.UUID()
    code = fields.String()
    community_id = fields.UUID()
    community_name = fields.String()
    department = fields.String()
    task_title = fields.String()
    kind = fields.Enum(TaskKind, by_value=True)
    basis = fields.String()
    sent_back_on = fields.Date()
    admission_id = fields.UUID(allow_none=True)


class SentBackPage(View):
    items = fields.List(fields.Nested(SentBackRow))
    next = fields.String(allow_none=True)


class SentBackView(SentBackRow):
    """`letter` goes to the department as it stands; the counts are those of that day."""

    note = fields.String()
    letter = fields.String()
    times_here = fields.Integer()
    times_in_city = fields.Integer()


class EmergencyView(View):
    emergency_id = fields.UUID()
    code = fields.String()
    department = fields.String()
    title = fields.String()
    kind = fields.Enum(EmergencyKind, by_value=True)
    reason = fields.String()
    from_on = fields.Date()
    until_on = fields.Date()
    community_ids = fields.List(fields.UUID())
    is_running = fields.Boolean()
    declared_at = fields.AwareDateTime()


class EmergencyPage(View):
    items = fields.List(fields.Nested(EmergencyView))
    next = fields.String(allow_none=True)


class SealView(View):
    """`proof_number`: which of the 20 proofs that must not be issued it is."""

    seal_id = fields.UUID()
    code = fields.String()
    community_id = fields.UUID()
    community_name = fields.String()
    proof_title = fields.String()
    asked_by = fields.String()
    purpose = fields.String()
    status = fields.Enum(SealStatus, by_value=True)
    is_by_rule = fields.Boolean()
    proof_number = fields.Integer(allow_none=True)
    reason = fields.String()
    requested_at = fields.AwareDateTime()
    decided_at = fields.AwareDateTime(allow_none=True)
    possible_acts = fields.List(fields.String())
    version = fields.Integer()


class SealPage(View):
    items = fields.List(fields.Nested(SealView))
    next = fields.String(allow_none=True)
