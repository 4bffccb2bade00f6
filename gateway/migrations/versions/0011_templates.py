"""Templates that a city brought for its documents."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "document_templates",
        sa.Column("template_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("adopted_by", sa.Text, nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_document_templates_kind", "document_templates", ["kind", "adopted_at"])


def downgrade() -> None:
    op.drop_table("document_templates")
