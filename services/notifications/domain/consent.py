"""Consent to be written to, its withdrawal, and the link in every letter that withdraws it."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.contracts.notifications.errors import WithdrawalLinkInvalid

_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes, without padding


@dataclass(eq=False, kw_only=True)
class Consent:
    """`text_version`: the privacy text that the person agreed to; it is in `contracts/privacy.py`."""

    consent_id: UUID
    subscription_id: UUID
    text_version: str
    given_at: datetime
    withdrawn_at: datetime | None = None

    def withdraw(self, *, now: datetime) -> None:
        """The first withdrawal counts; a link that is followed twice changes nothing."""
        self.withdrawn_at = self.withdrawn_at or now


def write_token(subscription_id: UUID, *, key: bytes) -> str:
    said = subscription_id.bytes
    return base64.urlsafe_b64encode(said + _signature(said, key)).decode().rstrip("=")


def read_token(token: str, *, key: bytes) -> UUID:
    """Raises `WithdrawalLinkInvalid` for everything that `write_token` did not write with this key."""
    refusal = WithdrawalLinkInvalid("退订链接无效，请核对邮件中的链接，或联系社区工作人员。")
    if not _SHAPE.fullmatch(token):
        raise refusal
    raw = base64.urlsafe_b64decode(token + "=")
    if not hmac.compare_digest(raw[16:], _signature(raw[:16], key)):
        raise refusal
    return UUID(bytes=raw[:16])


def _signature(said: bytes, key: bytes) -> bytes:
    return hmac.new(key, said, hashlib.sha256).digest()[:16]
