"""What storages of persons share."""

from pypinyin import Style, lazy_pinyin


def sort_key(name: str) -> str:
    """张海兰 -> zhang1 h l: by the sound of the surname, then by the first letters of the rest.

    As people look names up, without any locale of the database, and telling little more than the
    masked name does: it stands unsealed beside the sealed one.
    """
    surname = lazy_pinyin(name[:1], style=Style.TONE3)
    rest = lazy_pinyin(name[1:], style=Style.FIRST_LETTER)
    return " ".join([*surname, *(sound[:1] for sound in rest)]).lower()[:100]
