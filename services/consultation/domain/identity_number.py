"""Identity numbers by GB 11643-1999: six digits of place, eight of birth, three of sequence, one check character.

Places are not looked up: numbers outlive the divisions that issued them (Heihe's older holders carry 2326xx,
which no list of today's divisions contains), so a list would refuse people who exist.
"""

import re
from datetime import date

from services.contracts.consultation.errors import IdentityNumberInvalid

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_FIRST_GENERATION = re.compile(r"[0-9]{15}", re.ASCII)
OLDEST = 130


def normalised(number: str, *, today: date) -> str:
    """The 18 characters by which a person is known; raises `IdentityNumberInvalid`.

    Numbers of 15 digits, as old rolls have them, get the century and the check character they lack.
    """
    number = number.strip().upper()
    if _FIRST_GENERATION.fullmatch(number):
        number = number[:6] + "19" + number[6:]
        number += check_character(number)
    if not _SHAPE.fullmatch(number):
        raise IdentityNumberInvalid("身份证号码应为 18 位：前 17 位是数字，最后一位是数字或 X。")
    if check_character(number) != number[17]:
        raise IdentityNumberInvalid("身份证号码的校验码不对。")
    if born_on(number) > today:
        raise IdentityNumberInvalid("身份证号码中的出生日期还没有到。")
    if age_on(number, today) > OLDEST:
        raise IdentityNumberInvalid(f"身份证号码中的出生日期距今超过 {OLDEST} 年。")
    return number


def check_character(number: str) -> str:
    """The last character that belongs to the first seventeen."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECKS[total % 11]


def born_on(number: str) -> date:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityNumberInvalid("身份证号码中的出生日期不存在。") from None


def age_on(number: str, day: date) -> int:
    """Full years; a year is completed on the birthday."""
    born = born_on(number)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
