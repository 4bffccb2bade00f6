"""Funds: their ledger, which nobody changes, payments, consents and closed months."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(40)
ACCOUNTS = ("income", "available", "earmarked", "committed", "spent")
BALANCED = "income_fen + available_fen + earmarked_fen + committed_fen + spent_fen = 0"
NOT_NEGATIVE = "income_fen <= 0 AND least(available_fen, earmarked_fen, committed_fen, spent_fen) >= 0"

# TRUNCATE is left to whoever empties a whole database; no statement of the service ever does.
REFUSING = """
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$
"""
GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
"""
# Each posting carries on where the one before it ended; together with the form of its entries that
# proves every balance from the first posting on.
PROVING = """
CREATE FUNCTION prove_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ours fund_postings;
    before fund_postings;
    entries record;
BEGIN
    SELECT * INTO ours FROM fund_postings WHERE posting_id = NEW.posting_id;
    SELECT * INTO before FROM fund_postings WHERE fund_id = ours.fund_id AND number = ours.number - 1;
    SELECT count(*) AS count, coalesce(sum(amount_fen), 0) AS total,
           coalesce(sum(amount_fen) FILTER (WHERE account = 'income'), 0) AS income,
           coalesce(sum(amount_fen) FILTER (WHERE account = 'available'), 0) AS available,
           coalesce(sum(amount_fen) FILTER (WHERE account = 'earmarked'), 0) AS earmarked,
           coalesce(sum(amount_fen) FILTER (WHERE account = 'committed'), 0) AS committed,
           coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0) AS spent
      INTO entries FROM fund_entries WHERE posting_id = NEW.posting_id;
    IF entries.count < 2 OR entries.total <> 0
        OR (ours.number > 1 AND before.posting_id IS NULL)
        OR ours.income_fen <> coalesce(before.income_fen, 0) + entries.income
        OR ours.available_fen <> coalesce(before.available_fen, 0) + entries.available
        OR ours.earmarked_fen <> coalesce(before.earmarked_fen, 0) + entries.earmarked
        OR ours.committed_fen <> coalesce(before.committed_fen, 0) + entries.committed
        OR ours.spent_fen <> coalesce(before.spent_fen, 0) + entries.spent
    THEN
        RAISE EXCEPTION 'posting % does not balance', NEW.posting_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$
"""
PROOF = """
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION prove_posting()
"""
LEDGER = ("fund_postings", "fund_entries")


def _balances() -> list[sa.Column[int]]:
    return [sa.Column(f"{account}_fen", sa.BigInteger, nullable=False) for account in ACCOUNTS]


