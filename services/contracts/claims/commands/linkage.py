"""What can be asked about the five parties of an item, and about social organisations."""

from marshmallow import fields, validate

from services.contracts.base import Change, Page, Schema, Whole, between, text
from services.contracts.claims.volunteer_terms import (
    OrganisationLevel,
    OrganisationStatus,
    PartyKind,
    ServiceField,
)


class OrganisationFields(Schema):
    """`stars`: the level of its last public assessment (社会组织评估等级), 1 to 5."""

    registration_number = text(most=50)
    level = fields.Enum(OrganisationLevel, by_value=True, required=True)
    service_fields = fields.List(
        fields.Enum(ServiceField, by_value=True),
        required=True,
        validate=validate.Length(1, len(ServiceField), error="至少选择一个服务领域。"),
    )
    stars = Whole(load_default=None, allow_none=True, validate=between(1, 5))


class RegisterSocialOrganisation(OrganisationFields):
    unit_id = fields.UUID(required=True)


class ChangeSocialOrganisation(OrganisationFields, Change):
    unit_id = fields.UUID(required=True)
    status = fields.Enum(OrganisationStatus, by_value=True, required=True)


class GetSocialOrganisation(Schema):
    unit_id = fields.UUID(required=True)


class ListSocialOrganisations(Page):
    q = text(most=50, required=False)
    community_id = fields.UUID(load_default=None, allow_none=True)
    level = fields.Enum(OrganisationLevel, by_value=True, load_default=None, allow_none=True)
    service_field = fields.Enum(ServiceField, by_value=True, load_default=None, allow_none=True)
    status = fields.Enum(OrganisationStatus, by_value=True, load_default=None, allow_none=True)


class LinkParty(Schema):
    """`party` is what the party is called where no record says it: a team, a station, a resource.

    A social organisation is named by `unit_id`, a single volunteer by `volunteer_id`; money in fen.
    """

    item_id = fields.UUID(required=True)
    kind = fields.Enum(PartyKind, by_value=True, required=True)
    party = text(most=100, required=False)
    unit_id = fields.UUID(load_default=None, allow_none=True)
    volunteer_id = fields.UUID(load_default=None, allow_none=True)
    duty = text(most=200)
    minutes = Whole(load_default=0, validate=between(0, 10_000_000))
    money_fen = Whole(load_default=0, validate=between(0, 10**12))


class UnlinkParty(Schema):
    item_id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    reason = text(most=200)


class GetLinkage(Schema):
    item_id = fields.UUID(required=True)
