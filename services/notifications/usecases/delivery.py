"""What staff see of deliveries, and their word to send once more."""

from datetime import datetime
from uuid import UUID

from services.chassis.db import Transaction
from services.chassis.paging import decode_cursor, encode_cursor
from services.contracts.base import Actor, Forbidden
from services.contracts.notifications.errors import DeliveryNotResendable
from services.contracts.notifications.terms import DeliveryStatus
from services.notifications.domain.delivery import RECIPIENT_GONE
from services.notifications.domain.subscription import require_staff
from services.notifications.storage import delivery as storage
from services.notifications.storage import notice as notices
from services.notifications.storage.delivery import DeliveryEntry


def resend_delivery(tx: Transaction, *, delivery_id: UUID, actor: Actor, now: datetime) -> DeliveryEntry:
    """The one way in which something that may have arrived is sent again."""
    delivery = storage.delivery_for_update(tx.session, delivery_id)
    community_id = notices.get_notice(tx.session, delivery.notice_id).community_id
    require_staff(actor, community_id)
    entry = storage.get_delivery_entry(tx.session, delivery_id)
    if entry.is_recipient_gone:
        raise DeliveryNotResendable(RECIPIENT_GONE)
    delivery.resend(now=now)
    tx.audited(record_id=delivery_id, community_id=community_id)
    return entry


def list_deliveries(
    tx: Transaction,
    *,
    notice_id: UUID | None,
    item_id: UUID | None,
    status: DeliveryStatus | None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> tuple[list[DeliveryEntry], str | None]:
    """Newest first; a community's staff see those of its own notices."""
    if not actor.is_staff:
        raise Forbidden("只有社区或市级工作人员可以查看投递情况。")
    before = decode_cursor(cursor, datetime, UUID)
    entries = storage.list_deliveries(
        tx.session,
        community_ids=None if actor.reaches_whole_city else actor.community_ids,
        notice_id=notice_id,
        item_id=item_id,
        status=status,
        before=(before[0], before[1]) if before else None,
        limit=limit + 1,
    )
    if len(entries) <= limit:
        return entries, None
    last = entries[limit - 1].delivery
    return entries[:limit], encode_cursor(last.created_at, last.delivery_id)
