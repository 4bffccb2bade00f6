"""Sending what is due: three steps, of which the middle one cannot be undone.

    1  take    committed: the delivery is `sending`, with a lease and the number of this attempt
    2  send    no transaction is open; the channel hands one part to the provider
    3  mark    committed: accepted, refused or uncertain

Where the process may die, and what is then true:
    before 1   nothing happened; the delivery still waits
    1 to 3     it may have been sent or not, and nobody can know: the lease runs out, `find_lost_deliveries`
               makes it `uncertain`, and staff decide
    after 3    the outcome is known
So nothing is sent twice without a person's word, and nothing is lost unseen.
Any number of senders may run: each takes what no other has locked; a robot's pace is kept in the database.
"""

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from services.chassis import metrics
from services.chassis.config import load
from services.chassis.db import Database, Transaction
from services.chassis.faults import faultpoint
from services.chassis.sealing import SealBroken
from services.contracts.notifications.terms import Channel as ChannelTerm
from services.notifications.channels.base import Channel, Message, Refused, Uncertain
from services.notifications.domain.consent import write_token
from services.notifications.domain.delivery import RECIPIENT_GONE, Delivery
from services.notifications.domain.notice import Notice
from services.notifications.domain.pace import MOST_A_MINUTE
from services.notifications.storage import delivery as storage
from services.notifications.storage import notice as notices
from services.notifications.storage import subscription as subscriptions

WORKING_SECONDS = 5.0
# A provider that does not answer would turn everything that is due into doubt, one after the other.
REST_AFTER_DOUBT = timedelta(minutes=1)
UNREADABLE_ADDRESS = "收件地址无法解密，请取消后重新订阅。"


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One delivery as handed out: everything that is needed outside the transaction."""

    delivery_id: UUID
    attempt: int
    parts_sent: int
    address: str
    message: Message


def send_due_deliveries(
    db: Database, channel: Channel, *, public_url: str, seconds: float = WORKING_SECONDS
) -> int:
    """Until nothing is due or the time is up, so that a stopping process can stop; returns how many."""
    tried = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        errand = _take(db, channel.term, public_url=public_url)
        if errand is None:
            break
        _carry(db, channel, errand)
        tried += 1
    return tried


def find_lost_deliveries(tx: Transaction, *, now: datetime, most: int = 200) -> int:
    """Leases run out when the process that held them died between taking and marking."""
    lost = storage.lost_deliveries(tx.session, now=now, limit=most)
    for delivery in lost:
        delivery.lose()
        _count(tx, delivery)
    return len(lost)


def _take(db: Database, term: ChannelTerm, *, public_url: str) -> Errand | None:
    with db.transaction() as tx:
        while (delivery := storage.next_due(tx.session, channel=term, now=tx.now)) is not None:
            address = _address(tx, delivery)
            if address is not None and _has_pace(tx, delivery):
                return Errand(
                    delivery_id=delivery.delivery_id,
                    parts_sent=delivery.parts_sent,
                    attempt=delivery.start(now=tx.now),
                    address=address,
                    message=_message(
                        notices.get_notice(tx.session, delivery.notice_id), delivery, public_url=public_url
                    ),
                )
            # Not this one, and not again in this loop: it was given up or put off.
            tx.session.flush()
    return None


def _address(tx: Transaction, delivery: Delivery) -> str | None:
    subscription_id = delivery.subscription_id
    subscription = subscription_id and subscriptions.get_subscription(tx.session, subscription_id)
    if not subscription or subscription.is_removed:
        delivery.give_up(RECIPIENT_GONE)
        return None
    try:
        return subscriptions.open_address(tx.session, subscription)
    except SealBroken:
        delivery.give_up(UNREADABLE_ADDRESS)
        return None


def _has_pace(tx: Transaction, delivery: Delivery) -> bool:
    pace = storage.pace_for_update(tx.session, delivery.lane)
    if pace.reserve(now=tx.now, most=MOST_A_MINUTE.get(delivery.channel)):
        return True
    delivery.put_off(until=pace.free_at or tx.now)
    return False


def _message(notice: Notice, delivery: Delivery, *, public_url: str) -> Message:
    link = f"\n详情：{public_url}/public/items/{notice.item_id}" if public_url and notice.item_id else ""
    if delivery.channel is ChannelTerm.EMAIL and delivery.subscription_id and public_url:
        token = write_token(delivery.subscription_id, key=withdrawal_key())
        link += f"\n退订：{public_url}/privacy/consents/{token}"
    return Message(
        message_id=delivery.delivery_id,
        title=notice.title,
        text=notice.body + link,
        written_at=notice.published_at,
    )


@cache
def withdrawal_key() -> bytes:
    return load().derived("notifications.withdrawal")


def _carry(db: Database, channel: Channel, errand: Errand) -> None:
    """Part by part; each accepted part is marked before the next one goes out."""
    parts = channel.split(errand.message)
    for part in parts[errand.parts_sent :]:
        faultpoint("delivery.before_send")
        try:
            channel.send(errand.address, part)
        except Refused as refusal:
            _mark_refused(db, errand, refusal)
            return
        except Uncertain as doubt:
            _mark_uncertain(db, errand, doubt)
            return
        faultpoint("delivery.after_send")
        may_go_on = _mark_accepted(db, errand, of=len(parts))
        faultpoint("delivery.marked")
        if not may_go_on:
            return


def _mark_accepted(db: Database, errand: Errand, *, of: int) -> bool:
    """Whether this attempt may send the next part now."""
    with db.transaction() as tx:
        delivery = storage.delivery_for_update(tx.session, errand.delivery_id)
        if not delivery.is_attempt(errand.attempt):
            return False
        delivery.accept_part(of=of, now=tx.now)
        if delivery.parts_sent < of:
            return _has_pace(tx, delivery)
        _count(tx, delivery)
        return False


def _mark_refused(db: Database, errand: Errand, refusal: Refused) -> None:
    with db.transaction() as tx:
        delivery = storage.delivery_for_update(tx.session, errand.delivery_id)
        if not delivery.is_attempt(errand.attempt):
            return
        delivery.refuse(
            refusal.reason,
            may_retry=refusal.may_retry,
            retry_after=refusal.rest,
            jitter=random.random(),
            now=tx.now,
        )
        if refusal.rest is not None:
            # The others of this lane would meet the same: they wait instead of failing one by one.
            storage.pace_for_update(tx.session, delivery.lane).rest(until=tx.now + refusal.rest)
        _count(tx, delivery)


def _mark_uncertain(db: Database, errand: Errand, doubt: Uncertain) -> None:
    with db.transaction() as tx:
        delivery = storage.delivery_for_update(tx.session, errand.delivery_id)
        if not delivery.is_attempt(errand.attempt):
            return
        delivery.lose(doubt.reason)
        storage.pace_for_update(tx.session, delivery.lane).rest(until=tx.now + REST_AFTER_DOUBT)
        _count(tx, delivery)


def _count(tx: Transaction, delivery: Delivery) -> None:
    labels = {"service": "notifications", "channel": str(delivery.channel)}
    metrics.DELIVERIES_SENT.labels(**labels, result=str(delivery.status)).inc()
    if delivery.sent_at is not None:
        metrics.DELIVERY_SECONDS.labels(**labels).observe((tx.now - delivery.created_at).total_seconds())
