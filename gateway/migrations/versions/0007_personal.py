"""Requests of persons about their data."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("key_id", sa.Uuid, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("use", sa.Text, nullable=False),
        sa.Column("suite", sa.Text, nullable=False),
        sa.Column("wrapped_by", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("data_keys_newest", "data_keys", ["purpose", "use", "made_at"])
    op.create_index(
        "data_keys_search_once",
        "data_keys",
        ["purpose"],
        unique=True,
        postgresql_where=sa.text("use = 'search'"),
    )
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
