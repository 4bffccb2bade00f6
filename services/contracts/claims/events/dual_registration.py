"""What claims tells of dual registration: which unit was evaluated how; of members never who or how."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.contracts.claims.dual_registration_terms import EvaluationGrade, RegistrationKind
from services.contracts.claims.events.unit import UnitEvent


@dataclass(frozen=True, kw_only=True)
class RegistrationEvent(UnitEvent):
    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "unit_id"

    registration_id: UUID
    community_id: UUID


@dataclass(frozen=True, kw_only=True)
class DualRegistrationOpened(RegistrationEvent):
    kind: RegistrationKind


@dataclass(frozen=True, kw_only=True)
class UnitEvaluated(RegistrationEvent):
    year: int
    grade: EvaluationGrade


@dataclass(frozen=True, kw_only=True)
class MemberEvaluated(RegistrationEvent):
    """That there is feedback for the unit; it reads the grade where members' names are masked."""

    year: int
