"""Periods of assessment (周期考核) and units' results: scored, put up, objected to, commended, printed."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.asking import my_communities
from gateway.pages.forms import chosen, filled, shown_again_on, wanted
from gateway.pages.frame import ASSESSORS, LEADERS, STAFF, WATCHERS
from gateway.pages.paging import Pager
from services.chassis.clock import local_today
from services.contracts.base import Role

LIMIT = 20

blueprint = Blueprint("unit_assessments", __name__)


@blueprint.get("/assessment-periods")
@may(*WATCHERS)
def list_periods() -> str:
    page = claims.list_periods(**wanted("community_id", "cursor"), limit=LIMIT)
    today = local_today()
    return render_template(
        "unit_assessments/periods.html",
        periods=page["items"],
        pager=Pager(page, LIMIT),
        communities=my_communities(),
        today=today,
        quarter=(today.month + 2) // 3,
    )


@blueprint.post("/assessment-periods")
@may(*LEADERS)
@shown_again_on(list_periods)
def open_period() -> Response:
    period = claims.open_period(**filled("community_id", "kind", "year", "quarter"))
    flash(f"{period['label']}考核已开始，共 {period['units']} 个单位。", "success")
    return redirect(url_for("unit_assessments.get_period", period_id=period["period_id"]), 303)


@blueprint.get("/assessment-periods/<uuid:period_id>")
@may(*WATCHERS)
def get_period(period_id: UUID) -> str:
    return render_template("unit_assessments/period.html", period=claims.get_period(period_id=period_id))


@blueprint.post("/assessment-periods/<uuid:period_id>/close_period")
@may(*LEADERS)
@shown_again_on(get_period)
def close_period(period_id: UUID) -> Response:
    claims.close_period(period_id=period_id, **filled("expected_version"))
    flash("考核已结束，各单位结果定格并公示 5 个工作日。", "success")
    return redirect(url_for("unit_assessments.get_period", period_id=period_id), 303)


@blueprint.get("/unit-assessments/<uuid:assessment_id>")
@may(*WATCHERS, Role.UNIT_LIAISON)
def get_unit_assessment(assessment_id: UUID) -> str:
    result = claims.get_unit_assessment(assessment_id=assessment_id)
    return render_template("unit_assessments/result.html", result=result)


@blueprint.get("/unit-assessments/<uuid:assessment_id>/letter")
@may(*WATCHERS)
def get_feedback_letter(assessment_id: UUID) -> str:
    """For printing: what the unit's superior is told."""
    result = claims.get_unit_assessment(assessment_id=assessment_id)
    return render_template("unit_assessments/letter.html", result=result, today=local_today().isoformat())


@blueprint.post("/unit-assessments/<uuid:assessment_id>/score_unit")
@may(*ASSESSORS)
@shown_again_on(get_unit_assessment)
def score_unit(assessment_id: UUID) -> Response:
    claims.score_unit(
        assessment_id=assessment_id, **chosen("points"), **filled("scorer", "comment", "expected_version")
    )
    return _back(assessment_id, "评分已登记。")


@blueprint.post("/unit-assessments/<uuid:assessment_id>/settle_unit_assessment")
@may(*ASSESSORS)
@shown_again_on(get_unit_assessment)
def settle_unit_assessment(assessment_id: UUID) -> Response:
    claims.settle_unit_assessment(assessment_id=assessment_id, **filled("expected_version"))
    return _back(assessment_id, "复核完成，结果重新公示 5 个工作日。")


@blueprint.post("/unit-assessments/<uuid:assessment_id>/object_to_result")
@may(*STAFF, Role.SUPERVISOR, Role.UNIT_LIAISON)
@shown_again_on(get_unit_assessment)
def object_to_result(assessment_id: UUID) -> Response:
    claims.object_to_result(assessment_id=assessment_id, **filled("content"))
    return _back(assessment_id, "异议已登记，5 个工作日内答复。")


@blueprint.post(
    "/unit-assessments/<uuid:assessment_id>/objections/<uuid:objection_id>/answer_result_objection"
)
@may(*LEADERS)
@shown_again_on(get_unit_assessment)
def answer_result_objection(assessment_id: UUID, objection_id: UUID) -> Response:
    claims.answer_result_objection(
        assessment_id=assessment_id, objection_id=objection_id, **filled("is_upheld", "answer")
    )
    return _back(assessment_id, "异议已答复。")


@blueprint.post("/unit-assessments/<uuid:assessment_id>/commend_unit")
@may(*ASSESSORS)
@shown_again_on(get_unit_assessment)
def commend_unit(assessment_id: UUID) -> Response:
    claims.commend_unit(assessment_id=assessment_id, **filled("reason", "expected_version"))
    return _back(assessment_id, "通报表扬已发布并进入公示期。")


@blueprint.post("/unit-assessments/<uuid:assessment_id>/revoke_unit_commendation")
@may(*ASSESSORS)
@shown_again_on(get_unit_assessment)
def revoke_unit_commendation(assessment_id: UUID) -> Response:
    claims.revoke_unit_commendation(assessment_id=assessment_id, **filled("reason", "expected_version"))
    return _back(assessment_id, "通报表扬已撤销，公示页将说明原因。")


@blueprint.post("/unit-assessments/<uuid:assessment_id>/record_feedback")
@may(*LEADERS)
@shown_again_on(get_unit_assessment)
def record_feedback(assessment_id: UUID) -> Response:
    claims.record_feedback(assessment_id=assessment_id, **filled("recipient", "expected_version"))
    return _back(assessment_id, "反馈已登记，可以打印反馈函。")


def _back(assessment_id: UUID, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("unit_assessments.get_unit_assessment", assessment_id=assessment_id), 303)
