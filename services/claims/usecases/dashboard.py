"""The figures of a community or of the whole city (domain rules 2.2)."""

from collections import Counter
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims import storage
from services.claims.usecases.item import drafts_shown_to
from services.contracts.base import Actor
from services.contracts.claims.terms import ItemStatus

# What no unit has taken on; items done another way are not claimed either.
OPEN = frozenset(
    {
        ItemStatus.DRAFT,
        ItemStatus.PUBLISHED,
        ItemStatus.EXPIRED,
        ItemStatus.PURCHASED,
        ItemStatus.FUNDED,
        ItemStatus.WITHDRAWN,
    }
)
DONE = frozenset({ItemStatus.VERIFIED, ItemStatus.SCORED, ItemStatus.COMMENDED})


def get_dashboard(
    tx: Transaction, *, community_id: UUID | None, actor: Actor, now: datetime
) -> dict[str, Any]:
    """认领率 = fully claimed / published; 完成率 = done / fully claimed; 按期率 = in time / done; 满意率 by answers."""
    reached = drafts_shown_to(actor)
    sums = storage.sums_by_community_and_status(
        tx.session, community_id=community_id, drafts_of=reached, today=local_date(now)
    )
    communities: dict[UUID, dict[str, Any]] = {
        community.community_id: {
            "community_id": community.community_id,
            "community_name": community.community_name,
            "published": 0,
            "claimed": 0,
            "done": 0,
            "overdue": 0,
        }
        for community in storage.list_communities(tx.session)
        if community_id in (None, community.community_id)
    }
    by_status: Counter[ItemStatus] = Counter()
    for row in sums:
        figures = communities[row.community_id]
        figures["published"] += row.items if row.status is not ItemStatus.DRAFT else 0
        figures["claimed"] += row.items if row.status not in OPEN else 0
        figures["done"] += row.items if row.status in DONE else 0
        figures["overdue"] += row.overdue
        by_status[row.status] += row.items
    total = {
        name: sum(figures[name] for figures in communities.values())
        for name in ("published", "claimed", "done", "overdue")
    }
    return {
        "published": total["published"],
        "claim_rate": percent(total["claimed"], total["published"]),
        "completion_rate": percent(total["done"], total["claimed"]),
        "on_time_rate": percent(sum(row.in_time for row in sums), total["done"]),
        "satisfaction": satisfaction(sum(row.satisfied for row in sums), sum(row.answered for row in sums)),
        "waiting_for_staff": storage.count_waiting_for_staff(
            tx.session, community_id=community_id, staff_of=reached
        ),
        "overdue": total["overdue"],
        "by_status": {status: by_status[status] for status in ItemStatus},
        "communities": list(communities.values()),
    }


def percent(part: int, whole: int) -> Decimal | None:
    """One decimal, half-up; there is no rate of nothing."""
    return one_decimal(Decimal(part * 100) / whole) if whole else None


def satisfaction(satisfied: Decimal, answered: int) -> Decimal | None:
    """The share of satisfied answers over all polls, each poll weighing as much as it has answers."""
    return one_decimal(Decimal(satisfied) / answered) if answered else None


def one_decimal(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)
