"""The residents' roll."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.consultation import storage
from services.consultation.domain import Resident, grid_for_roll, number_for_roll
from services.contracts.base import Actor, Forbidden, Invalid
from services.contracts.consultation.errors import CommunityNotKnown
from services.contracts.personal import require_unmasker


def import_residents(
    tx: Transaction, *, residents: Sequence[dict[str, Any]], actor: Actor, now: datetime
) -> tuple[int, int]:
    """How many were added and how many were on the roll already; one wrong row and nothing changes."""
    community_ids = {row["community_id"] for row in residents}
    for community_id in community_ids:
        actor.require_staff_of(community_id)
    communities = storage.find_communities(tx.session, community_ids)
    if len(communities) < len(community_ids):
        raise CommunityNotKnown("有的社区还没有登记；如果刚刚登记，请过几秒再试。")

    wrong: dict[str, list[str]] = {}

    def checked(place: str, check: Callable[[], str]) -> str:
        try:
            return check()
        except Invalid as error:
            wrong[place] = [error.message]
            return ""

    newcomers = []
    today = local_date(now)
    for index, row in enumerate(residents):
        number = checked(
            f"residents.{index}.identity_number",
            partial(number_for_roll, row["identity_number"], today=today),
        )
        grid_code = checked(
            f"residents.{index}.grid_code",
            partial(grid_for_roll, row["grid_code"], community=communities[row["community_id"]]),
        )
        resident = Resident(
            resident_id=new_id(),
            community_id=row["community_id"],
            resident_name=row["resident_name"],
            identity_number=number,
            grid_code=grid_code,
            employer_uscc=row["employer_uscc"],
        )
        newcomers.append(resident)
    if wrong:
        refusal = Invalid(f"有 {len(wrong)} 处填写有误，名册没有改动。")
        refusal.fields = wrong
        raise refusal

    added = storage.add_residents(tx.session, newcomers, now=now)
    if len(community_ids) == 1:  # what was changed is its roll
        [community_id] = community_ids
        tx.audited(record_id=community_id, community_id=community_id)
    return added, len(newcomers) - added


def list_residents(
    tx: Transaction,
    *,
    community_id: UUID | None,
    resident_name: str,
    identity_number: str,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> tuple[list[Resident], str | None]:
    """One page of the roll and the cursor of the next; without a community, all those whom the actor may see."""
    if not actor.is_staff:
        raise Forbidden("只有社区或市级工作人员可以查看居民名册。")
    community_ids = None if actor.reaches_whole_city else actor.community_ids
    if community_id is not None:
        actor.require_staff_of(community_id)
        community_ids = (community_id,)
    after = decode_cursor(cursor, str, UUID)
    # One row more than asked tells whether there is another page.
    found = storage.list_residents(
        tx.session,
        community_ids=community_ids,
        resident_name=resident_name.strip(),
        identity_number=identity_number.strip().upper(),
        after=after,
        limit=limit + 1,
    )
    page = found[:limit]
    return page, encode_cursor(page[-1].sort_key, page[-1].resident_id) if len(found) > limit else None


def unmask(tx: Transaction, *, record_id: UUID, field: str, actor: Actor) -> str:
    """One field of one resident, whole."""
    resident = storage.get_resident(tx.session, record_id)
    require_unmasker(actor, resident.community_id)
    return str(getattr(resident, field))


def count_residents(tx: Transaction, *, community_id: UUID | None, actor: Actor) -> int:
    """Without a community, all those whom the actor works for."""
    if community_id is not None:
        actor.require_staff_of(community_id)
        return storage.count_residents(tx.session, community_ids=[community_id])
    if not actor.is_staff:
        raise Forbidden("只有社区或市级工作人员可以查看名册人数。")
    everywhere = actor.reaches_whole_city
    return storage.count_residents(tx.session, community_ids=None if everywhere else actor.community_ids)
