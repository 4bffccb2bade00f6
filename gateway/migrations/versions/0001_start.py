"""Accounts, sessions, uploads and jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from services.chassis import tables as chassis_tables

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    chassis_tables.create(op.get_bind())
    _accounts()
    _jobs()


def _accounts() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("username", sa.Text, nullable=False, unique=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("roles", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("community_ids", pg.ARRAY(sa.Uuid), nullable=False),
        sa.Column("unit_id", sa.Uuid),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("password_changed_at", MOMENT, nullable=False),
        sa.Column("signed_in_at", MOMENT),
    )
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("user_agent", sa.Text, nullable=False),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "throttles",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("failed_count", sa.Integer, nullable=False),
        sa.Column("locked_until", MOMENT, nullable=False),
    )
    op.create_index("ix_throttles_locked_until", "throttles", ["locked_until"])
    op.create_table(
        "sign_ins",
        sa.Column("sign_in_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("user_agent", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.CheckConstraint("outcome in ('signed_in', 'refused', 'signed_out')", name="sign_ins_outcome"),
    )
    op.create_index("ix_sign_ins_user_id_at", "sign_ins", ["user_id", "at"])
    op.create_index("ix_sign_ins_at", "sign_ins", ["at"])


def _jobs() -> None:
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.Uuid, primary_key=True),
        sa.Column("file_hash", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("uploaded_by", sa.Text, nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
    )
    op.create_index("ix_uploads_uploaded_at", "uploads", ["uploaded_at"])
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("meta", pg.JSONB, nullable=False),
        sa.Column("upload_id", sa.Uuid, sa.ForeignKey("uploads.upload_id", ondelete="CASCADE")),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("progress", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("result", pg.JSONB),
        sa.Column("error", sa.Text),
        sa.Column("lease_id", sa.Uuid),
        sa.Column("lease_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.CheckConstraint("status in ('waiting', 'running', 'done', 'failed')", name="jobs_status"),
        sa.CheckConstraint("progress between 0 and 100", name="jobs_progress"),
    )
    op.create_index("ix_jobs_upload_id", "jobs", ["upload_id"])
    op.create_index(
        "ix_jobs_open", "jobs", ["created_at"], postgresql_where=sa.text("status in ('waiting', 'running')")
    )
    op.create_index("ix_jobs_finished_at", "jobs", ["finished_at"])


def downgrade() -> None:
    for table in ("jobs", "uploads", "sign_ins", "throttles", "sessions", "users"):
        op.drop_table(table)
    chassis_tables.metadata.drop_all(op.get_bind())
