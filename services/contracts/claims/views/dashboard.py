"""What the dashboard shows; behind each figure stands a list of as many rows."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.fund_terms import FundSource


class CommunityFigures(View):
    community_id = fields.UUID()
    community_name = fields.String()
    published = fields.Integer()
    claimed = fields.Integer()
    done = fields.Integer()
    overdue = fields.Integer()


class DashboardView(View):
    """Rates in percent with one decimal; null where the denominator is nought (domain rules 2.2).

    `list_items` with the same community and period and `figure` gives exactly the items of a count.
    """

    published = fields.Integer()
    claimed = fields.Integer()
    done = fields.Integer()
    in_time = fields.Integer()
    late = fields.Integer()
    polled = fields.Integer()
    answered = fields.Integer()
    claim_rate = fields.Decimal(as_string=True, allow_none=True)
    completion_rate = fields.Decimal(as_string=True, allow_none=True)
    on_time_rate = fields.Decimal(as_string=True, allow_none=True)
    satisfaction = fields.Decimal(as_string=True, allow_none=True)
    waiting_for_staff = fields.Integer()
    overdue = fields.Integer()
    by_status = fields.Dict(keys=fields.String(), values=fields.Integer())
    communities = fields.List(fields.Nested(CommunityFigures))


class FundFigures(View):
    """`receipts` and `payments`: how many postings the sums are made of."""

    fund_id = fields.UUID()
    fund_name = fields.String()
    fund_source = fields.Enum(FundSource, by_value=True)
    community_id = fields.UUID(allow_none=True)
    community_name = fields.String()
    received_fen = fields.Integer()
    receipts = fields.Integer()
    spent_fen = fields.Integer()
    payments = fields.Integer()
    balance_fen = fields.Integer()


class MoneyFigures(View):
    received_fen = fields.Integer()
    spent_fen = fields.Integer()
    balance_fen = fields.Integer()
    funds = fields.List(fields.Nested(FundFigures))


class BurdenOfMonth(View):
    month = fields.String()
    index = fields.Integer()
    unadmitted = fields.Integer()
    emergencies = fields.Integer()
    sent_back = fields.Integer()


class BurdenMonths(View):
    months = fields.List(fields.Nested(BurdenOfMonth))
