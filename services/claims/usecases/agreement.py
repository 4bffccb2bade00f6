"""The words of the joint-building agreement (共驻共建协议书), for whoever prints it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Forbidden
from services.contracts.claims.agreement_terms import PLACEHOLDERS
from services.contracts.claims.errors import ClaimNotInState, ItemNotFound
from services.contracts.claims.terms import ClaimStatus

_AGREED = (ClaimStatus.CONFIRMED, ClaimStatus.IN_PROGRESS, ClaimStatus.SUBMITTED, ClaimStatus.VERIFIED)


def get_claim_agreement(
    tx: Transaction, *, item_id: UUID, claim_id: UUID, actor: Actor, now: datetime
) -> dict[str, str]:
    """For the staff of the item's community and the liaisons of those who take part."""
    item = storage.find_item(tx.session, item_id)
    if item is None or not item.may_be_seen_by(actor):
        raise ItemNotFound("没有这个事项。")
    claim = item.get_claim(claim_id)
    is_staff = actor.is_staff and actor.reaches(item.community_id)
    if not is_staff and not any(unit.is_of(actor) for unit in claim.units):
        raise Forbidden("只有本社区工作人员和参加认领的单位可以打印协议书。")
    if claim.status not in _AGREED:
        raise ClaimNotInState(f"这项认领现为「{claim.status.label}」，社区确认后才能打印协议书。")
    return _words(
        tx,
        claim.lead,
        community_ids=[item.community_id],
        now=now,
        agreement_number=claim.agreement,
        claimed_on=_day(local_date(claim.claimed_at)),
        due_on=_day(item.due_on),
        item_code=item.code,
        item_title=item.title,
        item_description=item.description,
        place=item.place,
        quantity=f"{claim.quantity} {item.measure}",
        supporting_units="、".join(unit.unit_name for unit in claim.units[1:]),
    )


def get_membership_agreement(
    tx: Transaction, *, unit_id: UUID, actor: Actor, now: datetime
) -> dict[str, str]:
    unit = storage.get_unit(tx.session, unit_id)
    unit.require_seen_by(actor)
    if not unit.is_open_to(actor):
        raise Forbidden("只有所服务社区的工作人员和本单位可以打印协议书。")
    unit.require_member()
    here = [one for one in unit.community_ids if actor.is_staff and actor.reaches(one)]
    return _words(tx, unit, community_ids=here or unit.community_ids, now=now)


def _words(
    tx: Transaction, unit: Unit, *, community_ids: list[UUID], now: datetime, **of_the_claim: str
) -> dict[str, str]:
    names = {one.community_id: one.community_name for one in storage.list_communities(tx.session)}
    said: dict[str, Any] = {
        "community_name": "、".join(names[one] for one in community_ids if one in names),
        "functions": "、".join(one.label for one in unit.functions),
        "joined_on": _day(unit.joined_on),
        "made_on": _day(local_date(now)),
        "unit_name": unit.unit_name,
        "uscc": unit.uscc,
        **of_the_claim,
    }
    return {name: said.get(name, "") for name in PLACEHOLDERS}


def _day(day: date | None) -> str:
    return "" if day is None else f"{day.year}年{day.month}月{day.day}日"
