"""What can be asked about purchases of services; acts answer with the whole purchase."""

from marshmallow import fields, validate

from services.contracts.base import Change, Flag, Page, Schema, Whole, between, text
from services.contracts.claims.purchase_terms import PurchaseMethod, PurchaseParty, PurchaseStatus

MOST_FEN = 10**12
MOST_MILESTONES = 20


class PlanPurchase(Schema):
    """Of an item; the money for it has been earmarked in the fund before."""

    item_id = fields.UUID(required=True)
    fund_id = fields.UUID(required=True)
    content = text(most=2000)
    buyer_name = text(most=100)
    buyer_kind = fields.Enum(PurchaseParty, by_value=True, required=True)
    method = fields.Enum(PurchaseMethod, by_value=True, required=True)
    method_reason = text(most=500, required=False)
    budget_fen = Whole(required=True, validate=between(1, MOST_FEN))


class RecordOffer(Change):
    """`marks`: of 100, by those who judged the offers."""

    purchase_id = fields.UUID(required=True)
    unit_id = fields.UUID(required=True)
    supplier_kind = fields.Enum(PurchaseParty, by_value=True, required=True)
    amount_fen = Whole(required=True, validate=between(1, MOST_FEN))
    marks = fields.Decimal(places=2, required=True, validate=between(0, 100), as_string=True)
    note = text(most=500, required=False)


class ChooseSupplier(Change):
    purchase_id = fields.UUID(required=True)
    offer_id = fields.UUID(required=True)
    reason = text(most=500)


class ContractMilestone(Schema):
    """A step of the work, its day, and what is paid once it is passed (may be nothing)."""

    title = text(most=100)
    due_on = fields.Date(required=True)
    amount_fen = Whole(required=True, validate=between(0, MOST_FEN))


class SignContract(Change):
    """The instalments and the holdback (`holdback_percent` of the sum, rounded up) make up the whole sum."""

    purchase_id = fields.UUID(required=True)
    contract_number = text(most=60)
    amount_fen = Whole(required=True, validate=between(1, MOST_FEN))
    from_on = fields.Date(required=True)
    to_on = fields.Date(required=True)
    long_term_reason = text(most=500, required=False)
    # Our own bounds: something must be kept for the assessment to weigh, and work must not starve.
    holdback_percent = Whole(required=True, validate=between(5, 50))
    milestones = fields.List(
        fields.Nested(ContractMilestone),
        required=True,
        validate=validate.Length(1, MOST_MILESTONES, error="应有 {min} 至 {max} 个节点。"),
    )


class ReportPurchaseMilestone(Schema):
    purchase_id = fields.UUID(required=True)
    number = Whole(required=True, validate=between(1, MOST_MILESTONES))
    report = text(most=2000)


class CheckPurchaseMilestone(Schema):
    purchase_id = fields.UUID(required=True)
    number = Whole(required=True, validate=between(1, MOST_MILESTONES))
    is_passed = Flag(required=True)
    note = text(most=500, required=False)


class AcceptPurchase(Change):
    purchase_id = fields.UUID(required=True)
    note = text(most=500, required=False)


class PayInstalment(Change):
    """`is_payee_independent`: declared where the fund's money was given (Charity Law, Art. 40)."""

    purchase_id = fields.UUID(required=True)
    number = Whole(required=True, validate=between(1, MOST_MILESTONES + 1))
    is_payee_independent = Flag(load_default=False)


class ClosePurchase(Change):
    purchase_id = fields.UUID(required=True)


class TerminatePurchase(Change):
    purchase_id = fields.UUID(required=True)
    reason = text(most=500)


class GetPurchase(Schema):
    purchase_id = fields.UUID(required=True)


class ListPurchases(Page):
    community_id = fields.UUID(load_default=None, allow_none=True)
    item_id = fields.UUID(load_default=None, allow_none=True)
    status = fields.Enum(PurchaseStatus, by_value=True, load_default=None, allow_none=True)


class ListContracts(Page):
    """What everybody may know: signed contracts."""

    community_id = fields.UUID(load_default=None, allow_none=True)
