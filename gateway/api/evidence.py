"""Evidence of the work of a claim: photos and documents, handed in as `multipart/form-data`."""

from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import fields, validate

from gateway import evidence
from gateway.api.doors import Blueprint, body_of, record
from gateway.api.uploads import BYTES_SENT, MULTIPART, refuse_fields, sent_file
from gateway.auth.policy import READERS, may
from gateway.calls import claims
from gateway.errors import UnsupportedMediaType
from gateway.pages.frame import STAFF, UNITS
from services.contracts.base import Schema
from services.contracts.claims import commands, views
from services.contracts.claims.commands.evidence import MEDIA_TYPES

blueprint = Blueprint("evidence", description="佐证材料")


class Milestone(Schema):
    milestone_id = fields.UUID(load_default=None)


class WantedSize(Schema):
    size = fields.String(load_default="whole", validate=validate.OneOf(["whole", "thumbnail"]))


@blueprint.route("/items/<uuid:item_id>/claims/<uuid:claim_id>/evidence", methods=["POST"])
@may(*UNITS)
@blueprint.response(201, views.ItemView)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": BYTES_SENT,
                        "milestone_id": {"type": "string", "format": "uuid"},
                    },
                    "required": ["file"],
                    "additionalProperties": False,
                }
            }
        },
    }
)
def attach_evidence(item_id: UUID, claim_id: UUID) -> Response:
    """上传佐证材料：照片、PDF、Word 或 Excel，不超过 7 MB；拍摄地点、作者等信息会被清除"""
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaType("请以 multipart/form-data 上传文件。")
    refuse_fields(set(request.form) - {"milestone_id"})
    wanted = Milestone().load(request.form.to_dict())
    content, file_name = sent_file("材料")
    with evidence.kept(content, file_name) as file:
        item = claims.attach_evidence(item_id=item_id, claim_id=claim_id, **wanted, **file)
    return record(item, 201)


@blueprint.route("/items/<uuid:item_id>/claims/<uuid:claim_id>/evidence/<uuid:evidence_id>", methods=["GET"])
@may(*READERS)
@blueprint.arguments(WantedSize, location="query")
@blueprint.doc(
    responses={
        "200": {
            "description": "OK",
            "content": {mime: {"schema": {"type": "string", "format": "binary"}} for mime in MEDIA_TYPES},
        }
    }
)
def get_evidence(wanted: dict[str, Any], item_id: UUID, claim_id: UUID, evidence_id: UUID) -> Response:
    """下载佐证材料；`size=thumbnail` 为照片的缩略图（JPEG）"""
    return evidence.file_response(item_id, claim_id, evidence_id, is_small=wanted["size"] == "thumbnail")


@blueprint.route(
    "/items/<uuid:item_id>/claims/<uuid:claim_id>/evidence/<uuid:evidence_id>/withdrawal", methods=["POST"]
)
@may(*UNITS)
@blueprint.arguments(body_of(commands.WithdrawEvidence, "item_id", "claim_id", "evidence_id"))
@blueprint.response(200, views.ItemView)
def withdraw_evidence(command: dict[str, Any], item_id: UUID, claim_id: UUID, evidence_id: UUID) -> Response:
    """撤下佐证材料"""
    item = claims.withdraw_evidence(item_id=item_id, claim_id=claim_id, evidence_id=evidence_id, **command)
    evidence.free(evidence_id)
    return record(item)


@blueprint.route(
    "/items/<uuid:item_id>/claims/<uuid:claim_id>/evidence/<uuid:evidence_id>/visibility", methods=["POST"]
)
@may(*STAFF)
@blueprint.arguments(body_of(commands.ShowEvidence, "item_id", "claim_id", "evidence_id"))
@blueprint.response(200, views.ItemView)
def show_evidence(command: dict[str, Any], item_id: UUID, claim_id: UUID, evidence_id: UUID) -> Response:
    """决定是否对外公开"""
    return record(
        claims.show_evidence(item_id=item_id, claim_id=claim_id, evidence_id=evidence_id, **command)
    )
