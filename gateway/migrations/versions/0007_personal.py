"""Requests of persons about their data."""

import sqlalchemy as sa
from alembic import op

from services.chassis import keys

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    keys.create(op.get_bind())
    op.create_table(
        "personal_requests",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("reference", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("person_sealed", sa.LargeBinary),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_personal_requests_due_on", "personal_requests", ["status", "due_on"])


def downgrade() -> None:
    op.drop_table("personal_requests")
    op.drop_table("data_keys")
