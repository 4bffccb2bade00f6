"""The gateway's tables."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

metadata = sa.MetaData()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


users = sa.Table(
    "users",
    metadata,
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("roles", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("community_ids", pg.ARRAY(sa.Uuid), nullable=False),
    sa.Column("unit_id", sa.Uuid),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    _moment("created_at"),
    _moment("password_changed_at"),
    _moment("signed_in_at", nullable=True),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column(
        "user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    _moment("created_at"),
    _moment("last_seen_at"),
    _moment("expires_at"),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
)
sa.Index("ix_sessions_expires_at", sessions.c.expires_at)

# Failed sign-ins by account name or address, whether or not such an account exists.
throttles = sa.Table(
    "throttles",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("failed_count", sa.Integer, nullable=False),
    _moment("locked_until"),
)
sa.Index("ix_throttles_locked_until", throttles.c.locked_until)

sign_ins = sa.Table(
    "sign_ins",
    metadata,
    sa.Column("sign_in_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _moment("at"),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("user_id", sa.Uuid),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.CheckConstraint("outcome in ('signed_in', 'refused', 'signed_out')", name="sign_ins_outcome"),
)
sa.Index("ix_sign_ins_user_id_at", sign_ins.c.user_id, sign_ins.c.at)
sa.Index("ix_sign_ins_at", sign_ins.c.at)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("upload_id", sa.Uuid, primary_key=True),
    sa.Column("file_hash", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("uploaded_by", sa.Text, nullable=False),
    _moment("uploaded_at"),
)
sa.Index("ix_uploads_uploaded_at", uploads.c.uploaded_at)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("meta", pg.JSONB, nullable=False),
    sa.Column("upload_id", sa.Uuid, sa.ForeignKey("uploads.upload_id", ondelete="CASCADE"), index=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("progress", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("result", pg.JSONB),
    sa.Column("error", sa.Text),
    # What the job made, to be fetched for a while.
    sa.Column("file_name", sa.Text),
    sa.Column("file_type", sa.Text),
    sa.Column("file", sa.LargeBinary),
    sa.Column("lease_id", sa.Uuid),
    _moment("lease_until", nullable=True),
    _moment("created_at"),
    _moment("finished_at", nullable=True),
    sa.CheckConstraint("status in ('waiting', 'running', 'done', 'failed', 'cancelled')", name="jobs_status"),
    sa.CheckConstraint("progress between 0 and 100", name="jobs_progress"),
)
sa.Index("ix_jobs_open", jobs.c.created_at, postgresql_where=jobs.c.status.in_(("waiting", "running")))
sa.Index("ix_jobs_finished_at", jobs.c.finished_at)
sa.Index("ix_jobs_owner", jobs.c.owner, jobs.c.created_at)
