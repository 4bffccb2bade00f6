"""Invitations of units' contacts, as rows; the link's secret is kept as a hash, the contact's name sealed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.storage.tables import contacts, unit_invitations
from services.chassis.sealing import keyring_of


@dataclass(frozen=True, kw_only=True)
class UnitInvitation:
    """`accepted_by`: the account that was opened with it."""

    invitation_id: UUID
    token_hash: bytes
    unit_id: UUID
    unit_name: str
    contact_name: str
    invited_by: UUID
    invited_at: datetime
    expires_at: datetime
    accepted_by: UUID | None = None
    accepted_at: datetime | None = None

    def is_open(self, *, now: datetime) -> bool:
        return self.accepted_at is None and self.expires_at > now


def add_invitation(session: Session, invitation: UnitInvitation) -> None:
    kept = dict(vars(invitation))
    sealed = contacts.seal(keyring_of(session), invitation.invitation_id, kept.pop("contact_name"))
    session.execute(sa.insert(unit_invitations).values(**kept, contact_sealed=sealed))


def find_invitation(
    session: Session, token_hash: bytes, *, for_update: bool = False
) -> UnitInvitation | None:
    wanted = unit_invitations.select().where(unit_invitations.c.token_hash == token_hash)
    row = session.execute(wanted.with_for_update() if for_update else wanted).one_or_none()
    return None if row is None else _invitation(session, row)


def invitations_of(session: Session, unit_id: UUID, *, most: int) -> list[UnitInvitation]:
    """The latest first."""
    rows = session.execute(
        unit_invitations.select()
        .where(unit_invitations.c.unit_id == unit_id)
        .order_by(unit_invitations.c.invited_at.desc())
        .limit(most)
    )
    return [_invitation(session, row) for row in rows]


def expire(session: Session, *, invitation_id: UUID, unit_id: UUID, now: datetime) -> bool:
    """False when there is none that could still be used."""
    ended = session.execute(
        sa.update(unit_invitations)
        .where(
            unit_invitations.c.invitation_id == invitation_id,
            unit_invitations.c.unit_id == unit_id,
            unit_invitations.c.accepted_at.is_(None),
            unit_invitations.c.expires_at > now,
        )
        .values(expires_at=now)
        .returning(unit_invitations.c.invitation_id)
    )
    return ended.one_or_none() is not None


def accept(session: Session, *, invitation_id: UUID, user_id: UUID, now: datetime) -> None:
    session.execute(
        sa.update(unit_invitations)
        .where(unit_invitations.c.invitation_id == invitation_id)
        .values(accepted_by=user_id, accepted_at=now)
    )


def _invitation(session: Session, row: Any) -> UnitInvitation:
    kept = dict(row._mapping)
    sealed = bytes(kept.pop("contact_sealed"))
    name = contacts.unseal(keyring_of(session), row.invitation_id, sealed)
    return UnitInvitation(**kept, contact_name=name)
