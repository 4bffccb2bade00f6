"""The figures of a community or of the whole city (domain rules 2.2), and of their money and burden."""

from collections import Counter
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims import storage
from services.claims.usecases.admission import reached_communities
from services.claims.usecases.burden import get_burden_meter
from services.claims.usecases.item import wanted_items
from services.contracts.base import Actor
from services.contracts.claims.dashboard_terms import Figure, days_of, months_of
from services.contracts.claims.terms import ItemStatus

OF_A_COMMUNITY = ("published", "claimed", "done", "overdue")
MONEY = ("received_fen", "spent_fen", "balance_fen")


def get_dashboard(
    tx: Transaction, *, community_id: UUID | None, period: str | None = None, actor: Actor, now: datetime
) -> dict[str, Any]:
    """认领率 = fully claimed / published; 完成率 = done / fully claimed; 按期率 = in time / done; 满意率 by answers."""
    narrowed = {"community_id": community_id, "period": period}
    sums = storage.sums_by_community_and_status(tx.session, wanted_items(narrowed, actor=actor, now=now))
    communities: dict[UUID, dict[str, Any]] = {
        community.community_id: {
            "community_id": community.community_id,
            "community_name": community.community_name,
            **dict.fromkeys(OF_A_COMMUNITY, 0),
        }
        for community in storage.list_communities(tx.session)
        if community_id in (None, community.community_id)
    }
    by_status: Counter[ItemStatus] = Counter()
    for row in sums:
        for name in OF_A_COMMUNITY:
            communities[row["community_id"]][name] += row[name]
        by_status[row["status"]] += row["items"]
    total = {figure.value: sum(row[figure.value] for row in sums) for figure in Figure}
    answered = sum(row["answered"] for row in sums)
    return {
        **total,
        "answered": answered,
        "claim_rate": percent(total["claimed"], total["published"]),
        "completion_rate": percent(total["done"], total["claimed"]),
        "on_time_rate": percent(total["in_time"], total["done"]),
        "satisfaction": satisfaction(sum(row["satisfied"] for row in sums), answered),
        "waiting_for_staff": total["waiting"],
        "by_status": {status: by_status[status] for status in ItemStatus},
        "communities": list(communities.values()),
    }


def get_money_figures(
    tx: Transaction, *, community_id: UUID | None, period: str | None = None, actor: Actor
) -> dict[str, Any]:
    first, last = days_of(period) if period else (None, None)
    lines = storage.money_of_funds(
        tx.session, community_ids=reached_communities(actor, community_id), first=first, last=last
    )
    return {**{name: sum(line[name] for line in lines) for name in MONEY}, "funds": lines}


def get_burden_months(
    tx: Transaction, *, community_id: UUID | None, period: str | None = None, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Months that have begun; each figure is that of the meter of its month."""
    today = local_date(now)
    begun = [month for month in months_of(period or f"{today.year}") if month <= f"{today:%Y-%m}"]
    return {
        "months": [
            {
                "month": month,
                **vars(get_burden_meter(tx, month=month, community_id=community_id, actor=actor)["total"]),
            }
            for month in begun
        ]
    }


def percent(part: int, whole: int) -> Decimal | None:
    """One decimal, half-up; there is no rate of nothing."""
    return one_decimal(Decimal(part * 100) / whole) if whole else None


def satisfaction(satisfied: Decimal, answered: int) -> Decimal | None:
    """The share of satisfied answers over all polls, each poll weighing as much as it has answers."""
    return one_decimal(Decimal(satisfied) / answered) if answered else None


def one_decimal(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)
