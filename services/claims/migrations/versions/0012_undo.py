"""The import of a claim list can be undone; its file may then be imported again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("claim_lists", sa.Column("undone_at", sa.DateTime(timezone=True)))
    op.add_column("claim_lists", sa.Column("undone_by", sa.Text, nullable=False, server_default=""))
    op.add_column("claim_lists", sa.Column("undo_reason", sa.Text, nullable=False, server_default=""))
    op.drop_constraint("claim_lists_file_once", "claim_lists")
    op.create_index(
        "claim_lists_file_once",
        "claim_lists",
        ["file_hash"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "imported_items",
        sa.Column("claim_list_id", sa.Uuid, sa.ForeignKey("claim_lists.claim_list_id"), primary_key=True),
        sa.Column("item_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("before", pg.JSONB(none_as_null=True)),
    )


def downgrade() -> None:
    op.drop_table("imported_items")
    op.drop_index("claim_lists_file_once", "claim_lists")
    op.create_unique_constraint("claim_lists_file_once", "claim_lists", ["file_hash"])
    for column in ("undo_reason", "undone_by", "undone_at"):
        op.drop_column("claim_lists", column)
