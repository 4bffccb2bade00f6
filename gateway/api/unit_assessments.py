"""Periods of assessment and units' results: scored, settled, objected to, commended, told to the parent."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, body_of, if_match, page, record, without_body
from gateway.auth.policy import OFFICES, may, public
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("unit_assessments", description="单位周期考核：季度、年度评定，公示，异议，通报表扬")

WATCHERS = (*OFFICES, Role.SUPERVISOR)
LEADERS = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)
ASSESSORS = (Role.CITY_ADMIN, Role.CITY_OFFICER, Role.COMMUNITY_MANAGER)
OBJECTORS = (*LEADERS, Role.COMMUNITY_WORKER, Role.SUPERVISOR, Role.UNIT_LIAISON)


@blueprint.route("/assessment-periods", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.ListPeriods, location="query")
@blueprint.response(200, views.PeriodPage)
def list_periods(wanted: dict[str, Any]) -> Response:
    """各期考核，最近的在前"""
    return page(claims.list_periods(**wanted))


@blueprint.route("/assessment-periods", methods=["POST"])
@may(*LEADERS)
@blueprint.arguments(commands.OpenPeriod)
@blueprint.response(201, views.PeriodView)
def open_period(command: dict[str, Any]) -> Response:
    """开始一个季度或年度的考核"""
    made = claims.open_period(**command)
    return record(made, 201, location=f"{PREFIX}/assessment-periods/{made['period_id']}")


@blueprint.route("/assessment-periods/<uuid:period_id>", methods=["GET"])
@may(*WATCHERS)
@blueprint.response(200, views.PeriodView)
def get_period(period_id: UUID) -> Response:
    """一期考核和各单位的结果"""
    return record(claims.get_period(period_id=period_id))


@blueprint.route("/assessment-periods/<uuid:period_id>/closing", methods=["POST"])
@may(*LEADERS)
@if_match()
@without_body
@blueprint.response(200, views.PeriodView)
def close_period(period_id: UUID, expected_version: int | None) -> Response:
    """结束考核：各单位结果定格并公示 5 个工作日"""
    return record(claims.close_period(period_id=period_id, expected_version=expected_version))


@blueprint.route("/public/unit-assessments", methods=["GET"])
@public
@blueprint.arguments(commands.ListUnitAssessments, location="query")
@blueprint.response(200, views.UnitAssessmentPage)
def list_unit_assessments(wanted: dict[str, Any]) -> Response:
    """已评定的单位考核结果（无需登录）"""
    return page(claims.list_unit_assessments(**wanted))


@blueprint.route("/unit-assessments/<uuid:assessment_id>", methods=["GET"])
@may(*WATCHERS, Role.UNIT_LIAISON)
@blueprint.response(200, views.UnitAssessmentView)
def get_unit_assessment(assessment_id: UUID) -> Response:
    """单位考核结果，逐条说明怎么算"""
    return record(claims.get_unit_assessment(assessment_id=assessment_id))


@blueprint.route("/unit-assessments/<uuid:assessment_id>/scorings", methods=["POST"])
@may(*ASSESSORS)
@if_match()
@blueprint.arguments(body_of(commands.ScoreUnit, "assessment_id"))
@blueprint.response(200, views.UnitAssessmentView)
def score_unit(command: dict[str, Any], assessment_id: UUID, expected_version: int | None) -> Response:
    """周期评分：一个评分方按评分项打分"""
    return record(
        claims.score_unit(assessment_id=assessment_id, expected_version=expected_version, **command)
    )


@blueprint.route("/unit-assessments/<uuid:assessment_id>/settlement", methods=["POST"])
@may(*ASSESSORS)
@if_match()
@without_body
@blueprint.response(200, views.UnitAssessmentView)
def settle_unit_assessment(assessment_id: UUID, expected_version: int | None) -> Response:
    """异议成立后复核定分，重新公示"""
    return record(
        claims.settle_unit_assessment(assessment_id=assessment_id, expected_version=expected_version)
    )


@blueprint.route("/unit-assessments/<uuid:assessment_id>/objections", methods=["POST"])
@may(*OBJECTORS)
@blueprint.arguments(body_of(commands.ObjectToResult, "assessment_id"))
@blueprint.response(201, views.UnitAssessmentView)
def object_to_result(command: dict[str, Any], assessment_id: UUID) -> Response:
    """公示期内对结果提出异议"""
    made = claims.object_to_result(assessment_id=assessment_id, **command)
    return record(made, 201, location=f"{PREFIX}/unit-assessments/{assessment_id}")


@blueprint.route(
    "/unit-assessments/<uuid:assessment_id>/objections/<uuid:objection_id>/answer", methods=["POST"]
)
@may(*LEADERS)
@blueprint.arguments(body_of(commands.AnswerResultObjection, "assessment_id", "objection_id"))
@blueprint.response(200, views.UnitAssessmentView)
def answer_result_objection(command: dict[str, Any], assessment_id: UUID, objection_id: UUID) -> Response:
    """答复异议；成立的，撤销表扬并复核"""
    return record(
        claims.answer_result_objection(assessment_id=assessment_id, objection_id=objection_id, **command)
    )


@blueprint.route("/unit-assessments/<uuid:assessment_id>/commendation", methods=["POST"])
@may(*ASSESSORS)
@if_match()
@blueprint.arguments(body_of(commands.CommendUnit, "assessment_id"))
@blueprint.response(200, views.UnitAssessmentView)
def commend_unit(command: dict[str, Any], assessment_id: UUID, expected_version: int | None) -> Response:
    """通报表扬单位（公示期满、没有未答复的异议）"""
    return record(
        claims.commend_unit(assessment_id=assessment_id, expected_version=expected_version, **command)
    )


@blueprint.route("/unit-assessments/<uuid:assessment_id>/commendation/revocation", methods=["POST"])
@may(*ASSESSORS)
@if_match()
@blueprint.arguments(body_of(commands.RevokeUnitCommendation, "assessment_id"))
@blueprint.response(200, views.UnitAssessmentView)
def revoke_unit_commendation(
    command: dict[str, Any], assessment_id: UUID, expected_version: int | None
) -> Response:
    """撤销对单位的通报表扬"""
    return record(
        claims.revoke_unit_commendation(
            assessment_id=assessment_id, expected_version=expected_version, **command
        )
    )


@blueprint.route("/unit-assessments/<uuid:assessment_id>/feedback", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.RecordFeedback, "assessment_id"))
@blueprint.response(200, views.UnitAssessmentView)
def record_feedback(command: dict[str, Any], assessment_id: UUID, expected_version: int | None) -> Response:
    """登记向单位上级反馈"""
    return record(
        claims.record_feedback(assessment_id=assessment_id, expected_version=expected_version, **command)
    )
