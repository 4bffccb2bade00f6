"""What stands in the QR code of a shift: which shift, until when, and a signature over both.

    token = base64url( shift_id: 16 bytes ‖ seconds since 1970: 8 bytes ‖ first 16 bytes of HMAC-SHA256 )

The signature lets a made-up or expired token be refused before the database is asked.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from uuid import UUID

from services.contracts.claims.errors import SignInTokenInvalid

_SHAPE = re.compile(r"[A-Za-z0-9_-]{54}")  # 40 bytes, without padding
_SIGNATURE_LENGTH = 16


def write_token(shift_id: UUID, *, expires_at: datetime, key: bytes) -> str:
    said = shift_id.bytes + int(expires_at.timestamp()).to_bytes(8)
    return base64.urlsafe_b64encode(said + _signature(said, key)).rstrip(b"=").decode()


def read_token(token: str, *, now: datetime, key: bytes) -> UUID:
    """The shift; raises `SignInTokenInvalid` for what was not written with this key, and what has run out."""
    if not _SHAPE.fullmatch(token):
        raise _refusal()
    raw = base64.urlsafe_b64decode(token + "==")
    said, signature = raw[:-_SIGNATURE_LENGTH], raw[-_SIGNATURE_LENGTH:]
    if not hmac.compare_digest(signature, _signature(said, key)):
        raise _refusal()
    if now >= datetime.fromtimestamp(int.from_bytes(said[16:]), UTC):
        raise SignInTokenInvalid("签到二维码已过期，请联系现场工作人员。")
    return UUID(bytes=said[:16])


def _refusal() -> SignInTokenInvalid:
    return SignInTokenInvalid("签到二维码无效，请重新扫码，或联系现场工作人员。")


def _signature(said: bytes, key: bytes) -> bytes:
    return hmac.new(key, said, hashlib.sha256).digest()[:_SIGNATURE_LENGTH]
