"""Residents' needs: taken in from staff, the public and the 12345 hotline, and led to their outcomes."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, if_match, page, record
from gateway.api.keys import keyless
from gateway.auth.policy import OFFICES, may, public
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("needs", description="居民需求：登记、分办、答复与去向")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
SEEING = (*OFFICES, Role.SUPERVISOR)


@blueprint.route("/needs", methods=["GET"])
@may(*SEEING)
@blueprint.arguments(commands.ListNeeds, location="query")
@blueprint.response(200, views.NeedPage)
def list_needs(wanted: dict[str, Any]) -> Response:
    """需求列表"""
    return page(claims.list_needs(**wanted))


@blueprint.route("/needs", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.RegisterNeed)
@blueprint.response(201, views.TakenNeedView)
def register_need(command: dict[str, Any]) -> Response:
    """登记一件需求；查询号只在这里出现一次"""
    taken = claims.register_need(**command)
    return answer(taken, 201, location=_place(taken["need_id"]))


@blueprint.route("/needs/counts", methods=["GET"])
@may(*SEEING)
@blueprint.arguments(commands.CountNeeds, location="query")
@blueprint.response(200, views.NeedCounts)
def count_needs(wanted: dict[str, Any]) -> Response:
    """各状态的需求数"""
    return answer(claims.count_needs(**wanted))


@blueprint.route("/needs/orders", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.ReceiveOrder)
@blueprint.response(200, views.NeedView)
def receive_order(command: dict[str, Any]) -> Response:
    """接收 12345 工单；同一工单号重复送来仍是同一件需求"""
    return record(claims.receive_order(**command))


@blueprint.route("/needs/previews", methods=["POST"])
@keyless
@may(*STAFF)
@blueprint.arguments(commands.PreviewNeeds)
@blueprint.response(200, views.NeedPreviewView)
def preview_needs(command: dict[str, Any]) -> Response:
    """预览要导入的需求，逐行指出错误"""
    return answer(claims.preview_needs(**command))


@blueprint.route("/needs/imports", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.ImportNeeds)
@blueprint.response(201, views.NeedImportView)
def import_needs(command: dict[str, Any]) -> Response:
    """导入需求：一行有错则整份不导入；同一文件只能导入一次"""
    return answer(claims.import_needs(**command), 201)


@blueprint.route("/needs/<uuid:need_id>", methods=["GET"])
@may(*SEEING)
@blueprint.response(200, views.NeedView)
def get_need(need_id: UUID) -> Response:
    """需求详情"""
    return record(claims.get_need(need_id=need_id))


@blueprint.route("/needs/<uuid:need_id>/triage", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.TriageNeed, "need_id"))
@blueprint.response(200, views.NeedView)
def triage_need(command: dict[str, Any], need_id: UUID, expected_version: int | None) -> Response:
    """分办：服务类型、类别、优先级"""
    return record(claims.triage_need(need_id=need_id, expected_version=expected_version, **command))


@blueprint.route("/needs/<uuid:need_id>/merger", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.MergeNeed, "need_id"))
@blueprint.response(200, views.NeedView)
def merge_need(command: dict[str, Any], need_id: UUID, expected_version: int | None) -> Response:
    """并入另一件需求"""
    return record(claims.merge_need(need_id=need_id, expected_version=expected_version, **command))


@blueprint.route("/needs/<uuid:need_id>/item", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.TurnNeedIntoItem, "need_id"))
@blueprint.response(200, views.NeedView)
def turn_need_into_item(command: dict[str, Any], need_id: UUID, expected_version: int | None) -> Response:
    """列入认领清单（生成事项草稿）"""
    return record(claims.turn_need_into_item(need_id=need_id, expected_version=expected_version, **command))


@blueprint.route("/needs/<uuid:need_id>/matter", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.TurnNeedIntoMatter, "need_id"))
@blueprint.response(200, views.NeedView)
def turn_need_into_matter(command: dict[str, Any], need_id: UUID, expected_version: int | None) -> Response:
    """转为议事协商的议题"""
    return record(claims.turn_need_into_matter(need_id=need_id, expected_version=expected_version, **command))


@blueprint.route("/needs/<uuid:need_id>/referral", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ReferNeed, "need_id"))
@blueprint.response(200, views.NeedView)
def refer_need(command: dict[str, Any], need_id: UUID, expected_version: int | None) -> Response:
    """转有关部门办理；答复期限不变"""
    return record(claims.refer_need(need_id=need_id, expected_version=expected_version, **command))


@blueprint.route("/needs/<uuid:need_id>/reply", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.AnswerNeed, "need_id"))
@blueprint.response(200, views.NeedView)
def answer_need(command: dict[str, Any], need_id: UUID, expected_version: int | None) -> Response:
    """答复"""
    return record(claims.answer_need(need_id=need_id, expected_version=expected_version, **command))


@blueprint.route("/needs/<uuid:need_id>/refusal", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.DeclineNeed, "need_id"))
@blueprint.response(200, views.NeedView)
def decline_need(command: dict[str, Any], need_id: UUID, expected_version: int | None) -> Response:
    """不予办理，说明理由"""
    return record(claims.decline_need(need_id=need_id, expected_version=expected_version, **command))


@blueprint.route("/public/needs", methods=["POST"])
@public
@blueprint.arguments(commands.SubmitNeed)
@blueprint.response(201, views.TakenNeedView)
def submit_need(command: dict[str, Any]) -> Response:
    """居民反映需求（无需登录）；凭查询号查看办理情况"""
    return answer(claims.submit_need(**command), 201)


@blueprint.route("/public/needs/<string(maxlength=40):reference>", methods=["GET"])
@public
@blueprint.response(200, views.FollowedNeedView)
def follow_need(reference: str) -> Response:
    """凭查询号查看办理情况（无需登录）"""
    return answer(claims.follow_need(reference=reference))


def _place(need_id: Any) -> str:
    return f"{PREFIX}/needs/{need_id}"
