"""Residents' needs and the files some of them came in.

`number` carries the order of the list; `wording` is what search and the suggestion of duplicates read.
"""

import sqlalchemy as sa

from services.claims.storage.tables.base import MOMENT, metadata, term
from services.contracts.claims.need_terms import NeedPriority, NeedSource, NeedStatus
from services.contracts.claims.terms import Category, ServiceClass

need_numbers = sa.Sequence("need_numbers", metadata=metadata)

need_imports = sa.Table(
    "need_imports",
    metadata,
    sa.Column("need_import_id", sa.Uuid, primary_key=True),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("file_hash", sa.String(64), nullable=False),
    sa.Column("imported_at", MOMENT, nullable=False),
    sa.Column("imported_by", sa.Text, nullable=False),
    sa.Column("imported_by_id", sa.Text, nullable=False),
    sa.Column("imported", sa.Integer, nullable=False),
    sa.Column("known", sa.Integer, nullable=False),
    sa.UniqueConstraint("file_hash", name="need_imports_file_once"),
)

needs = sa.Table(
    "needs",
    metadata,
    sa.Column("need_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("source", term(NeedSource), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("wording", sa.Text, sa.Computed("title || ' ' || description || ' ' || place", persisted=True)),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("order_number", sa.Text),
    sa.Column("need_import_id", sa.Uuid, sa.ForeignKey("need_imports.need_import_id")),
    sa.Column("reference_hash", sa.String(64)),
    sa.Column("received_at", MOMENT, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("category", term(Category)),
    sa.Column("service_class", term(ServiceClass)),
    sa.Column("priority", term(NeedPriority), nullable=False),
    sa.Column("status", term(NeedStatus), nullable=False),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
    sa.Column("merged_into_id", sa.Uuid, sa.ForeignKey("needs.need_id"), index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("number", name="needs_number_once"),
    sa.UniqueConstraint("code", name="needs_code_once"),
    sa.UniqueConstraint("order_number", name="needs_order_once"),
    sa.UniqueConstraint("reference_hash", name="needs_reference_once"),
    sa.CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="needs_merged_somewhere"),
    sa.CheckConstraint("merged_into_id <> need_id", name="needs_merged_elsewhere"),
    sa.Index("needs_by_community", "community_id", "number"),
    sa.Index("needs_by_status", "status", "number"),
    sa.Index("needs_by_import", "need_import_id"),
    sa.Index("needs_by_due_day", "due_on"),
    sa.Index("needs_by_category", "category", "number"),
    sa.Index("needs_by_source", "source", "number"),
    sa.Index(
        "needs_by_wording", "wording", postgresql_using="gin", postgresql_ops={"wording": "gin_trgm_ops"}
    ),
)
