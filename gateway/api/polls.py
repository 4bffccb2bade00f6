"""Opinion polls and the residents they ask."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import Blueprint, answer, body_of, if_match, page, query_of, record
from gateway.auth.codes import token_of_code
from gateway.auth.policy import OFFICES, READERS, may, public
from gateway.calls import consultation
from services.contracts.base import Role
from services.contracts.consultation import commands, views

blueprint = Blueprint("polls", description="民意测验与居民名册")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)


@blueprint.route("/residents", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.ImportResidents)
@blueprint.response(200, views.ResidentsImported)
@blueprint.alt_response(404, "NOT_FOUND")
def import_residents(command: dict[str, Any]) -> Response:
    """批量登记居民；已在册的保持不变"""
    return answer(consultation.import_residents(**command))


@blueprint.route("/residents/count", methods=["GET"])
@may(*OFFICES)
@blueprint.arguments(commands.CountResidents, location="query")
@blueprint.response(200, views.ResidentCount)
def count_residents(wanted: dict[str, Any]) -> Response:
    """在册居民数"""
    return answer(consultation.count_residents(**wanted))


@blueprint.route("/polls", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.ListPolls, location="query")
@blueprint.response(200, views.PollPage)
def list_polls(wanted: dict[str, Any]) -> Response:
    """民意测验列表"""
    return page(consultation.list_polls(**wanted))


@blueprint.route("/polls/<uuid:poll_id>", methods=["GET"])
@may(*READERS)
@blueprint.response(200, views.PollView)
def get_poll(poll_id: UUID) -> Response:
    """民意测验详情"""
    return record(consultation.get_poll(poll_id=poll_id))


@blueprint.route("/polls/<uuid:poll_id>/closing", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ClosePoll, "poll_id"), required=False)
@blueprint.response(200, views.PollView)
def close_poll(command: dict[str, Any], poll_id: UUID, expected_version: int | None) -> Response:
    """提前结束民意测验"""
    return record(consultation.close_poll(poll_id=poll_id, expected_version=expected_version, **command))


@blueprint.route("/polls/<uuid:poll_id>/invitations", methods=["GET"])
@may(*STAFF)
@blueprint.arguments(query_of(commands.ListInvitations, "poll_id"), location="query")
@blueprint.response(200, views.InvitationList)
def list_invitations(wanted: dict[str, Any], poll_id: UUID) -> Response:
    """受邀居民的专属链接"""
    return answer(consultation.list_invitations(poll_id=poll_id, **wanted))


@blueprint.route("/ballot-codes/<string(maxlength=40):code>", methods=["GET"])
@public
@blueprint.response(200, views.CodeView)
@blueprint.alt_response(429, "TOO_MANY_REQUESTS")
def open_code(code: str) -> Response:
    """纸质答题码换专属链接的令牌（无需登录）"""
    return answer({"token": token_of_code(code)})


@blueprint.route("/ballots/<string(maxlength=300):token>", methods=["GET"])
@public
@blueprint.response(200, views.BallotView)
@blueprint.alt_response(403, "FORBIDDEN")
def open_invitation(token: str) -> Response:
    """打开专属链接（无需登录）"""
    return answer(consultation.open_invitation(token=token))


@blueprint.route("/ballots/<string(maxlength=300):token>/answer", methods=["POST"])
@public
@blueprint.arguments(body_of(commands.AnswerPoll, "token"))
@blueprint.response(200, views.AnsweredView)
@blueprint.alt_response(403, "FORBIDDEN")
def answer_poll(command: dict[str, Any], token: str) -> Response:
    """填写民意测验（无需登录）"""
    return answer(consultation.answer_poll(token=token, **command))
