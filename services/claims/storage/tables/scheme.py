"""Assessment schemes, the points that parties give, and units' results of a period.

The first scheme is not a row (`domain/scheme.py`); that is why a period names its scheme by number.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.claims.domain.scheme import Criterion, ScorerRule
from services.claims.storage.tables.base import MOMENT, POINTS, metadata, term
from services.contracts.claims.scheme_terms import (
    ItemWeighting,
    PeriodKind,
    ResultStatus,
    SchemeStatus,
    ScorerKind,
)
from services.contracts.claims.terms import ScoreGrade


class ScorerRules(sa.types.TypeDecorator[list[ScorerRule]]):
    """The parties of a scheme: read and written whole, never searched."""

    impl = pg.JSONB
    cache_ok = True

    def process_bind_param(self, value: Sequence[ScorerRule] | None, dialect: Any) -> Any:
        return (
            None
            if value is None
            else [
                {
                    "scorer": rule.scorer.value,
                    "weight": rule.weight,
                    "criteria": [[one.criterion, one.most] for one in rule.criteria],
                }
                for rule in value
            ]
        )

    def process_result_value(self, value: Any, dialect: Any) -> list[ScorerRule] | None:
        return (
            None
            if value is None
            else [
                ScorerRule(
                    scorer=ScorerKind.of(rule["scorer"]),
                    weight=rule["weight"],
                    criteria=tuple(Criterion(criterion=name, most=most) for name, most in rule["criteria"]),
                )
                for rule in value
            ]
        )


schemes = sa.Table(
    "schemes",
    metadata,
    sa.Column("scheme_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("status", term(SchemeStatus), nullable=False),
    sa.Column("effective_on", sa.Date),
    sa.Column("assessment_weight", sa.SmallInteger, nullable=False),
    sa.Column("poll_weight", sa.SmallInteger, nullable=False),
    sa.Column("timeliness_weight", sa.SmallInteger, nullable=False),
    sa.Column("points_lost_per_day_late", POINTS, nullable=False),
    sa.Column("excellent_from", POINTS, nullable=False),
    sa.Column("good_from", POINTS, nullable=False),
    sa.Column("passed_from", POINTS, nullable=False),
    sa.Column("scorers", ScorerRules, nullable=False),
    sa.Column("items_weight", sa.SmallInteger, nullable=False),
    sa.Column("item_weighting", term(ItemWeighting), nullable=False),
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
    # Two schemes that begin on one day would leave open which of them is in force.
    sa.Index(
        "schemes_one_a_day",
        "effective_on",
        unique=True,
        postgresql_where=sa.text("status = 'published'"),
    ),
    sa.Index("schemes_by_status", "status", "number"),
)

assessment_periods = sa.Table(
    "assessment_periods",
    metadata,
    sa.Column("period_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("kind", term(PeriodKind), nullable=False),
    sa.Column("start_on", sa.Date, nullable=False),
    sa.Column("end_on", sa.Date, nullable=False),
    sa.Column("scheme_number", sa.Integer, nullable=False),
    sa.Column("opened_at", MOMENT, nullable=False),
    sa.Column("closed_at", MOMENT),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("community_id", "start_on", "end_on", name="assessment_periods_once"),
    sa.CheckConstraint("start_on < end_on", name="assessment_periods_end_after_they_start"),
    sa.Index("assessment_periods_in_order", "start_on", "period_id"),
    sa.Index("assessment_periods_by_community", "community_id", "start_on", "period_id"),
)

unit_assessments = sa.Table(
    "unit_assessments",
    metadata,
    sa.Column("assessment_id", sa.Uuid, primary_key=True),
    sa.Column("period_id", sa.Uuid, sa.ForeignKey("assessment_periods.period_id"), nullable=False),
    sa.Column("community_id", sa.Uuid, sa.ForeignKey("communities.community_id"), nullable=False),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("units.unit_id"), nullable=False),
    sa.Column("status", term(ResultStatus), nullable=False),
    sa.Column("items_score", POINTS),
    sa.Column("periodic_score", POINTS),
    sa.Column("total", POINTS),
    sa.Column("grade", term(ScoreGrade)),
    sa.Column("is_sufficient", sa.Boolean, nullable=False),
    sa.Column("explanation", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("notice_until_on", sa.Date),
    sa.Column("feedback_to", sa.Text, nullable=False),
    sa.Column("feedback_on", sa.Date),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("period_id", "unit_id", name="unit_assessments_once"),
    sa.CheckConstraint("(total IS NULL) = (grade IS NULL)", name="unit_assessments_graded"),
    sa.Index("unit_assessments_of_unit", "unit_id", "assessment_id"),
    sa.Index("unit_assessments_in_notice", "notice_until_on", "assessment_id"),
)

assessed_items = sa.Table(
    "assessed_items",
    metadata,
    sa.Column("assessment_id", sa.Uuid, sa.ForeignKey("unit_assessments.assessment_id"), primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id"), primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("score_total", POINTS),
    sa.Column("weight", sa.Integer, nullable=False),
    sa.Column("is_sample_sufficient", sa.Boolean, nullable=False),
)

scorings = sa.Table(
    "scorings",
    metadata,
    sa.Column("scoring_id", sa.Uuid, primary_key=True),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.item_id")),
    sa.Column("assessment_id", sa.Uuid, sa.ForeignKey("unit_assessments.assessment_id")),
    sa.Column("scorer", term(ScorerKind), nullable=False),
    sa.Column("criteria", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("points", pg.ARRAY(POINTS), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("scored_by_id", sa.Text, nullable=False),
    sa.Column("scored_at", MOMENT, nullable=False),
    sa.CheckConstraint("num_nonnulls(item_id, assessment_id) = 1", name="scorings_of_one_record"),
    sa.UniqueConstraint("item_id", "scorer", name="scorings_of_item_once"),
    sa.UniqueConstraint("assessment_id", "scorer", name="scorings_of_assessment_once"),
)
