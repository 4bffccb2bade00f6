"""Objections to a commendation during its public notice, each answered with a reason (domain rules 2.4)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.contracts.claims.errors import ObjectionAnswered

ANSWER_WORKING_DAYS = 5


@dataclass(eq=False, kw_only=True)
class Objection:
    """`is_upheld` is None until it is answered."""

    objection_id: UUID
    content: str
    raised_at: datetime
    answer: str = ""
    is_upheld: bool | None = None
    answered_at: datetime | None = None

    def settle(self, *, is_upheld: bool, answer: str, now: datetime) -> None:
        if self.answered_at is not None:
            raise ObjectionAnswered("这条异议已经答复，不能再改。")
        self.is_upheld, self.answer, self.answered_at = is_upheld, answer, now
