"""What periods and units' results are asked with, and the ones that a place has."""

from collections.abc import Callable
from typing import Any

from services.chassis.clock import local_today
from services.claims.domain.scheme import FIRST_SCHEME

Post = Callable[..., dict[str, Any]]
TODAY = local_today()

ASSESSING: dict[str, Callable[[Any], dict[str, Any]]] = {
    "answer_result_objection": lambda at: {"is_upheld": False, "answer": "已核实"},
    "close_period": lambda at: {},
    "commend_unit": lambda at: {"reason": "清雪及时"},
    "get_burden_months": lambda at: {"?community_id": at.community_id},
    "get_money_figures": lambda at: {"?community_id": at.community_id},
    "get_feedback_letter": lambda at: {},
    "get_period": lambda at: {},
    "get_unit_assessment": lambda at: {},
    "list_periods": lambda at: {"?community_id": at.community_id},
    "object_to_result": lambda at: {"content": "漏计一项"},
    "open_period": lambda at: {"community_id": at.community_id, "kind": "year", "year": TODAY.year},
    "record_feedback": lambda at: {"recipient": "市直机关工委"},
    "revoke_unit_commendation": lambda at: {"reason": "材料不实"},
    "score_item": lambda at: {"scorer": "community", "points": ["90"]},
    "score_unit": lambda at: {"scorer": "community", "points": ["90"]},
    "settle_unit_assessment": lambda at: {},
}


def settle_assessments(post: Post, community_id: str) -> dict[str, str]:
    """The running quarter of a community with the result of its one unit."""
    period = post(
        "/assessment-periods",
        community_id=community_id,
        kind="quarter",
        year=TODAY.year,
        quarter=(TODAY.month + 2) // 3,
    )
    return {
        "scheme_id": str(FIRST_SCHEME.scheme_id),
        "period_id": period["period_id"],
        "assessment_id": period["results"][0]["assessment_id"],
    }
