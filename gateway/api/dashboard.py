"""The figures of a community or the city; `/items?figure=…` gives the rows behind each count."""

from typing import Any

from flask import Response

from gateway.api.doors import Blueprint, answer
from gateway.auth.policy import FUND_READERS, OFFICES, READERS, may
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("dashboard", description="数据看板：认领、办结、满意度、资金和负担")

WATCHERS = (*OFFICES, Role.SUPERVISOR)


@blueprint.route("/dashboard", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.GetDashboard, location="query")
@blueprint.response(200, views.DashboardView)
def get_dashboard(wanted: dict[str, Any]) -> Response:
    """认领率、完成率、按期率、满意率等；可限社区和发布时期"""
    return answer(claims.get_dashboard(**wanted))


@blueprint.route("/dashboard/money", methods=["GET"])
@may(*FUND_READERS)
@blueprint.arguments(commands.GetMoneyFigures, location="query")
@blueprint.response(200, views.MoneyFigures)
def get_money_figures(wanted: dict[str, Any]) -> Response:
    """各资金在时期内的收入、支出和期末余额"""
    return answer(claims.get_money_figures(**wanted))


@blueprint.route("/dashboard/burdens", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.GetBurdenMonths, location="query")
@blueprint.response(200, views.BurdenMonths)
def get_burden_months(wanted: dict[str, Any]) -> Response:
    """逐月负担指数"""
    return answer(claims.get_burden_months(**wanted))
