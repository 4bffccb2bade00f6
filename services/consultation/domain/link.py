"""The personal link of a sampled resident: 64 characters that carry no name and cannot be made up.

    token = base64url( poll_id: 16 bytes ‖ invitation_id: 16 random bytes ‖ first 16 bytes of HMAC-SHA256 )

The signature lets a made-up link be refused before the database is asked.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from services.contracts.consultation.errors import LinkInvalid

_SHAPE = re.compile(r"[A-Za-z0-9_-]{64}")  # 48 bytes, without padding
_SIGNATURE_LENGTH = 16


@dataclass(frozen=True, kw_only=True)
class Link:
    poll_id: UUID
    invitation_id: UUID


def write_token(link: Link, *, key: bytes) -> str:
    said = link.poll_id.bytes + link.invitation_id.bytes
    return base64.urlsafe_b64encode(said + _signature(said, key)).decode()


def read_token(token: str, *, key: bytes) -> Link:
    """Raises `LinkInvalid` for everything that `write_token` did not write with this key."""
    refusal = LinkInvalid("链接无效，请核对后重试，或联系社区工作人员。")
    if not _SHAPE.fullmatch(token):
        raise refusal
    raw = base64.urlsafe_b64decode(token)
    said, signature = raw[:-_SIGNATURE_LENGTH], raw[-_SIGNATURE_LENGTH:]
    if not hmac.compare_digest(signature, _signature(said, key)):
        raise refusal
    return Link(poll_id=UUID(bytes=said[:16]), invitation_id=UUID(bytes=said[16:]))


def _signature(said: bytes, key: bytes) -> bytes:
    return hmac.new(key, said, hashlib.sha256).digest()[:_SIGNATURE_LENGTH]
