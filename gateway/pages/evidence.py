"""Photos and documents of a claim on its item's page: handing in, looking at, showing to the public, taking back."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import evidence
from gateway.auth.policy import READERS, may
from gateway.calls import claims
from gateway.pages.claim_lists import bare_name
from gateway.pages.forms import filled, shown_again_on
from gateway.pages.frame import STAFF, UNITS
from gateway.pages.items import get_item
from services.contracts.base import invalid_field

blueprint = Blueprint("evidence", __name__, url_prefix="/items/<uuid:item_id>/claims/<uuid:claim_id>")


@blueprint.post("/attach_evidence")
@may(*UNITS)
@shown_again_on(get_item)
def attach_evidence(item_id: UUID, claim_id: UUID) -> AnyResponse:
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if sent is None or not content:
        raise invalid_field("file", "请选择一张照片或一份资料。")
    with evidence.kept(content, bare_name(sent.filename, "材料")) as file:
        claims.attach_evidence(item_id=item_id, claim_id=claim_id, **filled("milestone_id"), **file)
    flash("材料已上传，拍摄地点、作者等信息已清除。", "success")
    return _back(item_id, claim_id)


@blueprint.get("/evidence/<uuid:evidence_id>")
@may(*READERS)
def get_evidence(item_id: UUID, claim_id: UUID, evidence_id: UUID) -> Response:
    is_small = request.args.get("size") == "thumbnail"
    return evidence.file_response(item_id, claim_id, evidence_id, is_small=is_small)


@blueprint.post("/evidence/<uuid:evidence_id>/withdraw_evidence")
@may(*UNITS)
@shown_again_on(get_item)
def withdraw_evidence(item_id: UUID, claim_id: UUID, evidence_id: UUID) -> AnyResponse:
    claims.withdraw_evidence(item_id=item_id, claim_id=claim_id, evidence_id=evidence_id, **filled("reason"))
    evidence.free(evidence_id)
    flash("材料已撤下。", "success")
    return _back(item_id, claim_id)


@blueprint.post("/evidence/<uuid:evidence_id>/show_evidence")
@may(*STAFF)
@shown_again_on(get_item)
def show_evidence(item_id: UUID, claim_id: UUID, evidence_id: UUID) -> AnyResponse:
    claims.show_evidence(item_id=item_id, claim_id=claim_id, evidence_id=evidence_id, **filled("is_public"))
    flash("材料的公开范围已更改。", "success")
    return _back(item_id, claim_id)


def _back(item_id: UUID, claim_id: UUID) -> AnyResponse:
    return redirect(url_for("items.get_item", item_id=item_id, _anchor=f"claim-{claim_id}"), 303)
