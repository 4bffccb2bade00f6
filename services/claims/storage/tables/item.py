"""Units, claim lists, items and claims, what became of them, and the history of everything.

Commendations and objections are of items, or of units' results of a period (`tables/scheme.py`).

Lookups by a foreign key and every list filter have an index; the leading code columns of `items`
carry the order of the list, so that a page is read from the index without sorting.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.claims.storage.tables.base import MOMENT, POINTS, metadata, term
from services.contracts.claims.terms import (
    Category,
    ClaimKind,
    ClaimStatus,
    ItemStatus,
    ItemWay,
    RectificationStatus,
    ScoreGrade,
    ServiceClass,
    Support,
    UnitKind,
    UnitStatus,
)

communities = sa.Table(
    "communities",
    metadata,
    sa.Column("community_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, index=True),
    sa.Column("community_name", sa.Text, nullable=False),
    sa.Column("street", sa.Text, nullable=False),
    sa.Column("as_of", MOMENT, nullable=False),
)

units = sa.Table(
    "units",
    metadata,
    sa.Column("unit_id", sa.Uuid, primary_key=True),
    sa.Column("uscc", sa.String(18), nullable=False),
    sa.Column("unit_name", sa.Text, nullable=False),
    sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
    sa.Column("kind", term(UnitKind), nullable=False),
    sa.Column("functions", pg.ARRAY(term(Category)), nullable=False),
    sa.Column("community_ids", pg.ARRAY(sa.Uuid), nullable=False),
    sa.Column("registered_at", MOMENT, nullable=False),
    sa.Column("status", term(UnitStatus), nullable=False),
    sa.Column("introduction", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("reference_hash", sa.String(64)),
    sa.Column("applied_at", MOMENT),
    sa.Column("joined_on", sa.Date),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("uscc", name="units_uscc_once"),
    sa.UniqueConstraint("reference_hash", name="units_reference_once"),
    sa.CheckConstraint("status <> 'member' OR joined_on IS NOT NULL", name="units_members_joined"),
    sa.Index("units_by_status", "status", "sort_key", "unit_id"),
    sa.Index("units_in_order", "sort_key", "unit_id"),
    sa.Index("units_by_community", "community_ids", postgresql_using="gin"),
    sa.Index(
        "units_by_name",
        "unit_name",
        postgresql_using="gin",
        postgresql_ops={"unit_name": "gin_trgm_ops"},
    ),
)

claim_lists = sa.Table(
    "claim_lists",
    metadata,
    sa.Column("claim_list_id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("file_hash", sa.String(64), nullable=False),
    sa.Column("imported_at", MOMENT, nullable=False),
    sa.Column("imported_by", sa.Text, nullable=False),
    sa.Column("imported_by_id", sa.Text, nullable=False),
    sa.Column("undone_at", MOMENT),
    sa.Column("undone_by", sa.Text, nullable=False, server_default=""),
    sa.Column("undo_reason", sa.Text, nullable=False, server_default=""),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index(
        "claim_lists_file_once", "file_hash", unique=True, postgresql_where=sa.text("undone_at IS NULL")
    ),
)

# Items that an undone import had made are gone: no foreign key.
imported_items = sa.Table(
    "imported_items",
    metadata,
    sa.Column("claim_list_id", sa.Uuid, sa.ForeignKey("claim_lists.claim_list_id"), primary_key=True),
    sa.Column("item_id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("before", pg.JSONB(none_as_null=True)),
)

# The last number given out in each year; `lock_codes` makes those who take numbers take turns.
item_numbers = sa.Table(
    "item_numbers",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("item_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("claim_list_id", sa.Uuid, sa.ForeignKey("claim_lists.claim_list_id")),
    sa.Column("need_id", sa.Uuid, sa.ForeignKey("needs.need_id")),
    sa.Column("resolution_id", sa.Uuid),
    sa.Column("plan_reference", sa.Text, nullable=False, server_default=""),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("code_year", sa.Integer, sa.Computed("split_part(code, '-', 2)::int", persisted=True)),
    sa.Column("code_number", sa.Integer, sa.Computed("split_part(code, '-', 3)::int", persisted=True)),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("service_class", term(ServiceClass), nullable=False),
    sa.Column("category", term(Category), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("beneficiaries", sa.Integer, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("budget_fen", sa.BigInteger, nullable=False),
    sa.Column("supports", pg.ARRAY(term(Support)), nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("grid_code", sa.Text, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("status", term(ItemStatus), nullable=False),
    sa.Column("claimed_quantity", sa.Integer, nullable=False),
    sa.Column("percent", sa.SmallInteger, nullable=False),
    sa.Column("party_study_on", sa.Date),
    sa.Column("published_at", MOMENT),
    sa.Column("claim_until_on", sa.Date),
    sa.Column("verified_at", MOMENT),
    sa.Column("finished_on", sa.Date),
    sa.Column("expired_at", MOMENT),
    sa.Column("unclaimed_quantity", sa.Integer, nullable=False, server_default="0"),
    sa.Column("withdrawn_at", MOMENT),
    sa.Column("withdrawn_reason", sa.Text, nullable=False, server_default=""),
    sa.Column("way", term(ItemWay)),
    # Purchases and earmarks name their items; the other direction is only for finding them.
    sa.Column("purchase_id", sa.Uuid),
    sa.Column("fund_id", sa.Uuid),
    sa.Column("doer_unit_id", sa.Uuid, sa.ForeignKey("units.unit_id")),
    sa.Column("assessment", POINTS),
    sa.Column("assessment_comment", sa.Text, nullable=False),
    sa.Column("timeliness", POINTS),
    sa.Column("score_total", POINTS),
    sa.Column("score_grade", term(ScoreGrade)),
    sa.Column("score_explanation", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("code", name="items_code_once"),
    sa.UniqueConstraint("need_id", name="items_need_once"),
    # The row lock keeps claims in turn; this is the net below it.
    sa.CheckConstraint("claimed_quantity BETWEEN 0 AND quantity", name="items_never_over_claimed"),
    sa.CheckConstraint("code ~ '^RL-[0-9]{4}-[0-9]{4,6}$'", name="items_code_form"),
    sa.Index("items_in_order", "code_year", "code_number"),
    sa.Index("items_by_community", "community_id", "code_year", "code_number"),
    sa.Index("items_by_status", "status", "code_year", "code_number"),
    sa.Index("items_by_category", "category", "code_year", "code_number"),
    sa.Index("items_by_service_class", "service_class", "code_year", "code_number"),
    sa.Index("items_by_claim_list", "claim_list_id", "code_year", "code_number"),
    sa.Index("items_by_due_day", "due_on"),
    sa.Index("items_by_verified", "community_id", "verified_at"),
    sa.Index("items_by_published", "published_at"),
    sa.Index("items_by_claim_end", "claim_until_on", postgresql_where=sa.text("status = 'published'")),
    sa.Index("items_by_title", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
    sa.Index("items_by_code", "code", postgresql_using="gin", postgresql_ops={"code": "gin_trgm_ops"}),
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("claim_id", sa.Uuid, primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False, index=True),
    sa.Column("kind", term(ClaimKind), nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("status", term(ClaimStatus), nullable=False),
    sa.Column("percent", sa.SmallInteger, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("agreement", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("claimed_at", MOMENT, nullable=False),
    sa.Column("submitted_at", MOMENT),
    sa.Column("submitted_on", sa.Date),
    sa.Column("verified_at", MOMENT),
    sa.CheckConstraint("quantity > 0", name="claims_of_something"),
    sa.CheckConstraint("percent BETWEEN 0 AND 100", name="claims_percent"),
)

claim_parties = sa.Table(
    "claim_parties",
    metadata,
    sa.Column("claim_id", sa.Uuid, sa.ForeignKey("claims.claim_id"), primary_key=True),
    sa.Column("position", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
    sa.UniqueConstraint("unit_id", "claim_id", name="claim_parties_unit_once"),
)

milestones = sa.Table(
    "milestones",
    metadata,
    sa.Column("milestone_id", sa.Uuid, primary_key=True),
    sa.Column("claim_id", sa.Uuid, sa.ForeignKey("claims.claim_id"), nullable=False, index=True),
    sa.Column("milestone_title", sa.Text, nullable=False),
    sa.Column("percent", sa.SmallInteger, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("reported_at", MOMENT, nullable=False),
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("evidence_id", sa.Uuid, primary_key=True),
    sa.Column("claim_id", sa.Uuid, sa.ForeignKey("claims.claim_id"), nullable=False, index=True),
    sa.Column("milestone_id", sa.Uuid, sa.ForeignKey("milestones.milestone_id")),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("attached_at", MOMENT, nullable=False),
    sa.Column("is_public", sa.Boolean, nullable=False),
    sa.CheckConstraint("size > 0", name="evidence_of_something"),
)

poll_results = sa.Table(
    "poll_results",
    metadata,
    sa.Column("poll_id", sa.Uuid, primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False, unique=True),
    sa.Column("sampled", sa.Integer, nullable=False),
    sa.Column("answered", sa.Integer, nullable=False),
    sa.Column("satisfaction_percent", POINTS),
    sa.Column("score", POINTS),
    sa.Column("is_sample_sufficient", sa.Boolean, nullable=False),
)

commendations = sa.Table(
    "commendations",
    metadata,
    sa.Column("commendation_id", sa.Uuid, primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), unique=True),
    sa.Column("assessment_id", sa.Uuid, sa.ForeignKey("unit_assessments.assessment_id"), unique=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("commended_at", MOMENT, nullable=False),
    sa.Column("objection_until_on", sa.Date, nullable=False),
    sa.Column("revoked_at", MOMENT),
    sa.Column("revoked_reason", sa.Text, nullable=False, server_default=""),
    sa.CheckConstraint("num_nonnulls(item_id, assessment_id) = 1", name="commendations_of_one_record"),
)

objections = sa.Table(
    "objections",
    metadata,
    sa.Column("objection_id", sa.Uuid, primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), index=True),
    sa.Column("assessment_id", sa.Uuid, sa.ForeignKey("unit_assessments.assessment_id"), index=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("raised_at", MOMENT, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("is_upheld", sa.Boolean),
    sa.Column("answered_at", MOMENT),
    sa.CheckConstraint("num_nonnulls(item_id, assessment_id) = 1", name="objections_of_one_record"),
)

rectifications = sa.Table(
    "rectifications",
    metadata,
    sa.Column("rectification_id", sa.Uuid, primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), nullable=False, unique=True),
    sa.Column("opened_at", MOMENT, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("status", term(RectificationStatus), nullable=False),
    sa.Column("rounds", sa.SmallInteger, nullable=False),
    sa.Column("report", sa.Text, nullable=False),
    sa.Column("reported_at", MOMENT),
    sa.Column("call_back", sa.Text, nullable=False),
    sa.Column("closed_at", MOMENT),
)

# History outlives what it tells of, and tells of units and lists too: no foreign key.
history = sa.Table(
    "history",
    metadata,
    sa.Column("history_id", sa.Uuid, primary_key=True),
    sa.Column("subject_id", sa.Uuid, nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column("actor_office", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("changes", pg.JSONB, nullable=False),
    sa.Index("history_of_subject", "subject_id", "history_id"),
)
