"""What the answers say: rates and score by domain rules 2.3, computed with integers only.

Silence is not an opinion: only those who answered are counted, never "no answer means satisfied".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.contracts.consultation.terms import Satisfaction

WEIGHTS = {
    Satisfaction.VERY_SATISFIED: 100,
    Satisfaction.SATISFIED: 80,
    Satisfaction.FAIRLY_SATISFIED: 60,
    Satisfaction.DISSATISFIED: 30,
    Satisfaction.VERY_DISSATISFIED: 0,
}
GOOD = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.FAIRLY_SATISFIED)
BAD = (Satisfaction.DISSATISFIED, Satisfaction.VERY_DISSATISFIED)


@dataclass(frozen=True)
class Tally:
    """How many chose each grade; a grade nobody chose counts zero. Rates are None when nobody answered."""

    counts: Mapping[Satisfaction, int]

    @property
    def answered(self) -> int:
        return sum(self.counts.values())

    @property
    def satisfaction_percent(self) -> Decimal | None:
        return percent(self._chose(GOOD), self.answered)

    @property
    def bad_percent(self) -> Decimal | None:
        return percent(self._chose(BAD), self.answered)

    @property
    def score(self) -> Decimal | None:
        points = sum(weight * self.counts.get(grade, 0) for grade, weight in WEIGHTS.items())
        return _hundredths(points, self.answered)

    def _chose(self, grades: tuple[Satisfaction, ...]) -> int:
        return sum(self.counts.get(grade, 0) for grade in grades)


def percent(part: int, whole: int) -> Decimal | None:
    return _hundredths(100 * part, whole)


def _hundredths(numerator: int, denominator: int) -> Decimal | None:
    """The quotient with two decimals, a half rounded up; exact, because nothing is divided before the end."""
    if denominator == 0:
        return None
    return Decimal((200 * numerator + denominator) // (2 * denominator)).scaleb(-2)
