"""Items of the claim list, from draft to commendation, and the figures over them."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, if_match, page, query_of, record
from gateway.auth.policy import READERS, may, public
from gateway.calls import claims
from gateway.limits import RouteClass, counts_as
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("items", description="认领清单上的事项：认领、办理、考核、表扬")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
LEADERS = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)
UNITS = (*STAFF, Role.UNIT_LIAISON)
ASSESSORS = (Role.CITY_ADMIN, Role.CITY_OFFICER, Role.COMMUNITY_MANAGER)


@blueprint.route("/items", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.ListItems, location="query")
@blueprint.response(200, views.ItemPage)
def list_items(wanted: dict[str, Any]) -> Response:
    """事项列表"""
    return page(claims.list_items(**wanted))


@blueprint.route("/items", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.CreateItem)
@blueprint.response(201, views.ItemView)
def create_item(command: dict[str, Any]) -> Response:
    """登记一个事项（草稿）"""
    item = claims.create_item(**command)
    return record(item, 201, location=_place(item["item_id"]))


@blueprint.route("/items/counts", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.CountItems, location="query")
@blueprint.response(200, views.ItemCounts)
def count_items(wanted: dict[str, Any]) -> Response:
    """各状态的事项数"""
    return answer(claims.count_items(**wanted))


@blueprint.route("/items/sheet", methods=["GET"])
@counts_as(RouteClass.EXPORT)
@may(*READERS)
@blueprint.arguments(commands.ExportItems, location="query")
@blueprint.response(200, views.SheetPage)
def export_items(wanted: dict[str, Any]) -> Response:
    """事项列表，按清单文件的列"""
    return page(claims.export_items(**wanted))


@blueprint.route("/items/<uuid:item_id>", methods=["GET"])
@may(*READERS)
@blueprint.response(200, views.ItemView)
def get_item(item_id: UUID) -> Response:
    """事项详情"""
    return record(claims.get_item(item_id=item_id))


@blueprint.route("/items/<uuid:item_id>/publication", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.PublishItem, "item_id"))
@blueprint.response(200, views.ItemView)
def publish_item(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """发布事项，开始认领"""
    return record(claims.publish_item(item_id=item_id, expected_version=expected_version, **command))


@blueprint.route("/items/<uuid:item_id>/revisions", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ReviseItem, "item_id"))
@blueprint.response(200, views.ItemView)
def revise_item(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """修订事项，修订前后的内容留在办理记录中"""
    return record(claims.revise_item(item_id=item_id, expected_version=expected_version, **command))


@blueprint.route("/items/<uuid:item_id>/suggestions", methods=["GET"])
@may(*STAFF)
@blueprint.arguments(query_of(commands.SuggestUnits, "item_id"), location="query")
@blueprint.response(200, views.SuggestionList)
def suggest_units(wanted: dict[str, Any], item_id: UUID) -> Response:
    """建议认领单位，附理由"""
    return answer(claims.suggest_units(item_id=item_id, **wanted))


@blueprint.route("/items/<uuid:item_id>/claims", methods=["POST"])
@may(*UNITS)
@blueprint.arguments(body_of(commands.ClaimItem, "item_id"))
@blueprint.response(201, views.ItemView)
def claim_item(command: dict[str, Any], item_id: UUID) -> Response:
    """认领事项"""
    return record(claims.claim_item(item_id=item_id, **command), 201, location=_place(item_id))


@blueprint.route("/items/<uuid:item_id>/claims/<uuid:claim_id>/confirmation", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.ConfirmClaim, "item_id", "claim_id"), required=False)
@blueprint.response(200, views.ItemView)
def confirm_claim(command: dict[str, Any], item_id: UUID, claim_id: UUID) -> Response:
    """确认认领（签约）"""
    return record(claims.confirm_claim(item_id=item_id, claim_id=claim_id, **command))


@blueprint.route("/items/<uuid:item_id>/claims/<uuid:claim_id>/milestones", methods=["POST"])
@may(*UNITS)
@blueprint.arguments(body_of(commands.ReportMilestone, "item_id", "claim_id"))
@blueprint.response(201, views.ItemView)
def report_milestone(command: dict[str, Any], item_id: UUID, claim_id: UUID) -> Response:
    """报告进展"""
    item = claims.report_milestone(item_id=item_id, claim_id=claim_id, **command)
    return record(item, 201, location=_place(item_id))


@blueprint.route("/items/<uuid:item_id>/claims/<uuid:claim_id>/submission", methods=["POST"])
@may(*UNITS)
@blueprint.arguments(body_of(commands.SubmitClaim, "item_id", "claim_id"))
@blueprint.response(200, views.ItemView)
def submit_claim(command: dict[str, Any], item_id: UUID, claim_id: UUID) -> Response:
    """提交办结"""
    return record(claims.submit_claim(item_id=item_id, claim_id=claim_id, **command))


@blueprint.route("/items/<uuid:item_id>/claims/<uuid:claim_id>/return", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.SendBackClaim, "item_id", "claim_id"))
@blueprint.response(200, views.ItemView)
def send_back_claim(command: dict[str, Any], item_id: UUID, claim_id: UUID) -> Response:
    """退回修改"""
    return record(claims.send_back_claim(item_id=item_id, claim_id=claim_id, **command))


@blueprint.route("/items/<uuid:item_id>/claims/<uuid:claim_id>/verification", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.VerifyClaim, "item_id", "claim_id"), required=False)
@blueprint.response(200, views.ItemView)
def verify_claim(command: dict[str, Any], item_id: UUID, claim_id: UUID) -> Response:
    """核验通过"""
    return record(claims.verify_claim(item_id=item_id, claim_id=claim_id, **command))


@blueprint.route("/items/<uuid:item_id>/claims/<uuid:claim_id>/release", methods=["POST"])
@may(*UNITS)
@blueprint.arguments(body_of(commands.ReleaseClaim, "item_id", "claim_id"))
@blueprint.response(200, views.ItemView)
def release_claim(command: dict[str, Any], item_id: UUID, claim_id: UUID) -> Response:
    """退领"""
    return record(claims.release_claim(item_id=item_id, claim_id=claim_id, **command))


@blueprint.route("/items/<uuid:item_id>/assessment", methods=["POST"])
@may(*ASSESSORS)
@if_match()
@blueprint.arguments(body_of(commands.AssessItem, "item_id"))
@blueprint.response(200, views.ItemView)
def assess_item(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """考核打分"""
    return record(claims.assess_item(item_id=item_id, expected_version=expected_version, **command))


@blueprint.route("/items/<uuid:item_id>/scorings", methods=["POST"])
@may(*ASSESSORS)
@if_match()
@blueprint.arguments(body_of(commands.ScoreItem, "item_id"))
@blueprint.response(200, views.ItemView)
def score_item(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """分项评分：一个评分方按方案的评分项打分"""
    return record(claims.score_item(item_id=item_id, expected_version=expected_version, **command))


@blueprint.route("/items/<uuid:item_id>/commendation", methods=["POST"])
@may(*ASSESSORS)
@if_match()
@blueprint.arguments(body_of(commands.CommendItem, "item_id"))
@blueprint.response(200, views.ItemView)
def commend_item(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """通报表扬"""
    return record(claims.commend_item(item_id=item_id, expected_version=expected_version, **command))


@blueprint.route("/items/<uuid:item_id>/commendation/revocation", methods=["POST"])
@may(*ASSESSORS)
@if_match()
@blueprint.arguments(body_of(commands.RevokeCommendation, "item_id"))
@blueprint.response(200, views.ItemView)
def revoke_commendation(command: dict[str, Any], item_id: UUID, expected_version: int | None) -> Response:
    """撤销通报表扬"""
    return record(claims.revoke_commendation(item_id=item_id, expected_version=expected_version, **command))


@blueprint.route("/items/<uuid:item_id>/objections", methods=["POST"])
@may(*STAFF, Role.SUPERVISOR)
@blueprint.arguments(body_of(commands.RaiseObjection, "item_id"))
@blueprint.response(201, views.ItemView)
def raise_objection(command: dict[str, Any], item_id: UUID) -> Response:
    """公示期内提出异议"""
    return record(claims.raise_objection(item_id=item_id, **command), 201, location=_place(item_id))


@blueprint.route("/items/<uuid:item_id>/objections/<uuid:objection_id>/answer", methods=["POST"])
@may(*LEADERS)
@blueprint.arguments(body_of(commands.AnswerObjection, "item_id", "objection_id"))
@blueprint.response(200, views.ItemView)
def answer_objection(command: dict[str, Any], item_id: UUID, objection_id: UUID) -> Response:
    """答复异议；异议成立的同时撤销表扬"""
    return record(claims.answer_objection(item_id=item_id, objection_id=objection_id, **command))


@blueprint.route("/items/<uuid:item_id>/rectification/report", methods=["POST"])
@may(*UNITS)
@blueprint.arguments(body_of(commands.ReportRectification, "item_id"))
@blueprint.response(200, views.ItemView)
def report_rectification(command: dict[str, Any], item_id: UUID) -> Response:
    """提交整改报告"""
    return record(claims.report_rectification(item_id=item_id, **command))


@blueprint.route("/items/<uuid:item_id>/rectification/check", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.CheckRectification, "item_id"))
@blueprint.response(200, views.ItemView)
def check_rectification(command: dict[str, Any], item_id: UUID) -> Response:
    """回访核查整改"""
    return record(claims.check_rectification(item_id=item_id, **command))


@blueprint.route("/public/items", methods=["GET"])
@public
@blueprint.arguments(commands.ListItems, location="query")
@blueprint.response(200, views.ItemPage)
def list_published_items(wanted: dict[str, Any]) -> Response:
    """已公布的事项（无需登录）"""
    return page(claims.list_items(**wanted))


@blueprint.route("/public/items/<uuid:item_id>", methods=["GET"])
@public
@blueprint.response(200, views.ItemView)
def get_published_item(item_id: UUID) -> Response:
    """已公布事项的详情（无需登录）"""
    return record(claims.get_item(item_id=item_id))


def _place(item_id: Any) -> str:
    return f"{PREFIX}/items/{item_id}"
