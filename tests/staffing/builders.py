"""Valid objects and actors for the tests of staffing; a test names only what it is about."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from services.chassis import tables
from services.chassis.db import Transaction
from services.contracts.base import Actor, Role
from services.contracts.staffing.terms import CommunityGrade, Post
from services.staffing import usecases
from services.staffing.domain import Community, Worker

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
CITY = Actor(actor_id="city", roles=(Role.CITY_ADMIN,))


def manager_of(*community_ids: UUID) -> Actor:
    return Actor(actor_id="manager", roles=(Role.COMMUNITY_MANAGER,), community_ids=community_ids)


def worker_of(*community_ids: UUID) -> Actor:
    return Actor(actor_id="worker", roles=(Role.COMMUNITY_WORKER,), community_ids=community_ids)


def facts(**named: Any) -> dict[str, Any]:
    return {
        "community_name": "花园社区",
        "street": "花园街道",
        "grade": CommunityGrade.DEMONSTRATION,
        "households": 3200,
        "population": 8765,
        **named,
    }


def make_community(**named: Any) -> Community:
    return Community(
        **{"community_id": uuid4(), "code": "231102001001", "sort_key": "hua1", **facts(), **named}
    )


def make_worker(**named: Any) -> Worker:
    return Worker(
        **{
            "worker_id": uuid4(),
            "community_id": uuid4(),
            "worker_name": "李海",
            "post": Post.WORKER,
            "since_on": date(2026, 12, 1),
            "sort_key": "li3 hai3",
            **named,
        }
    )


def register(tx: Transaction, code: str = "231102001001", **named: Any) -> Community:
    community, _ = usecases.register_community(tx, code=code, **facts(**named), actor=CITY, now=NOW)
    return community


def appoint(tx: Transaction, community_id: UUID, worker_name: str = "李海", **named: Any) -> Worker:
    appointment = {"post": Post.WORKER, "since_on": date(2026, 12, 1), "actor": CITY, "now": NOW, **named}
    return usecases.appoint_worker(tx, community_id=community_id, worker_name=worker_name, **appointment)


def told(tx: Transaction) -> list[str]:
    """The names of all events that were committed, in order."""
    return list(tx.session.scalars(sa.select(tables.outbox.c.name).order_by(tables.outbox.c.outbox_id)))
