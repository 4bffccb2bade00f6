"""What can be asked about shifts: opening, enrolling, signing in and out, confirming the hours."""

from marshmallow import fields, validate

from services.contracts.base import Change, Flag, Page, Schema, Whole, between, text
from services.contracts.claims.commands.volunteer import skills_wanted
from services.contracts.claims.volunteer_terms import ShiftStatus, Signing

MOST_SLOTS = 500
LONGEST_SHIFT_MINUTES = 24 * 60


class OpenShift(Schema):
    """`is_risky`: only who is insured on the day may enrol."""

    community_id = fields.UUID(required=True)
    item_id = fields.UUID(load_default=None, allow_none=True)
    title = text(most=100)
    place = text(most=100)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    slots = Whole(required=True, validate=between(1, MOST_SLOTS))
    skills = skills_wanted()
    is_risky = Flag(load_default=False)


class GetShift(Schema):
    shift_id = fields.UUID(required=True)


class ListShifts(Page):
    """Upcoming ones begin with the next, past ones with the last."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    item_id = fields.UUID(load_default=None, allow_none=True)
    status = fields.Enum(ShiftStatus, by_value=True, load_default=None, allow_none=True)
    is_past = Flag(load_default=False)


class ListOpenShifts(Page):
    """What everybody may see: shifts that still take volunteers, the next first."""

    community_id = fields.UUID(load_default=None, allow_none=True)


class EnrolVolunteer(Schema):
    """Takes a slot, or the last place of the waiting list when there is none."""

    shift_id = fields.UUID(required=True)
    volunteer_id = fields.UUID(required=True)


class WithdrawFromShift(Schema):
    shift_id = fields.UUID(required=True)
    volunteer_id = fields.UUID(required=True)


class CancelShift(Change):
    shift_id = fields.UUID(required=True)
    reason = text(most=200)


class SignInVolunteer(Schema):
    """At the desk, by the volunteer's code."""

    shift_id = fields.UUID(required=True)
    volunteer_code = text(most=40)


class SignOutVolunteer(SignInVolunteer): ...


class GetSignInToken(Schema):
    """What stands in the shift's QR code."""

    shift_id = fields.UUID(required=True)


class OpenSignIn(Schema):
    """What a volunteer sees behind the QR code."""

    token = text(most=300)


class SignByToken(Schema):
    token = text(most=300)
    volunteer_code = text(most=40)
    signing = fields.Enum(Signing, by_value=True, required=True)


class HoursCorrected(Schema):
    """Minutes of one volunteer as staff know them, instead of what the signatures say."""

    volunteer_id = fields.UUID(required=True)
    minutes = Whole(required=True, validate=between(0, LONGEST_SHIFT_MINUTES))


class ConfirmHours(Change):
    """Once for a shift; who signed in and never out needs a correction."""

    shift_id = fields.UUID(required=True)
    corrections = fields.List(
        fields.Nested(HoursCorrected), load_default=list, validate=validate.Length(max=MOST_SLOTS)
    )
