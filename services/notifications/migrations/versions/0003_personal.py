"""Personal data sealed with keys that can be changed, and consent to be written to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


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
        "consents",
        sa.Column("consent_id", sa.Uuid, primary_key=True),
        sa.Column("subscription_id", sa.Uuid, sa.ForeignKey("subscriptions.subscription_id"), nullable=False),
        sa.Column("text_version", sa.Text, nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("subscription_id", name="consents_once"),
    )


def downgrade() -> None:
    op.drop_table("consents")
    op.drop_table("data_keys")
