"""Who reported to which community, what they did there and how it was evaluated; members' names sealed."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.chassis.sealing import SealedColumn
from services.claims.storage.tables.base import MOMENT, metadata, term
from services.contracts.claims.dual_registration_terms import (
    EvaluationGrade,
    RegistrationKind,
    RegistrationStatus,
)
from services.contracts.claims.volunteer_terms import Skill

dual_registration_numbers = sa.Sequence("dual_registration_numbers", metadata=metadata)

dual_registrations = sa.Table(
    "dual_registrations",
    metadata,
    sa.Column("registration_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
    sa.Column("kind", term(RegistrationKind), nullable=False),
    sa.Column("organisation_title", sa.Text, nullable=False),
    sa.Column("headcount", sa.Integer, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary),
    sa.Column("name_hash", sa.LargeBinary),
    sa.Column("skills", pg.ARRAY(term(Skill)), nullable=False),
    sa.Column("reported_on", sa.Date, nullable=False),
    sa.Column("status", term(RegistrationStatus), nullable=False),
    sa.Column("ended_on", sa.Date),
    sa.Column("end_reason", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("number", name="dual_registrations_number_once"),
    sa.UniqueConstraint("code", name="dual_registrations_code_once"),
    sa.CheckConstraint("(kind = 'member') = (name_sealed IS NOT NULL)", name="dual_registrations_named"),
    sa.CheckConstraint("(status = 'ended') = (ended_on IS NOT NULL)", name="dual_registrations_ended"),
    sa.Index("dual_registrations_of_community", "community_id", "number"),
    sa.Index("dual_registrations_of_unit", "unit_id", "number"),
    sa.Index("dual_registrations_by_name", "name_hash"),
    # An organisation reports to a community once, until it leaves.
    sa.Index(
        "dual_registrations_organisation_once",
        "unit_id",
        "community_id",
        unique=True,
        postgresql_where=sa.text("kind = 'organisation' AND status = 'reported'"),
    ),
)
member_names = SealedColumn(dual_registrations.c.name_sealed, purpose="dual_registration.name")

community_tasks = sa.Table(
    "community_tasks",
    metadata,
    sa.Column("task_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("until_on", sa.Date, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("community_tasks_of_community", "community_id", "until_on", "task_id"),
)

dual_services = sa.Table(
    "dual_services",
    metadata,
    sa.Column("service_id", sa.Uuid, primary_key=True),
    sa.Column(
        "registration_id",
        sa.Uuid,
        sa.ForeignKey("dual_registrations.registration_id"),
        nullable=False,
        index=True,
    ),
    sa.Column("task_id", sa.Uuid, sa.ForeignKey("community_tasks.task_id"), index=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), index=True),
    sa.Column("shift_id", sa.Uuid, sa.ForeignKey("shifts.shift_id"), index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("served_on", sa.Date, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("withdrawn_reason", sa.Text, nullable=False),
    sa.CheckConstraint("minutes BETWEEN 1 AND 1440 AND people > 0", name="dual_services_within_a_day"),
)

dual_evaluations = sa.Table(
    "dual_evaluations",
    metadata,
    sa.Column(
        "registration_id",
        sa.Uuid,
        sa.ForeignKey("dual_registrations.registration_id"),
        primary_key=True,
    ),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("grade", term(EvaluationGrade), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("evaluated_at", MOMENT, nullable=False),
)
