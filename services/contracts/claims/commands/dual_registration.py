"""What communities, and units for their own part, can ask about dual registration (双报到)."""

from marshmallow import fields

from services.contracts.base import Change, Flag, Page, Schema, Whole, between, text
from services.contracts.claims.commands.volunteer import skills_wanted
from services.contracts.claims.dual_registration_terms import (
    EvaluationGrade,
    RegistrationKind,
    RegistrationStatus,
)
from services.contracts.personal import Kind, marked


class OpenDualRegistration(Schema):
    """`organisation_title` is the party organisation's; `headcount` its members. A member has a name instead.

    The name is kept sealed and shown masked; no number of any document is taken.
    """

    community_id = fields.UUID(required=True)
    unit_id = fields.UUID(required=True)
    kind = fields.Enum(RegistrationKind, by_value=True, required=True)
    organisation_title = text(most=100)
    headcount = Whole(load_default=0, validate=between(0, 100_000))
    member_name = text(most=50, required=False, metadata=marked(Kind.NAME))
    skills = skills_wanted()
    reported_on = fields.Date(required=True)


class GetDualRegistration(Schema):
    registration_id = fields.UUID(required=True)


class DualRegistrationFilter(Schema):
    community_id = fields.UUID(load_default=None, allow_none=True)
    unit_id = fields.UUID(load_default=None, allow_none=True)
    kind = fields.Enum(RegistrationKind, by_value=True, load_default=None, allow_none=True)
    status = fields.Enum(RegistrationStatus, by_value=True, load_default=None, allow_none=True)
    unevaluated_in = Whole(load_default=None, allow_none=True, validate=between(2000, 2100))


class ListDualRegistrations(DualRegistrationFilter, Page):
    """The newest first; `unevaluated_in`: those that are still without their evaluation of that year."""


class ExportDualRegistrations(DualRegistrationFilter, Page):
    """报到一览表: the same records as rows of a sheet, in larger pages."""

    limit = Whole(load_default=500, validate=between(1, 1000))


class DualRegistrationChange(Change):
    registration_id = fields.UUID(required=True)


class EndDualRegistration(DualRegistrationChange):
    reason = text(most=200)
    is_anonymised = Flag(load_default=False)


class RecordDualService(DualRegistrationChange):
    """One service: for a task of the community, an item, a shift, or in free words; at most a day long."""

    task_id = fields.UUID(load_default=None, allow_none=True)
    item_id = fields.UUID(load_default=None, allow_none=True)
    shift_id = fields.UUID(load_default=None, allow_none=True)
    title = text(most=100, required=False)
    served_on = fields.Date(required=True)
    minutes = Whole(required=True, validate=between(1, 1440))
    people = Whole(load_default=1, validate=between(1, 10_000))


class WithdrawDualService(DualRegistrationChange):
    service_id = fields.UUID(required=True)
    reason = text(most=200)


class EvaluateDualRegistration(DualRegistrationChange):
    """The yearly evaluation (评议); said once a year, and told to the unit."""

    year = Whole(required=True, validate=between(2000, 2100))
    grade = fields.Enum(EvaluationGrade, by_value=True, required=True)
    comment = text(most=500)


class IntroduceTask(Schema):
    """What the community asks of those who reported (社区派发清单)."""

    community_id = fields.UUID(required=True)
    title = text(most=100)
    description = text(most=1000, required=False)
    people = Whole(required=True, validate=between(1, 10_000))
    until_on = fields.Date(required=True)


class CloseTask(Change):
    task_id = fields.UUID(required=True)
    reason = text(most=200)


class ListTasks(Page):
    community_id = fields.UUID(load_default=None, allow_none=True)
    is_open = Flag(load_default=None, allow_none=True)
