"""The audit's tables, in a schema of their own in every database, and what keeps them as they were written.

audit.entries    one row per act, written in the transaction of the act and never changed
audit.unchained  which entries the sealer has still to put into the chain; a queue, not evidence
audit.chain      the entries in one order without gaps, each bound to the one before it
audit.heads      signed heads of the chain, as they also stand in a file elsewhere
audit.archives   how far the chain has been moved to signed files
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

SCHEMA = "audit"
metadata = sa.MetaData(schema=SCHEMA)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


entries = sa.Table(
    "entries",
    metadata,
    sa.Column("entry_id", sa.Uuid, primary_key=True),
    _moment("at"),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("roles", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("on_behalf_of", sa.Text),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text),
    sa.Column("community_id", sa.Uuid),
    _text("address"),
    _text("request_id"),
    sa.Column("outcome", sa.Text, nullable=False),
    _text("code"),
    sa.Column("before_hash", sa.LargeBinary),
    sa.Column("after_hash", sa.LargeBinary),
    _text("reason"),
    sa.CheckConstraint("outcome in ('done', 'refused')", name="entries_outcome"),
)
# Every act pays for them; what else is searched for is narrowed by time first.
sa.Index("entries_actor", entries.c.actor_id, entries.c.entry_id)
sa.Index("entries_record", entries.c.record_id, postgresql_where=entries.c.record_id.is_not(None))
sa.Index("entries_request", entries.c.request_id, postgresql_where=entries.c.request_id != "")

unchained = sa.Table("unchained", metadata, sa.Column("entry_id", sa.Uuid, nullable=False))

chain = sa.Table(
    "chain",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("row_hash", sa.LargeBinary, nullable=False),
    sa.Column("prev_hash", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

heads = sa.Table(
    "heads",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    _moment("at"),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    # The roots of the full subtrees, so that the tree grows without being read again.
    sa.Column("peaks", sa.LargeBinary, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)

archives = sa.Table(
    "archives",
    metadata,
    sa.Column("size", sa.BigInteger, sa.ForeignKey(heads.c.size), primary_key=True, autoincrement=False),
    _moment("archived_at"),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("file_hash", sa.LargeBinary, nullable=False),
)

EVIDENCE = (entries, chain, heads, archives)

_REFUSING = """
CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit.%% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$
"""
_GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()
"""


def create(connection: sa.Connection) -> None:
    """Make schema, tables and guards; called by one migration of every database."""
    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    metadata.create_all(connection)
    connection.exec_driver_sql(_REFUSING)
    for table in EVIDENCE:
        connection.exec_driver_sql(_GUARD.format(table=table.fullname))
