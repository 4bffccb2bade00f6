"""Commendations (通报表扬): in words only, after a public notice period (domain rules 2.4)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.contracts.claims.errors import CommendationNotInForce
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
    revoked_at: datetime | None = None
    revoked_reason: str = ""

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def revoke(self, *, reason: str, now: datetime) -> None:
        if self.is_revoked:
            raise CommendationNotInForce("通报表扬已经撤销。")
        self.revoked_at, self.revoked_reason = now, reason
