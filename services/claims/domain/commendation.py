"""Commendations (通报表扬): in words only, after a public notice period (domain rules 2.4)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.contracts.claims.terms import ScoreGrade

OBJECTION_WORKING_DAYS = 5
WORTHY = frozenset({ScoreGrade.EXCELLENT, ScoreGrade.GOOD})


@dataclass(eq=False, kw_only=True)
class Commendation:
    """Anybody may object until the end of `objection_until_on`."""

    commendation_id: UUID
    reason: str
    commended_at: datetime
    objection_until_on: date
