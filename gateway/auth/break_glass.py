"""The emergency account: closed by default, opened from the command line for some hours, and loud while it is.

It exists for the day when nobody else can sign in; whoever opens it stands at the server already.
"""

import time
from datetime import datetime, timedelta

from gateway.auth import accounts
from gateway.auth.accounts import BREAK_GLASS, UsernameTaken
from gateway.storage import second_factors, users
from services.chassis.clock import utc_now
from services.chassis.db import Database, Transaction
from services.chassis.logs import get_logger
from services.contracts.base import Conflict, Invalid, Role

ROLES = (Role.CITY_ADMIN, Role.SECURITY_ADMIN)
MOST_HOURS = 72
# How old the banner's knowledge may be, and how often the log complains while the account is open.
LOOKED_EVERY = 5.0
TOLD_EVERY = 60.0

log = get_logger(__name__)


class BreakGlassNotEnabled(Conflict): ...


def enable(database: Database, *, hours: float, reason: str) -> tuple[str, datetime]:
    """A one-time password, and when the account closes by itself. Enabling again starts afresh."""
    if not 0 < hours <= MOST_HOURS:
        raise Invalid(f"应急账号最多开启 {MOST_HOURS} 小时。")
    if len(reason.strip()) < 5:
        raise Invalid("请写明开启应急账号的原因（至少 5 个字）。")
    closes_at = utc_now() + timedelta(hours=hours)
    password = accounts.one_time_password()
    try:
        accounts.add_user(
            database,
            username=BREAK_GLASS,
            display_name="应急账号",
            password=password,
            roles=ROLES,
            is_one_time=True,
        )
    except UsernameTaken:
        accounts.set_password(database, username=BREAK_GLASS, password=password, is_one_time=True)
    with database.transaction() as tx:
        user, _ = users.find_user(tx.session, BREAK_GLASS) or (None, None)
        assert user is not None
        second_factors.remove(tx.session, user.user_id)
        users.set_closing(tx.session, user_id=user.user_id, is_active=True, closes_at=closes_at)
        _note(tx, user, "break_glass_enabled", reason.strip())
    log.error("break_glass_enabled", until=closes_at.isoformat(), reason=reason.strip())
    return password, closes_at


def disable(database: Database) -> None:
    """Close it and end its sessions; raises `BreakGlassNotEnabled`."""
    with database.transaction() as tx:
        user, _ = users.find_user(tx.session, BREAK_GLASS) or (None, None)
        if user is None or not user.may_sign_in(tx.now):
            raise BreakGlassNotEnabled("应急账号没有开启。")
        users.set_closing(tx.session, user_id=user.user_id, is_active=False, closes_at=tx.now)
        _note(tx, user, "break_glass_disabled", "")
    accounts.end_sessions_of(database, user.user_id)
    log.error("break_glass_disabled")


class BreakGlassAlarm:
    """For the banner on every page: cheap to ask, and complains in the log while the account is open."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_at = self._told_at = float("-inf")
        self._until: datetime | None = None

    def open_until(self) -> datetime | None:
        now = time.monotonic()
        if now - self._looked_at > LOOKED_EVERY:
            self._looked_at = now
            with self._database.reading() as tx:
                user, _ = users.find_user(tx.session, BREAK_GLASS) or (None, None)
                self._until = user.closes_at if user is not None and user.may_sign_in(tx.now) else None
        if self._until is not None and now - self._told_at > TOLD_EVERY:
            self._told_at = now
            log.error("break_glass_is_open", until=self._until.isoformat())
        return self._until


def _note(tx: Transaction, user: users.User, outcome: str, note: str) -> None:
    users.log_sign_in(
        tx.session,
        username=BREAK_GLASS,
        user_id=user.user_id,
        address="",
        user_agent="gongzhi users break-glass",
        outcome=outcome,
        note=note,
        now=tx.now,
    )
