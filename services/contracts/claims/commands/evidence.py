"""Evidence of the work: what a file is; the file itself lies with the gateway and never travels over the broker."""

from marshmallow import fields, validate

from services.contracts.base import Flag, Whole, between, text
from services.contracts.claims.commands.item import ClaimStep

MEDIA_TYPES = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


class AttachEvidence(ClaimStep):
    """`evidence_id` is that of the stored file; attaching it again changes nothing."""

    evidence_id = fields.UUID(required=True)
    milestone_id = fields.UUID(load_default=None, allow_none=True)
    file_name = text(most=200)
    media_type = fields.String(required=True, validate=validate.OneOf(MEDIA_TYPES))
    size = Whole(required=True, validate=between(1, 10_000_000))
    sha256 = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))


class EvidenceStep(ClaimStep):
    evidence_id = fields.UUID(required=True)


class GetEvidence(EvidenceStep): ...


class WithdrawEvidence(EvidenceStep):
    reason = text(most=500)


class ShowEvidence(EvidenceStep):
    """Whether the public sees it, too; staff decide, because people may be in the picture."""

    is_public = Flag(required=True)
