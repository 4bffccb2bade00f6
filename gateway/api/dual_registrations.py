"""Dual registration (双报到): who reported to which community, services, evaluations, and the tasks asked for."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import (
    PREFIX,
    Blueprint,
    answer,
    body_of,
    if_match,
    page,
    query_of,
    record,
    without_body,
)
from gateway.api.jobs import JobView
from gateway.auth.policy import OFFICES, may
from gateway.calls import claims
from gateway.first_answers import answered_once
from gateway.jobs import desk
from gateway.jobs.export import start_registrations_export
from gateway.limits import RouteClass, counts_as
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("dual-registrations", description="双报到：报到、服务记录、年度评议、派发任务")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
SEEING = (*OFFICES, Role.UNIT_LIAISON)


@blueprint.route("/dual-registrations", methods=["GET"])
@may(*SEEING)
@blueprint.arguments(commands.ListDualRegistrations, location="query")
@blueprint.response(200, views.DualRegistrationPage)
def list_dual_registrations(wanted: dict[str, Any]) -> Response:
    """报到一览；联络员只看到本单位的"""
    return page(claims.list_dual_registrations(**wanted))


@blueprint.route("/dual-registrations", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.OpenDualRegistration)
@blueprint.response(201, views.DualRegistrationView)
@blueprint.alt_response(404, "NOT_FOUND")
def open_dual_registration(command: dict[str, Any]) -> Response:
    """登记报到"""
    made = claims.open_dual_registration(**command)
    return record(made, 201, location=f"{PREFIX}/dual-registrations/{made['registration_id']}")


@blueprint.route("/dual-registrations/exports", methods=["POST"])
@counts_as(RouteClass.EXPORT)
@may(*SEEING)
@answered_once
@without_body
@blueprint.arguments(query_of(commands.ListDualRegistrations, "cursor", "limit"), location="query")
@blueprint.response(202, JobView, description="到 Location 查看进度，完成后下载")
def start_registrations_export_job(narrowed: dict[str, Any]) -> Response:
    """导出报到一览表为 Excel"""
    job = desk.get_job(start_registrations_export(narrowed))
    return answer(JobView().dump(job), 202, location=f"{PREFIX}/jobs/{job.job_id}")


@blueprint.route("/dual-registrations/rows", methods=["GET"])
@may(*SEEING)
@blueprint.arguments(commands.ExportDualRegistrations, location="query")
@blueprint.response(200, views.SheetPage)
def export_dual_registrations(wanted: dict[str, Any]) -> Response:
    """报到一览表的各行"""
    return page(claims.export_dual_registrations(**wanted))


@blueprint.route("/dual-registrations/<uuid:registration_id>", methods=["GET"])
@may(*SEEING)
@blueprint.response(200, views.DualRegistrationView)
def get_dual_registration(registration_id: UUID) -> Response:
    """报到登记详情，含服务记录和评议"""
    return record(claims.get_dual_registration(registration_id=registration_id))


@blueprint.route("/dual-registrations/<uuid:registration_id>/services", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.RecordDualService, "registration_id"))
@blueprint.response(200, views.DualRegistrationView)
def record_dual_service(
    command: dict[str, Any], registration_id: UUID, expected_version: int | None
) -> Response:
    """登记一次服务"""
    its = {"registration_id": registration_id, "expected_version": expected_version}
    return record(claims.record_dual_service(**its, **command))


@blueprint.route(
    "/dual-registrations/<uuid:registration_id>/services/<uuid:service_id>/withdrawal", methods=["POST"]
)
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.WithdrawDualService, "registration_id", "service_id"))
@blueprint.response(200, views.DualRegistrationView)
def withdraw_dual_service(
    command: dict[str, Any], registration_id: UUID, service_id: UUID, expected_version: int | None
) -> Response:
    """撤销一条服务记录"""
    its = {"registration_id": registration_id, "expected_version": expected_version}
    return record(claims.withdraw_dual_service(**its, service_id=service_id, **command))


@blueprint.route("/dual-registrations/<uuid:registration_id>/evaluations", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.EvaluateDualRegistration, "registration_id"))
@blueprint.response(200, views.DualRegistrationView)
def evaluate_dual_registration(
    command: dict[str, Any], registration_id: UUID, expected_version: int | None
) -> Response:
    """年度评议，结果反馈给所在单位"""
    its = {"registration_id": registration_id, "expected_version": expected_version}
    return record(claims.evaluate_dual_registration(**its, **command))


@blueprint.route("/dual-registrations/<uuid:registration_id>/ending", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.EndDualRegistration, "registration_id"))
@blueprint.response(200, views.DualRegistrationView)
def end_dual_registration(
    command: dict[str, Any], registration_id: UUID, expected_version: int | None
) -> Response:
    """转出"""
    its = {"registration_id": registration_id, "expected_version": expected_version}
    return record(claims.end_dual_registration(**its, **command))


@blueprint.route("/community-tasks", methods=["GET"])
@may(*SEEING)
@blueprint.arguments(commands.ListTasks, location="query")
@blueprint.response(200, views.TaskPage)
def list_tasks(wanted: dict[str, Any]) -> Response:
    """社区派发的任务"""
    return page(claims.list_tasks(**wanted))


@blueprint.route("/community-tasks", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.IntroduceTask)
@blueprint.response(201, views.TaskView)
def introduce_task(command: dict[str, Any]) -> Response:
    """派发任务"""
    return record(claims.introduce_task(**command), 201)


@blueprint.route("/community-tasks/<uuid:task_id>/ending", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.CloseTask, "task_id"))
@blueprint.response(200, views.TaskView)
def close_task(command: dict[str, Any], task_id: UUID, expected_version: int | None) -> Response:
    """结束任务"""
    return record(claims.close_task(task_id=task_id, expected_version=expected_version, **command))
