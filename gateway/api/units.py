"""Resident units of the alliance: registered, applying, decided on, suspended, gone."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, if_match, page, record
from gateway.auth.policy import READERS, may, public
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("units", description="驻地单位（党建联盟）")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)


@blueprint.route("/units", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.ListUnits, location="query")
@blueprint.response(200, views.UnitPage)
def list_units(wanted: dict[str, Any]) -> Response:
    """单位列表"""
    return page(claims.list_units(**wanted))


@blueprint.route("/units", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.RegisterUnit)
@blueprint.response(201, views.UnitRecordView)
def register_unit(command: dict[str, Any]) -> Response:
    """登记单位，直接成为成员"""
    unit = claims.register_unit(**command)
    return record(unit, 201, location=_place(unit["unit_id"]))


@blueprint.route("/units/applications", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.EnterApplication)
@blueprint.response(201, views.AppliedUnitView)
def enter_application(command: dict[str, Any]) -> Response:
    """代单位登记入盟申请；查询号只在这里出现一次"""
    applied = claims.enter_application(**command)
    return answer(applied, 201, location=_place(applied["unit_id"]))


@blueprint.route("/units/<uuid:unit_id>", methods=["GET"])
@may(*READERS)
@blueprint.response(200, views.UnitRecordView)
def get_unit(unit_id: UUID) -> Response:
    """单位详情；联系人和记录仅本单位和所服务社区可见"""
    return record(claims.get_unit(unit_id=unit_id))


@blueprint.route("/units/<uuid:unit_id>/work", methods=["GET"])
@may(*READERS)
@blueprint.response(200, views.UnitWorkView)
def get_unit_work(unit_id: UUID) -> Response:
    """单位的认领、得分和表扬"""
    return answer(claims.get_unit_work(unit_id=unit_id))


@blueprint.route("/units/<uuid:unit_id>/changes", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ChangeUnit, "unit_id"))
@blueprint.response(200, views.UnitRecordView)
def change_unit(command: dict[str, Any], unit_id: UUID, expected_version: int | None) -> Response:
    """修改单位登记"""
    return record(claims.change_unit(unit_id=unit_id, expected_version=expected_version, **command))


@blueprint.route("/units/<uuid:unit_id>/approval", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ApproveUnit, "unit_id"))
@blueprint.response(200, views.UnitRecordView)
def approve_unit(command: dict[str, Any], unit_id: UUID, expected_version: int | None) -> Response:
    """审核通过入盟申请"""
    return record(claims.approve_unit(unit_id=unit_id, expected_version=expected_version, **command))


@blueprint.route("/units/<uuid:unit_id>/refusal", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.RefuseUnit, "unit_id"))
@blueprint.response(200, views.UnitRecordView)
def refuse_unit(command: dict[str, Any], unit_id: UUID, expected_version: int | None) -> Response:
    """不予通过入盟申请，说明理由"""
    return record(claims.refuse_unit(unit_id=unit_id, expected_version=expected_version, **command))


@blueprint.route("/units/<uuid:unit_id>/suspension", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.SuspendUnit, "unit_id"))
@blueprint.response(200, views.UnitRecordView)
def suspend_unit(command: dict[str, Any], unit_id: UUID, expected_version: int | None) -> Response:
    """暂停：不能认领新事项，已认领的继续办理"""
    return record(claims.suspend_unit(unit_id=unit_id, expected_version=expected_version, **command))


@blueprint.route("/units/<uuid:unit_id>/reinstatement", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ReinstateUnit, "unit_id"))
@blueprint.response(200, views.UnitRecordView)
def reinstate_unit(command: dict[str, Any], unit_id: UUID, expected_version: int | None) -> Response:
    """恢复被暂停的单位"""
    return record(claims.reinstate_unit(unit_id=unit_id, expected_version=expected_version, **command))


@blueprint.route("/units/<uuid:unit_id>/leaving", methods=["POST"])
@may(*STAFF, Role.UNIT_LIAISON)
@if_match()
@blueprint.arguments(body_of(commands.LeaveAlliance, "unit_id"))
@blueprint.response(200, views.UnitRecordView)
def leave_alliance(command: dict[str, Any], unit_id: UUID, expected_version: int | None) -> Response:
    """退出联盟；须先办结或退领已认领的事项"""
    return record(claims.leave_alliance(unit_id=unit_id, expected_version=expected_version, **command))


@blueprint.route("/units/<uuid:unit_id>/contacts", methods=["POST"])
@may(*STAFF, Role.UNIT_LIAISON)
@if_match()
@blueprint.arguments(body_of(commands.AddUnitContact, "unit_id"))
@blueprint.response(200, views.UnitRecordView)
def add_unit_contact(command: dict[str, Any], unit_id: UUID, expected_version: int | None) -> Response:
    """增加联系人"""
    return record(claims.add_unit_contact(unit_id=unit_id, expected_version=expected_version, **command))


@blueprint.route("/units/<uuid:unit_id>/contacts/<uuid:contact_id>/removal", methods=["POST"])
@may(*STAFF, Role.UNIT_LIAISON)
@if_match()
@blueprint.arguments(body_of(commands.RemoveUnitContact, "unit_id", "contact_id"))
@blueprint.response(200, views.UnitRecordView)
def remove_unit_contact(
    command: dict[str, Any], unit_id: UUID, contact_id: UUID, expected_version: int | None
) -> Response:
    """删除联系人"""
    ids = {"unit_id": unit_id, "contact_id": contact_id}
    return record(claims.remove_unit_contact(**ids, expected_version=expected_version, **command))


@blueprint.route("/public/units", methods=["POST"])
@public
@blueprint.arguments(commands.ApplyUnit)
@blueprint.response(201, views.AppliedUnitView)
def apply_unit(command: dict[str, Any]) -> Response:
    """单位申请加入党建联盟（无需登录）；凭查询号查看审核结果"""
    return answer(claims.apply_unit(**command), 201)


@blueprint.route("/public/units/<string(maxlength=40):reference>", methods=["GET"])
@public
@blueprint.response(200, views.FollowedApplicationView)
def follow_application(reference: str) -> Response:
    """凭查询号查看入盟申请（无需登录）"""
    return answer(claims.follow_application(reference=reference))


def _place(unit_id: Any) -> str:
    return f"{PREFIX}/units/{unit_id}"
