"""How volunteers, their hours and their certificates are shown; names masked."""

from marshmallow import fields

from services.contracts.base import STAFF_ROLES, View
from services.contracts.claims.views.item import HistoryEntry
from services.contracts.claims.volunteer_terms import Skill, VolunteerStatus
from services.contracts.personal import Kind, Personal


class VolunteerRow(View):
    """`minutes` are confirmed ones; `is_insured` says today."""

    volunteer_id = fields.UUID()
    code = fields.String()
    volunteer_name = Personal(Kind.NAME)
    community_id = fields.UUID()
    community_name = fields.String()
    skills = fields.List(fields.Enum(Skill, by_value=True))
    status = fields.Enum(VolunteerStatus, by_value=True)
    insured_until_on = fields.Date(allow_none=True)
    is_insured = fields.Boolean()
    minutes = fields.Integer()
    version = fields.Integer()


class VolunteerPage(View):
    items = fields.List(fields.Nested(VolunteerRow))
    next = fields.String(allow_none=True)


class ServiceRecord(View):
    """One shift in which the volunteer had a place."""

    shift_id = fields.UUID()
    title = fields.String()
    starts_at = fields.AwareDateTime()
    status = fields.String()
    minutes = fields.Integer(allow_none=True)


class CertificateRow(View):
    certificate_id = fields.UUID()
    number = fields.String()
    from_on = fields.Date()
    to_on = fields.Date()
    minutes = fields.Integer()
    shifts = fields.Integer()
    issued_on = fields.Date()


class VolunteerView(VolunteerRow):
    registered_at = fields.AwareDateTime()
    records = fields.List(fields.Nested(ServiceRecord))
    certificates = fields.List(fields.Nested(CertificateRow))
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())


class ServiceHours(View):
    minutes = fields.Integer()
    volunteers = fields.Integer()
    shifts = fields.Integer()


class CertificateChecked(CertificateRow):
    """What anybody learns from a number."""

    volunteer_name = Personal(Kind.NAME)
    community_name = fields.String()


class CertificateView(CertificateChecked):
    """The certificate as it is printed: it names the volunteer, so only staff read it whole."""

    volunteer_name = Personal(Kind.NAME, open_to=STAFF_ROLES)
    volunteer_id = fields.UUID()
    code = fields.String()
