"""Photos and documents of a claim that staff have made public."""

from uuid import UUID

from flask import Blueprint, Response, request

from gateway import evidence
from gateway.auth.policy import public

blueprint = Blueprint("public_evidence", __name__)


@blueprint.get("/public/items/<uuid:item_id>/claims/<uuid:claim_id>/evidence/<uuid:evidence_id>")
@public
def get_evidence(item_id: UUID, claim_id: UUID, evidence_id: UUID) -> Response:
    is_small = request.args.get("size") == "thumbnail"
    return evidence.file_response(item_id, claim_id, evidence_id, is_small=is_small)
