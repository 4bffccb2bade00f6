"""What is shown of the points that parties give."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.scheme_terms import ScorerKind


class CriterionView(View):
    criterion = fields.String()
    most = fields.Integer()


class ScorerView(View):
    scorer = fields.Enum(ScorerKind, by_value=True)
    weight = fields.Integer()
    criteria = fields.List(fields.Nested(CriterionView))


class ScoringView(View):
    """What one party gave, criterion by criterion."""

    scorer = fields.Enum(ScorerKind, by_value=True)
    criteria = fields.List(fields.String())
    points = fields.List(fields.Decimal(as_string=True))
    total = fields.Decimal(as_string=True)
    comment = fields.String()
    scored_at = fields.AwareDateTime()


class AssessingView(View):
    """By which scheme a record is assessed, what was given so far and by whom nothing yet."""

    scheme_id = fields.UUID()
    number = fields.Integer()
    is_by_parts = fields.Boolean()
    scorers = fields.List(fields.Nested(ScorerView))
    scorings = fields.List(fields.Nested(ScoringView))
    missing = fields.List(fields.Enum(ScorerKind, by_value=True))
