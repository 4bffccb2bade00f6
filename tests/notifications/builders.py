"""Valid records, and short ways to make things happen in a database."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from services.chassis.db import Database
from services.chassis.ids import new_id
from services.contracts.base import Actor, Event, Role
from services.contracts.notifications.terms import Channel
from services.contracts.personal import Kind, masked
from services.contracts.staffing.events import CommunityRegistered
from services.contracts.staffing.terms import CommunityGrade
from services.notifications import usecases
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.notice import Notice
from services.notifications.domain.subscription import Subscription
from services.notifications.storage import subscription as storage

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
OURS = UUID(int=1)
OTHERS = UUID(int=99)
CITY = Actor(actor_id="city", roles=(Role.CITY_ADMIN,))
WORKER = Actor(actor_id="worker", roles=(Role.COMMUNITY_WORKER,), community_ids=(OURS,))
LIAISON = Actor(actor_id="liaison", roles=(Role.UNIT_LIAISON,), unit_id=UUID(int=5))


def make_subscription(
    db: Database, channel: Channel, address: str, *, community_id: UUID | None = None, label: str = "收件人"
) -> Subscription:
    subscription_id = new_id()
    with db.reading() as tx:
        sealed = storage.seal_address(tx.session, subscription_id, address)
        key = storage.recipient_key(tx.session, channel, address)
    return Subscription(
        subscription_id=subscription_id,
        channel=channel,
        sealed_address=sealed,
        masked_address=masked(Kind.EMAIL, address),
        recipient_key=key,
        label=label,
        community_id=community_id,
        created_at=NOW,
    )


def robot_key(number: int) -> str:
    return f"robot-key-{number:06d}"


def subscribe(db: Database, channel: Channel, address: str, **facts: Any) -> UUID:
    wanted = {"label": "收件人", "community_id": OURS, **facts}
    with db.transaction(actor=CITY) as tx:
        added = usecases.add_subscription(
            tx, channel=channel, address=address, **wanted, actor=tx.actor, now=tx.now
        )
        return added.subscription_id


def community_registered(**facts: Any) -> CommunityRegistered:
    return CommunityRegistered(
        **{
            "community_id": OURS,
            "code": "231102001001",
            "community_name": "花园社区",
            "street": "花园街道",
            "grade": CommunityGrade.DEMONSTRATION,
            "households": 2100,
            "population": 5400,
            "occurred_at": NOW,
            **facts,
        }
    )


def tell(db: Database, event: Event, *, event_id: UUID | None = None) -> Notice:
    with db.transaction() as tx:
        return usecases.tell(tx, event, event_id=event_id or uuid4(), now=tx.now)  # type: ignore[arg-type]


def deliveries(db: Database, channel: Channel | None = None) -> list[Delivery]:
    with db.reading() as tx:
        found = tx.session.scalars(sa.select(Delivery).order_by(Delivery.delivery_id)).all()  # type: ignore[arg-type]
        return [one for one in found if channel in (None, one.channel)]


def make_due(db: Database) -> None:
    """As if the waits were over."""
    with db.transaction() as tx:
        tx.session.execute(
            sa.text("UPDATE deliveries SET next_attempt_at = now() - interval '1s' WHERE status = 'waiting'")
        )
        tx.session.execute(sa.text("DELETE FROM paces"))


def outbox(db: Database) -> list[tuple[str, dict[str, Any]]]:
    with db.reading() as tx:
        rows = tx.session.execute(
            sa.text("SELECT name, payload::json AS payload FROM outbox ORDER BY outbox_id")
        )
        return [(row.name, row.payload) for row in rows]
