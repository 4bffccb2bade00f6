"""Units' results of a period for tests, in every state."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from services.claims.domain.period import (
    AssessedItem,
    AssessmentPeriod,
)
from services.claims.domain.scheme import FIRST_SCHEME, Scheme, Scoring
from services.claims.domain.unit_assessment import UnitAssessment
from services.contracts.base import Actor
from services.contracts.claims.scheme_terms import (
    PeriodKind,
    ResultStatus,
    ScorerKind,
)
from services.contracts.working_days import WorkCalendar
from tests.builders import HUAYUAN, NOW, make_unit, worker

START, END = date(2026, 10, 1), date(2026, 12, 31)
CLOSED = date(2027, 1, 4)
NOTICE_END = date(2027, 1, 11)
AFTER = NOTICE_END + timedelta(days=1)


def make_assessed(
    total: str | None = "88.00", *, weight: int = 1, is_sufficient: bool = True
) -> AssessedItem:
    return AssessedItem(
        item_id=uuid4(),
        code="RL-2026-0001",
        title="冬季清雪",
        score_total=Decimal(total) if total else None,
        weight=weight,
        is_sample_sufficient=is_sufficient,
    )


def make_scoring(points: str = "90.00", **given: Any) -> Scoring:
    fields: dict[str, Any] = {
        "scoring_id": uuid4(),
        "scorer": ScorerKind.COMMUNITY,
        "points": [Decimal(points)],
        "scored_by_id": "worker",
        "scored_at": NOW,
    }
    return Scoring(**fields | given)


def make_period(**given: Any) -> AssessmentPeriod:
    fields: dict[str, Any] = {
        "period_id": uuid4(),
        "community_id": HUAYUAN,
        "kind": PeriodKind.QUARTER,
        "start_on": START,
        "end_on": END,
        "scheme_number": 1,
        "opened_at": NOW,
    }
    return AssessmentPeriod(**fields | given)


def make_result() -> UnitAssessment:
    unit, period = make_unit(), make_period()
    return UnitAssessment(
        assessment_id=uuid4(),
        period_id=period.period_id,
        community_id=HUAYUAN,
        unit_id=unit.unit_id,
        period=period,
        unit=unit,
    )


def freeze(result: UnitAssessment, *items: AssessedItem, scheme: Scheme = FIRST_SCHEME) -> Any:
    return result.freeze(items, scheme=scheme, calendar=WorkCalendar(), today=CLOSED, now=NOW)


def good_items() -> list[AssessedItem]:
    return [make_assessed("88.00"), make_assessed("92.00"), make_assessed("90.00")]


def act_on(result: UnitAssessment, act: str, *, actor: Actor | None = None, today: date = AFTER) -> Any:
    actor = actor or worker()
    match act:
        case "score_unit":
            return result.add_scoring(make_scoring(), actor=actor, scheme=FIRST_SCHEME)
        case "settle_unit_assessment":
            return result.settle(
                good_items(),
                scheme=FIRST_SCHEME,
                calendar=WorkCalendar(),
                actor=actor,
                today=today,
                now=NOW,
            )
        case "object_to_result":
            return result.object(objection_id=uuid4(), content="漏计一项", actor=actor, today=today, now=NOW)
        case "answer_result_objection":
            waiting = next((one for one in result.objections if one.answered_at is None), None)
            return result.answer(
                waiting.objection_id if waiting else uuid4(),
                is_upheld=False,
                answer="已核实",
                actor=actor,
                now=NOW,
            )
        case "commend_unit":
            return result.commend(
                commendation_id=uuid4(),
                reason="清雪及时",
                calendar=WorkCalendar(),
                actor=actor,
                today=today,
                now=NOW,
            )
        case "revoke_unit_commendation":
            return result.revoke(reason="材料不实", actor=actor, now=NOW)
        case "record_feedback":
            return result.tell_parent(recipient="市直机关工委", actor=actor, today=today)
    raise AssertionError(act)


def result_in(status: ResultStatus) -> UnitAssessment:
    result = make_result()
    if status is ResultStatus.OPEN:
        return result
    act_on(result, "score_unit")
    freeze(result, *good_items())
    if status is ResultStatus.REVIEW:
        act_on(result, "object_to_result", today=CLOSED)
        result.answer(
            result.objections[0].objection_id, is_upheld=True, answer="确有遗漏", actor=worker(), now=NOW
        )
    if status is ResultStatus.COMMENDED:
        act_on(result, "commend_unit")
    return result
