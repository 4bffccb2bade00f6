"""What can be asked of funds; money in whole fen, always more than nought.

Acts on one fund answer with the whole fund as it now is (`views.FundView`).
"""

from marshmallow import fields

from services.contracts.base import Change, Flag, Page, Schema, Whole, between, text
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundAccount,
    FundSource,
    FundStatus,
    PayeeKind,
    PayerKind,
    PaymentStatus,
)
from services.contracts.claims.terms import Category


def _amount() -> Whole:
    return Whole(required=True, validate=between(1, 10**12))


def _day() -> fields.Date:
    """The day a posting is dated; today when nobody says another one."""
    return fields.Date(load_default=None, allow_none=True)


class OpenFund(Schema):
    """`community_id` null is a fund of the whole city.

    A fund of held donations names the charity that holds them, its certificate and its filing (公募备案号).
    """

    fund_name = text(most=100)
    community_id = fields.UUID(load_default=None, allow_none=True)
    fund_source = fields.Enum(FundSource, by_value=True, required=True)
    purpose = text(most=500)
    category = fields.Enum(Category, by_value=True, load_default=None, allow_none=True)
    partner_name = text(most=100, required=False)
    partner_uscc = text(most=18, required=False)
    certificate_number = text(most=60, required=False)
    filing_number = text(most=60, required=False)


class FundStep(Change):
    fund_id = fields.UUID(required=True)


class CloseFund(FundStep): ...


class RecordConsent(FundStep):
    """A unit's written consent; without `unit_id` that of the donors through the charity that holds their money.

    `amount_fen` is what a unit agrees to give at most, `wording` the purpose that a change of it is agreed for.
    """

    kind = fields.Enum(ConsentKind, by_value=True, required=True)
    unit_id = fields.UUID(load_default=None, allow_none=True)
    reference = text(most=100)
    consented_on = fields.Date(required=True)
    amount_fen = Whole(load_default=None, allow_none=True, validate=between(1, 10**12))
    wording = text(most=500, required=False)


class ChangePurpose(FundStep):
    purpose = text(most=500)
    category = fields.Enum(Category, by_value=True, load_default=None, allow_none=True)
    reason = text(most=500)


class ReceiveMoney(FundStep):
    """`payer_name` names an office or an organisation; people who give are never named here."""

    amount_fen = _amount()
    receipt_number = text(most=60)
    payer_kind = fields.Enum(PayerKind, by_value=True, required=True)
    payer_unit_id = fields.UUID(load_default=None, allow_none=True)
    payer_name = text(most=100, required=False)
    is_payer_public = Flag(load_default=False)
    resolution_id = fields.UUID(load_default=None, allow_none=True)
    posted_on = _day()
    note = text(most=500, required=False)


class ReturnMoney(FundStep):
    """Money goes back to where it came from."""

    amount_fen = _amount()
    posted_on = _day()
    reason = text(most=500)


class EarmarkMoney(FundStep):
    item_id = fields.UUID(required=True)
    amount_fen = _amount()
    posted_on = _day()
    note = text(most=500, required=False)


class ReleaseEarmark(EarmarkMoney): ...


class ProposePayment(FundStep):
    """With `item_id` out of what is earmarked for that item, otherwise out of what is available.

    `is_payee_independent` declares that no donor has an interest in who is paid (Charity Law, Art. 40).
    """

    amount_fen = _amount()
    payee_kind = fields.Enum(PayeeKind, by_value=True, required=True)
    payee_unit_id = fields.UUID(load_default=None, allow_none=True)
    payee_name = text(most=100, required=False)
    purpose = text(most=300)
    voucher_number = text(most=60, required=False)
    item_id = fields.UUID(load_default=None, allow_none=True)
    is_payee_independent = Flag(load_default=False)
    posted_on = _day()


class PaymentStep(FundStep):
    payment_id = fields.UUID(required=True)
    posted_on = _day()


class ApprovePayment(PaymentStep): ...


class RejectPayment(PaymentStep):
    reason = text(most=500)


class RefundPayment(PaymentStep):
    """Who was paid gives back some of it, or all."""

    amount_fen = _amount()
    reason = text(most=500)


class ReversePosting(FundStep):
    posting_id = fields.UUID(required=True)
    posted_on = _day()
    reason = text(most=500)


class CloseMonth(FundStep):
    """`month_on` is any day of the month."""

    month_on = fields.Date(required=True)


class GetFund(Schema):
    fund_id = fields.UUID(required=True)


class FundFilter(Schema):
    community_id = fields.UUID(load_default=None, allow_none=True)
    fund_source = fields.Enum(FundSource, by_value=True, load_default=None, allow_none=True)
    status = fields.Enum(FundStatus, by_value=True, load_default=None, allow_none=True)


class ListFunds(FundFilter, Page):
    """Newest first; balances are public, so everybody may ask."""


class CountFunds(FundFilter):
    """The balances of many funds together, by their source."""


class GetPublicFund(GetFund):
    """What anybody may know of a fund."""


class ListPostings(Page):
    """The ledger of one fund, newest first; with `account` only what moved that account."""

    fund_id = fields.UUID(required=True)
    from_on = fields.Date(load_default=None, allow_none=True)
    to_on = fields.Date(load_default=None, allow_none=True)
    account = fields.Enum(FundAccount, by_value=True, load_default=None, allow_none=True)


class ExportPostings(ListPostings):
    """The same ledger as rows of a sheet, in larger pages."""

    limit = Whole(load_default=500, validate=between(1, 1000))


class ListPayments(Page):
    fund_id = fields.UUID(required=True)
    status = fields.Enum(PaymentStatus, by_value=True, load_default=None, allow_none=True)


class ListPublicPayments(Page):
    """What a fund paid, newest first, for everybody."""

    fund_id = fields.UUID(required=True)
