"""Communities and their workers."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, if_match, page, record
from gateway.auth.policy import OFFICES, may, public
from gateway.calls import staffing
from services.contracts.base import Role
from services.contracts.staffing import commands, views

blueprint = Blueprint("communities", description="社区与社区工作者")


@blueprint.route("/communities", methods=["GET"])
@public
@blueprint.response(200, views.CommunityList)
def list_communities() -> Response:
    """全部社区（无需登录）"""
    return answer(staffing.list_communities())


@blueprint.route("/communities", methods=["POST"])
@may(Role.CITY_ADMIN)
@blueprint.arguments(commands.RegisterCommunity)
@blueprint.response(201, views.CommunityView)
def register_community(command: dict[str, Any]) -> Response:
    """登记社区"""
    community = staffing.register_community(**command)
    return record(community, 201, location=f"{PREFIX}/communities/{community['community_id']}")


@blueprint.route("/communities/<uuid:community_id>", methods=["GET"])
@public
@blueprint.response(200, views.CommunityView)
def get_community(community_id: UUID) -> Response:
    """社区详情（无需登录）"""
    return record(staffing.get_community(community_id=community_id))


@blueprint.route("/communities/<uuid:community_id>", methods=["PUT"])
@may(Role.CITY_ADMIN)
@if_match(is_required=True)
@blueprint.arguments(body_of(commands.ChangeCommunity, "community_id"))
@blueprint.response(200, views.CommunityView)
def change_community(command: dict[str, Any], community_id: UUID, expected_version: int | None) -> Response:
    """修改社区资料"""
    return record(
        staffing.change_community(community_id=community_id, expected_version=expected_version, **command)
    )


@blueprint.route("/workers", methods=["GET"])
@may(*OFFICES)
@blueprint.arguments(commands.ListWorkers, location="query")
@blueprint.response(200, views.WorkerPage)
def list_workers(wanted: dict[str, Any]) -> Response:
    """社区工作者列表"""
    return page(staffing.list_workers(**wanted))


@blueprint.route("/workers", methods=["POST"])
@may(Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)
@blueprint.arguments(commands.AppointWorker)
@blueprint.response(201, views.WorkerView)
@blueprint.alt_response(404, "NOT_FOUND")
def appoint_worker(command: dict[str, Any]) -> Response:
    """任用社区工作者"""
    return answer(staffing.appoint_worker(**command), 201)
