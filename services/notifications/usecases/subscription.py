"""Who hears of notices."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.contracts.base import Actor, Forbidden
from services.contracts.notifications.terms import Channel
from services.contracts.personal import Kind, masked, require_unmasker
from services.contracts.privacy import current_text
from services.notifications.domain.consent import Consent
from services.notifications.domain.delivery import RECIPIENT_GONE
from services.notifications.domain.subscription import (
    Subscription,
    normal_address,
    require_staff,
)
from services.notifications.storage import delivery as deliveries
from services.notifications.storage import subscription as storage


def add_subscription(
    tx: Transaction,
    *,
    channel: Channel,
    address: str,
    label: str,
    community_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> Subscription:
    require_staff(actor, community_id)
    address = normal_address(channel, address)
    subscription_id = new_id()
    subscription = Subscription(
        subscription_id=subscription_id,
        channel=channel,
        sealed_address=storage.seal_address(tx.session, subscription_id, address),
        masked_address=masked(Kind.EMAIL, address),
        recipient_key=storage.recipient_key(tx.session, channel, address),
        label=label,
        community_id=community_id,
        created_at=now,
    )
    storage.add_subscription(tx.session, subscription)
    if channel is Channel.EMAIL:
        version = current_text(local_date(now)).version
        tx.session.add(
            Consent(consent_id=new_id(), subscription_id=subscription_id, text_version=version, given_at=now)
        )
    tx.audited(record_id=subscription_id, community_id=community_id)
    return subscription


def remove_subscription(
    tx: Transaction, *, subscription_id: UUID, actor: Actor, now: datetime
) -> Subscription:
    """The address is wiped at once, and what still waits for it is not sent."""
    subscription = storage.subscription_for_update(tx.session, subscription_id)
    require_staff(actor, subscription.community_id)
    end_subscription(tx, subscription, now=now)
    tx.audited(record_id=subscription_id, community_id=subscription.community_id)
    return subscription


def end_subscription(tx: Transaction, subscription: Subscription, *, now: datetime) -> None:
    subscription.remove(now=now)
    consent = storage.consent_of(tx.session, subscription.subscription_id)
    if consent is not None:
        consent.withdraw(now=now)
    for delivery in deliveries.waiting_deliveries_to(tx.session, subscription.subscription_id):
        delivery.give_up(RECIPIENT_GONE)


def unmask(tx: Transaction, *, record_id: UUID, field: str, actor: Actor) -> str:
    """The whole address of one subscription; `field` names the only one there is."""
    subscription = storage.subscription_for_update(tx.session, record_id)
    require_unmasker(actor, subscription.community_id)
    return storage.open_address(tx.session, subscription)


def list_subscriptions(
    tx: Transaction, *, community_id: UUID | None, cursor: str | None, limit: int, actor: Actor
) -> tuple[Sequence[Subscription], str | None]:
    """Without a community: all that the actor may see, for the city also those of the whole city."""
    if not actor.is_staff:
        raise Forbidden("只有社区或市级工作人员可以查看订阅。")
    if community_id is not None:
        actor.require_staff_of(community_id)
    before = decode_cursor(cursor, datetime, UUID)
    entries = storage.list_subscriptions(
        tx.session,
        community_ids=_visible(actor) if community_id is None else [community_id],
        before=(before[0], before[1]) if before else None,
        limit=limit + 1,
    )
    if len(entries) <= limit:
        return entries, None
    last = entries[limit - 1]
    return entries[:limit], encode_cursor(last.created_at, last.subscription_id)


def _visible(actor: Actor) -> tuple[UUID, ...] | None:
    return None if actor.reaches_whole_city else actor.community_ids
