"""What a new password must be like: long and not easily guessed; the rest only where an office asks for it."""

import hashlib
import mmap
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Self

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from gateway.auth.passwords import normalised
from services.chassis.config import ConfigError
from services.contracts.base import Invalid

MOST_LENGTH = 256

_COMMON = frozenset(FREQUENCY_LISTS["passwords"])
# Words that people here begin or fill up with digits: the place, the platform, and what everybody types.
_WORDS_OF_THE_PLACE = frozenset(
    re.findall(
        r"\S+",
        """
        共治 黑河 黑河市 爱辉 爱辉区 社区 居委会 密码 我爱你
        gongzhi heihe aihui shequ juweihui minzheng mima heihegongzhi gongzhiheihe heiheshequ shequgongzhi
        woaini woaiwojia woshishui nihao zhongguo beijing admin administrator root guanli guanliyuan
        qq wx abc qwe asd zxc qwer asdf zxcv qaz qazwsx qazwsxedc qwertyuiop asdfghjkl zxcvbnm test user
        """,
    )
)
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_LOOK_ALIKE = str.maketrans("@4301$5!7", "aaeolssit")
_KINDS = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[^a-zA-Z0-9]"))


class BreachedPasswords:
    """A sorted file of SHA-1 sums in hexadecimal (or of their beginnings), one a line; `:count` may follow.

    Looked up on this machine by halving the file; no password and no part of one leaves it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            with file.open("rb") as reading:
                first = reading.readline().split(b":")[0].strip()
        except OSError:
            first = b""
        if not re.fullmatch(rb"[0-9A-Fa-f]{8,40}", first):
            raise ConfigError(
                "GONGZHI_BREACHED_PASSWORDS 应为按 SHA-1 排序的泄露密码文件，现在的文件无法读取。"
            )
        self._width = len(first)

    def __contains__(self, password: str) -> bool:
        # SHA-1 because the published lists are made with it; nothing is protected by it here.
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()
        wanted = digest[: self._width].upper().encode()
        with (
            self._file.open("rb") as reading,
            mmap.mmap(reading.fileno(), 0, access=mmap.ACCESS_READ) as lines,
        ):
            low, high = 0, len(lines)
            while low < high:
                start = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
                end = lines.find(b"\n", start, high)
                end = high if end < 0 else end
                found = lines[start : start + self._width].upper()
                if found == wanted:
                    return True
                if found < wanted:
                    low = end + 1
                else:
                    high = start
        return False


@dataclass(frozen=True, kw_only=True)
class PasswordRules:
    """`remembered`: so many of the last ones may not come back; `kinds`: of small, capital, digit and sign."""

    least_length: int = 8
    remembered: int = 3
    lasts: timedelta | None = None
    kinds: int = 0
    breached: BreachedPasswords | None = None

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Self:
        days = _whole(env, "GONGZHI_PASSWORD_DAYS", default=0, most=3650)
        breached = env.get("GONGZHI_BREACHED_PASSWORDS")
        return cls(
            least_length=_whole(env, "GONGZHI_PASSWORD_LENGTH", default=8, least=8, most=64),
            remembered=_whole(env, "GONGZHI_PASSWORD_HISTORY", default=3, most=24),
            lasts=timedelta(days=days) if days else None,
            kinds=_whole(env, "GONGZHI_PASSWORD_KINDS", default=0, most=len(_KINDS)),
            breached=BreachedPasswords(Path(breached)) if breached else None,
        )

    def require_strong(self, password: str, *, username: str) -> None:
        """Raises `Invalid` with the reason, for the person who chose it."""
        password = normalised(password)
        if not self.least_length <= len(password) <= MOST_LENGTH:
            raise Invalid(f"密码长度应在 {self.least_length} 与 {MOST_LENGTH} 个字符之间。")
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
            raise Invalid("密码中不能有控制字符。")
        if username.casefold() in password.casefold():
            raise Invalid("密码中不能包含用户名。")
        if _is_easily_guessed(password):
            raise Invalid("这个密码太容易被猜到，请换一个。")
        if sum(bool(kind.search(password)) for kind in _KINDS) < self.kinds:
            raise Invalid(f"密码应包含小写字母、大写字母、数字、符号中的至少 {self.kinds} 种。")
        if self.breached is not None and password in self.breached:
            raise Invalid("这个密码出现在已泄露的密码名单中，请换一个。")

    def has_expired(self, changed_at: datetime, *, now: datetime) -> bool:
        return self.lasts is not None and changed_at + self.lasts < now

    @property
    def hint(self) -> str:
        kinds = f"，至少包含大写字母、小写字母、数字、符号中的 {self.kinds} 种" if self.kinds else ""
        return (
            f"至少 {self.least_length} 个字符，建议 15 个以上{kinds}；"
            "可以用几个互不相关的词连成一句，不要用姓名、电话、地名加数字。"
        )


def _is_easily_guessed(password: str) -> bool:
    folded = unicodedata.normalize("NFKC", password).casefold()
    if folded in _COMMON or len(set(folded)) < 5 or _is_a_run(folded):
        return True
    letters = _NOT_LETTERS.sub("", folded)
    if not letters or letters in _WORDS_OF_THE_PLACE:
        return True
    # A common word with digits and signs around it, or in place of some of its letters.
    words = {letters, _NOT_LETTERS.sub("", folded.translate(_LOOK_ALIKE))}
    return any(len(word) >= 4 and word in _COMMON for word in words)


def _is_a_run(password: str) -> bool:
    """`1234567890`, `abcdefghij` and their reverses."""
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return steps in ({1}, {-1}, {0})


def _whole(env: Mapping[str, str], name: str, *, default: int, most: int, least: int = 0) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ConfigError(f"{name} 应为 {least} 到 {most} 的整数，现在是“{text}”。")
    return int(text)
