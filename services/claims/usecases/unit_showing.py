"""Units' results as readers see them: the values that the views write out."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from services.claims.domain.history import HistoryLine
from services.claims.domain.period import AssessedItem, period_result
from services.claims.domain.scheme import Scheme
from services.claims.domain.unit_assessment import UnitAssessment
from services.claims.usecases.showing import assessing_shown, line_shown
from services.contracts.base import Actor

OF_THE_RESULT = (
    "assessment_id",
    "period_id",
    "community_id",
    "unit_id",
    "status",
    "notice_until_on",
    "version",
)


def result_line(
    result: UnitAssessment,
    running: Sequence[AssessedItem],
    *,
    scheme: Scheme,
    community_name: str,
    today: date,
) -> dict[str, Any]:
    """One line of a list; `running` are the items of a result that is not settled."""
    figures = result if result.is_settled else period_result(running, result.scorings, scheme)
    items = result.items if result.is_settled else running
    return {
        **{name: getattr(result, name) for name in OF_THE_RESULT},
        "period": result.period.label,
        "unit_name": result.unit.unit_name,
        "community_name": community_name,
        "item_count": len(items),
        "items_score": figures.items_score,
        "periodic_score": figures.periodic_score,
        "total": figures.total,
        "grade": figures.grade,
        "is_sample_sufficient": figures.is_sufficient,
        "missing": [] if result.is_settled else result.missing(items, scheme),
        "is_in_notice": result.is_in_notice(today),
    }


def result_shown(
    result: UnitAssessment,
    running: Sequence[AssessedItem],
    *,
    scheme: Scheme,
    community_name: str,
    history: Iterable[HistoryLine],
    reader: Actor,
    today: date,
) -> dict[str, Any]:
    """What was objected, and who gave which points, is for those who signed in."""
    is_settled = result.is_settled
    live = None if is_settled else period_result(running, result.scorings, scheme)
    return {
        **result_line(result, running, scheme=scheme, community_name=community_name, today=today),
        "items": result.items if is_settled else running,
        "assessing": assessing_shown(scheme, [] if reader.is_anonymous else result.scorings),
        "explanation": result.explanation if live is None else live.explanation,
        "commendation": result.commendation,
        "objections": [] if reader.is_anonymous else result.objections,
        "feedback_to": "" if reader.is_anonymous else result.feedback_to,
        "feedback_on": None if reader.is_anonymous else result.feedback_on,
        "history": [line_shown(line, reader) for line in history],
        "possible_acts": result.possible_acts(actor=reader, today=today),
    }
