"""Codes that people read out and type: a volunteer's own, and the number of a certificate of service.

No sign looks like another, and 31 of them are a prime number: the last sign finds every wrong sign and
every two that changed places.
"""

import unicodedata

from services.contracts.claims.errors import VolunteerCodeMistyped

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
VOLUNTEER_CODE = 8
CERTIFICATE_NUMBER = 12
_GROUP = 4


def write_code(number: int, *, length: int) -> str:
    """`length` signs in groups of four, the last one of them the check."""
    signs = []
    for _ in range(length - 1):
        number, place = divmod(number, len(SIGNS))
        signs.append(SIGNS[place])
    code = "".join(signs)
    return grouped(code + _check(code))


def read_code(typed: str, *, length: int) -> str:
    """The code as it is written, however it was typed; raises `VolunteerCodeMistyped` when it cannot be one."""
    text = unicodedata.normalize("NFKC", typed).upper()
    code = "".join(sign for sign in text if sign.isalnum())
    is_code = len(code) == length and all(sign in SIGNS for sign in code)
    if not is_code or _check(code[:-1]) != code[-1]:
        raise VolunteerCodeMistyped(f"编号有误，请核对后重新输入 {length} 位字符。")
    return grouped(code)


def grouped(code: str) -> str:
    return "-".join(code[place : place + _GROUP] for place in range(0, len(code), _GROUP))


def _check(signs: str) -> str:
    weighed = sum(place * SIGNS.index(sign) for place, sign in enumerate(signs, 2))
    return SIGNS[weighed % len(SIGNS)]
