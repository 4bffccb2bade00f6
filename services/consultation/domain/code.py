"""The short code of a sampled resident, for paper: eight characters that lead where the personal link leads.

    code = 7 characters made of HMAC-SHA256 of the invitation ‖ 1 check character

No character looks like another, and 31 of them are a prime number: the check character finds every
wrong character and every two that changed places.
"""

import hashlib
import hmac
import unicodedata
from uuid import UUID

from services.contracts.consultation.errors import CodeMistyped

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 7


def write_code(invitation_id: UUID, *, key: bytes) -> str:
    """As it is printed, in two groups of four."""
    number = int.from_bytes(hmac.new(key, invitation_id.bytes, hashlib.sha256).digest())
    signs = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(SIGNS))
        signs.append(SIGNS[place])
    code = "".join(signs)
    code += _check(code)
    return f"{code[:4]}-{code[4:]}"


def read_code(typed: str) -> str:
    """The eight characters, however they were typed; raises `CodeMistyped` when they cannot be a code."""
    text = unicodedata.normalize("NFKC", typed).upper()
    code = "".join(sign for sign in text if sign.isalnum())
    is_code = len(code) == LENGTH + 1 and all(sign in SIGNS for sign in code)
    if not is_code or _check(code[:-1]) != code[-1]:
        raise CodeMistyped("答题码有误，请核对纸上的 8 位字符后重新输入。")
    return code


def _check(signs: str) -> str:
    weighed = sum(place * SIGNS.index(sign) for place, sign in enumerate(signs, 2))
    return SIGNS[weighed % len(SIGNS)]
