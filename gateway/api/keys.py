"""`Idempotency-Key` at the API's door: every POST that creates or moves something carries one.

The services store the first answer in the transaction of its effect (`services/chassis/calls.py`), and
the gateway does so where the effect is its own (`gateway/first_answers.py`): a repeated request has one
effect and gets the first answer, also after a crash.
While the first one is still at work, a second one is told here to come again (409), whichever gateway
process it reaches: the keys in use are advisory locks of one connection to the gateway's database.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import current_app, request

from gateway.auth.policy import enforce, policy_of
from gateway.calls import sent_idempotency_key
from gateway.errors import FirstStillRunning, IdempotencyKeyRequired
from gateway.first_answers import scoped
from gateway.storage.first_answers import KEPT
from services.chassis.db import connect_args
from services.chassis.logs import get_logger

# What we publish; the services keep answers longer (`KEPT_DAYS` of their upkeep).
ANSWER_DAYS = KEPT.days

V = TypeVar("V", bound=Callable[..., Any])

log = get_logger(__name__)

_SETTLE = """
    SELECT CASE WHEN takes THEN pg_try_advisory_lock(key) ELSE pg_advisory_unlock(key) END
    FROM unnest(%s::bigint[], %s::boolean[]) WITH ORDINALITY AS wish (key, takes, place)
    ORDER BY place
"""


def keyless(view: V) -> V:
    """For a POST that changes nothing: it is a question whose text is too long for an address."""
    view.is_keyless = True  # type: ignore[attr-defined]
    return view


def is_keyless(view: Callable[..., Any]) -> bool:
    return bool(getattr(view, "is_keyless", False))


def keyed(view: V) -> V:
    """Requires the key and lets one request of each key in at a time."""

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        if request.method == "OPTIONS":
            return view(*args, **kwargs)
        if policy := policy_of(view):
            enforce(policy)  # who may not ask at all is told that first
        key = sent_idempotency_key()
        if key is None:
            raise IdempotencyKeyRequired(
                "此操作须带 Idempotency-Key 请求头：为这一次操作取的唯一值，重发时保持不变。"
            )
        with _in_use().held(scoped(key)):
            return view(*args, **kwargs)

    once._apidoc = {**getattr(view, "_apidoc", {}), "needs_key": True}  # type: ignore[attr-defined]
    return once  # type: ignore[return-value]


class KeysInUse:
    """The keys whose first request has no answer yet."""

    def __init__(self, url: str) -> None:
        self._here: set[int] = set()
        self._everywhere = _Locks(url)

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """Raises `FirstStillRunning` when another request has it."""
        number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True)
        if number in self._here:  # a lock of our own connection would be given a second time
            raise FirstStillRunning("同一个 Idempotency-Key 的前一次请求还在处理，请稍后原样重发。")
        self._here.add(number)
        try:
            if not self._everywhere.settle(number, takes=True):
                raise FirstStillRunning("同一个 Idempotency-Key 的前一次请求还在处理，请稍后原样重发。")
            try:
                yield
            finally:
                self._everywhere.settle(number, takes=False)
        finally:
            self._here.discard(number)


@dataclass
class _Wish:
    key: int
    takes: bool
    is_granted: bool | None = None


class _Locks:
    """Advisory locks on one connection; what is wished for meanwhile goes along with the next statement.

    Without the database every wish is granted: it is the services that keep an effect from happening twice.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: sa.Connection | None = None
        self._turn = threading.Lock()
        self._wishes: list[_Wish] = []

    def settle(self, key: int, *, takes: bool) -> bool:
        wish = _Wish(key, takes)
        self._wishes.append(wish)
        with self._turn:
            if wish.is_granted is None:
                wishes, self._wishes = self._wishes, []
                self._settle(wishes)
        return bool(wish.is_granted)

    def _settle(self, wishes: list[_Wish]) -> None:
        asked = ([wish.key for wish in wishes], [wish.takes for wish in wishes])
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            granted: Sequence[bool] = self._connection.exec_driver_sql(_SETTLE, asked).scalars().all()
        except sa.exc.SQLAlchemyError as error:
            log.warning("keys in use are not shared", error=repr(error)[:200])
            granted = [True] * len(wishes)
            self._disconnect()
        for wish, is_granted in zip(wishes, granted, strict=True):
            wish.is_granted = is_granted

    @cached_property
    def _engine(self) -> sa.Engine:
        bounds = connect_args("gateway-keys")
        return sa.create_engine(
            self._url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool, connect_args=bounds
        )

    def _disconnect(self) -> None:
        """The server lets go of all our locks with the connection."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _in_use() -> KeysInUse:
    return cast(KeysInUse, current_app.extensions["keys_in_use"])
