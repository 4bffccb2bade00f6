"""Volunteers, their hours and their certificates of service."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, if_match, page, record
from gateway.auth.codes import guarded
from gateway.auth.policy import OFFICES, may, public
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("volunteers", description="志愿者：登记、服务时长、服务证明")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)


@blueprint.route("/volunteers", methods=["GET"])
@may(*OFFICES)
@blueprint.arguments(commands.ListVolunteers, location="query")
@blueprint.response(200, views.VolunteerPage)
def list_volunteers(wanted: dict[str, Any]) -> Response:
    """志愿者列表（姓名只显示一部分）"""
    return page(claims.list_volunteers(**wanted))


@blueprint.route("/volunteers", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.RegisterVolunteer)
@blueprint.response(201, views.VolunteerView)
def register_volunteer(command: dict[str, Any]) -> Response:
    """登记志愿者"""
    volunteer = claims.register_volunteer(**command)
    return record(volunteer, 201, location=f"{PREFIX}/volunteers/{volunteer['volunteer_id']}")


@blueprint.route("/volunteers/<uuid:volunteer_id>", methods=["GET"])
@may(*OFFICES)
@blueprint.response(200, views.VolunteerView)
def get_volunteer(volunteer_id: UUID) -> Response:
    """志愿者详情"""
    return record(claims.get_volunteer(volunteer_id=volunteer_id))


@blueprint.route("/volunteers/<uuid:volunteer_id>/changes", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ChangeVolunteer, "volunteer_id"))
@blueprint.response(200, views.VolunteerView)
def change_volunteer(command: dict[str, Any], volunteer_id: UUID, expected_version: int | None) -> Response:
    """修改志愿者的专长和保险"""
    changed = claims.change_volunteer(volunteer_id=volunteer_id, expected_version=expected_version, **command)
    return record(changed)


@blueprint.route("/volunteers/<uuid:volunteer_id>/retirement", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.RetireVolunteer, "volunteer_id"))
@blueprint.response(200, views.VolunteerView)
def retire_volunteer(command: dict[str, Any], volunteer_id: UUID, expected_version: int | None) -> Response:
    """志愿者退出"""
    retired = claims.retire_volunteer(volunteer_id=volunteer_id, expected_version=expected_version, **command)
    return record(retired)


@blueprint.route("/service-hours", methods=["GET"])
@may(*OFFICES)
@blueprint.arguments(commands.CountServiceHours, location="query")
@blueprint.response(200, views.ServiceHours)
@blueprint.alt_response(404, "NOT_FOUND")
def count_service_hours(wanted: dict[str, Any]) -> Response:
    """已确认的服务时长"""
    return answer(claims.count_service_hours(**wanted))


@blueprint.route("/volunteers/<uuid:volunteer_id>/certificates", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.IssueServiceCertificate, "volunteer_id"))
@blueprint.response(201, views.CertificateChecked)
def issue_service_certificate(command: dict[str, Any], volunteer_id: UUID) -> Response:
    """开具服务证明（免费）"""
    issued = claims.issue_service_certificate(volunteer_id=volunteer_id, **command)
    place = f"{PREFIX}/service-certificates/{issued['certificate_id']}"
    return record(issued, 201, location=place)


@blueprint.route("/service-certificates/<uuid:certificate_id>", methods=["GET"])
@may(*STAFF)
@blueprint.response(200, views.CertificateView)
def get_service_certificate(certificate_id: UUID) -> Response:
    """服务证明（含姓名，用于打印）"""
    return record(claims.get_service_certificate(certificate_id=certificate_id))


@blueprint.route("/public/service-certificates/<string(maxlength=40):number>", methods=["GET"])
@public
@blueprint.response(200, views.CertificateChecked)
@blueprint.alt_response(429, "TOO_MANY_REQUESTS")
def check_service_certificate(number: str) -> Response:
    """核验服务证明（无需登录）"""
    return answer(guarded("certificate", lambda: claims.check_service_certificate(number=number)))
