"""Identities of other sign-in systems that are linked to accounts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.UniqueConstraint("user_id", "provider", name="identities_user_id_provider"),
    )
    op.create_table(
        "sign_on_steps",
        sa.Column("state_hash", sa.LargeBinary, primary_key=True),
        sa.Column("browser_hash", sa.LargeBinary, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("code_verifier", sa.Text, nullable=False),
        sa.Column("wanted", sa.Text, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
    )
    op.create_index("ix_sign_on_steps_expires_at", "sign_on_steps", ["expires_at"])
    op.create_table(
        "sign_on_sessions",
        sa.Column(
            "session_id", sa.Uuid, sa.ForeignKey("sessions.session_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("key_hashes", pg.ARRAY(sa.LargeBinary), nullable=False),
        sa.Column("has_second_factor", sa.Boolean, nullable=False),
        sa.Column("sealed_hint", sa.LargeBinary, nullable=False),
    )
    op.create_index(
        "ix_sign_on_sessions_key_hashes", "sign_on_sessions", ["key_hashes"], postgresql_using="gin"
    )


def downgrade() -> None:
    for table in ("sign_on_sessions", "sign_on_steps", "identities"):
        op.drop_table(table)
