"""What waits for whom: working-day clocks that run."""

from typing import Any

from flask import Response

from gateway.api.doors import Blueprint, answer, page
from gateway.auth.policy import OFFICES, may
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("clocks", description="待办：按工作日计算的各项期限")


@blueprint.route("/clocks", methods=["GET"])
@may(*OFFICES, Role.UNIT_LIAISON)
@blueprint.arguments(commands.ListClocks, location="query")
@blueprint.response(200, views.ClockPage)
def list_clocks(wanted: dict[str, Any]) -> Response:
    """待办期限，最急的在前"""
    return page(claims.list_clocks(**wanted))


@blueprint.route("/clocks/counts", methods=["GET"])
@may(*OFFICES, Role.UNIT_LIAISON)
@blueprint.arguments(commands.CountClocks, location="query")
@blueprint.response(200, views.ClockCounts)
def count_clocks(wanted: dict[str, Any]) -> Response:
    """各类待办的数量"""
    return answer(claims.count_clocks(**wanted))
