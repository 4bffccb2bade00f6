"""Acts on an item and its claims; each leads back to the item's page, also when refused."""

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.forms import chosen, fen, filled, shown_again_on
from gateway.pages.frame import ASSESSORS, LEADERS, STAFF, UNITS
from gateway.pages.items import WRITTEN, get_item
from services.contracts.base import Role

blueprint = Blueprint("item_acts", __name__, url_prefix="/items/<uuid:item_id>")


@blueprint.post("/publish_item")
@may(*LEADERS)
@shown_again_on(get_item)
def publish_item(item_id: UUID) -> Response:
    claims.publish_item(
        item_id=item_id, **filled("party_study_on", "claim_until_on", "due_on", "expected_version")
    )
    return _back(item_id, "事项已发布，公示栏和订阅者将收到通知。")


@blueprint.post("/revise_item")
@may(*STAFF)
@shown_again_on(get_item)
def revise_item(item_id: UUID) -> Response:
    claims.revise_item(
        item_id=item_id, **filled(*WRITTEN, "reason", "expected_version"),
        **chosen("supports"), **fen("budget_yuan", "budget_fen"),
    )  # fmt: skip
    return _back(item_id, "修订已保存，修订前后的内容见办理记录。")


@blueprint.post("/claim_item")
@may(*UNITS)
@shown_again_on(get_item)
def claim_item(item_id: UUID) -> Response:
    claims.claim_item(
        item_id=item_id, **filled("unit_id", "kind", "quantity", "note"), **chosen("supporting_unit_ids")
    )
    return _back(item_id, "认领已登记，请社区确认并签订共建协议。")


@blueprint.post("/assess_item")
@may(*ASSESSORS)
@shown_again_on(get_item)
def assess_item(item_id: UUID) -> Response:
    claims.assess_item(item_id=item_id, **filled("score", "comment", "expected_version"))
    return _back(item_id, "考核得分已登记。")


@blueprint.post("/score_item")
@may(*ASSESSORS)
@shown_again_on(get_item)
def score_item(item_id: UUID) -> Response:
    claims.score_item(item_id=item_id, **chosen("points"), **filled("scorer", "comment", "expected_version"))
    return _back(item_id, "评分已登记，各方齐备后自动计分。")


@blueprint.post("/commend_item")
@may(*ASSESSORS)
@shown_again_on(get_item)
def commend_item(item_id: UUID) -> Response:
    claims.commend_item(item_id=item_id, **filled("reason", "expected_version"))
    return _back(item_id, "通报表扬已发布并进入公示期。")


@blueprint.post("/revoke_commendation")
@may(*ASSESSORS)
@shown_again_on(get_item)
def revoke_commendation(item_id: UUID) -> Response:
    claims.revoke_commendation(item_id=item_id, **filled("reason", "expected_version"))
    return _back(item_id, "通报表扬已撤销，公示栏将说明原因。")


@blueprint.post("/raise_objection")
@may(*STAFF, Role.SUPERVISOR)
@shown_again_on(get_item)
def raise_objection(item_id: UUID) -> Response:
    claims.raise_objection(item_id=item_id, **filled("content"))
    return _back(item_id, "异议已登记，5 个工作日内答复。")


@blueprint.post("/objections/<uuid:objection_id>/answer_objection")
@may(*LEADERS)
@shown_again_on(get_item)
def answer_objection(item_id: UUID, objection_id: UUID) -> Response:
    claims.answer_objection(item_id=item_id, objection_id=objection_id, **filled("is_upheld", "answer"))
    return _back(item_id, "异议已答复。")


@blueprint.post("/report_rectification")
@may(*UNITS)
@shown_again_on(get_item)
def report_rectification(item_id: UUID) -> Response:
    claims.report_rectification(item_id=item_id, **filled("report"))
    return _back(item_id, "整改报告已提交，请等待社区回访。")


@blueprint.post("/check_rectification")
@may(*STAFF)
@shown_again_on(get_item)
def check_rectification(item_id: UUID) -> Response:
    claims.check_rectification(item_id=item_id, **filled("is_passed", "call_back"))
    return _back(item_id, "回访结果已登记。")


@blueprint.post("/claims/<uuid:claim_id>/confirm_claim")
@may(*STAFF)
@shown_again_on(get_item)
def confirm_claim(item_id: UUID, claim_id: UUID) -> Response:
    claims.confirm_claim(item_id=item_id, claim_id=claim_id, **filled("agreement"))
    return _back(item_id, "认领已确认。")


@blueprint.post("/claims/<uuid:claim_id>/report_milestone")
@may(*UNITS)
@shown_again_on(get_item)
def report_milestone(item_id: UUID, claim_id: UUID) -> Response:
    claims.report_milestone(
        item_id=item_id, claim_id=claim_id, **filled("milestone_title", "percent", "note")
    )
    return _back(item_id, "进展已记录。")


@blueprint.post("/claims/<uuid:claim_id>/submit_claim")
@may(*UNITS)
@shown_again_on(get_item)
def submit_claim(item_id: UUID, claim_id: UUID) -> Response:
    claims.submit_claim(item_id=item_id, claim_id=claim_id, **filled("summary"))
    return _back(item_id, "已提交，请等待社区审核。")


@blueprint.post("/claims/<uuid:claim_id>/send_back_claim")
@may(*STAFF)
@shown_again_on(get_item)
def send_back_claim(item_id: UUID, claim_id: UUID) -> Response:
    claims.send_back_claim(item_id=item_id, claim_id=claim_id, **filled("reason"))
    return _back(item_id, "已退回认领单位继续办理。")


@blueprint.post("/claims/<uuid:claim_id>/verify_claim")
@may(*STAFF)
@shown_again_on(get_item)
def verify_claim(item_id: UUID, claim_id: UUID) -> Response:
    claims.verify_claim(item_id=item_id, claim_id=claim_id, **filled("note"))
    return _back(item_id, "核验通过。")


@blueprint.post("/claims/<uuid:claim_id>/release_claim")
@may(*UNITS)
@shown_again_on(get_item)
def release_claim(item_id: UUID, claim_id: UUID) -> Response:
    claims.release_claim(item_id=item_id, claim_id=claim_id, **filled("reason"))
    return _back(item_id, "已退领，其他单位可以继续认领。")


def _back(item_id: UUID, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("items.get_item", item_id=item_id), 303)
