"""Subscriptions; addresses are encrypted at rest and found again by a keyed hash."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.chassis.config import load
from services.chassis.sealing import Sealer
from services.contracts.notifications.errors import AlreadySubscribed, SubscriptionNotFound
from services.contracts.notifications.terms import Channel
from services.notifications.domain.subscription import Subscription
from services.notifications.storage.tables import subscriptions


@cache
def _sealer() -> Sealer:
    return Sealer(load(), purpose="notifications.address")


def _context(subscription_id: UUID) -> str:
    return f"subscriptions.sealed_address:{subscription_id}"


def seal_address(subscription_id: UUID, address: str) -> bytes:
    return _sealer().seal(address, context=_context(subscription_id))


def open_address(subscription: Subscription) -> str:
    """Raises `SealBroken` when the address was sealed with another secret."""
    return _sealer().unseal(
        subscription.sealed_address or b"", context=_context(subscription.subscription_id)
    )


def recipient_key(channel: Channel, address: str) -> str:
    """The same for the same recipient, telling nothing about the address."""
    return _sealer().keyed_hash(f"{channel}:{address}").hex()


def add_subscription(session: orm.Session, subscription: Subscription) -> None:
    """The unique index decides, also between two people who add the same address at once."""
    try:
        with session.begin_nested():
            session.add(subscription)
    except sa.exc.IntegrityError as error:
        raise AlreadySubscribed("这个地址已经订阅了该社区的公告。") from error


def subscription_for_update(session: orm.Session, subscription_id: UUID) -> Subscription:
    subscription = session.get(Subscription, subscription_id, with_for_update=True)
    if subscription is None or subscription.is_removed:
        raise SubscriptionNotFound("没有这个订阅。")
    return subscription


def get_subscription(session: orm.Session, subscription_id: UUID) -> Subscription:
    """Also one that was removed."""
    return session.get_one(Subscription, subscription_id)


def subscribers(
    session: orm.Session, *, channels: Iterable[Channel], community_id: UUID | None
) -> Sequence[Subscription]:
    """Who is to hear of a notice of this community: each recipient once.

    A robot may be subscribed to one community and to the whole city; it still gets one message.
    """
    return session.scalars(
        sa.select(Subscription)
        .where(
            subscriptions.c.removed_at.is_(None),
            subscriptions.c.channel.in_(list(channels)),
            sa.or_(
                subscriptions.c.community_id.is_(None),
                subscriptions.c.community_id == community_id,
            ),
        )
        .ext(pg.distinct_on(subscriptions.c.channel, subscriptions.c.recipient_key))
        .order_by(subscriptions.c.channel, subscriptions.c.recipient_key, subscriptions.c.created_at)
    ).all()


def list_subscriptions(
    session: orm.Session,
    *,
    community_ids: Iterable[UUID] | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Subscription]:
    """`community_ids` None: of every community and of the whole city."""
    wanted = (
        sa.select(Subscription)
        .where(subscriptions.c.removed_at.is_(None))
        .order_by(subscriptions.c.created_at.desc(), subscriptions.c.subscription_id.desc())
        .limit(limit)
    )
    if community_ids is not None:
        wanted = wanted.where(subscriptions.c.community_id.in_(list(community_ids)))
    if before is not None:
        wanted = wanted.where(sa.tuple_(subscriptions.c.created_at, subscriptions.c.subscription_id) < before)
    return session.scalars(wanted).all()
