"""Deliveries: what is due, what was lost, and the list that staff look at."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.contracts.notifications.errors import DeliveryNotFound
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.pace import Pace
from services.notifications.storage.tables import deliveries, notices, paces, subscriptions


class DeliveryEntry(NamedTuple):
    delivery: Delivery
    title: str
    is_recipient_gone: bool


def next_due(session: orm.Session, *, channel: Channel, now: datetime) -> Delivery | None:
    """The longest due delivery whose lane is free, locked.

    SKIP LOCKED: several senders run at once; each takes what no other is looking at.
    """
    is_lane_busy = sa.exists().where(paces.c.lane == deliveries.c.lane, paces.c.free_at > now)
    return session.scalar(
        sa.select(Delivery)
        .where(
            deliveries.c.status == DeliveryStatus.WAITING,
            deliveries.c.channel == channel,
            deliveries.c.next_attempt_at <= now,
            ~is_lane_busy,
        )
        .order_by(deliveries.c.next_attempt_at, deliveries.c.delivery_id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def delivery_for_update(session: orm.Session, delivery_id: UUID) -> Delivery:
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None:
        raise DeliveryNotFound("没有这条投递记录。")
    return delivery


def lost_deliveries(session: orm.Session, *, now: datetime, limit: int) -> Sequence[Delivery]:
    """Handed out, and no word since: the process that had them is dead."""
    return session.scalars(
        sa.select(Delivery)
        .where(deliveries.c.status == DeliveryStatus.SENDING, deliveries.c.lease_until < now)
        .order_by(deliveries.c.lease_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def waiting_deliveries_to(session: orm.Session, subscription_id: UUID) -> Sequence[Delivery]:
    return session.scalars(
        sa.select(Delivery)
        .where(
            deliveries.c.subscription_id == subscription_id,
            deliveries.c.status == DeliveryStatus.WAITING,
        )
        .order_by(deliveries.c.delivery_id)
        .with_for_update(skip_locked=True)
    ).all()


def pace_for_update(session: orm.Session, lane: str) -> Pace:
    wanted = sa.select(Pace).where(paces.c.lane == lane).with_for_update()
    wanted = wanted.execution_options(populate_existing=True)
    pace = session.scalar(wanted)
    if pace is None:
        session.execute(pg.insert(paces).values(lane=lane, recent=[]).on_conflict_do_nothing())
        pace = session.scalars(wanted).one()
    return pace


def _entries() -> sa.Select[Delivery, str, bool]:
    return (
        sa.select(Delivery, notices.c.title, subscriptions.c.removed_at.is_not(None))
        .select_from(deliveries)
        .join(notices, notices.c.notice_id == deliveries.c.notice_id)
        .outerjoin(subscriptions, subscriptions.c.subscription_id == deliveries.c.subscription_id)
    )


def get_delivery_entry(session: orm.Session, delivery_id: UUID) -> DeliveryEntry:
    row = session.execute(_entries().where(deliveries.c.delivery_id == delivery_id)).one()
    return DeliveryEntry(row[0], row[1], row[2])


def list_deliveries(
    session: orm.Session,
    *,
    community_ids: Iterable[UUID] | None,
    notice_id: UUID | None,
    item_id: UUID | None,
    status: DeliveryStatus | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[DeliveryEntry]:
    """`community_ids` None: of every community and of the whole city."""
    wanted = _entries().order_by(deliveries.c.created_at.desc(), deliveries.c.delivery_id.desc()).limit(limit)
    if community_ids is not None:
        wanted = wanted.where(notices.c.community_id.in_(list(community_ids)))
    if notice_id is not None:
        wanted = wanted.where(deliveries.c.notice_id == notice_id)
    if item_id is not None:
        wanted = wanted.where(notices.c.item_id == item_id)
    if status is not None:
        wanted = wanted.where(deliveries.c.status == status)
    if before is not None:
        wanted = wanted.where(sa.tuple_(deliveries.c.created_at, deliveries.c.delivery_id) < before)
    return [DeliveryEntry(delivery, title, is_gone) for delivery, title, is_gone in session.execute(wanted)]
