"""What consultation can be asked: one shape per door."""

from marshmallow import fields, validate

from services.contracts.base import Change, Page, Schema, text
from services.contracts.consultation.terms import PollStatus, Satisfaction
from services.contracts.personal import CorrectField, Kind, PersonAsked, UnmaskField, marked


class ResidentRow(Schema):
    """`employer_uscc`: where the resident works, so that doers are not asked about their own work."""

    community_id = fields.UUID(required=True)
    resident_name = text(most=50, metadata=marked(Kind.NAME))
    identity_number = fields.String(
        required=True,
        validate=validate.Length(15, 18, error="身份证号码应为 18 位（旧证 15 位）。"),
        metadata=marked(Kind.IDENTITY_NUMBER),
    )
    grid_code = fields.String(
        load_default="", validate=validate.Regexp(r"^(\d{15})?\Z", error="网格编码应为 15 位数字。")
    )
    employer_uscc = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([0-9A-Z]{18})?\Z", error="统一社会信用代码应为 18 位数字或大写字母。"),
    )


class ImportResidents(Schema):
    """Residents already on the roll (same identity number) are left as they are and counted."""

    residents = fields.List(
        fields.Nested(ResidentRow),
        required=True,
        validate=validate.Length(1, 1000, error="每次 1 至 1000 人。"),
    )


class ListResidents(Page):
    """The roll of a community; name and identity number find the person who has exactly these."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    resident_name = text(most=50, required=False, metadata=marked(Kind.NAME))
    identity_number = text(most=18, required=False, metadata=marked(Kind.IDENTITY_NUMBER))


class Unmask(UnmaskField):
    field = fields.String(
        required=True,
        validate=validate.OneOf(["resident_name", "identity_number"], error="此字段不能查看原文。"),
    )


class GatherPersonal(PersonAsked):
    """Everything held about a person, whole, for the person's own request."""


class ErasePersonal(PersonAsked):
    """Remove or anonymise everything held about a person, as far as the law allows."""


class CorrectPersonal(CorrectField):
    """What the personal desk has found to be wrong, for the person's own request."""

    field = fields.String(
        required=True,
        validate=validate.OneOf(["resident_name", "identity_number"], error="此字段不能更正。"),
    )


class CountResidents(Schema):
    community_id = fields.UUID(load_default=None, allow_none=True)


class ListPolls(Page):
    item_id = fields.UUID(load_default=None, allow_none=True)
    community_id = fields.UUID(load_default=None, allow_none=True)
    status = fields.Enum(PollStatus, by_value=True, load_default=None, allow_none=True)


class GetPoll(Schema):
    poll_id = fields.UUID(required=True)


class ClosePoll(Change):
    poll_id = fields.UUID(required=True)


class ListInvitations(Schema):
    """The personal links of one poll, for the worker who hands them out."""

    poll_id = fields.UUID(required=True)


class OpenCode(Schema):
    """The short code from paper, however it was typed; leads to the personal link."""

    code = text(most=40)


class OpenInvitation(Schema):
    """What a resident sees who follows the personal link."""

    token = text(most=300)


class AnswerPoll(Schema):
    token = text(most=300)
    satisfaction = fields.Enum(Satisfaction, by_value=True, required=True)
