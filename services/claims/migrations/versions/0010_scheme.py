"""Assessment schemes as data, points given by parties, periods with units' results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(40)
POINTS = sa.Numeric(5, 2)
SHARED = ("commendations", "objections")


def upgrade() -> None:
    _schemes()
    _periods()
    op.create_table(
        "scorings",
        sa.Column("scoring_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id")),
        sa.Column("assessment_id", sa.Uuid, sa.ForeignKey("unit_assessments.assessment_id")),
        sa.Column("scorer", WORD, nullable=False),
        sa.Column("criteria", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("points", pg.ARRAY(POINTS), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("scored_by_id", sa.Text, nullable=False),
        sa.Column("scored_at", MOMENT, nullable=False),
        sa.CheckConstraint("num_nonnulls(item_id, assessment_id) = 1", name="scorings_of_one_record"),
        sa.UniqueConstraint("item_id", "scorer", name="scorings_of_item_once"),
        sa.UniqueConstraint("assessment_id", "scorer", name="scorings_of_assessment_once"),
    )
    for table in SHARED:
        op.alter_column(table, "item_id", nullable=True)
        op.add_column(
            table, sa.Column("assessment_id", sa.Uuid, sa.ForeignKey("unit_assessments.assessment_id"))
        )
        op.create_check_constraint(
            f"{table}_of_one_record", table, "num_nonnulls(item_id, assessment_id) = 1"
        )
    op.create_unique_constraint("commendations_assessment_id_key", "commendations", ["assessment_id"])
    op.create_index("ix_objections_assessment_id", "objections", ["assessment_id"])
    op.create_index("items_by_verified", "items", ["community_id", "verified_at"])
    op.create_index("items_by_published", "items", ["published_at"])


def _schemes() -> None:
    op.create_table(
        "schemes",
        sa.Column("scheme_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("effective_on", sa.Date),
        sa.Column("assessment_weight", sa.SmallInteger, nullable=False),
        sa.Column("poll_weight", sa.SmallInteger, nullable=False),
        sa.Column("timeliness_weight", sa.SmallInteger, nullable=False),
        sa.Column("points_lost_per_day_late", POINTS, nullable=False),
        sa.Column("excellent_from", POINTS, nullable=False),
        sa.Column("good_from", POINTS, nullable=False),
        sa.Column("passed_from", POINTS, nullable=False),
        sa.Column("scorers", pg.JSONB, nullable=False),
        sa.Column("items_weight", sa.SmallInteger, nullable=False),
        sa.Column("item_weighting", WORD, nullable=False),
        sa.Column("least_items", sa.SmallInteger, nullable=False),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("number", name="schemes_number_once"),
        sa.CheckConstraint(
            "assessment_weight + poll_weight + timeliness_weight = 100", name="schemes_weights_make_a_whole"
        ),
        sa.CheckConstraint("items_weight BETWEEN 0 AND 100", name="schemes_items_weight"),
    )
    op.create_index(
        "schemes_one_a_day",
        "schemes",
        ["effective_on"],
        unique=True,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index("schemes_by_status", "schemes", ["status", "number"])


def _periods() -> None:
    op.create_table(
        "assessment_periods",
        sa.Column("period_id", sa.Uuid, primary_key=True),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("start_on", sa.Date, nullable=False),
        sa.Column("end_on", sa.Date, nullable=False),
        sa.Column("scheme_number", sa.Integer, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("community_id", "start_on", "end_on", name="assessment_periods_once"),
        sa.CheckConstraint("start_on < end_on", name="assessment_periods_end_after_they_start"),
    )
    op.create_index("assessment_periods_in_order", "assessment_periods", ["start_on", "period_id"])
    op.create_index(
        "assessment_periods_by_community", "assessment_periods", ["community_id", "start_on", "period_id"]
    )
    op.create_table(
        "unit_assessments",
        sa.Column("assessment_id", sa.Uuid, primary_key=True),
        sa.Column("period_id", sa.Uuid, sa.ForeignKey("assessment_periods.period_id"), nullable=False),
        sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("items_score", POINTS),
        sa.Column("periodic_score", POINTS),
        sa.Column("total", POINTS),
        sa.Column("grade", WORD),
        sa.Column("is_sufficient", sa.Boolean, nullable=False),
        sa.Column("explanation", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("notice_until_on", sa.Date),
        sa.Column("feedback_to", sa.Text, nullable=False),
        sa.Column("feedback_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("period_id", "unit_id", name="unit_assessments_once"),
        sa.CheckConstraint("(total IS NULL) = (grade IS NULL)", name="unit_assessments_graded"),
    )
    op.create_index("unit_assessments_of_unit", "unit_assessments", ["unit_id", "assessment_id"])
    op.create_index("unit_assessments_in_notice", "unit_assessments", ["notice_until_on", "assessment_id"])
    op.create_table(
        "assessed_items",
        sa.Column(
            "assessment_id", sa.Uuid, sa.ForeignKey("unit_assessments.assessment_id"), primary_key=True
        ),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("score_total", POINTS),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("is_sample_sufficient", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    """Commendations of units and objections to their results go with what they are of."""
    op.drop_index("items_by_published", "items")
    op.drop_index("items_by_verified", "items")
    for table in SHARED:
        op.execute(f"DELETE FROM {table} WHERE assessment_id IS NOT NULL")
        op.drop_constraint(f"{table}_of_one_record", table)
        op.drop_column(table, "assessment_id")
        op.alter_column(table, "item_id", nullable=False)
    for name in ("scorings", "assessed_items", "unit_assessments", "assessment_periods", "schemes"):
        op.drop_table(name)
