"""What people do with their own account: another password, a second factor, ending sessions elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from gateway.auth import passwords
from gateway.auth.attempts import Client, begin_attempt
from gateway.auth.second_factors import SecondFactorNotSet, SecondFactors
from gateway.settings import Settings
from gateway.storage import sessions, users
from gateway.storage.sessions import SessionSeen
from gateway.storage.users import OpenSession
from services.chassis.db import Database, Transaction
from services.contracts.base import NotFound, invalid_field


class SessionNotFound(NotFound): ...


class OwnAccount:
    """`opened` is the session in which somebody asks; acts that need proof count wrong ones as guesses."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self.second_factors = SecondFactors(database, settings.sealer)

    def change_password(self, opened: OpenSession, *, old: str, new: str, client: Client) -> None:
        """All other sessions end: whoever knew the old password is out."""
        user = opened.user
        attempt = begin_attempt(self._database, user.username, client)
        if not passwords.matches(attempt.password_hash, old):
            raise invalid_field("old_password", "原密码不正确。")
        with self._database.transaction() as tx:
            attempt.is_right_so_far(tx.session, now=tx.now)
            used = users.last_passwords(
                tx.session, user_id=user.user_id, most=self._settings.password_rules.remembered
            )
        self._settings.password_rules.require_strong(new, username=user.username)
        # The present one never serves again, however few are remembered: a one-time password stays one.
        if passwords.normalised(new) == passwords.normalised(old) or any(
            passwords.matches(each, new) for each in used[1:]
        ):
            raise invalid_field("new_password", "新密码不能与最近用过的密码相同。")
        password_hash = passwords.hash_password(new)
        with self._database.transaction() as tx:
            users.set_password(
                tx.session,
                user_id=user.user_id,
                password_hash=password_hash,
                is_one_time=False,
                now=tx.now,
            )
            sessions.end_other_sessions(tx.session, user_id=user.user_id, but=opened.session_id)
            sessions.end_half_sessions_of(tx.session, user.user_id)

    def prove(self, opened: OpenSession, *, proof: str, client: Client) -> None:
        """A code where a second factor is set up, else the password; wrong ones count as guesses."""
        user = opened.user
        if user.has_second_factor:
            with self._proven(opened, proof, client, field="proof"):
                return
        attempt = begin_attempt(self._database, user.username, client)
        if not passwords.matches(attempt.password_hash, proof):
            raise invalid_field("proof", "密码不正确。")
        with self._database.transaction() as tx:
            attempt.is_right_so_far(tx.session, now=tx.now)
            sessions.note_proof(tx.session, opened.session_id, now=tx.now)

    def confirm_second_factor(self, opened: OpenSession, *, code: str) -> list[str]:
        """The recovery codes. Sessions opened without the factor end, but for this one."""
        codes = self.second_factors.confirm(opened.user.user_id, code)
        self.end_other_sessions(opened)
        return codes

    def renew_recovery_codes(self, opened: OpenSession, *, code: str, client: Client) -> list[str]:
        with self._proven(opened, code, client) as tx:
            return self.second_factors.renew_codes(tx.session, opened.user.user_id)

    def remove_second_factor(self, opened: OpenSession, *, code: str, client: Client) -> None:
        """To move to another phone; whoever must have one is led to setting it up at once."""
        with self._proven(opened, code, client) as tx:
            self.second_factors.remove(tx.session, opened.user.user_id)

    def list_sessions(self, opened: OpenSession) -> list[SessionSeen]:
        with self._database.reading() as tx:
            return sessions.list_sessions(
                tx.session,
                user_id=opened.user.user_id,
                seen_after=tx.now - self._settings.session_idle,
                now=tx.now,
            )

    def end_session(self, opened: OpenSession, session_id: UUID) -> None:
        with self._database.transaction() as tx:
            if not sessions.end_own_session(tx.session, user_id=opened.user.user_id, session_id=session_id):
                raise SessionNotFound("这个登录已经结束。")

    def end_other_sessions(self, opened: OpenSession) -> int:
        with self._database.transaction() as tx:
            return sessions.end_other_sessions(tx.session, user_id=opened.user.user_id, but=opened.session_id)

    @contextmanager
    def _proven(
        self, opened: OpenSession, code: str, client: Client, *, field: str = "code"
    ) -> Iterator[Transaction]:
        """A transaction for whoever has shown a right code; a wrong one counts like one at sign-in.

        `field`: the one of the form in which the code was typed.
        """
        user = opened.user
        if not user.has_second_factor:
            raise SecondFactorNotSet("还没有设置动态验证码。")
        attempt = begin_attempt(self._database, user.username, client)
        with self._database.transaction() as tx:
            if not self.second_factors.accept(tx.session, user_id=user.user_id, code=code, now=tx.now):
                raise invalid_field(field, "验证码不正确，或者已经用过；请等下一个验证码再试。")
            attempt.is_right_so_far(tx.session, now=tx.now)
            sessions.note_proof(tx.session, opened.session_id, now=tx.now)
            yield tx
