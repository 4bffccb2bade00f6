"""The five parties of an item (五社联动), and the register of social organisations."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, if_match, page, record
from gateway.api.volunteers import STAFF
from gateway.auth.policy import READERS, may, public
from gateway.calls import claims
from services.contracts.claims import commands, views

blueprint = Blueprint("linkages", description="五社联动：事项的联动主体和社会组织")


@blueprint.route("/items/<uuid:item_id>/linkage", methods=["GET"])
@may(*READERS)
@blueprint.response(200, views.LinkageView)
def get_linkage(item_id: UUID) -> Response:
    """事项的五社联动"""
    return answer(claims.get_linkage(item_id=item_id))


@blueprint.route("/public/items/<uuid:item_id>/linkage", methods=["GET"])
@public
@blueprint.response(200, views.LinkageView)
def get_published_linkage(item_id: UUID) -> Response:
    """已公布事项的五社联动（无需登录）"""
    return answer(claims.get_linkage(item_id=item_id))


@blueprint.route("/items/<uuid:item_id>/linkage/parties", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.LinkParty, "item_id"))
@blueprint.response(200, views.LinkageView)
def link_party(command: dict[str, Any], item_id: UUID) -> Response:
    """登记联动主体"""
    return answer(claims.link_party(item_id=item_id, **command))


@blueprint.route("/items/<uuid:item_id>/linkage/parties/<uuid:link_id>/removal", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.UnlinkParty, "item_id", "link_id"))
@blueprint.response(200, views.LinkageView)
def unlink_party(command: dict[str, Any], item_id: UUID, link_id: UUID) -> Response:
    """撤销联动主体"""
    return answer(claims.unlink_party(item_id=item_id, link_id=link_id, **command))


@blueprint.route("/social-organisations", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.ListSocialOrganisations, location="query")
@blueprint.response(200, views.SocialOrganisationPage)
def list_social_organisations(wanted: dict[str, Any]) -> Response:
    """社会组织列表"""
    return page(claims.list_social_organisations(**wanted))


@blueprint.route("/social-organisations", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.RegisterSocialOrganisation)
@blueprint.response(201, views.SocialOrganisationView)
@blueprint.alt_response(404, "NOT_FOUND")
def register_social_organisation(command: dict[str, Any]) -> Response:
    """登记社会组织（先登记为单位）"""
    registered = claims.register_social_organisation(**command)
    return record(registered, 201, location=f"{PREFIX}/social-organisations/{registered['unit_id']}")


@blueprint.route("/social-organisations/<uuid:organisation_id>", methods=["GET"])
@may(*READERS)
@blueprint.response(200, views.SocialOrganisationView)
def get_social_organisation(organisation_id: UUID) -> Response:
    """社会组织详情"""
    return record(claims.get_social_organisation(unit_id=organisation_id))


@blueprint.route("/social-organisations/<uuid:organisation_id>/changes", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ChangeSocialOrganisation, "unit_id"))
@blueprint.response(200, views.SocialOrganisationView)
def change_social_organisation(
    command: dict[str, Any], organisation_id: UUID, expected_version: int | None
) -> Response:
    """修改社会组织的登记"""
    changed = claims.change_social_organisation(
        unit_id=organisation_id, expected_version=expected_version, **command
    )
    return record(changed)
