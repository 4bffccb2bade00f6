"""The words of a joint-building agreement."""

from marshmallow import fields

from services.contracts.base import View


class AgreementView(View):
    """All as texts, by the names of `agreement_terms.PLACEHOLDERS`; empty where the agreement names nothing."""

    agreement_number = fields.String()
    claimed_on = fields.String()
    community_name = fields.String()
    due_on = fields.String()
    functions = fields.String()
    item_code = fields.String()
    item_description = fields.String()
    item_title = fields.String()
    joined_on = fields.String()
    made_on = fields.String()
    place = fields.String()
    quantity = fields.String()
    supporting_units = fields.String()
    unit_name = fields.String()
    uscc = fields.String()
