"""What waits for whom, and telling when a clock turns."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis import calendar, clocks
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.claim import Claim
from services.claims.domain.item import Item
from services.claims.domain.item_expiry import DECIDE_WORKING_DAYS
from services.contracts.base import Actor, Forbidden, Role
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.events import ClockTurned
from services.contracts.claims.terms import ClaimStatus, ItemStatus
from services.contracts.clocks import ClockStage

# Our own measure, in working days; the units' deadline is the item's.
ASSESS_WITHIN = 10
_CLOCK_OF_ITEM: dict[ItemStatus, tuple[ClockKind, int]] = {
    ItemStatus.VERIFIED: (ClockKind.ASSESS_ITEM, ASSESS_WITHIN),
    ItemStatus.EXPIRED: (ClockKind.DECIDE_EXPIRED, DECIDE_WORKING_DAYS),
}
_CLOCK_OF_CLAIM: dict[ClaimStatus, tuple[ClockKind, int | None]] = {
    ClaimStatus.CLAIMED: (ClockKind.CONFIRM_CLAIM, 3),
    ClaimStatus.CONFIRMED: (ClockKind.FINISH_CLAIM, None),
    ClaimStatus.IN_PROGRESS: (ClockKind.FINISH_CLAIM, None),
    ClaimStatus.SUBMITTED: (ClockKind.VERIFY_CLAIM, 5),
}


def list_clocks(
    tx: Transaction, *, cursor: str | None, limit: int, actor: Actor, now: datetime, **wanted: Any
) -> dict[str, Any]:
    """The clocks that wait for this actor: of the communities, of the city, or of the own unit."""
    after = decode_cursor(cursor, str, str)
    found = clocks.list_open(
        tx.session,
        _wanted(wanted, actor),
        after=(date.fromisoformat(after[0]), UUID(after[1])) if after else None,
        limit=limit + 1,
    )
    today = local_date(now)
    days = calendar.calendar_of(tx.session, today)
    names: dict[UUID | None, str] = {
        one.community_id: one.community_name for one in storage.list_communities(tx.session)
    }
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return {
        "items": [
            {
                **vars(clock),
                "kind_label": ClockKind.of(clock.kind).label,
                "community_name": names.get(clock.community_id, ""),
                "days_left": days.working_days_between(today, clock.due_on),
            }
            for clock in page
        ],
        "next": last and encode_cursor(last.due_on.isoformat(), str(last.clock_id)),
    }


def count_clocks(tx: Transaction, *, actor: Actor, **wanted: Any) -> dict[str, Any]:
    counted = clocks.count_open(tx.session, _wanted(wanted, actor))
    by_kind: dict[str, int] = dict.fromkeys(ClockKind, 0)
    by_stage: dict[str, int] = dict.fromkeys(ClockStage, 0)
    for (kind, stage), count in counted.items():
        by_kind[kind] += count
        by_stage[stage] += count
    return {
        "total": sum(by_stage.values()),
        "late": sum(count for stage, count in by_stage.items() if ClockStage.of(stage).is_late),
        "by_kind": by_kind,
        "by_stage": by_stage,
    }


def follow_claim(tx: Transaction, item: Item, claim: Claim) -> None:
    """Let the one clock run that fits the claim's state; the item's own deadline is the units'."""
    kind, working_days = _CLOCK_OF_CLAIM.get(claim.status, (None, None))
    clocks.stop_others(tx, claim.claim_id, but=kind)
    running = kind and clocks.find(tx.session, kind, claim.claim_id)
    is_unit = kind is ClockKind.FINISH_CLAIM
    if kind is None or (running and not (is_unit and running.due_on != item.due_on)):
        return
    clocks.start(
        tx,
        kind,
        claim.claim_id,
        on=local_date(tx.now),
        working_days=working_days,
        due_on=item.due_on if is_unit else None,
        record_id=item.item_id,
        community_id=item.community_id,
        owner=clocks.unit_owner(claim.lead.unit_id) if is_unit else clocks.COMMUNITY,
        code=item.code,
        title=item.title,
    )


def follow_item(tx: Transaction, item: Item) -> None:
    """A verified item waits for its assessment, an expired one for the community's decision."""
    is_assessed = item.status is ItemStatus.VERIFIED and item.assessment is not None
    kind, working_days = (None, 0) if is_assessed else _CLOCK_OF_ITEM.get(item.status, (None, 0))
    clocks.stop_others(tx, item.item_id, but=kind)
    if kind is not None and not clocks.find(tx.session, kind, item.item_id):
        clocks.start(
            tx,
            kind,
            item.item_id,
            on=local_date(tx.now),
            working_days=working_days,
            community_id=item.community_id,
            code=item.code,
            title=item.title,
        )


def turn_clocks(tx: Transaction) -> int:
    """Tell of the clocks that entered a new stage; how many."""
    storage.follow_answer_clocks(tx.session)
    turned = clocks.turn(tx)
    for clock in turned:
        tx.emit(
            ClockTurned(
                clock_id=clock.clock_id,
                kind=ClockKind.of(clock.kind),
                record_id=clock.record_id,
                community_id=clock.community_id,
                owner=clock.owner,
                code=clock.code,
                stage=clock.stage,
                due_on=clock.due_on,
                occurred_at=tx.now,
            )
        )
    return len(turned)


def _wanted(wanted: dict[str, Any], actor: Actor) -> clocks.Wanted:
    community_id = wanted.pop("community_id", None)
    if actor.has_role(Role.UNIT_LIAISON) and not actor.is_staff and actor.unit_id:
        return clocks.Wanted(owner=clocks.unit_owner(actor.unit_id), **wanted)
    if not actor.is_staff:
        raise Forbidden("只有工作人员和驻地单位联络员有待办。")
    communities = None if actor.reaches_whole_city else actor.community_ids
    if community_id is not None:
        communities = (community_id,) if actor.reaches(community_id) else ()
    return clocks.Wanted(community_ids=communities, **wanted)
