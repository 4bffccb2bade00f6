"""Units join the alliance and are found again."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from pypinyin import lazy_pinyin

from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.unit import Unit
from services.claims.usecases.history import record
from services.contracts.base import Actor, Forbidden, invalid_field
from services.contracts.claims.terms import Category, UnitKind


def register_unit(
    tx: Transaction,
    *,
    uscc: str,
    unit_name: str,
    kind: UnitKind,
    functions: list[Category],
    community_ids: list[UUID],
    actor: Actor,
    now: datetime,
) -> Unit:
    """Staff of one of the communities that the unit serves register it."""
    _require_staff_of_any(actor, community_ids)
    _require_known(tx, community_ids)
    unit, registered = Unit.register(
        unit_id=new_id(),
        uscc=uscc,
        unit_name=unit_name,
        sort_key=sounding(unit_name),
        kind=kind,
        functions=functions,
        community_ids=community_ids,
        now=now,
    )
    storage.add_unit(tx.session, unit)
    tx.emit(registered)
    record(tx, unit.unit_id, "register_unit", f"登记单位「{unit.unit_name}」。", actor=actor, now=now)
    return unit


def get_unit(tx: Transaction, *, unit_id: UUID) -> Unit:
    return storage.get_unit(tx.session, unit_id)


def list_units(
    tx: Transaction, *, q: str, community_id: UUID | None, cursor: str | None, limit: int
) -> tuple[list[Unit], str | None]:
    """A page of units by the sound of their names, and where the next page begins."""
    after = decode_cursor(cursor, str, UUID)
    found = storage.list_units(
        tx.session,
        q=q,
        community_id=community_id,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    page = found[:limit]
    more = encode_cursor(page[-1].sort_key, page[-1].unit_id) if len(found) > limit else None
    return page, more


def sounding(name: str) -> str:
    """How a name is read (黑河学院 → hei he xue yuan), which is how people look for it in a list."""
    return " ".join(lazy_pinyin(name)).lower()


def _require_staff_of_any(actor: Actor, community_ids: Collection[UUID]) -> None:
    if not actor.is_staff or not any(actor.reaches(community_id) for community_id in community_ids):
        raise Forbidden("只有所服务社区的工作人员或市级工作人员可以登记单位。")


def _require_known(tx: Transaction, community_ids: Collection[UUID]) -> None:
    if set(community_ids) - storage.known_communities(tx.session, community_ids):
        raise invalid_field("community_ids", "所选社区不存在。")
