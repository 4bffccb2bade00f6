"""Subscriptions; addresses are encrypted at rest and found again by a keyed hash."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.chassis.sealing import keyring_of
from services.contracts.notifications.errors import AlreadySubscribed, SubscriptionNotFound
from services.contracts.notifications.terms import Channel
from services.notifications.domain.consent import Consent
from services.notifications.domain.subscription import FORGOTTEN, KEPT_AFTER_REMOVAL, Subscription
from services.notifications.storage.tables import addresses, consents, deliveries, subscriptions


def seal_address(session: orm.Session, subscription_id: UUID, address: str) -> bytes:
    return addresses.seal(keyring_of(session), subscription_id, address)


def open_address(session: orm.Session, subscription: Subscription) -> str:
    """Raises `SealBroken` when the address was sealed with a key that is gone."""
    return addresses.unseal(
        keyring_of(session), subscription.subscription_id, subscription.sealed_address or b""
    )


def recipient_key(session: orm.Session, channel: Channel, address: str) -> str:
    """The same for the same recipient, telling nothing about the address."""
    return addresses.keyed_hash(keyring_of(session), f"{channel}:{address}").hex()


def add_subscription(session: orm.Session, subscription: Subscription) -> None:
    """The unique index decides, also between two people who add the same address at once."""
    try:
        with session.begin_nested():
            session.add(subscription)
    except sa.exc.IntegrityError as error:
        raise AlreadySubscribed("这个地址已经订阅了该社区的公告。") from error


def save_address(session: orm.Session, subscription: Subscription) -> None:
    """As with adding: the unique index decides."""
    try:
        session.flush()
    except sa.exc.IntegrityError as error:
        raise AlreadySubscribed("这个地址已经订阅了该社区的公告。") from error


def subscription_for_update(session: orm.Session, subscription_id: UUID) -> Subscription:
    subscription = session.get(Subscription, subscription_id, with_for_update=True)
    if subscription is None or subscription.is_removed:
        raise SubscriptionNotFound("没有这个订阅。")
    return subscription


def get_subscription(session: orm.Session, subscription_id: UUID, *, is_locked: bool = False) -> Subscription:
    """Also one that was removed."""
    return session.get_one(Subscription, subscription_id, with_for_update=is_locked)


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


def subscriptions_of(session: orm.Session, key: str) -> Sequence[Subscription]:
    """All of one recipient, also removed ones, locked in one order."""
    return session.scalars(
        sa.select(Subscription)
        .where(subscriptions.c.recipient_key == key)
        .order_by(subscriptions.c.subscription_id)
        .with_for_update()
    ).all()


def consent_of(session: orm.Session, subscription_id: UUID) -> Consent | None:
    return session.scalar(sa.select(Consent).where(consents.c.subscription_id == subscription_id))


def forget_recipient(session: orm.Session, subscription: Subscription) -> None:
    """The deliveries stay and count; whom they went to is told no more."""
    subscription.forget()
    session.execute(
        sa.update(deliveries)
        .where(deliveries.c.subscription_id == subscription.subscription_id)
        .values(
            recipient=FORGOTTEN,
            recipient_key=subscription.recipient_key,
            lane=subscription.recipient_key,
            version=deliveries.c.version + 1,
        )
    )


def long_removed(session: orm.Session, *, now: datetime, most: int) -> Sequence[Subscription]:
    return session.scalars(
        sa.select(Subscription)
        .where(subscriptions.c.removed_at < now - KEPT_AFTER_REMOVAL, subscriptions.c.label != FORGOTTEN)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
