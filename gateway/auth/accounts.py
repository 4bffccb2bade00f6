"""Signing in and out; what a token stands for; and what an administrator does to accounts."""

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from gateway.auth import grants, passwords
from gateway.auth.attempts import Attempt, Client, begin_attempt, normalised
from gateway.auth.errors import CodeRefused, CodeRequired, SignInExpired, SignInRefused
from gateway.auth.password_rules import PasswordRules
from gateway.auth.second_factors import SecondFactors
from gateway.settings import Settings
from gateway.storage import second_factors, sessions, throttles, users
from gateway.storage.users import OpenSession, User
from services.chassis.clock import utc_now
from services.chassis.db import Database, Transaction
from services.chassis.ids import new_id
from services.chassis.logs import get_logger
from services.contracts.base import Conflict, NotFound

# From the right password to the code.
SECOND_STEP = timedelta(minutes=5)
BREAK_GLASS = "break-glass"
# Without letters and digits that look alike when read from a screen.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"

log = get_logger(__name__)


class UsernameTaken(Conflict): ...


class UserNotFound(NotFound): ...


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
        self._second_factors = SecondFactors(database, settings.sealer)

    def sign_in(self, *, username: str, password: str, client: Client, code: str = "") -> NewSession:
        """Raises `SignInRefused`, the same for a wrong password, an unknown and a closed account.

        Raises `TooManyAttempts` when this account or this address has to wait first, `CodeRequired` when
        only the second factor is missing, and `CodeRefused` when that is wrong.
        """
        passwords.require_room()
        attempt = begin_attempt(self._database, username, client)
        user = attempt.user
        if (
            not passwords.matches(attempt.password_hash, password)
            or user is None
            or not self._may_sign_in(user)
        ):
            self._log_refusal(attempt, "refused")
            raise SignInRefused("用户名或密码不正确。")
        rehashed = _rehashed(attempt.password_hash, password)
        if user.has_second_factor:
            self._require_code(attempt, user, code)
        return self._open_session(user, attempt, new_hash=rehashed)

    def begin_second_step(self, user: User) -> str:
        """A token for a browser that has given the right password; worth nothing without the code."""
        token = secrets.token_urlsafe(32)
        with self._database.transaction() as tx:
            sessions.add_half_session(
                tx.session,
                token_hash=_hashed(token),
                user_id=user.user_id,
                expires_at=tx.now + SECOND_STEP,
                now=tx.now,
            )
        return token

    def finish_sign_in(self, half_token: str, *, code: str, client: Client, method: str = "") -> NewSession:
        """The second step; `method` names the system that took the first, if it was not this one.

        Raises `SignInExpired`, `TooManyAttempts` or `CodeRefused`.
        """
        with self._database.reading() as tx:
            username = sessions.find_half_session(tx.session, token_hash=_hashed(half_token), now=tx.now)
        if username is None:
            raise SignInExpired("登录已超时，请重新输入用户名和密码。")
        attempt = begin_attempt(self._database, username, client)
        user = attempt.user
        if user is None or not self._may_sign_in(user):
            raise SignInExpired("登录已失效，请重新输入用户名和密码。")
        self._require_code(attempt, user, code)
        return self._open_session(user, attempt, note=method)

    def open_session_for(
        self, username: str, client: Client, *, method: str, has_second_factor: bool
    ) -> NewSession:
        """For somebody whom another system vouches for; `method` names that system in the sign-in log.

        Raises `SignInRefused` for a closed account, and `CodeRequired` when a second factor is set up here
        and the other system has not asked for one.
        """
        with self._database.transaction() as tx:
            user = _known(tx.session, username)
            if self._may_sign_in(user) and (has_second_factor or not user.has_second_factor):
                return self._add_session(tx, user, client, note=method)
        if self._may_sign_in(user):
            raise _code_required(user)
        raise SignInRefused("这个账号已停用，请联系管理员。")

    def session_of(self, token: str, *, is_use: bool = True) -> OpenSession | None:
        """`is_use`: asking for it keeps it alive."""
        with self._database.looking() as connection:
            return users.find_session(
                connection,
                token_hash=_hashed(token),
                idle=self._settings.session_idle,
                is_use=is_use,
                now=utc_now(),
            )

    def open_among(self, session_ids: Collection[UUID]) -> set[UUID]:
        """Which of these sessions have not ended."""
        with self._database.reading() as tx:
            seen_after = tx.now - self._settings.session_idle
            return sessions.open_among(tx.session, session_ids, seen_after=seen_after, now=tx.now)

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

    def end_sessions_of(self, user_id: UUID) -> None:
        """Forced sign-out: everywhere, at once."""
        end_sessions_of(self._database, user_id)

    def _may_sign_in(self, user: User) -> bool:
        now = utc_now()
        # The emergency account is closed until it is needed, and that may be years.
        is_idle = user.username != BREAK_GLASS and user.is_idle(now, self._settings.account_idle)
        return user.may_sign_in(now) and not is_idle

    def _require_code(self, attempt: Attempt, user: User, code: str) -> None:
        if not code.strip():
            with self._database.transaction() as tx:
                attempt.is_right_so_far(tx.session, now=tx.now)
            raise _code_required(user)
        with self._database.transaction() as tx:
            is_right = self._second_factors.accept(tx.session, user_id=user.user_id, code=code, now=tx.now)
        if not is_right:
            self._log_refusal(attempt, "code_refused")
            raise CodeRefused("验证码不正确，或者已经用过；请等下一个验证码再试。")

    def _open_session(
        self, user: User, attempt: Attempt, *, new_hash: str | None = None, note: str = ""
    ) -> NewSession:
        with self._database.transaction() as tx:
            attempt.has_succeeded(tx.session, now=tx.now)
            if attempt.password_hash is not None and new_hash is not None:
                users.refresh_hash(tx.session, user_id=user.user_id, old=attempt.password_hash, new=new_hash)
            return self._add_session(tx, user, attempt.client, note=note)

    def _add_session(self, tx: Transaction, user: User, client: Client, *, note: str = "") -> NewSession:
        token = secrets.token_urlsafe(32)
        sessions.end_half_sessions_of(tx.session, user.user_id)
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
        _log(tx.session, user.username, user, client, outcome="signed_in", note=note, now=tx.now)
        if user.username == BREAK_GLASS:
            log.error("break_glass_signed_in", address=client.address)
        idle_end = tx.now + min(self._settings.session_idle, self._settings.session_absolute)
        return NewSession(token=token, user=user, expires_at=idle_end)

    def _log_refusal(self, attempt: Attempt, outcome: str) -> None:
        with self._database.transaction() as tx:
            # What was typed for an unknown name may be a password in the wrong field; it is not kept.
            name = attempt.name if attempt.user else ""
            _log(tx.session, name, attempt.user, attempt.client, outcome=outcome, now=tx.now)


