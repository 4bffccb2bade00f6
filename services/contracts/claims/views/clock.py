"""The clocks that run."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.clocks import ClockView


class ClockPage(View):
    items = fields.List(fields.Nested(ClockView))
    next = fields.String(allow_none=True)


class ClockCounts(View):
    total = fields.Integer()
    late = fields.Integer()
    by_kind = fields.Dict(keys=fields.String(), values=fields.Integer())
    by_stage = fields.Dict(keys=fields.String(), values=fields.Integer())
