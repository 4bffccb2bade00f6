"""What the burden meter can be asked."""

from marshmallow import fields

from services.contracts.base import Change, Flag, Page, Schema, Whole, between, text
from services.contracts.claims.admission_terms import BurdenBasis, BurdenKind
from services.contracts.claims.commands.admission import MONTH


class RecordBurden(Schema):
    """What a department asked of a community that day: so many forms, inspections, meetings, assessments.

    With `admission_id` or `emergency_id` (never both) the department is theirs; without either it is unadmitted.
    """

    community_id = fields.UUID(required=True)
    department = text(most=100, required=False)
    title = text(most=100)
    kind = fields.Enum(BurdenKind, by_value=True, required=True)
    quantity = Whole(load_default=1, validate=between(1, 1000))
    happened_on = fields.Date(required=True)
    admission_id = fields.UUID(load_default=None, allow_none=True)
    emergency_id = fields.UUID(load_default=None, allow_none=True)
    note = text(most=500, required=False)


class WithdrawBurden(Change):
    """It was recorded by mistake: it stays to be read, and counts no more."""

    burden_id = fields.UUID(required=True)
    reason = text(most=500)


class ListBurdens(Page):
    """The rows behind a number, newest first; withdrawn ones with `with_withdrawn`."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    department = text(most=100, required=False)
    kind = fields.Enum(BurdenKind, by_value=True, load_default=None, allow_none=True)
    basis = fields.Enum(BurdenBasis, by_value=True, load_default=None, allow_none=True)
    month = fields.String(load_default=None, allow_none=True, validate=MONTH)
    with_withdrawn = Flag(load_default=False)


class GetBurdenMeter(Schema):
    """The index of a month, per community and per department, with its formula."""

    month = fields.String(required=True, validate=MONTH)
    community_id = fields.UUID(load_default=None, allow_none=True)