def add_user(
    database: Database,
    *,
    username: str,
    display_name: str,
    password: str,
    roles: tuple[str, ...],
    community_ids: tuple[UUID, ...] = (),
    unit_id: UUID | None = None,
    granted_by: UUID | None = None,
    is_one_time: bool = False,
    rules: PasswordRules | None = None,
    then: Callable[[Transaction, User], None] | None = None,
) -> User:
    """Open an account with its first grants; `is_one_time`: the password has to be changed at the first sign-in.

    What `then` does is one commit with it.
    Raises `Invalid` for a weak password, `UsernameTaken` for a known name.
    """
    name = normalised(username)
    (rules or PasswordRules()).require_strong(password, username=name)
    user = User(
        user_id=new_id(),
        username=name,
        display_name=display_name.strip() or name,
        roles=tuple(dict.fromkeys(roles)),
        community_ids=community_ids,
        unit_id=unit_id,
        must_change_password=is_one_time,
    )
    password_hash = passwords.hash_password(password)
    with database.transaction() as tx:
        if users.find_user(tx.session, name) is not None:
            raise UsernameTaken(f"用户名“{name}”已经有人使用。")
        rights = grants.first_grants(
            user_id=user.user_id,
            roles=roles,
            community_ids=community_ids,
            unit_id=unit_id,
            granted_by=granted_by,
            now=tx.now,
        )
        users.add_user(tx.session, user=user, password_hash=password_hash, now=tx.now)
        grants.add_first_grants(tx, rights)
        if then is not None:
            then(tx, user)
    return user


