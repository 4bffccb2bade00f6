"""Personal data sealed with keys that can be changed, and consent to be written to."""

import sqlalchemy as sa
from alembic import op

from services.chassis import keys

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    keys.create(op.get_bind())
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
