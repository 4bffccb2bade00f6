"""The task gate and the burden meter: applications, lists, send-backs, emergencies, seals, burdens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(40)


def upgrade() -> None:
    op.create_table(
        "gate_numbers",
        sa.Column("series", sa.String(2), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "gate_entries",
        sa.Column("entry_id", sa.Uuid, primary_key=True),
        sa.Column("gate_list", WORD, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_key", sa.Text, nullable=False),
        sa.Column("also", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("until_on", sa.Date),
        sa.Column("end_reason", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("until_on >= from_on", name="gate_entries_days"),
    )
    op.create_index("gate_entries_by_list", "gate_entries", ["gate_list", "entry_id"])
    op.create_index("gate_entries_in_force", "gate_entries", ["from_on", "until_on"])
    op.create_index(
        "gate_entries_open_once",
        "gate_entries",
        ["gate_list", "title_key"],
        unique=True,
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.create_table(
        "admissions",
        sa.Column("admission_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("task_title", sa.Text, nullable=False),
        sa.Column("title_key", sa.Text, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("legal_basis", sa.Text, nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.Column("frequency", WORD, nullable=False),
        sa.Column("funds_fen", sa.BigInteger, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("training", sa.Text, nullable=False),
        sa.Column("form_count", sa.Integer, nullable=False),
        sa.Column("assessed_how", sa.Text, nullable=False),
        sa.Column("community_ids", pg.ARRAY(sa.Uuid), nullable=False),
        sa.Column("applied_on", sa.Date, nullable=False),
        sa.Column("applied_at", MOMENT, nullable=False),
        sa.Column("opinions_needed", sa.SmallInteger, nullable=False),
        sa.Column("status", WORD, nullable=False),
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
    )
    op.create_index("admissions_by_status", "admissions", ["status", "admission_id"])
    op.create_index("admissions_by_title_key", "admissions", ["title_key"])
    op.create_index("admissions_by_community", "admissions", ["community_ids"], postgresql_using="gin")
    op.create_index(
        "admissions_by_title",
        "admissions",
        ["task_title"],
        postgresql_using="gin",
        postgresql_ops={"task_title": "gin_trgm_ops"},
    )
    op.create_index(
        "admissions_by_department",
        "admissions",
        ["department"],
        postgresql_using="gin",
        postgresql_ops={"department": "gin_trgm_ops"},
    )
    op.create_index(
        "admissions_ending", "admissions", ["until_on"], postgresql_where=sa.text("status = 'admitted'")
    )
    op.create_table(
        "admission_opinions",
        sa.Column("opinion_id", sa.Uuid, primary_key=True),
        sa.Column("admission_id", sa.Uuid, sa.ForeignKey("admissions.admission_id"), nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("agrees", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.UniqueConstraint("admission_id", "office", name="admission_opinions_office_once"),
    )
    op.create_table(
        "sent_back_tasks",
        sa.Column("sent_back_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("task_title", sa.Text, nullable=False),
        sa.Column("kind", WORD, nullable=False),
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
    )
    op.create_index("sent_back_tasks_by_community", "sent_back_tasks", ["community_id", "sent_back_id"])
    op.create_index("sent_back_tasks_by_department", "sent_back_tasks", ["department", "sent_back_on"])
    op.create_index("sent_back_tasks_by_day", "sent_back_tasks", ["sent_back_on"])
    op.create_table(
        "emergencies",
        sa.Column("emergency_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_key", sa.Text, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.Column("community_ids", pg.ARRAY(sa.Uuid), nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.UniqueConstraint("code", name="emergencies_code_once"),
        sa.CheckConstraint("until_on >= from_on", name="emergencies_days"),
    )
    op.create_index("emergencies_by_days", "emergencies", ["until_on", "from_on"])
    op.create_index("emergencies_by_community", "emergencies", ["community_ids"], postgresql_using="gin")
    op.create_table(
        "seal_requests",
        sa.Column("seal_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("proof_title", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("requested_on", sa.Date, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("is_by_rule", sa.Boolean, nullable=False),
        sa.Column("proof_number", sa.SmallInteger),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("code", name="seal_requests_code_once"),
        sa.CheckConstraint(
            "(status = 'requested') = (decided_at IS NULL)", name="seal_requests_decided_once"
        ),
    )
    op.create_index("seal_requests_by_community", "seal_requests", ["community_id", "seal_id"])
    op.create_index("seal_requests_by_status", "seal_requests", ["status", "seal_id"])
    op.create_table(
        "burdens",
        sa.Column("burden_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("basis", WORD, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("admission_id", sa.Uuid, sa.ForeignKey("admissions.admission_id")),
        sa.Column("emergency_id", sa.Uuid, sa.ForeignKey("emergencies.emergency_id")),
        sa.Column("entry_id", sa.Uuid, sa.ForeignKey("gate_entries.entry_id")),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("withdrawal_reason", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000", name="burdens_of_something"),
        sa.CheckConstraint(
            "num_nonnulls(admission_id, emergency_id, entry_id) = (basis <> 'unadmitted')::int",
            name="burdens_one_ground",
        ),
        sa.CheckConstraint("(basis = 'emergency') = (emergency_id IS NOT NULL)", name="burdens_emergency"),
    )
    op.create_index("burdens_in_order", "burdens", ["happened_on", "burden_id"])
    op.create_index("burdens_by_community", "burdens", ["community_id", "happened_on", "burden_id"])
    op.create_index("burdens_by_department", "burdens", ["department", "happened_on", "burden_id"])


def downgrade() -> None:
    for table in (
        "burdens",
        "seal_requests",
        "emergencies",
        "sent_back_tasks",
        "admission_opinions",
        "admissions",
        "gate_entries",
        "gate_numbers",
    ):
        op.drop_table(table)
