"""Attempts to sign in, counted by account and by address, so that guessing has to wait ever longer.

Nobody is ever locked out for good: the wait ends after a quarter of an hour at most, and it is counted
apart for addresses from which the account's owner signed in lately.
"""

import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gateway.auth.errors import TooManyAttempts
from gateway.storage import throttles, users
from gateway.storage.users import User
from services.chassis.clock import utc_now
from services.chassis.db import Database
from services.chassis.logs import get_logger
from services.contracts.base import Invalid

# So many attempts cost no waiting: typing errors for an account, a whole office behind one address.
FREE_PER_ACCOUNT = 3
FREE_PER_ADDRESS = 20

# Someone who signed in from an address lately is not kept out by a stranger's guesses from elsewhere.
KNOWN_ADDRESS_FOR = timedelta(days=30)

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Client:
    """Where a request comes from."""

    address: str
    user_agent: str = ""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One that may go ahead, counted as failed until it succeeds; `user` is None for an unknown name."""

    name: str
    client: Client
    user: User | None
    password_hash: str | None
    keys: tuple[str, str]

    def is_right_so_far(self, session: Session, *, now: datetime) -> None:
        """It was no wrong guess: neither counts it; what failed before stays counted."""
        for key in self.keys:
            throttles.take_back(session, key=key, now=now)

    def has_succeeded(self, session: Session, *, now: datetime) -> None:
        """The account's failures are forgotten; those of the address stay."""
        throttles.take_back(session, key=self.keys[0], now=now)
        throttles.forget(session, self.keys[1])


def begin_attempt(database: Database, username: str, client: Client) -> Attempt:
    """Raises `TooManyAttempts` when this account or this address has to wait first."""
    name, now = normalised(username), utc_now()
    with database.transaction(now=now) as tx:
        user, password_hash = users.find_user(tx.session, name) or (None, None)
        keys = (f"address:{client.address}", _account_key(tx.session, name, user, client, now))
        by_address = throttles.count_attempt(tx.session, key=keys[0], free=FREE_PER_ADDRESS, now=now)
        by_account = throttles.count_attempt(tx.session, key=keys[1], free=FREE_PER_ACCOUNT, now=now)
    if by_address.is_counted and by_address.failed_count > FREE_PER_ADDRESS:
        # Only attempts that were let in are counted, so a flood does not fill the log.
        log.warning("sign_in_guessing", address=client.address, failed_count=by_address.failed_count)
    if longest := max(by_address.wait, by_account.wait):
        seconds = max(1, math.ceil(longest.total_seconds()))
        refusal = TooManyAttempts(f"尝试次数过多，请 {seconds} 秒后再试。")
        refusal.retry_after = seconds
        raise refusal
    return Attempt(name=name, client=client, user=user, password_hash=password_hash, keys=keys)


def normalised(username: str) -> str:
    """One spelling of a name: full-width and half-width, capital and small letters are the same."""
    name = unicodedata.normalize("NFKC", username).casefold().strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise Invalid("用户名应为 1 至 64 个可见字符。")
    return name


def _account_key(session: Session, name: str, user: User | None, client: Client, now: datetime) -> str:
    if user is not None and users.has_signed_in_from(
        session, user_id=user.user_id, address=client.address, since=now - KNOWN_ADDRESS_FOR
    ):
        return f"account:{name}@{client.address}"
    return f"account:{name}"
