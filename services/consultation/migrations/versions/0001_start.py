"""The roll, polls, invitations and answers; the copy of the communities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

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
        sa.Column("facts_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "residents",
        sa.Column("resident_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, nullable=False),
        sa.Column("resident_name", sa.Text, nullable=False),
        sa.Column("identity_sealed", sa.LargeBinary, nullable=False),
        sa.Column("identity_hash", sa.LargeBinary, nullable=False),
        sa.Column("grid_code", sa.Text, nullable=False),
        sa.Column("employer_uscc", sa.Text, nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.UniqueConstraint("identity_hash", name="residents_identity_hash"),
    )
    op.create_index(
        "residents_of_community",
        "residents",
        ["community_id"],
        postgresql_include=["resident_id", "employer_uscc"],
    )
    op.create_table(
        "polls",
        sa.Column("poll_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("community_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("seed", sa.Text, nullable=False),
        sa.Column("sampled", sa.Integer, nullable=False),
        sa.Column("least_sample", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("counts", pg.JSONB),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("item_id", name="polls_item_id"),
    )
    op.create_index("polls_newest", "polls", [sa.text("opened_at DESC"), sa.text("poll_id DESC")])
    op.create_index(
        "polls_of_community", "polls", ["community_id", sa.text("opened_at DESC"), sa.text("poll_id DESC")]
    )
    op.create_index("polls_due", "polls", ["closes_at"], postgresql_where=sa.text("status = 'open'"))
    op.create_table(
        "invitations",
        sa.Column("invitation_id", sa.Uuid, primary_key=True),
        sa.Column("poll_id", sa.Uuid, sa.ForeignKey("polls.poll_id"), nullable=False),
        sa.Column("resident_id", sa.Uuid, sa.ForeignKey("residents.resident_id"), nullable=False),
        sa.Column("is_answered", sa.Boolean, nullable=False),
        sa.UniqueConstraint("poll_id", "resident_id", name="invitations_resident"),
    )
    # No time, no counter, no key of a person: nothing here may join an answer to an invitation.
    op.create_table(
        "answers",
        sa.Column("answer_id", sa.Uuid, primary_key=True),
        sa.Column("poll_id", sa.Uuid, sa.ForeignKey("polls.poll_id"), nullable=False),
        sa.Column("satisfaction", sa.String(20), nullable=False),
    )
    op.create_index("answers_of_poll", "answers", ["poll_id"])


def downgrade() -> None:
    for table in ("answers", "invitations", "polls", "residents", "communities"):
        op.drop_table(table)
    chassis_tables.metadata.drop_all(op.get_bind())
