"""Schemes, periods and units' results in memory: enough for every page to have something on it."""

from typing import Any
from uuid import UUID

from services.claims.domain.scheme import FIRST_SCHEME, Criterion, Scheme, ScorerRule
from services.claims.usecases.scheme import worked_example
from services.contracts.base import Actor, write
from services.contracts.claims import views
from services.contracts.claims.errors import SchemeNotFound, UnitAssessmentNotFound
from services.contracts.claims.scheme_terms import ResultStatus, SchemeStatus, ScorerKind
from tests.gateway import fake_sample as sample

BY_STATUS = {
    ResultStatus.OPEN: ["score_unit"],
    ResultStatus.FROZEN: ["object_to_result", "commend_unit", "record_feedback"],
    ResultStatus.REVIEW: ["score_unit", "settle_unit_assessment"],
    ResultStatus.COMMENDED: ["answer_result_objection", "revoke_unit_commendation"],
}
PARTIES = [
    ScorerRule(
        scorer=ScorerKind.COMMUNITY,
        weight=60,
        criteria=(Criterion(criterion="按期完成", most=40), Criterion(criterion="工作质量", most=60)),
    ),
    ScorerRule(scorer=ScorerKind.CITY, weight=40, criteria=(Criterion(criterion="实际成效", most=100),)),
]


def drafted() -> Scheme:
    first = {name: getattr(FIRST_SCHEME, name) for name in Scheme.__dataclass_fields__}
    others = {
        "scheme_id": UUID(sample.id_of("scheme", 2)),
        "number": 2,
        "status": SchemeStatus.DRAFT,
        "effective_on": None,
        "scorers": PARTIES,
    }
    return Scheme(**first | others)


class FakeSchemes:
    communities: list[dict[str, Any]]
    units: list[dict[str, Any]]

    def list_schemes(self, _: Actor, **__: Any) -> dict[str, Any]:
        return {"items": [self._scheme(drafted()), self._scheme(FIRST_SCHEME)], "next": None}

    def get_scheme(self, _: Actor, *, scheme_id: UUID) -> dict[str, Any]:
        for one in (drafted(), FIRST_SCHEME):
            if one.scheme_id == scheme_id:
                return self._scheme(one)
        raise SchemeNotFound("没有这个考核方案。")

    def _scheme(self, one: Scheme) -> dict[str, Any]:
        is_first = one.number == 1
        acts = [] if is_first else ["change_scheme", "publish_scheme", "withdraw_scheme"]
        values = {name: getattr(one, name) for name in Scheme.__dataclass_fields__}
        return write(
            views.SchemeView,
            {
                **values,
                "periodic_weight": one.periodic_weight,
                "is_in_force": is_first,
                "worked_example": worked_example(one),
                "history": [],
                "possible_acts": acts,
            },
        )

    # ---- periods and results ----------------------------------------------------------------

    def list_periods(self, _: Actor, **__: Any) -> dict[str, Any]:
        return {"items": [self._period()], "next": None}

    def get_period(self, _: Actor, *, period_id: UUID) -> dict[str, Any]:
        return self._period()

    def list_unit_assessments(self, _: Actor, **__: Any) -> dict[str, Any]:
        return {"items": [one for one in self._results() if one["status"] != "open"], "next": None}

    def get_unit_assessment(self, _: Actor, *, assessment_id: UUID) -> dict[str, Any]:
        for one in self._results():
            if one["assessment_id"] == str(assessment_id):
                return one
        raise UnitAssessmentNotFound("没有这份考核结果。")

    def _period(self) -> dict[str, Any]:
        community = self.communities[0]
        return {
            "period_id": sample.id_of("period", 1),
            "community_id": community["community_id"],
            "community_name": community["community_name"],
            "kind": "quarter",
            "label": "2026 年第 4 季度",
            "start_on": sample.day(-60),
            "end_on": sample.day(-1),
            "scheme_number": 1,
            "closed_at": None,
            "units": len(ResultStatus),
            "version": 1,
            "results": self._results(),
            "history": [],
            "possible_acts": ["close_period"],
        }

    def _results(self) -> list[dict[str, Any]]:
        return [self._result(number, status) for number, status in enumerate(ResultStatus)]

    def _result(self, number: int, status: ResultStatus) -> dict[str, Any]:
        unit, community = self.units[number % len(self.units)], self.communities[0]
        is_open = status is ResultStatus.OPEN
        objection = {
            "objection_id": sample.id_of("objection", number),
            "content": "漏计一项",
            "raised_at": sample.iso(-1),
            "answer": "",
            "is_upheld": None,
            "answered_at": None,
        }
        commendation = {
            "commendation_id": sample.id_of("unit_commendation", 1),
            "reason": "清雪及时，居民满意。",
            "commended_at": sample.iso(0),
            "objection_until_on": sample.day(5),
            "revoked_at": None,
            "revoked_reason": "",
        }
        item = {
            "item_id": sample.id_of("item", 1),
            "code": "RL-2026-0001",
            "title": "冬季清雪",
            "score_total": "88.00",
            "weight": 1,
            "is_sample_sufficient": True,
        }
        is_commended = status is ResultStatus.COMMENDED
        return write(
            views.UnitAssessmentView,
            {
                "assessment_id": sample.id_of("result", status),
                "period_id": sample.id_of("period", 1),
                "period": "2026 年第 4 季度",
                "community_id": community["community_id"],
                "community_name": community["community_name"],
                "unit_id": unit["unit_id"],
                "unit_name": unit["unit_name"],
                "status": status,
                "item_count": 1,
                "items_score": 88,
                "periodic_score": None if is_open else 90,
                "total": "88.60",
                "grade": None,
                "is_sample_sufficient": False,
                "missing": [ScorerKind.CITY] if is_open else [],
                "is_in_notice": status is ResultStatus.FROZEN,
                "version": 2,
                "items": [item],
                "assessing": {
                    "scheme_id": FIRST_SCHEME.scheme_id,
                    "number": 1,
                    "is_by_parts": True,
                    "scorers": PARTIES,
                    "scorings": [],
                    "missing": [ScorerKind.CITY] if is_open else [],
                },
                "explanation": ["事项 88.00 × 70% = 61.60。", "总分 88.60。"],
                "feedback_to": "市直机关工委" if is_commended else "",
                "history": [],
                "possible_acts": BY_STATUS[status],
            },
        ) | {
            "grade": "good",
            "notice_until_on": None if is_open else sample.day(4),
            "feedback_on": sample.day(0) if is_commended else None,
            "commendation": commendation if is_commended else None,
            "objections": [objection] if is_commended else [],
        }
