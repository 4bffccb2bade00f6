"""What the joint-building agreement is written from."""

from marshmallow import fields

from services.contracts.base import Schema


class GetClaimAgreement(Schema):
    """Of a claim that is confirmed, or further on."""

    item_id = fields.UUID(required=True)
    claim_id = fields.UUID(required=True)


class GetMembershipAgreement(Schema):
    """Of a unit as a member of the alliance, without any item."""

    unit_id = fields.UUID(required=True)
