"""Units: stored once per code, found by name."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.unit import Unit
from services.claims.storage.tables import units
from services.claims.storage.words import mentions
from services.contracts.claims.errors import UnitAlreadyRegistered, UnitNotFound


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


def get_units(session: orm.Session, unit_ids: Sequence[UUID]) -> list[Unit]:
    """In the order asked for."""
    found = session.scalars(sa.select(Unit).where(units.c.unit_id.in_(unit_ids)))
    by_id = {unit.unit_id: unit for unit in found}
    if missing := [unit_id for unit_id in unit_ids if unit_id not in by_id]:
        raise UnitNotFound(f"没有这个单位：{missing[0]}。")
    return [by_id[unit_id] for unit_id in unit_ids]


def list_units(
    session: orm.Session,
    *,
    q: str,
    community_id: UUID | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[Unit]:
    """By the sound of their names (pinyin)."""
    wanted = sa.select(Unit).order_by(units.c.sort_key, units.c.unit_id).limit(limit)
    if q:
        wanted = wanted.where(mentions(q, units.c.unit_name))
    if community_id is not None:
        wanted = wanted.where(units.c.community_ids.contains([community_id]))
    if after is not None:
        wanted = wanted.where(sa.tuple_(units.c.sort_key, units.c.unit_id) > sa.tuple_(*after))
    return list(session.scalars(wanted))
