"""Funds with their balances, the ledger that nobody changes, payments, consents and closed months.

The row lock of a fund keeps its postings in turn; the constraints are the net below it:
a posting's entries add up to nought, postings and entries are never changed, no balance is negative.
"""

import sqlalchemy as sa

from services.claims.storage.tables.base import MOMENT, metadata, term
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

BALANCED = "income_fen + available_fen + earmarked_fen + committed_fen + spent_fen = 0"
NOT_NEGATIVE = "income_fen <= 0 AND least(available_fen, earmarked_fen, committed_fen, spent_fen) >= 0"


def _balances() -> list[sa.Column[int]]:
    return [sa.Column(f"{account.value}_fen", sa.BigInteger, nullable=False) for account in FundAccount]


funds = sa.Table(
    "funds",
    metadata,
    sa.Column("fund_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id")),
    sa.Column("fund_name", sa.Text, nullable=False),
    sa.Column("fund_source", term(FundSource), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("category", term(Category)),
    sa.Column("partner_name", sa.Text, nullable=False),
    sa.Column("partner_uscc", sa.String(18), nullable=False),
    sa.Column("certificate_number", sa.Text, nullable=False),
    sa.Column("filing_number", sa.Text, nullable=False),
    sa.Column("status", term(FundStatus), nullable=False),
    sa.Column("opened_at", MOMENT, nullable=False),
    sa.Column("opened_on", sa.Date, nullable=False),
    sa.Column("closed_through_on", sa.Date),
    sa.Column("last_number", sa.Integer, nullable=False),
    *_balances(),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint(BALANCED, name="funds_balanced"),
    sa.CheckConstraint(NOT_NEGATIVE, name="funds_never_negative"),
    sa.Index("funds_by_community", "community_id", "fund_id"),
    sa.Index("funds_by_source", "fund_source", "fund_id"),
    sa.Index("funds_by_status", "status", "fund_id"),
)

fund_earmarks = sa.Table(
    "fund_earmarks",
    metadata,
    sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), primary_key=True),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.CheckConstraint("amount_fen >= 0", name="fund_earmarks_never_negative"),
    sa.Index("fund_earmarks_by_item", "item_id"),
)

fund_consents = sa.Table(
    "fund_consents",
    metadata,
    sa.Column("consent_id", sa.Uuid, primary_key=True),
    sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), nullable=False, index=True),
    sa.Column("kind", term(ConsentKind), nullable=False),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id")),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("consented_on", sa.Date, nullable=False),
    sa.Column("amount_fen", sa.BigInteger),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.Column("recorded_by_id", sa.Text, nullable=False),
)

fund_months = sa.Table(
    "fund_months",
    metadata,
    sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), primary_key=True),
    sa.Column("month_on", sa.Date, primary_key=True),
    sa.Column("received_fen", sa.BigInteger, nullable=False),
    sa.Column("spent_fen", sa.BigInteger, nullable=False),
    sa.Column("balance_fen", sa.BigInteger, nullable=False),
    sa.Column("closed_at", MOMENT, nullable=False),
    sa.Column("closed_by_id", sa.Text, nullable=False),
)

fund_payments = sa.Table(
    "fund_payments",
    metadata,
    sa.Column("payment_id", sa.Uuid, primary_key=True),
    sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), nullable=False),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.Column("refunded_fen", sa.BigInteger, nullable=False),
    sa.Column("payee_kind", term(PayeeKind), nullable=False),
    sa.Column("payee_unit_id", sa.Uuid, sa.ForeignKey("units.unit_id")),
    sa.Column("payee_name", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("voucher_number", sa.Text, nullable=False),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id")),
    sa.Column("is_payee_independent", sa.Boolean, nullable=False),
    sa.Column("status", term(PaymentStatus), nullable=False),
    sa.Column("proposed_by_id", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", MOMENT, nullable=False),
    sa.Column("decided_by_id", sa.Text),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", MOMENT),
    sa.Column("paid_on", sa.Date),
    sa.Column("rejection_reason", sa.Text, nullable=False),
    sa.CheckConstraint("amount_fen > 0 AND refunded_fen BETWEEN 0 AND amount_fen", name="fund_payments_sums"),
    sa.CheckConstraint(
        "status <> 'paid' OR (decided_by_id IS NOT NULL AND decided_by_id <> proposed_by_id)",
        name="fund_payments_four_eyes",
    ),
    sa.Index("fund_payments_of_fund", "fund_id", "payment_id"),
    sa.Index("fund_payments_by_status", "fund_id", "status", "payment_id"),
)

fund_postings = sa.Table(
    "fund_postings",
    metadata,
    sa.Column("posting_id", sa.Uuid, primary_key=True),
    sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", term(PostingKind), nullable=False),
    sa.Column("posted_on", sa.Date, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.Column("recorded_by_id", sa.Text, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    *_balances(),
    sa.Column("payment_id", sa.Uuid, sa.ForeignKey("fund_payments.payment_id")),
    sa.Column("reverses_id", sa.Uuid, sa.ForeignKey("fund_postings.posting_id")),
    sa.Column("receipt_number", sa.Text, nullable=False),
    sa.Column("payer_kind", term(PayerKind)),
    sa.Column("payer_unit_id", sa.Uuid, sa.ForeignKey("units.unit_id")),
    sa.Column("payer_name", sa.Text, nullable=False),
    sa.Column("is_payer_public", sa.Boolean, nullable=False),
    sa.Column("resolution_id", sa.Uuid),
    sa.UniqueConstraint("fund_id", "number", name="fund_postings_number_once"),
    sa.UniqueConstraint("reverses_id", name="fund_postings_reversed_once"),
    sa.CheckConstraint("amount_fen > 0", name="fund_postings_of_something"),
    sa.CheckConstraint(BALANCED, name="fund_postings_balanced"),
    sa.CheckConstraint(NOT_NEGATIVE, name="fund_postings_never_negative"),
    sa.Index("fund_postings_by_day", "fund_id", "posted_on"),
    sa.Index("fund_postings_by_receipt", "fund_id", "receipt_number"),
    sa.Index("fund_postings_by_payment", "payment_id"),
)

fund_entries = sa.Table(
    "fund_entries",
    metadata,
    sa.Column("posting_id", sa.Uuid, sa.ForeignKey("fund_postings.posting_id"), primary_key=True),
    sa.Column("position", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("account", term(FundAccount), nullable=False),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id")),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.CheckConstraint("amount_fen <> 0", name="fund_entries_of_something"),
    sa.CheckConstraint("item_id IS NULL OR account = 'earmarked'", name="fund_entries_item"),
)
