"""Looking for a word that people typed inside texts and codes."""

import re
from typing import Any

import sqlalchemy as sa

# What stands in codes such as RL-2026-0001; a Chinese word never does.
_CODE = re.compile(r"[A-Za-z]{2}-[0-9]{4}-[0-9]{4,6}")
_IN_CODES = re.compile(r"[0-9A-Za-z-]+")


def mentions(
    word: str, *texts: sa.ColumnElement[Any], code: sa.ColumnElement[Any] | None = None
) -> sa.ColumnElement[bool]:
    """Where the word occurs in one of the texts, or the code, in letters of any case.

    Lower-casing every row is what such a search costs most (five sixths of it over 100,000 titles),
    so words without any case, as Chinese ones are, are compared as they stand. Whole codes are not looked
    for in texts.
    """
    if code is not None and _CODE.fullmatch(word):
        return code == word.upper()
    has_case = word.upper() != word.lower()
    found = [
        text.icontains(word, autoescape=True) if has_case else text.contains(word, autoescape=True)
        for text in texts
    ]
    if code is not None and _IN_CODES.fullmatch(word):
        found.append(code.contains(word.upper(), autoescape=True))
    return sa.or_(*found)
