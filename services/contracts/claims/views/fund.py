"""What funds show; all money in fen."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundAccount,
    FundSource,
    FundStatus,
    PayeeKind,
    PayerKind,
    PaymentStatus,
    PostingKind,
)
from services.contracts.claims.terms import Category
from services.contracts.claims.views.item import HistoryEntry


class BalancesView(View):
    """`received_fen` is all that came in and was not returned: the sum of the four others."""

    received_fen = fields.Integer()
    available_fen = fields.Integer()
    earmarked_fen = fields.Integer()
    committed_fen = fields.Integer()
    spent_fen = fields.Integer()


class FundRow(BalancesView):
    """A fund as lists show it; all of it is public."""

    fund_id = fields.UUID()
    fund_name = fields.String()
    community_id = fields.UUID(allow_none=True)
    community_name = fields.String()
    fund_source = fields.Enum(FundSource, by_value=True)
    purpose = fields.String()
    category = fields.Enum(Category, by_value=True, allow_none=True)
    status = fields.Enum(FundStatus, by_value=True)
    partner_name = fields.String()
    certificate_number = fields.String()
    filing_number = fields.String()
    closed_through_on = fields.Date(allow_none=True)
    version = fields.Integer()


class FundPage(View):
    items = fields.List(fields.Nested(FundRow))
    next = fields.String(allow_none=True)


class SourceSums(BalancesView):
    fund_source = fields.Enum(FundSource, by_value=True)
    funds = fields.Integer()


class FundSums(View):
    total = fields.Integer()
    by_source = fields.List(fields.Nested(SourceSums))


class EarmarkView(View):
    item_id = fields.UUID()
    item_code = fields.String()
    item_title = fields.String()
    amount_fen = fields.Integer()


class ConsentView(View):
    consent_id = fields.UUID()
    kind = fields.Enum(ConsentKind, by_value=True)
    unit_id = fields.UUID(allow_none=True)
    unit_name = fields.String()
    reference = fields.String()
    consented_on = fields.Date()
    amount_fen = fields.Integer(allow_none=True)
    wording = fields.String()


class MonthView(View):
    month_on = fields.Date()
    received_fen = fields.Integer()
    spent_fen = fields.Integer()
    balance_fen = fields.Integer()
    closed_at = fields.AwareDateTime()


class FundView(FundRow):
    """A fund whole, for those who work with it."""

    partner_uscc = fields.String()
    opened_at = fields.AwareDateTime()
    earmarks = fields.List(fields.Nested(EarmarkView))
    consents = fields.List(fields.Nested(ConsentView))
    months = fields.List(fields.Nested(MonthView))
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())


class PublicFundView(FundRow):
    opened_at = fields.AwareDateTime()
    months = fields.List(fields.Nested(MonthView))


class EntryView(View):
    account = fields.Enum(FundAccount, by_value=True)
    item_id = fields.UUID(allow_none=True)
    amount_fen = fields.Integer()


class PostingView(BalancesView):
    """One line of the ledger with the balances after it."""

    posting_id = fields.UUID()
    number = fields.Integer()
    kind = fields.Enum(PostingKind, by_value=True)
    posted_on = fields.Date()
    recorded_at = fields.AwareDateTime()
    recorded_by = fields.String()
    summary = fields.String()
    amount_fen = fields.Integer()
    entries = fields.List(fields.Nested(EntryView))
    receipt_number = fields.String()
    payer_kind = fields.Enum(PayerKind, by_value=True, allow_none=True)
    payer_name = fields.String()
    payment_id = fields.UUID(allow_none=True)
    reverses_id = fields.UUID(allow_none=True)
    reversed_by_id = fields.UUID(allow_none=True)
    possible_acts = fields.List(fields.String())


class PostingPage(View):
    items = fields.List(fields.Nested(PostingView))
    next = fields.String(allow_none=True)


class LedgerSheetPage(View):
    """Rows of the ledger's sheet: column name -> text."""

    items = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
    next = fields.String(allow_none=True)


class PublicPaymentView(View):
    payment_id = fields.UUID()
    amount_fen = fields.Integer()
    refunded_fen = fields.Integer()
    payee_kind = fields.Enum(PayeeKind, by_value=True)
    payee_name = fields.String()
    purpose = fields.String()
    item_id = fields.UUID(allow_none=True)
    paid_on = fields.Date(allow_none=True)


class PublicPaymentPage(View):
    items = fields.List(fields.Nested(PublicPaymentView))
    next = fields.String(allow_none=True)


class PaymentView(PublicPaymentView):
    status = fields.Enum(PaymentStatus, by_value=True)
    voucher_number = fields.String()
    is_payee_independent = fields.Boolean()
    proposed_by = fields.String()
    proposed_at = fields.AwareDateTime()
    decided_by = fields.String()
    decided_at = fields.AwareDateTime(allow_none=True)
    rejection_reason = fields.String()
    possible_acts = fields.List(fields.String())


class PaymentPage(View):
    items = fields.List(fields.Nested(PaymentView))
    next = fields.String(allow_none=True)
