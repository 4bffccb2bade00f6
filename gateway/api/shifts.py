"""Shifts of volunteers: opening, enrolling, signing in and out, confirming the hours."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, if_match, page, record, without_body
from gateway.api.volunteers import STAFF
from gateway.auth.codes import guarded
from gateway.auth.policy import OFFICES, may, public
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("shifts", description="志愿服务班次：报名、候补、签到、时长")

WATCHERS = (*OFFICES, Role.UNIT_LIAISON, Role.SUPERVISOR)


@blueprint.route("/shifts", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.ListShifts, location="query")
@blueprint.response(200, views.ShiftPage)
def list_shifts(wanted: dict[str, Any]) -> Response:
    """班次列表"""
    return page(claims.list_shifts(**wanted))


@blueprint.route("/shifts", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.OpenShift)
@blueprint.response(201, views.ShiftView)
def open_shift(command: dict[str, Any]) -> Response:
    """发布班次，开始招募"""
    shift = claims.open_shift(**command)
    return record(shift, 201, location=f"{PREFIX}/shifts/{shift['shift_id']}")


@blueprint.route("/shifts/<uuid:shift_id>", methods=["GET"])
@may(*WATCHERS)
@blueprint.response(200, views.ShiftView)
def get_shift(shift_id: UUID) -> Response:
    """班次详情"""
    return record(claims.get_shift(shift_id=shift_id))


@blueprint.route("/shifts/<uuid:shift_id>/enrolments", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.EnrolVolunteer, "shift_id"))
@blueprint.response(200, views.ShiftView)
def enrol_volunteer(command: dict[str, Any], shift_id: UUID) -> Response:
    """报名，名额已满时进入候补"""
    return record(claims.enrol_volunteer(shift_id=shift_id, **command))


@blueprint.route("/shifts/<uuid:shift_id>/enrolments/<uuid:volunteer_id>/withdrawal", methods=["POST"])
@may(*STAFF)
@blueprint.response(200, views.ShiftView)
@without_body
def withdraw_from_shift(shift_id: UUID, volunteer_id: UUID) -> Response:
    """退出班次，候补第一位递补"""
    return record(claims.withdraw_from_shift(shift_id=shift_id, volunteer_id=volunteer_id))


@blueprint.route("/shifts/<uuid:shift_id>/cancellation", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.CancelShift, "shift_id"))
@blueprint.response(200, views.ShiftView)
def cancel_shift(command: dict[str, Any], shift_id: UUID, expected_version: int | None) -> Response:
    """取消班次"""
    return record(claims.cancel_shift(shift_id=shift_id, expected_version=expected_version, **command))


@blueprint.route("/shifts/<uuid:shift_id>/sign-ins", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.SignInVolunteer, "shift_id"))
@blueprint.response(200, views.ShiftView)
def sign_in_volunteer(command: dict[str, Any], shift_id: UUID) -> Response:
    """在服务台签到"""
    return record(claims.sign_in_volunteer(shift_id=shift_id, **command))


@blueprint.route("/shifts/<uuid:shift_id>/sign-outs", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.SignOutVolunteer, "shift_id"))
@blueprint.response(200, views.ShiftView)
def sign_out_volunteer(command: dict[str, Any], shift_id: UUID) -> Response:
    """在服务台签退"""
    return record(claims.sign_out_volunteer(shift_id=shift_id, **command))


@blueprint.route("/shifts/<uuid:shift_id>/sign-in-token", methods=["GET"])
@may(*STAFF)
@blueprint.response(200, views.SignInTokenView)
def get_sign_in_token(shift_id: UUID) -> Response:
    """签到二维码的令牌"""
    return answer(claims.get_sign_in_token(shift_id=shift_id))


@blueprint.route("/shifts/<uuid:shift_id>/hours", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ConfirmHours, "shift_id"), required=False)
@blueprint.response(200, views.ShiftView)
def confirm_hours(command: dict[str, Any], shift_id: UUID, expected_version: int | None) -> Response:
    """确认服务时长"""
    return record(claims.confirm_hours(shift_id=shift_id, expected_version=expected_version, **command))


@blueprint.route("/public/shifts", methods=["GET"])
@public
@blueprint.arguments(commands.ListOpenShifts, location="query")
@blueprint.response(200, views.ShiftPage)
def list_open_shifts(wanted: dict[str, Any]) -> Response:
    """正在招募的班次（无需登录）"""
    return page(claims.list_open_shifts(**wanted))


@blueprint.route("/sign-ins/<string(maxlength=300):token>", methods=["GET"])
@public
@blueprint.response(200, views.SignInView)
def open_sign_in(token: str) -> Response:
    """打开签到页（无需登录）"""
    return answer(claims.open_sign_in(token=token))


@blueprint.route("/sign-ins/<string(maxlength=300):token>", methods=["POST"])
@public
@blueprint.arguments(body_of(commands.SignByToken, "token"))
@blueprint.response(200, views.SignedView)
@blueprint.alt_response(429, "TOO_MANY_REQUESTS")
def sign_by_token(command: dict[str, Any], token: str) -> Response:
    """扫码签到或签退（无需登录）"""
    return answer(guarded("volunteer", lambda: claims.sign_by_token(token=token, **command)))
