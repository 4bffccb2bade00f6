"""Resident units of the alliance."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, page, record
from gateway.auth.policy import READERS, may
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("units", description="驻地单位（党建联盟）")


@blueprint.route("/units", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.ListUnits, location="query")
@blueprint.response(200, views.UnitPage)
def list_units(wanted: dict[str, Any]) -> Response:
    """单位列表"""
    return page(claims.list_units(**wanted))


@blueprint.route("/units", methods=["POST"])
@may(Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
@blueprint.arguments(commands.RegisterUnit)
@blueprint.response(201, views.UnitView)
def register_unit(command: dict[str, Any]) -> Response:
    """登记单位"""
    unit = claims.register_unit(**command)
    return record(unit, 201, location=f"{PREFIX}/units/{unit['unit_id']}")


@blueprint.route("/units/<uuid:unit_id>", methods=["GET"])
@may(*READERS)
@blueprint.response(200, views.UnitView)
def get_unit(unit_id: UUID) -> Response:
    """单位详情"""
    return record(claims.get_unit(unit_id=unit_id))
