"""The unified social credit code (统一社会信用代码) and its two check digits."""

import re

from services.contracts.claims.errors import UsccInvalid

# GB 32100-2015: digits and capital letters without I, O, S, V and Z; the index is the value.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FORM = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{8}}[0-9X][{ALPHABET}]")
CODE_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))

# GB 11714-1997: the nine characters from the ninth on are an organisation code with its own check digit.
ORGANISATION = slice(8, 16)
ORGANISATION_CHECK = 16
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def normal_uscc(text: str) -> str:
    """The code in capitals without blanks; refused unless its form and both check digits are right."""
    code = "".join(text.split()).upper()
    if not FORM.fullmatch(code):
        raise wrong_code("统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）。")
    if code[ORGANISATION_CHECK] != organisation_check(code[ORGANISATION]):
        raise wrong_code("统一社会信用代码第 17 位（组织机构代码校验位）不对，请核对。")
    if code[-1] != code_check(code[:-1]):
        raise wrong_code("统一社会信用代码第 18 位（校验位）不对，请核对。")
    return code


def code_check(body: str) -> str:
    """The last character, from the seventeen before it."""
    total = sum(weight * ALPHABET.index(char) for weight, char in zip(CODE_WEIGHTS, body, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(body: str) -> str:
    """The ninth character of an organisation code, from the eight before it; letters count from A = 10."""
    total = sum(weight * int(char, 36) for weight, char in zip(ORGANISATION_WEIGHTS, body, strict=True))
    return "0123456789X"[-total % 11]


def wrong_code(sentence: str) -> UsccInvalid:
    error = UsccInvalid(sentence)
    error.fields = {"uscc": [sentence]}
    return error
