"""The gateway's tables."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.chassis.keys import data_keys
from services.chassis.sealing import SealedColumn

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
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    _moment("created_at"),
    _moment("password_changed_at"),
    _moment("signed_in_at", nullable=True),
    sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.false()),
    _moment("second_factor_at", nullable=True),
    _moment("closes_at", nullable=True),
    _moment("reopened_at", nullable=True),
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
    # When its owner last showed that it is his: at sign-in, and before he changes how he signs in.
    _moment("proven_at"),
)
sa.Index("ix_sessions_expires_at", sessions.c.expires_at)

# Whoever has given the right password and still owes the code.
half_sessions = sa.Table(
    "half_sessions",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    sa.Column(
        "user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    _moment("expires_at"),
)
sa.Index("ix_half_sessions_expires_at", half_sessions.c.expires_at)

second_factors = sa.Table(
    "second_factors",
    metadata,
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    sa.Column("last_step", sa.BigInteger, nullable=False),
    _moment("offered_at"),
    _moment("confirmed_at", nullable=True),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("code_hash", sa.LargeBinary, primary_key=True),
)

used_passwords = sa.Table(
    "used_passwords",
    metadata,
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("replaced_at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("password_hash", sa.Text, nullable=False),
)

# Failed sign-ins by account name or address, whether or not such an account exists. The key is a keyed hash:
# what somebody typed as a name may be a password.
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
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.CheckConstraint(
        "outcome in ('signed_in', 'refused', 'signed_out', 'code_refused',"
        " 'break_glass_enabled', 'break_glass_disabled')",
        name="sign_ins_outcome",
    ),
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

# Who may do what, where and when. `scope_id`: a street's name, the id of a community or unit, nothing for the city.
grants = sa.Table(
    "grants",
    metadata,
    sa.Column("grant_id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("scope_id", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    sa.Column("granted_by", sa.Uuid),
    _moment("granted_at"),
    sa.Column("revoked_by", sa.Uuid),
    _moment("revoked_at", nullable=True),
    sa.CheckConstraint("scope in ('city', 'street', 'community', 'unit')", name="grants_scope"),
    sa.CheckConstraint("(scope = 'city') = (scope_id = '')", name="grants_scope_id"),
    sa.CheckConstraint("valid_to >= valid_from", name="grants_valid"),
)
sa.Index("ix_grants_user_id", grants.c.user_id, postgresql_where=grants.c.revoked_at.is_(None))
sa.Index("ix_grants_role", grants.c.role, postgresql_where=grants.c.revoked_at.is_(None))

# A small copy of staffing's list: which communities a street has.
communities = sa.Table(
    "communities",
    metadata,
    sa.Column("community_id", sa.Uuid, primary_key=True),
    sa.Column("community_name", sa.Text, nullable=False),
    sa.Column("street", sa.Text, nullable=False),
)
sa.Index("ix_communities_street", communities.c.street)

unit_invitations = sa.Table(
    "unit_invitations",
    metadata,
    sa.Column("invitation_id", sa.Uuid, primary_key=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("unit_id", sa.Uuid, nullable=False),
    sa.Column("unit_name", sa.Text, nullable=False),
    sa.Column("invited_by", sa.Uuid, nullable=False),
    _moment("invited_at"),
    _moment("expires_at"),
    sa.Column("accepted_by", sa.Uuid),
    _moment("accepted_at", nullable=True),
    sa.Column("contact_sealed", sa.LargeBinary, nullable=False),
)
contacts = SealedColumn(unit_invitations.c.contact_sealed, purpose="invitation.contact")
sa.Index("ix_unit_invitations_unit_id", unit_invitations.c.unit_id)

# Who somebody is at another sign-in system.
identities = sa.Table(
    "identities",
    metadata,
    sa.Column("provider", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    _moment("linked_at"),
    _moment("last_used_at", nullable=True),
    sa.UniqueConstraint("user_id", "provider", name="identities_user_id_provider"),
)

# Whoever has left for another sign-in system and is to come back, once.
sign_on_steps = sa.Table(
    "sign_on_steps",
    metadata,
    sa.Column("state_hash", sa.LargeBinary, primary_key=True),
    sa.Column("browser_hash", sa.LargeBinary, nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("nonce", sa.Text, nullable=False),
    sa.Column("code_verifier", sa.Text, nullable=False),
    sa.Column("wanted", sa.Text, nullable=False),
    _moment("expires_at"),
)
sa.Index("ix_sign_on_steps_expires_at", sign_on_steps.c.expires_at)

# Sessions opened by another sign-in system, and by which keys it may end them.
sign_on_sessions = sa.Table(
    "sign_on_sessions",
    metadata,
    sa.Column(
        "session_id", sa.Uuid, sa.ForeignKey("sessions.session_id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("key_hashes", pg.ARRAY(sa.LargeBinary), nullable=False),
    sa.Column("has_second_factor", sa.Boolean, nullable=False),
    sa.Column("sealed_hint", sa.LargeBinary, nullable=False),
)
sa.Index("ix_sign_on_sessions_key_hashes", sign_on_sessions.c.key_hashes, postgresql_using="gin")

# What persons ask about their data. Who asked stays sealed, and goes three years after the answer.
personal_requests = sa.Table(
    "personal_requests",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("person_sealed", sa.LargeBinary),
    _moment("submitted_at"),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text),
    _moment("decided_at", nullable=True),
)
sa.Index("ix_personal_requests_due_on", personal_requests.c.status, personal_requests.c.due_on)

# What a POST was answered whose effect is in this database, in the transaction of that effect.
# Answers may show a password or a link once, so they stay sealed.
first_answers = sa.Table(
    "first_answers",
    metadata,
    sa.Column("answer_id", sa.Uuid, primary_key=True),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    # Nothing only while the first request is at work.
    sa.Column("answer_sealed", sa.LargeBinary),
    _moment("answered_at"),
)
sa.Index("ix_first_answers_answered_at", first_answers.c.answered_at)
answers = SealedColumn(first_answers.c.answer_sealed, purpose="request.answer")

# What a city brought for its documents; the newest of a kind is in force.
document_templates = sa.Table(
    "document_templates",
    metadata,
    sa.Column("template_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("adopted_by", sa.Text, nullable=False),
    _moment("adopted_at"),
)
sa.Index("ix_document_templates_kind", document_templates.c.kind, document_templates.c.adopted_at)

data_keys.to_metadata(metadata)
factor_secrets = SealedColumn(second_factors.c.sealed_secret, purpose="second factors")
persons = SealedColumn(personal_requests.c.person_sealed, purpose="request.person")

# Files outside the database; one that is not attached is removed after a day.
stored_files = sa.Table(
    "stored_files",
    metadata,
    sa.Column("file_id", sa.Uuid, primary_key=True),
    _moment("noted_at"),
    sa.Column("is_attached", sa.Boolean, nullable=False),
)
sa.Index("ix_stored_files_free", stored_files.c.noted_at, postgresql_where=sa.text("NOT is_attached"))
