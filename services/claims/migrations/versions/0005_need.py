"""Residents' needs; items know the need they come from."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(40)


def upgrade() -> None:
    op.execute("CREATE SEQUENCE need_numbers")
    op.create_table(
        "need_imports",
        sa.Column("need_import_id", sa.Uuid, primary_key=True),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("imported_by", sa.Text, nullable=False),
        sa.Column("imported_by_id", sa.Text, nullable=False),
        sa.Column("imported", sa.Integer, nullable=False),
        sa.Column("known", sa.Integer, nullable=False),
        sa.UniqueConstraint("file_hash", name="need_imports_file_once"),
    )
    op.create_table(
        "needs",
        sa.Column("need_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column(
            "wording", sa.Text, sa.Computed("title || ' ' || description || ' ' || place", persisted=True)
        ),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("order_number", sa.Text),
        sa.Column("need_import_id", sa.Uuid, sa.ForeignKey("need_imports.need_import_id")),
        sa.Column("reference_hash", sa.String(64)),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("category", WORD),
        sa.Column("service_class", WORD),
        sa.Column("priority", WORD, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("merged_into_id", sa.Uuid, sa.ForeignKey("needs.need_id")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("number", name="needs_number_once"),
        sa.UniqueConstraint("code", name="needs_code_once"),
        sa.UniqueConstraint("order_number", name="needs_order_once"),
        sa.UniqueConstraint("reference_hash", name="needs_reference_once"),
        sa.CheckConstraint(
            "(status = 'merged') = (merged_into_id IS NOT NULL)", name="needs_merged_somewhere"
        ),
        sa.CheckConstraint("merged_into_id <> need_id", name="needs_merged_elsewhere"),
    )
    op.create_index("ix_needs_merged_into_id", "needs", ["merged_into_id"])
    op.create_index("needs_by_community", "needs", ["community_id", "number"])
    op.create_index("needs_by_status", "needs", ["status", "number"])
    op.create_index("needs_by_import", "needs", ["need_import_id"])
    op.create_index("needs_by_due_day", "needs", ["due_on"])
    op.create_index("needs_by_category", "needs", ["category", "number"])
    op.create_index("needs_by_source", "needs", ["source", "number"])
    op.create_index(
        "needs_by_wording",
        "needs",
        ["wording"],
        postgresql_using="gin",
        postgresql_ops={"wording": "gin_trgm_ops"},
    )
    op.add_column("items", sa.Column("need_id", sa.Uuid))
    op.create_foreign_key("items_need_id_fkey", "items", "needs", ["need_id"], ["need_id"])
    op.create_unique_constraint("items_need_once", "items", ["need_id"])


def downgrade() -> None:
    op.drop_column("items", "need_id")
    op.drop_table("needs")
    op.drop_table("need_imports")
    op.execute("DROP SEQUENCE need_numbers")
