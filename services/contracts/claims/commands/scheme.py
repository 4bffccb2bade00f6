"""What can be asked of assessment schemes, and the points that one party gives."""

from marshmallow import fields, validate

from services.contracts.base import Change, Page, Schema, Whole, between, text
from services.contracts.claims.scheme_terms import ItemWeighting, SchemeStatus, ScorerKind


def points() -> fields.Decimal:
    return fields.Decimal(places=2, required=True, validate=between(0, 100), as_string=True)


class CriterionFields(Schema):
    criterion = text(most=40)
    most = Whole(required=True, validate=between(1, 100))


class ScorerFields(Schema):
    """One party's part of the assessment, in percent; its criteria have 100 points in all."""

    scorer = fields.Enum(ScorerKind, by_value=True, required=True)
    weight = Whole(required=True, validate=between(1, 100))
    criteria = fields.List(
        fields.Nested(CriterionFields),
        required=True,
        validate=validate.Length(1, 10, error="应有 1 至 10 个评分项。"),
    )


class SchemeFields(Schema):
    """Weights in whole percent, points of 100 with two decimals."""

    title = text(most=50)
    assessment_weight = Whole(required=True, validate=between(0, 100))
    poll_weight = Whole(required=True, validate=between(0, 100))
    timeliness_weight = Whole(required=True, validate=between(0, 100))
    points_lost_per_day_late = points()
    excellent_from = points()
    good_from = points()
    passed_from = points()
    scorers = fields.List(
        fields.Nested(ScorerFields),
        required=True,
        validate=validate.Length(1, 2, error="应有 1 至 2 个评分方。"),
    )
    items_weight = Whole(required=True, validate=between(0, 100))
    item_weighting = fields.Enum(ItemWeighting, by_value=True, required=True)
    least_items = Whole(required=True, validate=between(1, 100))


class DraftScheme(SchemeFields): ...


class ChangeScheme(SchemeFields, Change):
    scheme_id = fields.UUID(required=True)


class PublishScheme(Change):
    """`effective_on` lies after today and after that of every scheme published before."""

    scheme_id = fields.UUID(required=True)
    effective_on = fields.Date(required=True)


class WithdrawScheme(Change):
    scheme_id = fields.UUID(required=True)
    reason = text(most=500)


class GetScheme(Schema):
    scheme_id = fields.UUID(required=True)


class ListSchemes(Page):
    status = fields.Enum(SchemeStatus, by_value=True, load_default=None, allow_none=True)


class ScoreItem(Change):
    """One party's points, one for each of its criteria, in the order of the scheme."""

    item_id = fields.UUID(required=True)
    scorer = fields.Enum(ScorerKind, by_value=True, required=True)
    points = fields.List(
        points(), required=True, validate=validate.Length(1, 10, error="应有 1 至 10 个分数。")
    )
    comment = text(most=1000, required=False)
