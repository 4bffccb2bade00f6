"""What volunteers and those who look after them can ask: the roll, hours, certificates of service.

Nothing here takes an identity number or a telephone number; the name is all claims knows of a volunteer.
"""

from marshmallow import fields, validate

from services.contracts.base import Change, Flag, Page, Schema, text
from services.contracts.claims.volunteer_terms import Skill, VolunteerStatus
from services.contracts.personal import CorrectField, Kind, PersonAsked, UnmaskField, marked

# What can be seen whole, and put right, one record at a time.
PERSONAL_FIELDS = ("volunteer_name", "contact_name", "contact_phone", "member_name")


def skills_wanted() -> fields.List[Skill]:
    return fields.List(
        fields.Enum(Skill, by_value=True), load_default=list, validate=validate.Length(max=len(Skill))
    )


def all_skills() -> fields.List[Skill]:
    """Instead of those there were; who leaves them out would lose them."""
    return fields.List(
        fields.Enum(Skill, by_value=True), required=True, validate=validate.Length(max=len(Skill))
    )


class RegisterVolunteer(Schema):
    """`insured_until_on`: the last day of the accident insurance, if there is one."""

    community_id = fields.UUID(required=True)
    volunteer_name = text(most=50, metadata=marked(Kind.NAME))
    skills = skills_wanted()
    insured_until_on = fields.Date(load_default=None, allow_none=True)


class ChangeVolunteer(Change):
    """The name stays as it is; `correct_personal` puts a wrong one right."""

    volunteer_id = fields.UUID(required=True)
    skills = all_skills()
    insured_until_on = fields.Date(load_default=None, allow_none=True)


class RetireVolunteer(Change):
    """`is_anonymised`: on the volunteer's own wish the name goes too; hours and codes stay."""

    volunteer_id = fields.UUID(required=True)
    reason = text(most=200)
    is_anonymised = Flag(load_default=False)


class GetVolunteer(Schema):
    volunteer_id = fields.UUID(required=True)


class ListVolunteers(Page):
    """`code`: exactly this volunteer, however the code was typed."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    skill = fields.Enum(Skill, by_value=True, load_default=None, allow_none=True)
    status = fields.Enum(VolunteerStatus, by_value=True, load_default=None, allow_none=True)
    code = text(most=40, required=False)


class CountServiceHours(Schema):
    """Confirmed minutes of a volunteer, a community, an item, or of all whom the actor works for."""

    volunteer_id = fields.UUID(load_default=None, allow_none=True)
    community_id = fields.UUID(load_default=None, allow_none=True)
    item_id = fields.UUID(load_default=None, allow_none=True)
    from_on = fields.Date(load_default=None, allow_none=True)
    to_on = fields.Date(load_default=None, allow_none=True)


class IssueServiceCertificate(Schema):
    """Proof of service (志愿服务条例): on request and free of charge, for the days from and to."""

    volunteer_id = fields.UUID(required=True)
    from_on = fields.Date(required=True)
    to_on = fields.Date(required=True)


class GetServiceCertificate(Schema):
    """For printing: the one view that names the volunteer whole."""

    certificate_id = fields.UUID(required=True)


class CheckServiceCertificate(Schema):
    """Anybody who holds a number may ask whether it is true."""

    number = text(most=40)


class Unmask(UnmaskField):
    field = fields.String(
        required=True, validate=validate.OneOf(PERSONAL_FIELDS, error="没有这一项个人信息。")
    )


class GatherPersonal(PersonAsked):
    """What is held of everybody of exactly this name."""


class ErasePersonal(PersonAsked):
    """A name alone does not tell who is meant; see the use case."""


class CorrectPersonal(CorrectField):
    field = fields.String(
        required=True, validate=validate.OneOf(PERSONAL_FIELDS, error="没有这一项个人信息。")
    )
