"""Jobs that can be cancelled and that leave a file behind."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("file_name", sa.Text))
    op.add_column("jobs", sa.Column("file_type", sa.Text))
    op.add_column("jobs", sa.Column("file", sa.LargeBinary))
    op.drop_constraint("jobs_status", "jobs")
    op.create_check_constraint(
        "jobs_status", "jobs", "status in ('waiting', 'running', 'done', 'failed', 'cancelled')"
    )
    op.create_index("ix_jobs_owner", "jobs", ["owner", "created_at"])
