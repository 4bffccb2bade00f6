"""Items expire, are closed short, withdrawn, or done another way; purchases of services."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(40)


def upgrade() -> None:
    _items()
    _purchases()


def _items() -> None:
    op.add_column("items", sa.Column("resolution_id", sa.Uuid))
    op.add_column("items", sa.Column("plan_reference", sa.Text, nullable=False, server_default=""))
    op.add_column("items", sa.Column("expired_at", MOMENT))
    op.add_column("items", sa.Column("unclaimed_quantity", sa.Integer, nullable=False, server_default="0"))
    op.add_column("items", sa.Column("withdrawn_at", MOMENT))
    op.add_column("items", sa.Column("withdrawn_reason", sa.Text, nullable=False, server_default=""))
    op.add_column("items", sa.Column("way", WORD))
    op.add_column("items", sa.Column("purchase_id", sa.Uuid))
    op.add_column("items", sa.Column("fund_id", sa.Uuid))
    op.add_column("items", sa.Column("doer_unit_id", sa.Uuid, sa.ForeignKey("units.unit_id")))
    op.create_index(
        "items_by_claim_end", "items", ["claim_until_on"], postgresql_where=sa.text("status = 'published'")
    )


def _purchases() -> None:
    op.create_table(
        "purchases",
        sa.Column("purchase_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False),
        sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("buyer_name", sa.Text, nullable=False),
        sa.Column("buyer_kind", WORD, nullable=False),
        sa.Column("method", WORD, nullable=False),
        sa.Column("method_reason", sa.Text, nullable=False),
        sa.Column("budget_fen", sa.BigInteger, nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("status", WORD, nullable=False),
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
    )
    op.create_index("purchases_by_community", "purchases", ["community_id", "purchase_id"])
    op.create_index("purchases_by_status", "purchases", ["status", "purchase_id"])
    op.create_index("purchases_by_supplier", "purchases", ["supplier_unit_id", "purchase_id"])
    op.create_index(
        "purchases_one_at_a_time",
        "purchases",
        ["item_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'terminated'"),
    )
    op.create_index(
        "purchases_signed", "purchases", ["purchase_id"], postgresql_where=sa.text("contract_fen > 0")
    )
    op.create_table(
        "purchase_offers",
        sa.Column("offer_id", sa.Uuid, primary_key=True),
        sa.Column("purchase_id", sa.Uuid, sa.ForeignKey("purchases.purchase_id"), nullable=False),
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
        sa.Column("supplier_kind", WORD, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("marks", sa.Numeric(5, 2), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.UniqueConstraint("purchase_id", "unit_id", name="purchase_offers_unit_once"),
        sa.CheckConstraint("amount_fen > 0", name="purchase_offers_of_something"),
        sa.CheckConstraint("marks BETWEEN 0 AND 100", name="purchase_offers_marks"),
    )
    op.create_table(
        "purchase_instalments",
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


def downgrade() -> None:
    for table in ("purchase_instalments", "purchase_offers", "purchases"):
        op.drop_table(table)
    op.drop_index("items_by_claim_end", "items")
    for column in (
        "doer_unit_id",
        "fund_id",
        "purchase_id",
        "way",
        "withdrawn_reason",
        "withdrawn_at",
        "unclaimed_quantity",
        "expired_at",
        "plan_reference",
        "resolution_id",
    ):
        op.drop_column("items", column)
