"""What is shown of periods and of units' results."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.scheme_terms import PeriodKind, ResultStatus, ScorerKind
from services.contracts.claims.terms import ScoreGrade
from services.contracts.claims.views.item import CommendationView, HistoryEntry, ObjectionView
from services.contracts.claims.views.scoring import AssessingView


class PeriodRow(View):
    period_id = fields.UUID()
    community_id = fields.UUID()
    community_name = fields.String()
    kind = fields.Enum(PeriodKind, by_value=True)
    label = fields.String()
    start_on = fields.Date()
    end_on = fields.Date()
    scheme_number = fields.Integer()
    closed_at = fields.AwareDateTime(allow_none=True)
    units = fields.Integer()
    version = fields.Integer()


class PeriodPage(View):
    items = fields.List(fields.Nested(PeriodRow))
    next = fields.String(allow_none=True)


class UnitAssessmentRow(View):
    """While the period runs, the figures are what they would be today."""

    assessment_id = fields.UUID()
    period_id = fields.UUID()
    period = fields.String()
    community_id = fields.UUID()
    community_name = fields.String()
    unit_id = fields.UUID()
    unit_name = fields.String()
    status = fields.Enum(ResultStatus, by_value=True)
    item_count = fields.Integer()
    items_score = fields.Decimal(as_string=True, allow_none=True)
    periodic_score = fields.Decimal(as_string=True, allow_none=True)
    total = fields.Decimal(as_string=True, allow_none=True)
    grade = fields.Enum(ScoreGrade, by_value=True, allow_none=True)
    is_sample_sufficient = fields.Boolean()
    missing = fields.List(fields.Enum(ScorerKind, by_value=True))
    notice_until_on = fields.Date(allow_none=True)
    is_in_notice = fields.Boolean()
    version = fields.Integer()


class UnitAssessmentPage(View):
    items = fields.List(fields.Nested(UnitAssessmentRow))
    next = fields.String(allow_none=True)


class PeriodView(PeriodRow):
    results = fields.List(fields.Nested(UnitAssessmentRow))
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())


class AssessedItemView(View):
    """`weight`: how much it counts among the unit's items; without a total it does not."""

    item_id = fields.UUID()
    code = fields.String()
    title = fields.String()
    score_total = fields.Decimal(as_string=True, allow_none=True)
    weight = fields.Integer()
    is_sample_sufficient = fields.Boolean()


class UnitAssessmentView(UnitAssessmentRow):
    """A result whole, with the lines that explain it."""

    items = fields.List(fields.Nested(AssessedItemView))
    assessing = fields.Nested(AssessingView)
    explanation = fields.List(fields.String())
    commendation = fields.Nested(CommendationView, allow_none=True)
    objections = fields.List(fields.Nested(ObjectionView))
    feedback_to = fields.String()
    feedback_on = fields.Date(allow_none=True)
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())
