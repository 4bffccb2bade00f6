"""The four tables with which every service keeps its promises, and how they are made.

outbox            an event and the change it tells of are one commit
outbox_sequences  numbers the events of one aggregate without gaps
inbox             one row per handler and event: done, waiting for another attempt, or parked
idempotency       the answer of a changing call, stored with its effect
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

metadata = sa.MetaData()

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("outbox_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("aggregate_id", sa.Uuid, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("traceparent", sa.Text, nullable=False),
    sa.Column("published_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("aggregate_id", "sequence"),
)
sa.Index("outbox_unpublished", outbox.c.outbox_id, postgresql_where=outbox.c.published_at.is_(None))

outbox_sequences = sa.Table(
    "outbox_sequences",
    metadata,
    sa.Column("aggregate_id", sa.Uuid, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("handler", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("aggregate_id", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
    sa.Column("reason", sa.Text),
    sa.Column("headers", pg.JSONB),
    sa.Column("body", sa.LargeBinary),
    sa.Column("decisions", pg.JSONB, nullable=False, server_default="[]"),
    sa.CheckConstraint("status in ('done', 'waiting', 'parked', 'discarded')", name="inbox_status"),
)
sa.Index(
    "inbox_waiting",
    inbox.c.aggregate_id,
    inbox.c.sequence,
    postgresql_where=inbox.c.status == "waiting",
)
sa.Index("inbox_due", inbox.c.next_attempt_at, postgresql_where=inbox.c.status == "waiting")
sa.Index("inbox_parked", inbox.c.received_at, postgresql_where=inbox.c.status == "parked")

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("answer", sa.LargeBinary),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
sa.Index("idempotency_age", idempotency.c.created_at)


def create(connection: sa.Connection) -> None:
    """Make the tables; called by the first migration of every service."""
    metadata.create_all(connection)
