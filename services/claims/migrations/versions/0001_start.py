"""Units, claim lists, items with their claims and scores, history; the copy of the communities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from services.chassis import tables as chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
POINTS = sa.Numeric(5, 2)
WORD = sa.String(40)


def upgrade() -> None:
    chassis_tables.create(op.get_bind())
    op.create_table(
        "communities",
        sa.Column("community_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("community_name", sa.Text, nullable=False),
        sa.Column("street", sa.Text, nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
    )
    op.create_index("ix_communities_code", "communities", ["code"])
    op.create_table(
        "units",
        sa.Column("unit_id", sa.Uuid, primary_key=True),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("unit_name", sa.Text, nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("functions", pg.ARRAY(WORD), nullable=False),
        sa.Column("community_ids", pg.ARRAY(sa.Uuid), nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("uscc", name="units_uscc_once"),
    )
    op.create_index("units_in_order", "units", ["sort_key", "unit_id"])
    op.create_index("units_by_community", "units", ["community_ids"], postgresql_using="gin")
    op.create_index(
        "units_by_name",
        "units",
        ["unit_name"],
        postgresql_using="gin",
        postgresql_ops={"unit_name": "gin_trgm_ops"},
    )
    op.create_table(
        "claim_lists",
        sa.Column("claim_list_id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("imported_by", sa.Text, nullable=False),
        sa.Column("imported_by_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("file_hash", name="claim_lists_file_once"),
    )
    op.create_table(
        "item_numbers",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "items",
        sa.Column("item_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("claim_list_id", sa.Uuid, sa.ForeignKey("claim_lists.claim_list_id")),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("code_year", sa.Integer, sa.Computed("split_part(code, '-', 2)::int", persisted=True)),
        sa.Column("code_number", sa.Integer, sa.Computed("split_part(code, '-', 3)::int", persisted=True)),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("service_class", WORD, nullable=False),
        sa.Column("category", WORD, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("beneficiaries", sa.Integer, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("budget_fen", sa.BigInteger, nullable=False),
        sa.Column("supports", pg.ARRAY(WORD), nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("grid_code", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("claimed_quantity", sa.Integer, nullable=False),
        sa.Column("percent", sa.SmallInteger, nullable=False),
        sa.Column("party_study_on", sa.Date),
        sa.Column("published_at", MOMENT),
        sa.Column("claim_until_on", sa.Date),
        sa.Column("verified_at", MOMENT),
        sa.Column("finished_on", sa.Date),
        sa.Column("assessment", POINTS),
        sa.Column("assessment_comment", sa.Text, nullable=False),
        sa.Column("timeliness", POINTS),
        sa.Column("score_total", POINTS),
        sa.Column("score_grade", WORD),
        sa.Column("score_explanation", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("code", name="items_code_once"),
        sa.CheckConstraint("claimed_quantity BETWEEN 0 AND quantity", name="items_never_over_claimed"),
        sa.CheckConstraint("code ~ '^RL-[0-9]{4}-[0-9]{4,6}$'", name="items_code_form"),
    )
    op.create_index("items_in_order", "items", ["code_year", "code_number"])
    op.create_index("items_by_community", "items", ["community_id", "code_year", "code_number"])
    op.create_index("items_by_status", "items", ["status", "code_year", "code_number"])
    op.create_index("items_by_category", "items", ["category", "code_year", "code_number"])
    op.create_index("items_by_service_class", "items", ["service_class", "code_year", "code_number"])
    op.create_index("items_by_claim_list", "items", ["claim_list_id", "code_year", "code_number"])
    op.create_index("items_by_due_day", "items", ["due_on"])
    op.create_index(
        "items_by_title", "items", ["title"], postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}
    )
    op.create_index(
        "items_by_code", "items", ["code"], postgresql_using="gin", postgresql_ops={"code": "gin_trgm_ops"}
    )
    op.create_table(
        "claims",
        sa.Column("claim_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("percent", sa.SmallInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("agreement", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT),
        sa.Column("submitted_on", sa.Date),
        sa.Column("verified_at", MOMENT),
        sa.CheckConstraint("quantity > 0", name="claims_of_something"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="claims_percent"),
    )
    op.create_index("ix_claims_item_id", "claims", ["item_id"])
    op.create_table(
        "claim_parties",
        sa.Column("claim_id", sa.Uuid, sa.ForeignKey("claims.claim_id"), primary_key=True),
        sa.Column("position", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
        sa.UniqueConstraint("unit_id", "claim_id", name="claim_parties_unit_once"),
    )
    op.create_table(
        "milestones",
        sa.Column("milestone_id", sa.Uuid, primary_key=True),
        sa.Column("claim_id", sa.Uuid, sa.ForeignKey("claims.claim_id"), nullable=False),
        sa.Column("milestone_title", sa.Text, nullable=False),
        sa.Column("percent", sa.SmallInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
    )
    op.create_index("ix_milestones_claim_id", "milestones", ["claim_id"])
    op.create_table(
        "poll_results",
        sa.Column("poll_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False, unique=True),
        sa.Column("sampled", sa.Integer, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("satisfaction_percent", POINTS),
        sa.Column("score", POINTS),
        sa.Column("is_sample_sufficient", sa.Boolean, nullable=False),
    )
    op.create_table(
        "commendations",
        sa.Column("commendation_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False, unique=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("commended_at", MOMENT, nullable=False),
        sa.Column("objection_until_on", sa.Date, nullable=False),
    )
    op.create_table(
        "history",
        sa.Column("history_id", sa.Uuid, primary_key=True),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("actor_office", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("changes", pg.JSONB, nullable=False),
    )
    op.create_index("history_of_subject", "history", ["subject_id", "history_id"])


def downgrade() -> None:
    for table in (
        "history",
        "commendations",
        "poll_results",
        "milestones",
        "claim_parties",
        "claims",
        "items",
        "item_numbers",
        "claim_lists",
        "units",
        "communities",
    ):
        op.drop_table(table)
    chassis_tables.metadata.drop_all(op.get_bind())
