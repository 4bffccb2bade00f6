"""What the task gate tells others; an empty list of communities means the whole city."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.contracts.base import Event
from services.contracts.claims.admission_terms import EmergencyKind, TaskKind


@dataclass(frozen=True, kw_only=True)
class AdmissionEvent(Event):
    """What every event of an application says about it."""

    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "admission_id"

    admission_id: UUID
    code: str
    department: str
    task_title: str
    kind: TaskKind
    community_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class AdmissionApplied(AdmissionEvent):
    """`decide_by_on` is null when a rule decides at once."""

    from_on: date
    until_on: date
    decide_by_on: date | None


@dataclass(frozen=True, kw_only=True)
class AdmissionDecided(AdmissionEvent):
    is_admitted: bool
    is_by_rule: bool
    reason: str
    from_on: date
    until_on: date


@dataclass(frozen=True, kw_only=True)
class AdmissionRevoked(AdmissionEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class AdmissionExpired(AdmissionEvent):
    until_on: date


@dataclass(frozen=True, kw_only=True)
class TaskSentBack(Event):
    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "sent_back_id"

    sent_back_id: UUID
    code: str
    community_id: UUID
    department: str
    task_title: str
    kind: TaskKind
    basis: str


@dataclass(frozen=True, kw_only=True)
class SealRefused(Event):
    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "seal_id"

    seal_id: UUID
    code: str
    community_id: UUID
    proof_title: str
    asked_by: str
    is_by_rule: bool
    basis: str


@dataclass(frozen=True, kw_only=True)
class EmergencyDeclared(Event):
    source: ClassVar[str] = "claims"
    aggregate: ClassVar[str] = "emergency_id"

    emergency_id: UUID
    code: str
    department: str
    title: str
    kind: EmergencyKind
    from_on: date
    until_on: date
    community_ids: tuple[UUID, ...]
