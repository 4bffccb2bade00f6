"""Commendations can be taken back and objected to; bad work is put right."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("commendations", sa.Column("revoked_at", MOMENT))
    op.add_column("commendations", sa.Column("revoked_reason", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "objections",
        sa.Column("objection_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("is_upheld", sa.Boolean),
        sa.Column("answered_at", MOMENT),
    )
    op.create_index("ix_objections_item_id", "objections", ["item_id"])
    op.create_table(
        "rectifications",
        sa.Column("rectification_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False, unique=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("rounds", sa.SmallInteger, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("reported_at", MOMENT),
        sa.Column("call_back", sa.Text, nullable=False),
        sa.Column("closed_at", MOMENT),
    )


def downgrade() -> None:
    op.drop_table("rectifications")
    op.drop_table("objections")
    op.drop_column("commendations", "revoked_reason")
    op.drop_column("commendations", "revoked_at")
