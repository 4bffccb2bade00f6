"""What becomes of items whose claim period ended with something left."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import Blueprint, body_of, if_match, record
from gateway.auth.policy import may
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("item_expiry", description="认领到期的事项：结清、转资金项目、办结、撤回")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
LEADERS = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)


@blueprint.route("/items/<uuid:item_id>/short-closure", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.CloseItemShort, "item_id"))
@blueprint.response(200, views.ItemView)
def close_item_short(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """按已认领部分结清，其余不再认领"""
    return record(claims.close_item_short(item_id=item_id, expected_version=expected_version, **command))


@blueprint.route("/items/<uuid:item_id>/funding", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.FundItem, "item_id"))
@blueprint.response(200, views.ItemView)
@blueprint.alt_response(404, "NOT_FOUND")
def fund_item(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """转为资金项目，在资金中预留"""
    return record(claims.fund_item(item_id=item_id, expected_version=expected_version, **command))


@blueprint.route("/items/<uuid:item_id>/completion", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.FinishItem, "item_id"))
@blueprint.response(200, views.ItemView)
def finish_item(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """资金项目办结，随后进行考核和民意测验"""
    return record(claims.finish_item(item_id=item_id, expected_version=expected_version, **command))


@blueprint.route("/items/<uuid:item_id>/withdrawal", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.WithdrawItem, "item_id"))
@blueprint.response(200, views.ItemView)
def withdraw_item(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """撤回事项并说明原因"""
    return record(claims.withdraw_item(item_id=item_id, expected_version=expected_version, **command))
