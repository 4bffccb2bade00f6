"""How purchases of services are shown."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.purchase_terms import (
    InstalmentStatus,
    PurchaseMethod,
    PurchaseParty,
    PurchaseStatus,
)
from services.contracts.claims.views.item import HistoryEntry


class OfferView(View):
    offer_id = fields.UUID()
    unit_id = fields.UUID()
    unit_name = fields.String()
    supplier_kind = fields.Enum(PurchaseParty, by_value=True)
    amount_fen = fields.Integer()
    marks = fields.Decimal(as_string=True)
    note = fields.String()
    is_chosen = fields.Boolean()


class InstalmentView(View):
    """`due_on` is null for the holdback; `payment_id` is the fund's, null until it was asked for."""

    number = fields.Integer()
    title = fields.String()
    amount_fen = fields.Integer()
    is_holdback = fields.Boolean()
    due_on = fields.Date(allow_none=True)
    status = fields.Enum(InstalmentStatus, by_value=True)
    report = fields.String()
    reported_at = fields.AwareDateTime(allow_none=True)
    check_note = fields.String()
    passed_at = fields.AwareDateTime(allow_none=True)
    payment_id = fields.UUID(allow_none=True)


class PurchaseRow(View):
    """A purchase as lists show it; the contract's fields are null until it is signed."""

    purchase_id = fields.UUID()
    code = fields.String()
    title = fields.String()
    community_id = fields.UUID()
    community_name = fields.String()
    item_id = fields.UUID()
    status = fields.Enum(PurchaseStatus, by_value=True)
    method = fields.Enum(PurchaseMethod, by_value=True)
    buyer_name = fields.String()
    supplier_name = fields.String()
    budget_fen = fields.Integer()
    contract_fen = fields.Integer(allow_none=True)
    paid_fen = fields.Integer()
    from_on = fields.Date(allow_none=True)
    to_on = fields.Date(allow_none=True)
    version = fields.Integer()


class PurchasePage(View):
    items = fields.List(fields.Nested(PurchaseRow))
    next = fields.String(allow_none=True)


class ContractRow(View):
    """What everybody may know of a contract: who does what for whom, for how much, and how far it is."""

    purchase_id = fields.UUID()
    item_id = fields.UUID()
    title = fields.String()
    community_name = fields.String()
    status = fields.Enum(PurchaseStatus, by_value=True)
    method = fields.Enum(PurchaseMethod, by_value=True)
    buyer_name = fields.String()
    supplier_name = fields.String()
    contract_fen = fields.Integer()
    paid_fen = fields.Integer()
    from_on = fields.Date()
    to_on = fields.Date()


class ContractPage(View):
    items = fields.List(fields.Nested(ContractRow))
    next = fields.String(allow_none=True)


class PurchaseView(PurchaseRow):
    """A purchase whole; `why_held` says why the last part of the money has to wait."""

    fund_id = fields.UUID()
    content = fields.String()
    buyer_kind = fields.Enum(PurchaseParty, by_value=True)
    method_reason = fields.String()
    planned_at = fields.AwareDateTime()
    offers = fields.List(fields.Nested(OfferView))
    offers_missing = fields.Integer()
    supplier_unit_id = fields.UUID(allow_none=True)
    choice_reason = fields.String()
    contract_number = fields.String()
    long_term_reason = fields.String()
    holdback_percent = fields.Integer(allow_none=True)
    signed_at = fields.AwareDateTime(allow_none=True)
    instalments = fields.List(fields.Nested(InstalmentView))
    asked_fen = fields.Integer()
    accepted_at = fields.AwareDateTime(allow_none=True)
    acceptance_note = fields.String()
    hold_reason = fields.String()
    why_held = fields.String()
    ended_at = fields.AwareDateTime(allow_none=True)
    termination_reason = fields.String()
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())
