"""Signing in and out; what a token stands for."""

import hashlib
import math
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from gateway.auth import passwords
from gateway.auth.errors import SignInRefused, TooManyAttempts
from gateway.settings import Settings
from gateway.storage import throttles, users
from gateway.storage.users import OpenSession, User
from services.chassis.clock import utc_now
from services.chassis.db import Database
from services.chassis.ids import new_id
from services.contracts.base import Conflict, Invalid, NotFound, Role

# So many attempts cost no waiting: typing errors for an account, a whole office behind one address.
FREE_PER_ACCOUNT = 3
FREE_PER_ADDRESS = 20

# Someone who signed in from an address lately is not kept out by a stranger's guesses from elsewhere.
KNOWN_ADDRESS_FOR = timedelta(days=30)


class UsernameTaken(Conflict): ...


class UserNotFound(NotFound): ...


@dataclass(frozen=True, kw_only=True)
class Client:
    """Where a request comes from."""

    address: str
    user_agent: str = ""


@dataclass(frozen=True, kw_only=True)
class NewSession:
    """`token` is shown once and stored nowhere; the database keeps its hash."""

    token: str = field(repr=False)
    user: User
    expires_at: datetime


class Accounts:
    """The people who may sign in, and who of them has."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def sign_in(self, *, username: str, password: str, client: Client) -> NewSession:
        """Raises `SignInRefused`, the same for a wrong password, an unknown and a closed account.

        Raises `TooManyAttempts` when this account or this address has to wait first.
        """
        name = normalised(username)
        user, password_hash, keys = self._reserve_attempt(name, client, now=utc_now())
        if not passwords.matches(password_hash, password) or user is None or not user.is_active:
            self._log_refusal(name, user, client)
            raise SignInRefused("用户名或密码不正确。")
        rehashed = _rehashed(password_hash, password)
        return self._open_session(user, client, keys=keys, old_hash=password_hash, new_hash=rehashed)

    def session_of(self, token: str) -> OpenSession | None:
        with self._database.looking() as connection:
            return users.find_session(
                connection, token_hash=_hashed(token), idle=self._settings.session_idle, now=utc_now()
            )

    def sign_out(self, token: str, client: Client) -> None:
        with self._database.transaction() as tx:
            user_id = users.end_session(tx.session, _hashed(token))
            if user_id is not None:
                users.log_sign_in(
                    tx.session,
                    username="",
                    user_id=user_id,
                    address=client.address,
                    user_agent=client.user_agent,
                    outcome="signed_out",
                    now=tx.now,
                )

    def _reserve_attempt(
        self, name: str, client: Client, *, now: datetime
    ) -> tuple[User | None, str | None, tuple[str, str]]:
        with self._database.transaction(now=now) as tx:
            user, password_hash = users.find_user(tx.session, name) or (None, None)
            keys = (f"address:{client.address}", _account_key(tx.session, name, user, client, now))
            waits = [
                throttles.count_attempt(tx.session, key=keys[0], free=FREE_PER_ADDRESS, now=now),
                throttles.count_attempt(tx.session, key=keys[1], free=FREE_PER_ACCOUNT, now=now),
            ]
        if longest := max(waits):
            seconds = max(1, math.ceil(longest.total_seconds()))
            refusal = TooManyAttempts(f"尝试次数过多，请 {seconds} 秒后再试。")
            refusal.retry_after = seconds
            raise refusal
        return user, password_hash, keys

    def _open_session(
        self, user: User, client: Client, *, keys: tuple[str, str], old_hash: str | None, new_hash: str | None
    ) -> NewSession:
        token = secrets.token_urlsafe(32)
        with self._database.transaction() as tx:
            throttles.take_back(tx.session, key=keys[0], now=tx.now)
            throttles.forget(tx.session, keys[1])
            if old_hash is not None and new_hash is not None:
                users.refresh_hash(tx.session, user_id=user.user_id, old=old_hash, new=new_hash)
            users.note_sign_in(tx.session, user_id=user.user_id, now=tx.now)
            users.add_session(
                tx.session,
                token_hash=_hashed(token),
                user_id=user.user_id,
                address=client.address,
                user_agent=client.user_agent,
                expires_at=tx.now + self._settings.session_absolute,
                now=tx.now,
            )
            _log(tx.session, user.username, user, client, outcome="signed_in", now=tx.now)
            idle_end = tx.now + min(self._settings.session_idle, self._settings.session_absolute)
        return NewSession(token=token, user=user, expires_at=idle_end)

    def _log_refusal(self, name: str, user: User | None, client: Client) -> None:
        with self._database.transaction() as tx:
            # What was typed for an unknown name may be a password in the wrong field; it is not kept.
            _log(tx.session, name if user else "", user, client, outcome="refused", now=tx.now)


def add_user(
    database: Database,
    *,
    username: str,
    display_name: str,
    password: str,
    roles: tuple[str, ...],
    community_ids: tuple[UUID, ...] = (),
    unit_id: UUID | None = None,
) -> User:
    """Open an account; raises `Invalid` for a weak password, `UsernameTaken` for a known name."""
    name = normalised(username)
    _require_fitting(name, roles, unit_id)
    passwords.require_strong(password, username=name)
    user = User(
        user_id=new_id(),
        username=name,
        display_name=display_name.strip() or name,
        roles=tuple(dict.fromkeys(roles)),
        community_ids=community_ids,
        unit_id=unit_id,
    )
    password_hash = passwords.hash_password(password)
    with database.transaction() as tx:
        if users.find_user(tx.session, name) is not None:
            raise UsernameTaken(f"用户名“{name}”已经有人使用。")
        users.add_user(tx.session, user=user, password_hash=password_hash, now=tx.now)
    return user


def set_password(database: Database, *, username: str, password: str) -> User:
    """Replace the password and end every session that was opened with the old one."""
    name = normalised(username)
    passwords.require_strong(password, username=name)
    password_hash = passwords.hash_password(password)
    with database.transaction() as tx:
        known = users.find_user(tx.session, name)
        if known is None:
            raise UserNotFound(f"没有用户“{name}”。")
        user, _ = known
        users.set_password(tx.session, user_id=user.user_id, password_hash=password_hash, now=tx.now)
        users.end_sessions_of(tx.session, user.user_id)
        throttles.forget(tx.session, f"account:{name}")
    return user


def set_active(database: Database, *, username: str, is_active: bool) -> User:
    """Close an account and end its sessions, or open it again."""
    name = normalised(username)
    with database.transaction() as tx:
        known = users.find_user(tx.session, name)
        if known is None:
            raise UserNotFound(f"没有用户“{name}”。")
        user, _ = known
        users.set_active(tx.session, user_id=user.user_id, is_active=is_active)
        if not is_active:
            users.end_sessions_of(tx.session, user.user_id)
    return user


def normalised(username: str) -> str:
    """One spelling of a name: full-width and half-width, capital and small letters are the same."""
    name = unicodedata.normalize("NFKC", username).casefold().strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise Invalid("用户名应为 1 至 64 个可见字符。")
    return name


def _require_fitting(name: str, roles: tuple[str, ...], unit_id: UUID | None) -> None:
    if not roles:
        raise Invalid("至少需要一个角色。")
    unknown = [role for role in roles if role not in set(Role)]
    if unknown:
        raise Invalid(f"没有角色“{'、'.join(unknown)}”。")
    if (Role.UNIT_LIAISON in roles) != (unit_id is not None):
        raise Invalid(f"“{name}”：驻地单位联络员必须有且只有他们才有所属单位。")


def _account_key(session: Session, name: str, user: User | None, client: Client, now: datetime) -> str:
    if user is not None and users.has_signed_in_from(
        session, user_id=user.user_id, address=client.address, since=now - KNOWN_ADDRESS_FOR
    ):
        return f"account:{name}@{client.address}"
    return f"account:{name}"


def _log(
    session: Session, name: str, user: User | None, client: Client, *, outcome: str, now: datetime
) -> None:
    users.log_sign_in(
        session,
        username=name,
        user_id=user.user_id if user else None,
        address=client.address,
        user_agent=client.user_agent,
        outcome=outcome,
        now=now,
    )


def _rehashed(password_hash: str | None, password: str) -> str | None:
    if password_hash is not None and passwords.needs_rehash(password_hash):
        return passwords.hash_password(password)
    return None


def _hashed(token: str) -> bytes:
    # A token has 256 random bits, so a fast hash without salt is enough.
    return hashlib.sha256(token.encode()).digest()
