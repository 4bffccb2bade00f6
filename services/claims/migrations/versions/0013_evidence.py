"""Evidence of the work of a claim; the files lie elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("evidence_id", sa.Uuid, primary_key=True),
        sa.Column("claim_id", sa.Uuid, sa.ForeignKey("claims.claim_id"), nullable=False, index=True),
        sa.Column("milestone_id", sa.Uuid, sa.ForeignKey("milestones.milestone_id")),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.CheckConstraint("size > 0", name="evidence_of_something"),
    )


def downgrade() -> None:
    op.drop_table("evidence")
