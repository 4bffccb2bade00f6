"""What can be done about a result: object, answer, revoke, put right."""

from marshmallow import fields

from services.contracts.base import Change, Flag, Schema, text


class RaiseObjection(Schema):
    item_id = fields.UUID(required=True)
    content = text(most=1000)


class AnswerObjection(Schema):
    """An objection that is upheld takes the commendation back in the same act."""

    item_id = fields.UUID(required=True)
    objection_id = fields.UUID(required=True)
    is_upheld = Flag(required=True)
    answer = text(most=1000)


class RevokeCommendation(Change):
    item_id = fields.UUID(required=True)
    reason = text(most=500)


class ReportRectification(Schema):
    item_id = fields.UUID(required=True)
    report = text(most=2000)


class CheckRectification(Schema):
    """`call_back`: what those who rated the work badly say of it now."""

    item_id = fields.UUID(required=True)
    is_passed = Flag(required=True)
    call_back = text(most=1000)