def set_password(
    database: Database,
    *,
    username: str,
    password: str,
    is_one_time: bool = False,
    rules: PasswordRules | None = None,
) -> User:
    """Replace the password and end every session that was opened with the old one."""
    name = normalised(username)
    (rules or PasswordRules()).require_strong(password, username=name)
    password_hash = passwords.hash_password(password)
    with database.transaction() as tx:
        user = _known(tx.session, name)
        users.set_password(
            tx.session,
            user_id=user.user_id,
            password_hash=password_hash,
            is_one_time=is_one_time,
            now=tx.now,
        )
        _end_all(tx.session, user.user_id)
        throttles.forget(tx.session, f"account:{name}")
    return user


def reset_password(database: Database, *, username: str) -> str:
    """A random password, to be handed over and good only for choosing one's own. It is stored nowhere."""
    password = one_time_password()
    set_password(database, username=username, password=password, is_one_time=True)
    return password


def one_time_password() -> str:
    """Four groups of letters that can be read out and typed: 79 random bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(4))


def remove_second_factor(database: Database, *, username: str) -> User:
    """For whoever lost phone and recovery codes; all sessions of the account end."""
    with database.transaction() as tx:
        user = _known(tx.session, normalised(username))
        second_factors.remove(tx.session, user.user_id)
        _end_all(tx.session, user.user_id)
    return user


def end_sessions_of(database: Database, user_id: UUID) -> None:
    """Forced sign-out: everywhere, at once, also of whoever is between the two steps."""
    with database.transaction() as tx:
        _end_all(tx.session, user_id)


def set_active(database: Database, *, username: str, is_active: bool) -> User:
    """Close an account and end its sessions, or open it again, also after it was left alone for too long."""
    name = normalised(username)
    with database.transaction() as tx:
        user = _known(tx.session, name)
        if not is_active:
            grants.require_another_security_admin(tx.session, user.user_id)
        users.set_active(tx.session, user_id=user.user_id, is_active=is_active, now=tx.now)
        if not is_active:
            _end_all(tx.session, user.user_id)
    return user


def get_user(database: Database, *, username: str) -> User:
    with database.reading() as tx:
        return _known(tx.session, normalised(username))


def _known(session: Session, name: str) -> User:
    known = users.find_user(session, name)
    if known is None:
        raise UserNotFound(f"没有用户“{name}”。")
    return known[0]


def _end_all(session: Session, user_id: UUID) -> None:
    users.end_sessions_of(session, user_id)
    sessions.end_half_sessions_of(session, user_id)


def _log(
    session: Session,
    name: str,
    user: User | None,
    client: Client,
    *,
    outcome: str,
    note: str = "",
    now: datetime,
) -> None:
    users.log_sign_in(
        session,
        username=name,
        user_id=user.user_id if user else None,
        address=client.address,
        user_agent=client.user_agent,
        outcome=outcome,
        note=note,
        now=now,
    )


def _code_required(user: User) -> CodeRequired:
    refusal = CodeRequired("还需要第二步验证：请输入动态验证码或备用码。")
    refusal.user = user
    return refusal


def _rehashed(password_hash: str | None, password: str) -> str | None:
    if password_hash is not None and passwords.needs_rehash(password_hash):
        return passwords.hash_password(password)
    return None


def _hashed(token: str) -> bytes:
    # A token has 256 random bits, so a fast hash without salt is enough.
    return hashlib.sha256(token.encode()).digest()
