"""The first tables of notifications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from services.chassis import tables as chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    chassis_tables.create(op.get_bind())
    op.create_table(
        "communities",
        sa.Column("community_id", sa.Uuid, primary_key=True),
        sa.Column("community_name", sa.Text, nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
    )
    _create_notices()
    _create_subscriptions()
    _create_deliveries()
    op.create_table(
        "paces",
        sa.Column("lane", sa.Text, primary_key=True),
        sa.Column("recent", pg.ARRAY(_MOMENT), nullable=False),
        sa.Column("free_at", _MOMENT),
    )


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.Uuid, primary_key=True),
        sa.Column("source_event_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("community_id", sa.Uuid),
        sa.Column("item_id", sa.Uuid),
        sa.Column("published_at", _MOMENT, nullable=False),
    )
    op.create_index("notices_newest", "notices", ["published_at", "notice_id"])
    op.create_index("notices_of_community", "notices", ["community_id", "published_at", "notice_id"])
    op.create_index("notices_of_item", "notices", ["item_id", "published_at", "notice_id"])


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.Uuid, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("sealed_address", sa.LargeBinary),
        sa.Column("masked_address", sa.Text, nullable=False),
        sa.Column("recipient_key", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("community_id", sa.Uuid),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("removed_at", _MOMENT),
        sa.CheckConstraint("channel in ('wecom', 'email')", name="subscriptions_channel"),
        sa.CheckConstraint(
            "(removed_at is null) = (sealed_address is not null)",
            name="subscriptions_address",
        ),
    )
    op.create_index(
        "subscriptions_once",
        "subscriptions",
        ["channel", "recipient_key", "community_id"],
        unique=True,
        postgresql_where=sa.text("removed_at is null"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("subscriptions_newest", "subscriptions", ["created_at", "subscription_id"])


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Uuid, primary_key=True),
        sa.Column("notice_id", sa.Uuid, sa.ForeignKey("notices.notice_id"), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("subscription_id", sa.Uuid, sa.ForeignKey("subscriptions.subscription_id")),
        sa.Column("recipient_key", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("refusals", sa.Integer, nullable=False),
        sa.Column("parts_sent", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _MOMENT),
        sa.Column("lease_until", _MOMENT),
        sa.Column("sent_at", _MOMENT),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("notice_id", "channel", "recipient_key", name="deliveries_once"),
        sa.CheckConstraint("channel in ('board', 'wecom', 'email')", name="deliveries_channel"),
        # A delivery that waits without a time, or is out without a lease, would never be looked at again.
        sa.CheckConstraint(
            """
            case status
                when 'waiting' then next_attempt_at is not null and lease_until is null
                when 'sending' then lease_until is not null
                when 'sent' then sent_at is not null
                else status in ('failed', 'uncertain')
            end
            """,
            name="deliveries_status",
        ),
    )
    is_waiting = sa.text("status = 'waiting'")
    op.create_index(
        "deliveries_due", "deliveries", ["channel", "next_attempt_at"], postgresql_where=is_waiting
    )
    op.create_index(
        "deliveries_leased", "deliveries", ["lease_until"], postgresql_where=sa.text("status = 'sending'")
    )
    op.create_index("deliveries_newest", "deliveries", ["created_at", "delivery_id"])
    op.create_index(
        "deliveries_of_subscription", "deliveries", ["subscription_id"], postgresql_where=is_waiting
    )


def downgrade() -> None:
    for table in ("deliveries", "paces", "subscriptions", "notices", "communities"):
        op.drop_table(table)
    chassis_tables.metadata.drop_all(op.get_bind())
