"""Commendations (通报表扬): in words only, after a public notice period (domain rules 2.4)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.contracts.base import invalid_field
from services.contracts.claims.errors import CommendationNotInForce
from services.contracts.claims.terms import ScoreGrade

OBJECTION_WORKING_DAYS = 5
WORTHY = frozenset({ScoreGrade.EXCELLENT, ScoreGrade.GOOD})

# Money, titles and rankings need an approval that no community and no county can give (domain rules 2.4).
NOT_IN_PRAISE = ("奖金", "现金", "奖励金", "评比", "创建示范", "授牌", "荣誉称号")


def require_plain_praise(reason: str) -> None:
    """A commendation says what was done well, and no more."""
    if found := [word for word in NOT_IN_PRAISE if word in reason]:
        raise invalid_field(
            "reason", f"通报表扬只能说明事迹，不得涉及{'、'.join(found)}（评比达标表彰须经中央或省级批准）。"
        )


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
