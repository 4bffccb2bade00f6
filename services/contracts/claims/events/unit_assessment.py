"""What a unit's result of a period tells others."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event
from services.contracts.claims.terms import ScoreGrade


@dataclass(frozen=True, kw_only=True)
class UnitAssessmentEvent(Event):
    """`period`: as people call it, 2026 年第 4 季度."""

    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "assessment_id"

    assessment_id: UUID
    community_id: UUID
    unit_id: UUID
    unit_name: str
    period: str


@dataclass(frozen=True, kw_only=True)
class UnitScored(UnitAssessmentEvent):
    """Settled, and up for objections until the end of `notice_until_on`; again after an upheld objection."""

    total: Decimal
    grade: ScoreGrade
    is_sample_sufficient: bool
    notice_until_on: date


@dataclass(frozen=True, kw_only=True)
class UnitCommended(UnitAssessmentEvent):
    commendation_id: UUID
    total: Decimal
    reason: str
    objection_until_on: date


@dataclass(frozen=True, kw_only=True)
class UnitCommendationRevoked(UnitAssessmentEvent):
    commendation_id: UUID
    reason: str
