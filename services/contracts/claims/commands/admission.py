"""What the task gate can be asked: applications, lists, send-backs, emergencies, seals."""

from marshmallow import fields, validate

from services.contracts.base import Change, Flag, Page, Schema, Whole, between, text
from services.contracts.claims.admission_terms import (
    AdmissionStatus,
    EmergencyKind,
    Frequency,
    GateList,
    SealStatus,
    TaskKind,
)

MOST_COMMUNITIES = 200
MONTH = validate.Regexp(r"^20[0-9]{2}-(0[1-9]|1[0-2])\Z", error="月份应为 2026-11 这样。")


class DepartmentFields(Schema):
    """A department is its name, and its code when it is known."""

    department = text(most=100)
    uscc = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([0-9A-Za-z]{18})?\Z", error="统一社会信用代码应为 18 位。"),
    )


class ApplyAdmission(DepartmentFields):
    """A department's task for communities, entered for it by the city; no communities means the whole city."""

    task_title = text(most=100)
    kind = fields.Enum(TaskKind, by_value=True, required=True)
    legal_basis = text(most=500)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    frequency = fields.Enum(Frequency, by_value=True, required=True)
    funds_fen = Whole(load_default=0, validate=between(0, 10**12))
    people = Whole(load_default=0, validate=between(0, 100_000))
    training = text(most=500, required=False)
    form_count = Whole(load_default=0, validate=between(0, 1000))
    assessed_how = text(most=500, required=False)
    community_ids = fields.List(
        fields.UUID(), load_default=list, validate=validate.Length(max=MOST_COMMUNITIES)
    )


class GetAdmission(Schema):
    admission_id = fields.UUID(required=True)


class AdmissionFilter(Schema):
    q = text(most=50, required=False)
    community_id = fields.UUID(load_default=None, allow_none=True)
    kind = fields.Enum(TaskKind, by_value=True, load_default=None, allow_none=True)


class ListAdmissions(AdmissionFilter, Page):
    """Newest first."""

    status = fields.Enum(AdmissionStatus, by_value=True, load_default=None, allow_none=True)


class CountAdmissions(AdmissionFilter):
    """How many there are in each status."""


class RecordOpinion(Schema):
    """One office's word in the joint decision; an office speaks once."""

    admission_id = fields.UUID(required=True)
    office = text(most=50)
    agrees = Flag(required=True)
    reason = text(most=500)


class DecideAdmission(Change):
    admission_id = fields.UUID(required=True)
    is_admitted = Flag(required=True)
    reason = text(most=500)


class RevokeAdmission(Change):
    admission_id = fields.UUID(required=True)
    reason = text(most=500)


class AddGateEntry(Schema):
    """`also`: other names of the same; on the negative list they are found inside a longer title, too."""

    gate_list = fields.Enum(GateList, by_value=True, required=True)
    title = text(most=100, least=2)
    also = fields.List(text(most=50, least=2), load_default=list, validate=validate.Length(max=20))
    basis = text(most=500)
    from_on = fields.Date(required=True)
    until_on = fields.Date(load_default=None, allow_none=True)


class EndGateEntry(Change):
    """`until_on` is the last day on which the entry counts."""

    entry_id = fields.UUID(required=True)
    until_on = fields.Date(required=True)
    reason = text(most=500)


class ListGateEntries(Page):
    """Those in force on `on` (today when it is missing); all that ever were with `is_all`."""

    gate_list = fields.Enum(GateList, by_value=True, load_default=None, allow_none=True)
    on = fields.Date(load_default=None, allow_none=True)
    is_all = Flag(load_default=False)
    q = text(most=50, required=False)


class SendBackTask(Schema):
    """未准入—退回. With `admission_id` the rest comes from that application; otherwise it is needed here."""

    community_id = fields.UUID(required=True)
    admission_id = fields.UUID(load_default=None, allow_none=True)
    department = text(most=100, required=False)
    task_title = text(most=100, required=False)
    kind = fields.Enum(TaskKind, by_value=True, load_default=None, allow_none=True)
    note = text(most=500, required=False)


class GetSentBackTask(Schema):
    sent_back_id = fields.UUID(required=True)


class ListSentBackTasks(Page):
    """Newest first."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    department = text(most=100, required=False)
    month = fields.String(load_default=None, allow_none=True, validate=MONTH)


class DeclareEmergency(Schema):
    """No communities means the whole city."""

    department = text(most=100)
    title = text(most=100)
    kind = fields.Enum(EmergencyKind, by_value=True, required=True)
    reason = text(most=500)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    community_ids = fields.List(
        fields.UUID(), load_default=list, validate=validate.Length(max=MOST_COMMUNITIES)
    )


class ListEmergencies(Page):
    """Newest first; with `is_running`, those that cover today."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    is_running = Flag(load_default=False)


class RequestSeal(Schema):
    """A proof that somebody asks the community to seal; whom it is about is written on paper only."""

    community_id = fields.UUID(required=True)
    proof_title = text(most=100, least=2)
    asked_by = text(most=100)
    purpose = text(most=500)


class DecideSeal(Change):
    seal_id = fields.UUID(required=True)
    is_approved = Flag(required=True)
    reason = text(most=500, required=False)


class ListSealRequests(Page):
    """Newest first."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    status = fields.Enum(SealStatus, by_value=True, load_default=None, allow_none=True)
