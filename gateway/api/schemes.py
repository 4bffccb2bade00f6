"""Assessment schemes as data: drafted, published with a later day of effect, and read by everybody at work."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, body_of, if_match, page, record
from gateway.auth.policy import READERS, may
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("schemes", description="考核方案：评分方、权重、等级线和施行日期")


@blueprint.route("/schemes", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.ListSchemes, location="query")
@blueprint.response(200, views.SchemePage)
def list_schemes(wanted: dict[str, Any]) -> Response:
    """考核方案各版，最新的在前"""
    return page(claims.list_schemes(**wanted))


@blueprint.route("/schemes", methods=["POST"])
@may(Role.CITY_ADMIN)
@blueprint.arguments(commands.DraftScheme)
@blueprint.response(201, views.SchemeView)
def draft_scheme(command: dict[str, Any]) -> Response:
    """起草新一版考核方案"""
    made = claims.draft_scheme(**command)
    return record(made, 201, location=f"{PREFIX}/schemes/{made['scheme_id']}")


@blueprint.route("/schemes/<uuid:scheme_id>", methods=["GET"])
@may(*READERS)
@blueprint.response(200, views.SchemeView)
def get_scheme(scheme_id: UUID) -> Response:
    """考核方案详情，附算例"""
    return record(claims.get_scheme(scheme_id=scheme_id))


@blueprint.route("/schemes/<uuid:scheme_id>", methods=["PUT"])
@may(Role.CITY_ADMIN)
@if_match(is_required=True)
@blueprint.arguments(body_of(commands.ChangeScheme, "scheme_id"))
@blueprint.response(200, views.SchemeView)
def change_scheme(command: dict[str, Any], scheme_id: UUID, expected_version: int | None) -> Response:
    """修改方案草案"""
    return record(claims.change_scheme(scheme_id=scheme_id, expected_version=expected_version, **command))


@blueprint.route("/schemes/<uuid:scheme_id>/publication", methods=["POST"])
@may(Role.CITY_ADMIN)
@if_match()
@blueprint.arguments(body_of(commands.PublishScheme, "scheme_id"))
@blueprint.response(200, views.SchemeView)
def publish_scheme(command: dict[str, Any], scheme_id: UUID, expected_version: int | None) -> Response:
    """发布方案；施行日期须晚于今天，不溯及既往"""
    return record(claims.publish_scheme(scheme_id=scheme_id, expected_version=expected_version, **command))


@blueprint.route("/schemes/<uuid:scheme_id>/withdrawal", methods=["POST"])
@may(Role.CITY_ADMIN)
@if_match()
@blueprint.arguments(body_of(commands.WithdrawScheme, "scheme_id"))
@blueprint.response(200, views.SchemeView)
def withdraw_scheme(command: dict[str, Any], scheme_id: UUID, expected_version: int | None) -> Response:
    """撤回草案，或已发布而尚未施行的方案"""
    return record(claims.withdraw_scheme(scheme_id=scheme_id, expected_version=expected_version, **command))
