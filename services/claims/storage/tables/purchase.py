"""Purchases of services with their offers and instalments.

Row locks keep acts in turn; the constraints are the net below: no contract above its budget, one running
purchase per item, one payment per instalment.
"""

import sqlalchemy as sa

from services.claims.storage.tables.base import MOMENT, POINTS, metadata, term
from services.contracts.claims.purchase_terms import PurchaseMethod, PurchaseParty, PurchaseStatus

purchases = sa.Table(
    "purchases",
    metadata,
    sa.Column("purchase_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False),
    sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("buyer_name", sa.Text, nullable=False),
    sa.Column("buyer_kind", term(PurchaseParty), nullable=False),
    sa.Column("method", term(PurchaseMethod), nullable=False),
    sa.Column("method_reason", sa.Text, nullable=False),
    sa.Column("budget_fen", sa.BigInteger, nullable=False),
    sa.Column("planned_at", MOMENT, nullable=False),
    sa.Column("status", term(PurchaseStatus), nullable=False),
    sa.Column("chosen_offer_id", sa.Uuid),
    sa.Column("supplier_unit_id", sa.Uuid, sa.ForeignKey("units.unit_id")),
    sa.Column("choice_reason", sa.Text, nullable=False),
    sa.Column("contract_number", sa.Text, nullable=False),
    sa.Column("contract_fen", sa.BigInteger),
    sa.Column("from_on", sa.Date),
    sa.Column("to_on", sa.Date),
    sa.Column("long_term_reason", sa.Text, nullable=False),
    sa.Column("holdback_percent", sa.SmallInteger),
    sa.Column("signed_at", MOMENT),
    sa.Column("accepted_at", MOMENT),
    sa.Column("acceptance_note", sa.Text, nullable=False),
    sa.Column("hold_reason", sa.Text, nullable=False),
    sa.Column("ended_at", MOMENT),
    sa.Column("termination_reason", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("code", name="purchases_code_once"),
    sa.CheckConstraint("contract_fen BETWEEN 1 AND budget_fen", name="purchases_within_budget"),
    sa.CheckConstraint("from_on <= to_on", name="purchases_days"),
    sa.Index("purchases_by_community", "community_id", "purchase_id"),
    sa.Index("purchases_by_status", "status", "purchase_id"),
    sa.Index("purchases_by_supplier", "supplier_unit_id", "purchase_id"),
    sa.Index(
        "purchases_one_at_a_time",
        "item_id",
        unique=True,
        postgresql_where=sa.text("status <> 'terminated'"),
    ),
    sa.Index("purchases_signed", "purchase_id", postgresql_where=sa.text("contract_fen > 0")),
)

purchase_offers = sa.Table(
    "purchase_offers",
    metadata,
    sa.Column("offer_id", sa.Uuid, primary_key=True),
    sa.Column("purchase_id", sa.Uuid, sa.ForeignKey("purchases.purchase_id"), nullable=False),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
    sa.Column("supplier_kind", term(PurchaseParty), nullable=False),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.Column("marks", POINTS, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.UniqueConstraint("purchase_id", "unit_id", name="purchase_offers_unit_once"),
    sa.CheckConstraint("amount_fen > 0", name="purchase_offers_of_something"),
    sa.CheckConstraint("marks BETWEEN 0 AND 100", name="purchase_offers_marks"),
)

purchase_instalments = sa.Table(
    "purchase_instalments",
    metadata,
    sa.Column("purchase_id", sa.Uuid, sa.ForeignKey("purchases.purchase_id"), primary_key=True),
    sa.Column("number", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.Column("is_holdback", sa.Boolean, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("report", sa.Text, nullable=False),
    sa.Column("reported_at", MOMENT),
    sa.Column("check_note", sa.Text, nullable=False),
    sa.Column("passed_at", MOMENT),
    sa.Column("payment_id", sa.Uuid, sa.ForeignKey("fund_payments.payment_id")),
    sa.UniqueConstraint("payment_id", name="purchase_instalments_payment_once"),
    sa.CheckConstraint("amount_fen >= 0", name="purchase_instalments_amount"),
)