def upgrade() -> None:
    op.create_table(
        "funds",
        sa.Column("fund_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id")),
        sa.Column("fund_name", sa.Text, nullable=False),
        sa.Column("fund_source", WORD, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("category", WORD),
        sa.Column("partner_name", sa.Text, nullable=False),
        sa.Column("partner_uscc", sa.String(18), nullable=False),
        sa.Column("certificate_number", sa.Text, nullable=False),
        sa.Column("filing_number", sa.Text, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closed_through_on", sa.Date),
        sa.Column("last_number", sa.Integer, nullable=False),
        *_balances(),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(BALANCED, name="funds_balanced"),
        sa.CheckConstraint(NOT_NEGATIVE, name="funds_never_negative"),
    )
    op.create_index("funds_by_community", "funds", ["community_id", "fund_id"])
    op.create_index("funds_by_source", "funds", ["fund_source", "fund_id"])
    op.create_index("funds_by_status", "funds", ["status", "fund_id"])
    op.create_table(
        "fund_earmarks",
        sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), primary_key=True),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name="fund_earmarks_never_negative"),
    )
    op.create_index("fund_earmarks_by_item", "fund_earmarks", ["item_id"])
    op.create_table(
        "fund_consents",
        sa.Column("consent_id", sa.Uuid, primary_key=True),
        sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id")),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("consented_on", sa.Date, nullable=False),
        sa.Column("amount_fen", sa.BigInteger),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by_id", sa.Text, nullable=False),
    )
    op.create_index("ix_fund_consents_fund_id", "fund_consents", ["fund_id"])
    op.create_table(
        "fund_months",
        sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), primary_key=True),
        sa.Column("month_on", sa.Date, primary_key=True),
        sa.Column("received_fen", sa.BigInteger, nullable=False),
        sa.Column("spent_fen", sa.BigInteger, nullable=False),
        sa.Column("balance_fen", sa.BigInteger, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("closed_by_id", sa.Text, nullable=False),
    )

    op.create_table(
        "fund_payments",
        sa.Column("payment_id", sa.Uuid, primary_key=True),
        sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("refunded_fen", sa.BigInteger, nullable=False),
        sa.Column("payee_kind", WORD, nullable=False),
        sa.Column("payee_unit_id", sa.Uuid, sa.ForeignKey("units.unit_id")),
        sa.Column("payee_name", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("voucher_number", sa.Text, nullable=False),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id")),
        sa.Column("is_payee_independent", sa.Boolean, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("proposed_by_id", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("decided_by_id", sa.Text),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("paid_on", sa.Date),
        sa.Column("rejection_reason", sa.Text, nullable=False),
        sa.CheckConstraint(
            "amount_fen > 0 AND refunded_fen BETWEEN 0 AND amount_fen", name="fund_payments_sums"
        ),
        sa.CheckConstraint(
            "status <> 'paid' OR (decided_by_id IS NOT NULL AND decided_by_id <> proposed_by_id)",
            name="fund_payments_four_eyes",
        ),
    )
    op.create_index("fund_payments_of_fund", "fund_payments", ["fund_id", "payment_id"])
    op.create_index("fund_payments_by_status", "fund_payments", ["fund_id", "status", "payment_id"])
    op.create_table(
        "fund_postings",
        sa.Column("posting_id", sa.Uuid, primary_key=True),
        sa.Column("fund_id", sa.Uuid, sa.ForeignKey("funds.fund_id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", WORD, nullable=False),
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
        sa.Column("payer_kind", WORD),
        sa.Column("payer_unit_id", sa.Uuid, sa.ForeignKey("units.unit_id")),
        sa.Column("payer_name", sa.Text, nullable=False),
        sa.Column("is_payer_public", sa.Boolean, nullable=False),
        sa.Column("resolution_id", sa.Uuid),
        sa.UniqueConstraint("fund_id", "number", name="fund_postings_number_once"),
        sa.UniqueConstraint("reverses_id", name="fund_postings_reversed_once"),
        sa.CheckConstraint("amount_fen > 0", name="fund_postings_of_something"),
        sa.CheckConstraint(BALANCED, name="fund_postings_balanced"),
        sa.CheckConstraint(NOT_NEGATIVE, name="fund_postings_never_negative"),
    )
    op.create_index("fund_postings_by_day", "fund_postings", ["fund_id", "posted_on"])
    op.create_index("fund_postings_by_receipt", "fund_postings", ["fund_id", "receipt_number"])
    op.create_index("fund_postings_by_payment", "fund_postings", ["payment_id"])
    op.create_table(
        "fund_entries",
        sa.Column("posting_id", sa.Uuid, sa.ForeignKey("fund_postings.posting_id"), primary_key=True),
        sa.Column("position", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("account", WORD, nullable=False),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id")),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount_fen <> 0", name="fund_entries_of_something"),
        sa.CheckConstraint("item_id IS NULL OR account = 'earmarked'", name="fund_entries_item"),
    )

    op.execute(REFUSING)
    op.execute(PROVING)
    for table in LEDGER:
        op.execute(GUARD.format(table=table))
        op.execute(PROOF.format(table=table))


def downgrade() -> None:
    for table in (
        "fund_entries",
        "fund_postings",
        "fund_payments",
        "fund_months",
        "fund_consents",
        "fund_earmarks",
        "funds",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION prove_posting()")
    op.execute("DROP FUNCTION refuse_ledger_change()")
