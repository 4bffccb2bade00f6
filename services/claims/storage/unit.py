"""Units: stored once per code, found by name; who speaks for them, sealed."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.chassis.sealing import keyring_of
from services.claims.domain.unit import Unit, UnitContact
from services.claims.domain.unit_acts import PUBLISHED
from services.claims.storage.tables import (
    claim_parties,
    claims,
    unit_contact_names,
    unit_contact_phones,
    unit_contacts,
    units,
)
from services.claims.storage.words import mentions
from services.contracts.claims.errors import UnitAlreadyRegistered, UnitContactNotFound, UnitNotFound
from services.contracts.claims.terms import ClaimStatus, UnitStatus

_CLOSED = (ClaimStatus.VERIFIED, ClaimStatus.RELEASED)


def add_unit(session: orm.Session, unit: Unit) -> None:
    """Refused when the code is taken, also by somebody who registers it at this very moment."""
    try:
        with session.begin_nested():
            session.add(unit)
    except sa.exc.IntegrityError as error:
        holder = session.scalars(sa.select(Unit).where(units.c.uscc == unit.uscc)).one()
        raise UnitAlreadyRegistered(
            f"统一社会信用代码 {unit.uscc} 已登记为「{holder.unit_name}」。"
        ) from error


def find_unit(session: orm.Session, unit_id: UUID | None) -> Unit | None:
    return None if unit_id is None else session.get(Unit, unit_id)


def get_unit(session: orm.Session, unit_id: UUID) -> Unit:
    unit = find_unit(session, unit_id)
    if unit is None:
        raise UnitNotFound("没有这个单位。")
    return unit


def unit_for_update(session: orm.Session, unit_id: UUID) -> Unit:
    unit = session.get(Unit, unit_id, with_for_update=True)
    if unit is None:
        raise UnitNotFound("没有这个单位。")
    return unit


def unit_of_code_for_update(session: orm.Session, uscc: str) -> Unit | None:
    return session.scalars(sa.select(Unit).where(units.c.uscc == uscc).with_for_update()).one_or_none()


def unit_of_reference(session: orm.Session, reference_hash: str) -> Unit:
    found = session.scalars(sa.select(Unit).where(units.c.reference_hash == reference_hash)).one_or_none()
    if found is None:
        raise UnitNotFound("没有这个查询号，请核对后再输入。")
    return found


def get_units(session: orm.Session, unit_ids: Sequence[UUID], *, is_kept: bool = False) -> list[Unit]:
    """In the order asked for; `is_kept`: nobody suspends them before this transaction ends."""
    wanted = sa.select(Unit).where(units.c.unit_id.in_(unit_ids)).order_by(units.c.unit_id)
    if is_kept:
        wanted = wanted.with_for_update(read=True).execution_options(populate_existing=True)
    by_id = {unit.unit_id: unit for unit in session.scalars(wanted)}
    if missing := [unit_id for unit_id in unit_ids if unit_id not in by_id]:
        raise UnitNotFound(f"没有这个单位：{missing[0]}。")
    return [by_id[unit_id] for unit_id in unit_ids]


def list_units(
    session: orm.Session,
    *,
    q: str,
    community_id: UUID | None,
    status: UnitStatus | None = None,
    staffed: Collection[UUID] | None = None,
    own_id: UUID | None = None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[Unit]:
    """By the sound of their names (pinyin).

    Applications only to the communities `staffed` (None: everywhere), and the own one.
    """
    wanted = sa.select(Unit).order_by(units.c.sort_key, units.c.unit_id).limit(limit)
    if q:
        wanted = wanted.where(mentions(q, units.c.unit_name))
    if community_id is not None:
        wanted = wanted.where(units.c.community_ids.contains([community_id]))
    if status is not None:
        wanted = wanted.where(units.c.status == status)
    if staffed is not None:
        ours = units.c.community_ids.overlap(pg.array(list(staffed), type_=sa.Uuid))
        wanted = wanted.where(units.c.status.in_(PUBLISHED) | (units.c.unit_id == own_id) | ours)
    if after is not None:
        wanted = wanted.where(sa.tuple_(units.c.sort_key, units.c.unit_id) > sa.tuple_(*after))
    return list(session.scalars(wanted))


def count_open_claims(session: orm.Session, unit_id: UUID) -> int:
    """Claims in which the unit has a part, as lead or in support, and that are not done."""
    wanted = (
        sa.select(sa.func.count())
        .select_from(claim_parties.join(claims, claims.c.claim_id == claim_parties.c.claim_id))
        .where(claim_parties.c.unit_id == unit_id, claims.c.status.not_in(_CLOSED))
    )
    return session.scalar(wanted) or 0


# ---- contacts -------------------------------------------------------------------------------


def save_unit_contact(session: orm.Session, contact: UnitContact) -> None:
    """A new one, or another name or number of one that is there."""
    keyring = keyring_of(session)
    row = {
        "contact_id": contact.contact_id,
        "unit_id": contact.unit_id,
        "post": contact.post,
        "name_sealed": unit_contact_names.seal(keyring, contact.contact_id, contact.contact_name),
        "name_hash": unit_contact_names.keyed_hash(keyring, contact.contact_name),
        "phone_sealed": unit_contact_phones.seal(keyring, contact.contact_id, contact.contact_phone),
    }
    added = pg.insert(unit_contacts).values(row)
    session.execute(added.on_conflict_do_update(index_elements=["contact_id"], set_=row))


def contacts_of(session: orm.Session, unit_id: UUID) -> list[UnitContact]:
    wanted = sa.select(unit_contacts).where(unit_contacts.c.unit_id == unit_id)
    return [_contact(session, row) for row in session.execute(wanted.order_by(unit_contacts.c.contact_id))]


def find_unit_contact(session: orm.Session, contact_id: UUID) -> UnitContact | None:
    row = session.execute(
        sa.select(unit_contacts).where(unit_contacts.c.contact_id == contact_id)
    ).one_or_none()
    return None if row is None else _contact(session, row)


def unit_contacts_named(session: orm.Session, name: str, *, limit: int) -> list[UnitContact]:
    hashed = unit_contact_names.keyed_hash(keyring_of(session), name)
    wanted = sa.select(unit_contacts).where(unit_contacts.c.name_hash == hashed).limit(limit)
    return [_contact(session, row) for row in session.execute(wanted)]


def remove_unit_contact(session: orm.Session, unit_id: UUID, contact_id: UUID) -> None:
    gone = sa.delete(unit_contacts).where(
        unit_contacts.c.unit_id == unit_id, unit_contacts.c.contact_id == contact_id
    )
    if session.execute(gone).rowcount == 0:  # type: ignore[attr-defined]  # a DELETE counts its rows
        raise UnitContactNotFound("没有这个联系人。")


def remove_unit_contacts(session: orm.Session, unit_id: UUID) -> None:
    session.execute(sa.delete(unit_contacts).where(unit_contacts.c.unit_id == unit_id))


def _contact(session: orm.Session, row: Any) -> UnitContact:
    keyring = keyring_of(session)
    return UnitContact(
        contact_id=row.contact_id,
        unit_id=row.unit_id,
        contact_name=unit_contact_names.unseal(keyring, row.contact_id, row.name_sealed),
        post=row.post,
        contact_phone=unit_contact_phones.unseal(keyring, row.contact_id, row.phone_sealed),
    )
