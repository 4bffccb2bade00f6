"""How dual registration is shown; members' names masked."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.dual_registration_terms import (
    EvaluationGrade,
    RegistrationKind,
    RegistrationStatus,
)
from services.contracts.claims.views.item import HistoryEntry
from services.contracts.claims.volunteer_terms import Skill
from services.contracts.personal import Kind, Personal


class DualRegistrationRow(View):
    """`minutes` are of all services that stand; `last_grade` is the newest evaluation's."""

    registration_id = fields.UUID()
    code = fields.String()
    kind = fields.Enum(RegistrationKind, by_value=True)
    status = fields.Enum(RegistrationStatus, by_value=True)
    community_id = fields.UUID()
    community_name = fields.String()
    unit_id = fields.UUID()
    unit_name = fields.String()
    organisation_title = fields.String()
    headcount = fields.Integer()
    member_name = Personal(Kind.NAME)
    reported_on = fields.Date()
    minutes = fields.Integer()
    services = fields.Integer()
    last_year = fields.Integer(allow_none=True)
    last_grade = fields.Enum(EvaluationGrade, by_value=True, allow_none=True)
    version = fields.Integer()


class DualRegistrationPage(View):
    items = fields.List(fields.Nested(DualRegistrationRow))
    next = fields.String(allow_none=True)


class DualServiceView(View):
    service_id = fields.UUID()
    title = fields.String()
    task_id = fields.UUID(allow_none=True)
    item_id = fields.UUID(allow_none=True)
    shift_id = fields.UUID(allow_none=True)
    served_on = fields.Date()
    minutes = fields.Integer()
    people = fields.Integer()
    withdrawn_reason = fields.String()


class EvaluationView(View):
    year = fields.Integer()
    grade = fields.Enum(EvaluationGrade, by_value=True)
    comment = fields.String()
    evaluated_at = fields.AwareDateTime()


class DualRegistrationView(DualRegistrationRow):
    skills = fields.List(fields.Enum(Skill, by_value=True))
    ended_on = fields.Date(allow_none=True)
    end_reason = fields.String()
    service_records = fields.List(fields.Nested(DualServiceView))
    evaluations = fields.List(fields.Nested(EvaluationView))
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())


class TaskView(View):
    """`served_people` and `minutes`: what has been done for it so far."""

    task_id = fields.UUID()
    community_id = fields.UUID()
    community_name = fields.String()
    title = fields.String()
    description = fields.String()
    people = fields.Integer()
    until_on = fields.Date()
    is_open = fields.Boolean()
    served_people = fields.Integer()
    minutes = fields.Integer()
    version = fields.Integer()
    possible_acts = fields.List(fields.String())


class TaskPage(View):
    items = fields.List(fields.Nested(TaskView))
    next = fields.String(allow_none=True)
