"""Communities and workers."""

import sqlalchemy as sa
from alembic import op

from services.chassis import tables as chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    chassis_tables.create(op.get_bind())
    op.create_table(
        "communities",
        sa.Column("community_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("community_name", sa.Text, nullable=False),
        sa.Column("street", sa.Text, nullable=False),
        sa.Column("grade", sa.String(20), nullable=False),
        sa.Column("households", sa.Integer, nullable=False),
        sa.Column("population", sa.Integer, nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("code", name="communities_code"),
    )
    op.create_table(
        "workers",
        sa.Column("worker_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("worker_name", sa.Text, nullable=False),
        sa.Column("post", sa.String(20), nullable=False),
        sa.Column("since_on", sa.Date, nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("workers_sorted", "workers", ["sort_key", "worker_id"])
    op.create_index("workers_of_community", "workers", ["community_id", "sort_key", "worker_id"])


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_table("communities")
    chassis_tables.metadata.drop_all(op.get_bind())
