"""Hashing passwords with Argon2id, away from the event loop and never too many at once."""

import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.contracts.base import Unavailable

T = TypeVar("T")

# OWASP's second choice of parameters: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Each hash takes 19 MiB and some 40 ms of a core; a flood of sign-ins must not take all of either.
_AT_ONCE = 2
_MOST_WAITING = 24
_turns = threading.BoundedSemaphore(_AT_ONCE)
_waiting = 0


def normalised(password: str) -> str:
    """One spelling of the same characters: keyboards compose accents and Hangul in different ways."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    return off_the_loop(lambda: _HASHER.hash(normalised(password)))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; without a hash (no such account) false, after the same work."""
    return (
        off_the_loop(lambda: _verify(password_hash or _nobodys_hash(), normalised(password)))
        and password_hash is not None
    )


def needs_rehash(password_hash: str) -> bool:
    return _HASHER.check_needs_rehash(password_hash)


def off_the_loop(work: Callable[[], T]) -> T:
    """Run it in a real thread when the process is green, so that no other request waits for it."""
    with _turn():
        if not _is_green():
            return work()
        result: T = _threads().execute(_politely(work))
        return result


@lru_cache
def _threads() -> Any:
    """As many real threads as hashes at once: each keeps the memory of its last hash for the next one."""
    from eventlet import tpool

    tpool.set_num_threads(_AT_ONCE)
    return tpool


def _is_green() -> bool:
    """Without importing eventlet into a process that does not use it."""
    patcher = sys.modules.get("eventlet.patcher")
    return patcher is not None and bool(patcher.is_monkey_patched("thread"))


def require_room() -> None:
    """Raises `Unavailable` when so many wait for a hash already that another one would wait too long.

    Asked before a sign-in costs anything else, so that a flood is turned away at the least expense.
    """
    if _waiting >= _MOST_WAITING:
        raise Unavailable("登录的人太多，请稍后再试。")


def _politely(work: Callable[[], T]) -> Callable[[], T]:
    """The event loop goes first on the processor: hashing can wait a little, everybody else cannot."""

    def polite() -> T:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, 0, 10)  # of this thread alone
        return work()

    return polite


@contextmanager
def _turn() -> Iterator[None]:
    global _waiting
    require_room()
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
