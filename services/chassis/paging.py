"""Opaque cursors for keyset pages: the sort key of the last row seen."""

import base64
import binascii
from typing import Any

import msgspec

from services.contracts.base import Invalid


def encode_cursor(*key: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, *types: type) -> tuple[Any, ...] | None:
    """The key inside, converted to `types` (str, int, UUID, datetime …); None for no cursor.

    A cursor that was not made here, or for another list, is refused as `Invalid`.
    """
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key: tuple[Any, ...] = msgspec.json.decode(raw, type=tuple[types])  # type: ignore[valid-type]
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise _refusal() from error
    if any(not _fits_a_column(part) for part in key):
        raise _refusal()
    return key


def _fits_a_column(part: Any) -> bool:
    if isinstance(part, str):
        return "\x00" not in part
    return not isinstance(part, int) or -(2**63) <= part < 2**63


def _refusal() -> Invalid:
    refusal = Invalid("cursor：翻页标记无效，请从第一页重新查询。")
    refusal.fields = {"cursor": ["翻页标记无效，请从第一页重新查询。"]}
    return refusal
