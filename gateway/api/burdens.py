"""The burden meter: what departments asked of communities, and the index of a month."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, if_match, page, record
from gateway.auth.policy import OFFICES, may
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("burdens", description="减负：负担记录与负担指数")

WATCHERS = (*OFFICES, Role.SUPERVISOR)
STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)


@blueprint.route("/burdens", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.ListBurdens, location="query")
@blueprint.response(200, views.BurdenPage)
def list_burdens(wanted: dict[str, Any]) -> Response:
    """负担记录，最近的在前"""
    return page(claims.list_burdens(**wanted))


@blueprint.route("/burdens", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.RecordBurden)
@blueprint.response(201, views.BurdenView)
def record_burden(command: dict[str, Any]) -> Response:
    """登记表格、检查、会议、考核"""
    return record(claims.record_burden(**command), 201, location=f"{PREFIX}/burdens")


@blueprint.route("/burdens/<uuid:burden_id>/withdrawal", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.WithdrawBurden, "burden_id"))
@blueprint.response(200, views.BurdenView)
def withdraw_burden(command: dict[str, Any], burden_id: UUID, expected_version: int | None) -> Response:
    """撤回误登的负担记录"""
    return record(claims.withdraw_burden(burden_id=burden_id, expected_version=expected_version, **command))


@blueprint.route("/burden-meter", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.GetBurdenMeter, location="query")
@blueprint.response(200, views.BurdenMeter)
def get_burden_meter(wanted: dict[str, Any]) -> Response:
    """某月各社区、各部门的负担指数和算法"""
    return answer(claims.get_burden_meter(**wanted))
