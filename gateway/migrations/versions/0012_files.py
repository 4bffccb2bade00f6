"""Which files lie outside the database."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "stored_files",
        sa.Column("file_id", sa.Uuid, primary_key=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_attached", sa.Boolean, nullable=False),
    )
    op.create_index(
        "ix_stored_files_free", "stored_files", ["noted_at"], postgresql_where=sa.text("NOT is_attached")
    )


def downgrade() -> None:
    op.drop_table("stored_files")
