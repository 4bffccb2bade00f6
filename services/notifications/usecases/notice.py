"""Telling of an event: a notice, and a delivery for everybody who is to hear of it."""

from datetime import datetime
from uuid import UUID

from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.contracts.notifications.terms import Channel
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.notice import CHANNELS, Notice, ToldEvent
from services.notifications.domain.pace import lane_of
from services.notifications.letters import compose
from services.notifications.storage import community as communities
from services.notifications.storage import notice as storage
from services.notifications.storage import subscription as subscriptions
from services.notifications.storage.notice import NoticeEntry


def tell(tx: Transaction, event: ToldEvent, *, event_id: UUID, now: datetime) -> Notice:
    """Notice, deliveries and the news of it are one commit; one event makes one notice."""
    told = storage.find_notice_of(tx.session, event_id)
    if told is not None:
        return told
    letter = compose(event, community_name=communities.community_name(tx.session, event.community_id))
    notice, published = Notice.publish(
        notice_id=new_id(),
        source_event_id=event_id,
        kind=event.name(),
        title=letter.title,
        body=letter.body,
        community_id=event.community_id,
        item_id=event.item_id,
        now=now,
    )
    tx.session.add(notice)
    # The deliveries name the notice by a foreign key that the mapping does not know of.
    tx.session.flush()
    tx.session.add_all(_deliveries(tx, notice, channels=CHANNELS[type(event)]))
    tx.emit(published)
    return notice


def _deliveries(tx: Transaction, notice: Notice, *, channels: tuple[Channel, ...]) -> list[Delivery]:
    now = notice.published_at
    on_board = Delivery.on_board(delivery_id=new_id(), notice_id=notice.notice_id, now=now)
    sent_out = [channel for channel in channels if channel is not Channel.BOARD]
    if not sent_out:
        return [on_board]
    audience = subscriptions.subscribers(tx.session, channels=sent_out, community_id=notice.community_id)
    return [
        on_board,
        *(
            Delivery(
                delivery_id=new_id(),
                notice_id=notice.notice_id,
                channel=one.channel,
                subscription_id=one.subscription_id,
                recipient_key=one.recipient_key,
                lane=lane_of(one.channel, one.recipient_key),
                recipient=one.label,
                created_at=now,
                next_attempt_at=now,
            )
            for one in audience
        ),
    ]


def get_notice(tx: Transaction, *, notice_id: UUID) -> NoticeEntry:
    return storage.get_notice_entry(tx.session, notice_id)


def list_notices(
    tx: Transaction,
    *,
    community_id: UUID | None,
    item_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[NoticeEntry], str | None]:
    """Everybody may read them: a notice is public by being one."""
    before = decode_cursor(cursor, datetime, UUID)
    entries = storage.list_notices(
        tx.session,
        community_id=community_id,
        item_id=item_id,
        before=(before[0], before[1]) if before else None,
        limit=limit + 1,
    )
    if len(entries) <= limit:
        return entries, None
    last = entries[limit - 1].notice
    return entries[:limit], encode_cursor(last.published_at, last.notice_id)
