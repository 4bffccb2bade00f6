"""The life of a unit in the alliance, who speaks for it, and dual registration."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from services.chassis import keys

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(40)


def upgrade() -> None:
    if not sa.inspect(op.get_bind()).has_table("data_keys"):
        keys.create(op.get_bind())
    _units()
    _dual_registration()


def _units() -> None:
    """Whoever staff registered so far is a member since that day."""
    op.add_column("units", sa.Column("status", WORD, nullable=False, server_default="member"))
    op.add_column("units", sa.Column("introduction", sa.Text, nullable=False, server_default=""))
    op.add_column("units", sa.Column("reason", sa.Text, nullable=False, server_default=""))
    op.add_column("units", sa.Column("reference_hash", sa.String(64)))
    op.add_column("units", sa.Column("applied_at", MOMENT))
    op.add_column("units", sa.Column("joined_on", sa.Date))
    op.execute("UPDATE units SET joined_on = (registered_at AT TIME ZONE 'Asia/Shanghai')::date")
    for column in ("status", "introduction", "reason"):
        op.alter_column("units", column, server_default=None)
    op.create_unique_constraint("units_reference_once", "units", ["reference_hash"])
    op.create_check_constraint("units_members_joined", "units", "status <> 'member' OR joined_on IS NOT NULL")
    op.create_index("units_by_status", "units", ["status", "sort_key", "unit_id"])
    op.create_table(
        "unit_contacts",
        sa.Column("contact_id", sa.Uuid, primary_key=True),
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.Column("name_hash", sa.LargeBinary, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_unit_contacts_unit_id", "unit_contacts", ["unit_id"])
    op.create_index("unit_contacts_by_name", "unit_contacts", ["name_hash"])


def _dual_registration() -> None:
    op.execute("CREATE SEQUENCE dual_registration_numbers")
    op.create_table(
        "dual_registrations",
        sa.Column("registration_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("organisation_title", sa.Text, nullable=False),
        sa.Column("headcount", sa.Integer, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary),
        sa.Column("name_hash", sa.LargeBinary),
        sa.Column("skills", pg.ARRAY(WORD), nullable=False),
        sa.Column("reported_on", sa.Date, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("end_reason", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("number", name="dual_registrations_number_once"),
        sa.UniqueConstraint("code", name="dual_registrations_code_once"),
        sa.CheckConstraint("(kind = 'member') = (name_sealed IS NOT NULL)", name="dual_registrations_named"),
        sa.CheckConstraint("(status = 'ended') = (ended_on IS NOT NULL)", name="dual_registrations_ended"),
    )
    op.create_index("dual_registrations_of_community", "dual_registrations", ["community_id", "number"])
    op.create_index("dual_registrations_of_unit", "dual_registrations", ["unit_id", "number"])
    op.create_index("dual_registrations_by_name", "dual_registrations", ["name_hash"])
    op.create_index(
        "dual_registrations_organisation_once",
        "dual_registrations",
        ["unit_id", "community_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'organisation' AND status = 'reported'"),
    )
    op.create_table(
        "community_tasks",
        sa.Column("task_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index(
        "community_tasks_of_community", "community_tasks", ["community_id", "until_on", "task_id"]
    )
    registration = sa.ForeignKey("dual_registrations.registration_id")
    op.create_table(
        "dual_services",
        sa.Column("service_id", sa.Uuid, primary_key=True),
        sa.Column("registration_id", sa.Uuid, registration, nullable=False),
        sa.Column("task_id", sa.Uuid, sa.ForeignKey("community_tasks.task_id")),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id")),
        sa.Column("shift_id", sa.Uuid, sa.ForeignKey("shifts.shift_id")),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("served_on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("withdrawn_reason", sa.Text, nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440 AND people > 0", name="dual_services_within_a_day"),
    )
    for column in ("registration_id", "task_id", "item_id", "shift_id"):
        op.create_index(f"ix_dual_services_{column}", "dual_services", [column])
    op.create_table(
        "dual_evaluations",
        sa.Column(
            "registration_id",
            sa.Uuid,
            sa.ForeignKey("dual_registrations.registration_id"),
            primary_key=True,
        ),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("grade", WORD, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("evaluated_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    for table in ("dual_evaluations", "dual_services", "community_tasks", "dual_registrations"):
        op.drop_table(table)
    op.execute("DROP SEQUENCE dual_registration_numbers")
    op.drop_table("unit_contacts")
    op.drop_index("units_by_status", "units")
    op.drop_constraint("units_members_joined", "units")
    op.drop_constraint("units_reference_once", "units")
    for column in ("joined_on", "applied_at", "reference_hash", "reason", "introduction", "status"):
        op.drop_column("units", column)
