"""How the five parties of an item, and social organisations, are shown."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.volunteer_terms import (
    OrganisationLevel,
    OrganisationStatus,
    PartyKind,
    ServiceField,
)
from services.contracts.personal import Kind, Personal


class SocialOrganisationView(View):
    unit_id = fields.UUID()
    unit_name = fields.String()
    uscc = fields.String()
    community_ids = fields.List(fields.UUID())
    registration_number = fields.String()
    level = fields.Enum(OrganisationLevel, by_value=True)
    service_fields = fields.List(fields.Enum(ServiceField, by_value=True))
    stars = fields.Integer(allow_none=True)
    status = fields.Enum(OrganisationStatus, by_value=True)
    version = fields.Integer()


class SocialOrganisationPage(View):
    items = fields.List(fields.Nested(SocialOrganisationView))
    next = fields.String(allow_none=True)


class LinkedPartyView(View):
    """Either `party` or, for one volunteer, `volunteer_name` says who it is."""

    link_id = fields.UUID()
    kind = fields.Enum(PartyKind, by_value=True)
    party = fields.String()
    unit_id = fields.UUID(allow_none=True)
    volunteer_id = fields.UUID(allow_none=True)
    volunteer_name = Personal(Kind.NAME, allow_none=True)
    duty = fields.String()
    minutes = fields.Integer()
    money_fen = fields.Integer()
    linked_at = fields.AwareDateTime()
    possible_acts = fields.List(fields.String())


class LinkageView(View):
    """`kinds`: which of the five take part; `shift_*`: confirmed hours of the item's shifts.

    `minutes` counts what the links say and what the shifts confirmed.
    """

    item_id = fields.UUID()
    kinds = fields.List(fields.Enum(PartyKind, by_value=True))
    parties = fields.List(fields.Nested(LinkedPartyView))
    unit_names = fields.List(fields.String())
    shift_minutes = fields.Integer()
    shift_volunteers = fields.Integer()
    shifts = fields.Integer()
    minutes = fields.Integer()
    money_fen = fields.Integer()
    possible_acts = fields.List(fields.String())
