"""A unit's contact is invited by staff, and opens the account of a liaison of that unit: once, within seven days."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from gateway.auth import accounts
from gateway.auth.password_rules import PasswordRules
from gateway.storage import invitations as storage
from gateway.storage.invitations import UnitInvitation
from gateway.storage.users import User
from services.chassis.db import Database, Transaction
from services.chassis.ids import new_id
from services.contracts.base import Conflict, NotFound, Role, invalid_field

LASTS = timedelta(days=7)


class InvitationInvalid(NotFound): ...


class InvitationEnded(Conflict): ...


def invite_liaison(
    database: Database, *, unit_id: UUID, unit_name: str, contact_name: str, invited_by: UUID
) -> str:
    """The link's secret; it is shown once and kept as a hash."""
    name = contact_name.strip()
    if not 1 <= len(name) <= 50 or not name.isprintable():
        raise invalid_field("contact_name", "应为 1 至 50 个可见字符。")
    token = secrets.token_urlsafe(32)
    with database.transaction() as tx:
        storage.add_invitation(
            tx.session,
            UnitInvitation(
                invitation_id=new_id(),
                token_hash=_hashed(token),
                unit_id=unit_id,
                unit_name=unit_name,
                contact_name=name,
                invited_by=invited_by,
                invited_at=tx.now,
                expires_at=tx.now + LASTS,
            ),
        )
    return token


def open_invitation(database: Database, token: str) -> UnitInvitation:
    """Raises `InvitationInvalid`: unknown, used and expired links look alike from outside."""
    with database.reading() as tx:
        found = storage.find_invitation(tx.session, _hashed(token))
        if found is None or not found.is_open(now=tx.now):
            raise _invalid()
    return found


def accept_invitation(
    database: Database, token: str, *, username: str, password: str, rules: PasswordRules
) -> User:
    """Opens the account; of two who use the link at once, one finds it used."""
    invitation = open_invitation(database, token)
    return accounts.add_user(
        database,
        username=username,
        display_name=invitation.contact_name,
        password=password,
        roles=(Role.UNIT_LIAISON,),
        unit_id=invitation.unit_id,
        granted_by=invitation.invited_by,
        rules=rules,
        then=lambda tx, user: _use(tx, token, user),
    )


def withdraw_invitation(database: Database, *, invitation_id: UUID, unit_id: UUID) -> None:
    with database.transaction() as tx:
        if not storage.expire(tx.session, invitation_id=invitation_id, unit_id=unit_id, now=tx.now):
            raise InvitationEnded("这份邀请已经使用、过期或撤回。")


def _use(tx: Transaction, token: str, user: User) -> None:
    found = storage.find_invitation(tx.session, _hashed(token), for_update=True)
    if found is None or not found.is_open(now=tx.now):
        raise _invalid()
    storage.accept(tx.session, invitation_id=found.invitation_id, user_id=user.user_id, now=tx.now)


def _invalid() -> InvitationInvalid:
    return InvitationInvalid("这份邀请不存在、已经使用或已过期，请向社区工作人员索取新的邀请。")


def _hashed(token: str) -> bytes:
    # A token has 256 random bits, so a fast hash without salt is enough. The word binds it to its purpose.
    return hashlib.sha256(b"unit invitation:" + token.encode()).digest()
