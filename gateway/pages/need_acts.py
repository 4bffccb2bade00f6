"""Acts on a need; each leads back to the need's page, also when refused."""

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import may
from gateway.calls import claims
from gateway.pages.forms import chosen, fen, filled, shown_again_on
from gateway.pages.frame import STAFF
from gateway.pages.needs import get_need
from services.contracts.base import invalid_field

blueprint = Blueprint("need_acts", __name__, url_prefix="/needs/<uuid:need_id>")


@blueprint.post("/triage_need")
@may(*STAFF)
@shown_again_on(get_need)
def triage_need(need_id: UUID) -> Response:
    claims.triage_need(need_id=need_id, **filled("service_class", "category", "priority", "expected_version"))
    return _back(need_id, "已分办，请在答复期限前给出结果。")


@blueprint.post("/merge_need")
@may(*STAFF)
@shown_again_on(get_need)
def merge_need(need_id: UUID) -> Response:
    """Into one of those that read alike, or into one whose code was typed."""
    given = filled("into_need_id", "into_code", "expected_version")
    if code := given.pop("into_code", ""):
        given["into_need_id"] = _need_called(code.upper())
    claims.merge_need(need_id=need_id, **given)
    return _back(need_id, "已合并，反映人将看到合并后那一件的办理情况。")


@blueprint.post("/turn_need_into_item")
@may(*STAFF)
@shown_again_on(get_need)
def turn_need_into_item(need_id: UUID) -> Response:
    names = (
        "title", "description", "beneficiaries", "quantity", "measure", "place", "grid_code", "due_on",
        "expected_version",
    )  # fmt: skip
    need = claims.turn_need_into_item(
        need_id=need_id, **filled(*names), **chosen("supports"), **fen("budget_yuan", "budget_fen")
    )
    return _back(need_id, f"已生成事项草稿 {need['item']['code']}，党组织研究后即可发布。")


@blueprint.post("/turn_need_into_matter")
@may(*STAFF)
@shown_again_on(get_need)
def turn_need_into_matter(need_id: UUID) -> Response:
    claims.turn_need_into_matter(need_id=need_id, **filled("reason", "expected_version"))
    return _back(need_id, "已转议事协商。")


@blueprint.post("/refer_need")
@may(*STAFF)
@shown_again_on(get_need)
def refer_need(need_id: UUID) -> Response:
    claims.refer_need(need_id=need_id, **filled("department", "reason", "expected_version"))
    return _back(need_id, "已转办；收到部门结果后，请在期限前答复反映人。")


@blueprint.post("/answer_need")
@may(*STAFF)
@shown_again_on(get_need)
def answer_need(need_id: UUID) -> Response:
    claims.answer_need(need_id=need_id, **filled("reply", "expected_version"))
    return _back(need_id, "已答复，反映人凭查询号可见。")


@blueprint.post("/decline_need")
@may(*STAFF)
@shown_again_on(get_need)
def decline_need(need_id: UUID) -> Response:
    claims.decline_need(need_id=need_id, **filled("reason", "expected_version"))
    return _back(need_id, "已答复不予办理，反映人凭查询号可见理由。")


def _need_called(code: str) -> str:
    for need in claims.list_needs(q=code, limit=50)["items"]:
        if need["code"] == code:
            found: str = need["need_id"]
            return found
    raise invalid_field("into_need_id", f"没有编号为 {code} 的需求。")


def _back(need_id: UUID, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("needs.get_need", need_id=need_id), 303)
