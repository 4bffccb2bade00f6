"""Second factors, recovery codes, passwords used before, and accounts that close by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
OUTCOMES = (
    "outcome in ('signed_in', 'refused', 'signed_out', 'code_refused',"
    " 'break_glass_enabled', 'break_glass_disabled')"
)


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("users", sa.Column("second_factor_at", MOMENT))
    op.add_column("users", sa.Column("closes_at", MOMENT))
    op.create_table(
        "half_sessions",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
    )
    op.create_index("ix_half_sessions_user_id", "half_sessions", ["user_id"])
    op.create_index("ix_half_sessions_expires_at", "half_sessions", ["expires_at"])
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("offered_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary, primary_key=True),
    )
    op.create_table(
        "used_passwords",
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("replaced_at", MOMENT, primary_key=True),
        sa.Column("password_hash", sa.Text, nullable=False),
    )
    op.add_column("sign_ins", sa.Column("note", sa.Text, nullable=False, server_default=""))
    op.drop_constraint("sign_ins_outcome", "sign_ins")
    op.create_check_constraint("sign_ins_outcome", "sign_ins", OUTCOMES)


def downgrade() -> None:
    op.execute("DELETE FROM sign_ins WHERE outcome NOT IN ('signed_in', 'refused', 'signed_out')")
    op.drop_constraint("sign_ins_outcome", "sign_ins")
    op.create_check_constraint(
        "sign_ins_outcome", "sign_ins", "outcome in ('signed_in', 'refused', 'signed_out')"
    )
    op.drop_column("sign_ins", "note")
    for table in ("used_passwords", "recovery_codes", "second_factors", "half_sessions"):
        op.drop_table(table)
    for column in ("closes_at", "second_factor_at", "must_change_password"):
        op.drop_column("users", column)
