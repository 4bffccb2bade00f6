"""The audit and its chain."""

from alembic import op

from services.chassis import audit_tables

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    audit_tables.create(op.get_bind())


def downgrade() -> None:
    op.execute("DROP SCHEMA audit CASCADE")
