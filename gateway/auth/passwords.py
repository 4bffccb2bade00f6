"""Hashing passwords with Argon2id, away from the event loop and never too many at once."""

import re
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.contracts.base import Invalid, Unavailable

T = TypeVar("T")

# OWASP's second choice of parameters: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

LEAST_LENGTH = 10
MOST_LENGTH = 128

# Each hash takes 19 MiB and some 40 ms of a core; a flood of sign-ins must not take all of either.
_AT_ONCE = 2
_MOST_WAITING = 24
_turns = threading.BoundedSemaphore(_AT_ONCE)
_waiting = 0

_OFTEN_GUESSED = re.compile(
    r"(?i)^(p[a@]ss(w[o0]rd)?|admin(istrator)?|qwerty(uiop)?|iloveyou|welcome|gongzhi|heihe|shequ|abc|test)?"
    r"[0-9!@#$%^&*._-]*$"
)


def hash_password(password: str) -> str:
    return off_the_loop(lambda: _HASHER.hash(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; without a hash (no such account) false, after the same work."""
    return (
        off_the_loop(lambda: _verify(password_hash or _nobodys_hash(), password))
        and password_hash is not None
    )


def needs_rehash(password_hash: str) -> bool:
    return _HASHER.check_needs_rehash(password_hash)


def require_strong(password: str, *, username: str) -> None:
    """Long, not easily guessed, not made of the name; no rule on kinds of characters."""
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise Invalid(f"密码长度应在 {LEAST_LENGTH} 与 {MOST_LENGTH} 个字符之间。")
    if any(unicodedata.category(character) == "Cc" for character in password):
        raise Invalid("密码中不能有控制字符。")
    if len(set(password)) < 5 or _OFTEN_GUESSED.match(password) or _is_a_run(password):
        raise Invalid("这个密码太容易被猜到，请换一个。")
    if username.casefold() in password.casefold():
        raise Invalid("密码中不能包含用户名。")


def off_the_loop(work: Callable[[], T]) -> T:
    """Run it in a real thread when the process is green, so that no other request waits for it."""
    with _turn():
        if not _is_green():
            return work()
        from eventlet import tpool

        result: T = tpool.execute(work)
        return result


def _is_green() -> bool:
    """Without importing eventlet into a process that does not use it."""
    patcher = sys.modules.get("eventlet.patcher")
    return patcher is not None and bool(patcher.is_monkey_patched("thread"))


@contextmanager
def _turn() -> Iterator[None]:
    global _waiting
    if _waiting >= _MOST_WAITING:
        raise Unavailable("登录的人太多，请稍后再试。")
    _waiting += 1
    try:
        with _turns:
            yield
    finally:
        _waiting -= 1


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache
def _nobodys_hash() -> str:
    return _HASHER.hash("no account has this password")


def _is_a_run(password: str) -> bool:
    """`1234567890`, `abcdefghij` and their reverses."""
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return steps in ({1}, {-1}, {0})
