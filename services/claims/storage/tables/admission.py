"""The task gate: applications and opinions, the three lists, send-backs, emergencies, seals.

Lists are read by their key, newest first: the keys sort by time.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.claims.storage.tables.base import MOMENT, metadata, term
from services.contracts.claims.admission_terms import (
    AdmissionStatus,
    EmergencyKind,
    Frequency,
    GateList,
    SealStatus,
    TaskKind,
)

# The last number of each series (ZR, TH, YJ, YY) and year; taking one holds its row until the commit.
gate_numbers = sa.Table(
    "gate_numbers",
    metadata,
    sa.Column("series", sa.String(2), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)

gate_entries = sa.Table(
    "gate_entries",
    metadata,
    sa.Column("entry_id", sa.Uuid, primary_key=True),
    sa.Column("gate_list", term(GateList), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_key", sa.Text, nullable=False),
    sa.Column("also", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.Column("until_on", sa.Date),
    sa.Column("end_reason", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint("until_on >= from_on", name="gate_entries_days"),
    sa.Index("gate_entries_by_list", "gate_list", "entry_id"),
    sa.Index("gate_entries_in_force", "from_on", "until_on"),
)
sa.Index(
    "gate_entries_open_once",
    gate_entries.c.gate_list,
    gate_entries.c.title_key,
    unique=True,
    postgresql_where=gate_entries.c.until_on.is_(None),
)

admissions = sa.Table(
    "admissions",
    metadata,
    sa.Column("admission_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("uscc", sa.String(18), nullable=False),
    sa.Column("task_title", sa.Text, nullable=False),
    sa.Column("title_key", sa.Text, nullable=False),
    sa.Column("kind", term(TaskKind), nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.Column("until_on", sa.Date, nullable=False),
    sa.Column("frequency", term(Frequency), nullable=False),
    sa.Column("funds_fen", sa.BigInteger, nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("training", sa.Text, nullable=False),
    sa.Column("form_count", sa.Integer, nullable=False),
    sa.Column("assessed_how", sa.Text, nullable=False),
    sa.Column("community_ids", pg.ARRAY(sa.Uuid), nullable=False),
    sa.Column("applied_on", sa.Date, nullable=False),
    sa.Column("applied_at", MOMENT, nullable=False),
    sa.Column("opinions_needed", sa.SmallInteger, nullable=False),
    sa.Column("status", term(AdmissionStatus), nullable=False),
    sa.Column("decide_by_on", sa.Date),
    sa.Column("decided_at", MOMENT),
    sa.Column("decided_on", sa.Date),
    sa.Column("is_by_rule", sa.Boolean, nullable=False),
    sa.Column("decision_reason", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Uuid, sa.ForeignKey("gate_entries.entry_id")),
    sa.Column("revoked_on", sa.Date),
    sa.Column("revocation_reason", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("code", name="admissions_code_once"),
    sa.CheckConstraint("until_on >= from_on", name="admissions_days"),
    sa.CheckConstraint("funds_fen >= 0 AND people >= 0 AND form_count >= 0", name="admissions_amounts"),
    sa.CheckConstraint("(status = 'applied') = (decided_on IS NULL)", name="admissions_decided_once"),
    sa.CheckConstraint("(status = 'revoked') = (revoked_on IS NOT NULL)", name="admissions_revoked"),
    sa.Index("admissions_by_status", "status", "admission_id"),
    sa.Index("admissions_by_title_key", "title_key"),
    sa.Index("admissions_by_community", "community_ids", postgresql_using="gin"),
    sa.Index(
        "admissions_by_title",
        "task_title",
        postgresql_using="gin",
        postgresql_ops={"task_title": "gin_trgm_ops"},
    ),
    sa.Index(
        "admissions_by_department",
        "department",
        postgresql_using="gin",
        postgresql_ops={"department": "gin_trgm_ops"},
    ),
)
sa.Index(
    "admissions_ending",
    admissions.c.until_on,
    postgresql_where=sa.text("status = 'admitted'"),
)

admission_opinions = sa.Table(
    "admission_opinions",
    metadata,
    sa.Column("opinion_id", sa.Uuid, primary_key=True),
    sa.Column("admission_id", sa.Uuid, sa.ForeignKey("admissions.admission_id"), nullable=False),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("agrees", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    # The row lock of the application keeps offices in turn; this is the net below it.
    sa.UniqueConstraint("admission_id", "office", name="admission_opinions_office_once"),
)

sent_back_tasks = sa.Table(
    "sent_back_tasks",
    metadata,
    sa.Column("sent_back_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("task_title", sa.Text, nullable=False),
    sa.Column("kind", term(TaskKind), nullable=False),
    sa.Column("admission_id", sa.Uuid, sa.ForeignKey("admissions.admission_id")),
    sa.Column("entry_id", sa.Uuid, sa.ForeignKey("gate_entries.entry_id")),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("letter", sa.Text, nullable=False),
    sa.Column("times_here", sa.Integer, nullable=False),
    sa.Column("times_in_city", sa.Integer, nullable=False),
    sa.Column("sent_back_on", sa.Date, nullable=False),
    sa.Column("sent_back_at", MOMENT, nullable=False),
    sa.UniqueConstraint("code", name="sent_back_tasks_code_once"),
    sa.Index("sent_back_tasks_by_community", "community_id", "sent_back_id"),
    sa.Index("sent_back_tasks_by_department", "department", "sent_back_on"),
    sa.Index("sent_back_tasks_by_day", "sent_back_on"),
)

emergencies = sa.Table(
    "emergencies",
    metadata,
    sa.Column("emergency_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_key", sa.Text, nullable=False),
    sa.Column("kind", term(EmergencyKind), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.Column("until_on", sa.Date, nullable=False),
    sa.Column("community_ids", pg.ARRAY(sa.Uuid), nullable=False),
    sa.Column("declared_at", MOMENT, nullable=False),
    sa.UniqueConstraint("code", name="emergencies_code_once"),
    sa.CheckConstraint("until_on >= from_on", name="emergencies_days"),
    sa.Index("emergencies_by_days", "until_on", "from_on"),
    sa.Index("emergencies_by_community", "community_ids", postgresql_using="gin"),
)

seal_requests = sa.Table(
    "seal_requests",
    metadata,
    sa.Column("seal_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("proof_title", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("requested_on", sa.Date, nullable=False),
    sa.Column("requested_at", MOMENT, nullable=False),
    sa.Column("status", term(SealStatus), nullable=False),
    sa.Column("is_by_rule", sa.Boolean, nullable=False),
    sa.Column("proof_number", sa.SmallInteger),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decided_at", MOMENT),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("code", name="seal_requests_code_once"),
    sa.CheckConstraint("(status = 'requested') = (decided_at IS NULL)", name="seal_requests_decided_once"),
    sa.Index("seal_requests_by_community", "community_id", "seal_id"),
    sa.Index("seal_requests_by_status", "status", "seal_id"),
)
