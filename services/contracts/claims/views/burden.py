"""What the burden meter shows."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.admission_terms import BurdenBasis, BurdenKind


class BurdenView(View):
    """One record; `withdrawn_at` is set when it counts no more."""

    burden_id = fields.UUID()
    community_id = fields.UUID()
    community_name = fields.String()
    department = fields.String()
    title = fields.String()
    kind = fields.Enum(BurdenKind, by_value=True)
    basis = fields.Enum(BurdenBasis, by_value=True)
    quantity = fields.Integer()
    happened_on = fields.Date()
    admission_id = fields.UUID(allow_none=True)
    emergency_id = fields.UUID(allow_none=True)
    note = fields.String()
    recorded_at = fields.AwareDateTime()
    withdrawn_at = fields.AwareDateTime(allow_none=True)
    withdrawal_reason = fields.String()
    possible_acts = fields.List(fields.String())
    version = fields.Integer()


class BurdenPage(View):
    items = fields.List(fields.Nested(BurdenView))
    next = fields.String(allow_none=True)


class BurdenFigures(View):
    """One line of the meter: the index, what it is made of, and what stands beside it."""

    index = fields.Integer()
    quantities = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "各类负担的次数（不含应急）"},
    )
    unadmitted = fields.Integer()
    emergencies = fields.Integer()
    sent_back = fields.Integer()
    explanation = fields.List(fields.String())


class CommunityBurden(BurdenFigures):
    community_id = fields.UUID()
    community_name = fields.String()


class DepartmentBurden(BurdenFigures):
    department = fields.String()


class BurdenMeter(View):
    """`formula`: how an index is counted that month, line by line."""

    month = fields.String()
    formula = fields.List(fields.String())
    total = fields.Nested(BurdenFigures)
    communities = fields.List(fields.Nested(CommunityBurden))
    departments = fields.List(fields.Nested(DepartmentBurden))
