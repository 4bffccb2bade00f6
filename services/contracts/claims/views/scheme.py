"""What is shown of assessment schemes."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.scheme_terms import ItemWeighting, SchemeStatus
from services.contracts.claims.views.item import HistoryEntry
from services.contracts.claims.views.scoring import ScorerView


class SchemeRow(View):
    """`is_in_force`: whether work that is finished today is scored by it."""

    scheme_id = fields.UUID()
    number = fields.Integer()
    title = fields.String()
    status = fields.Enum(SchemeStatus, by_value=True)
    effective_on = fields.Date(allow_none=True)
    is_in_force = fields.Boolean()
    assessment_weight = fields.Integer()
    poll_weight = fields.Integer()
    timeliness_weight = fields.Integer()
    version = fields.Integer()


class SchemePage(View):
    items = fields.List(fields.Nested(SchemeRow))
    next = fields.String(allow_none=True)


class SchemeView(SchemeRow):
    """`worked_example`: what the scheme makes of one and the same work, step by step."""

    points_lost_per_day_late = fields.Decimal(as_string=True)
    excellent_from = fields.Decimal(as_string=True)
    good_from = fields.Decimal(as_string=True)
    passed_from = fields.Decimal(as_string=True)
    scorers = fields.List(fields.Nested(ScorerView))
    items_weight = fields.Integer()
    periodic_weight = fields.Integer()
    item_weighting = fields.Enum(ItemWeighting, by_value=True)
    least_items = fields.Integer()
    drafted_at = fields.AwareDateTime(allow_none=True)
    published_at = fields.AwareDateTime(allow_none=True)
    reason = fields.String()
    worked_example = fields.List(fields.String())
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())
