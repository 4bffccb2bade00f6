"""What can be asked of the dashboard."""

from marshmallow import fields

from services.contracts.base import Schema
from services.contracts.claims.dashboard_terms import period_field


class GetDashboard(Schema):
    """Of the items that were published in the period; of all of them without one."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    period = period_field()


class GetMoneyFigures(GetDashboard):
    """What every fund received and spent in the period, and what was left at its end."""


class GetBurdenMonths(GetDashboard):
    """The burden index month by month; of this year without a period."""
