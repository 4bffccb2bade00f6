"""What can be asked of periods and of units' results."""

from marshmallow import fields, validate

from services.contracts.base import Change, Flag, Page, Schema, Whole, between, text
from services.contracts.claims.commands.scheme import points
from services.contracts.claims.scheme_terms import PeriodKind, ScorerKind


class OpenPeriod(Schema):
    """A quarter or a year that has begun; every unit that serves the community gets a result of it."""

    community_id = fields.UUID(required=True)
    kind = fields.Enum(PeriodKind, by_value=True, required=True)
    year = Whole(required=True, validate=between(2020, 2100))
    quarter = Whole(load_default=None, allow_none=True, validate=between(1, 4))


class ClosePeriod(Change):
    """Settles every unit's result; refused while points are missing, with the names of the units."""

    period_id = fields.UUID(required=True)


class GetPeriod(Schema):
    period_id = fields.UUID(required=True)


class ListPeriods(Page):
    community_id = fields.UUID(load_default=None, allow_none=True)


class OfAssessment(Schema):
    assessment_id = fields.UUID(required=True)


class ChangeAssessment(Change):
    assessment_id = fields.UUID(required=True)


class GetUnitAssessment(OfAssessment): ...


class ListUnitAssessments(Page):
    """Settled results that the public may read, the latest notice first."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    unit_id = fields.UUID(load_default=None, allow_none=True)


class ScoreUnit(ChangeAssessment):
    """One party's points of the periodic assessment, one for each of its criteria."""

    scorer = fields.Enum(ScorerKind, by_value=True, required=True)
    points = fields.List(
        points(), required=True, validate=validate.Length(1, 10, error="应有 1 至 10 个分数。")
    )
    comment = text(most=1000, required=False)


class SettleUnitAssessment(ChangeAssessment): ...


class ObjectToResult(OfAssessment):
    content = text(most=1000)


class AnswerResultObjection(OfAssessment):
    """An objection that is upheld takes a commendation back, and the result is looked at again."""

    objection_id = fields.UUID(required=True)
    is_upheld = Flag(required=True)
    answer = text(most=1000)


class CommendUnit(ChangeAssessment):
    """Praise in words; money and titles are refused."""

    reason = text(most=500)


class RevokeUnitCommendation(ChangeAssessment):
    reason = text(most=500)


class RecordFeedback(ChangeAssessment):
    """To which organisation above the unit its result was reported."""

    recipient = text(most=100)
