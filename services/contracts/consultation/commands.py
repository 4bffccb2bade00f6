"""What consultation can be asked: one shape per door."""

from marshmallow import fields, validate

from services.contracts.base import Change, Page, Schema, text
from services.contracts.consultation.terms import PollStatus, Satisfaction


class ResidentRow(Schema):
    """`employer_uscc`: where the resident works, so that doers are not asked about their own work."""

    community_id = fields.UUID(required=True)
    resident_name = text(most=50)
    identity_number = fields.String(
        required=True, validate=validate.Length(15, 18, error="身份证号码应为 18 位（旧证 15 位）。")
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


class OpenInvitation(Schema):
    """What a resident sees who follows the personal link."""

    token = text(most=300)


class AnswerPoll(Schema):
    token = text(most=300)
    satisfaction = fields.Enum(Satisfaction, by_value=True, required=True)
