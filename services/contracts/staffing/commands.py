"""What staffing can be asked: one shape per door."""

from marshmallow import fields, validate

from services.contracts.base import Change, Page, Schema, Whole, between, text
from services.contracts.personal import CorrectField, Kind, PersonAsked, marked
from services.contracts.staffing.terms import CommunityGrade, Post


class RegisterCommunity(Schema):
    """`code` is the 12-digit statistical division code (domain rules 4.3)."""

    code = fields.String(
        required=True, validate=validate.Regexp(r"^\d{12}\Z", error="社区代码应为 12 位数字。")
    )
    community_name = text(most=50)
    street = text(most=50)
    grade = fields.Enum(CommunityGrade, by_value=True, required=True)
    households = Whole(required=True, validate=between(0, 1_000_000))
    population = Whole(required=True, validate=between(0, 10_000_000))


class ChangeCommunity(Change):
    community_id = fields.UUID(required=True)
    community_name = text(most=50)
    street = text(most=50)
    grade = fields.Enum(CommunityGrade, by_value=True, required=True)
    households = Whole(required=True, validate=between(0, 1_000_000))
    population = Whole(required=True, validate=between(0, 10_000_000))


class GetCommunity(Schema):
    community_id = fields.UUID(required=True)


class ListCommunities(Schema):
    """All of them at once: a city has tens, not thousands."""


class AppointWorker(Schema):
    community_id = fields.UUID(required=True)
    worker_name = text(most=50, metadata=marked(Kind.NAME))
    post = fields.Enum(Post, by_value=True, required=True)
    since_on = fields.Date(required=True)


class ListWorkers(Page):
    community_id = fields.UUID(load_default=None, allow_none=True)


class GatherPersonal(PersonAsked):
    """Everything held about a person, whole, for the person's own request."""


class ErasePersonal(PersonAsked):
    """What would have to be erased about a person, and what the law keeps."""


class CorrectPersonal(CorrectField):
    """What the personal desk has found to be wrong, for the person's own request."""

    field = fields.String(
        required=True,
        validate=validate.OneOf(["worker_name"], error="此字段不能更正。"),
    )
