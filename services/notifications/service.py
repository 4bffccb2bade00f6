"""Every door of notifications, in the order in which a notice goes its way."""

from typing import Any

from services.chassis.config import load
from services.chassis.db import Transaction
from services.chassis.doors import command, consumes, every, query
from services.chassis.service import Service
from services.contracts.base import shape
from services.contracts.claims.events import (
    ClaimReleased,
    CommendationRevoked,
    ItemClaimed,
    ItemCommended,
    ItemPublished,
    ItemScored,
    ItemVerified,
)
from services.contracts.consultation.events import PollClosed, PollOpened
from services.contracts.notifications import commands, views
from services.contracts.notifications.terms import Channel
from services.contracts.personal import CorrectedView, ErasedView, HeldView, UnmaskedView
from services.contracts.staffing.events import CommunityChanged, CommunityRegistered
from services.notifications import usecases
from services.notifications.channels import channel_for
from services.notifications.domain.notice import ToldEvent
from services.notifications.domain.subscription import Subscription
from services.notifications.storage.delivery import DeliveryEntry
from services.notifications.storage.notice import NoticeEntry
from services.notifications.usecases.sending import withdrawal_key


class NotificationsService(Service):
    name = "notifications"

    @consumes(CommunityRegistered)
    def on_community_registered(self, tx: Transaction, event: CommunityRegistered) -> None:
        usecases.hear_of_community(tx, event)

    @consumes(CommunityChanged)
    def on_community_changed(self, tx: Transaction, event: CommunityChanged) -> None:
        usecases.hear_of_community(tx, event)

    @consumes(ItemPublished)
    def on_item_published(self, tx: Transaction, event: ItemPublished) -> None:
        _tell(tx, event)

    @consumes(ItemClaimed)
    def on_item_claimed(self, tx: Transaction, event: ItemClaimed) -> None:
        _tell(tx, event)

    @consumes(ClaimReleased)
    def on_claim_released(self, tx: Transaction, event: ClaimReleased) -> None:
        _tell(tx, event)

    @consumes(ItemVerified)
    def on_item_verified(self, tx: Transaction, event: ItemVerified) -> None:
        _tell(tx, event)

    @consumes(PollOpened)
    def on_poll_opened(self, tx: Transaction, event: PollOpened) -> None:
        _tell(tx, event)

    @consumes(PollClosed)
    def on_poll_closed(self, tx: Transaction, event: PollClosed) -> None:
        _tell(tx, event)

    @consumes(ItemScored)
    def on_item_scored(self, tx: Transaction, event: ItemScored) -> None:
        _tell(tx, event)

    @consumes(ItemCommended)
    def on_item_commended(self, tx: Transaction, event: ItemCommended) -> None:
        _tell(tx, event)

    @consumes(CommendationRevoked)
    def on_commendation_revoked(self, tx: Transaction, event: CommendationRevoked) -> None:
        _tell(tx, event)

    @query(commands.ListNotices)
    def list_notices(self, tx: Transaction, **wanted: Any) -> Any:
        entries, following = usecases.list_notices(tx, **wanted)
        return {"items": [_notice(one) for one in entries], "next": following}

    @query(commands.GetNotice)
    def get_notice(self, tx: Transaction, **wanted: Any) -> Any:
        return _notice(usecases.get_notice(tx, **wanted))

    @every(seconds=1)
    def send_to_groups(self) -> None:
        self._send(Channel.WECOM)

    @every(seconds=1)
    def send_mail(self) -> None:
        self._send(Channel.EMAIL)

    @every(seconds=10)
    def find_lost_deliveries(self) -> None:
        with self.db.transaction() as tx:
            usecases.find_lost_deliveries(tx, now=tx.now)

    def _send(self, channel: Channel) -> None:
        config = load()
        usecases.send_due_deliveries(self.db, channel_for(channel, config), public_url=config.public_url)

    @query(commands.ListDeliveries)
    def list_deliveries(self, tx: Transaction, **wanted: Any) -> Any:
        entries, following = usecases.list_deliveries(tx, **wanted, actor=tx.actor)
        return {"items": [_delivery(one) for one in entries], "next": following}

    @command(commands.ResendDelivery)
    def resend_delivery(self, tx: Transaction, **wanted: Any) -> Any:
        return _delivery(usecases.resend_delivery(tx, **wanted, actor=tx.actor, now=tx.now))

    @command(commands.AddSubscription)
    def add_subscription(self, tx: Transaction, **subscription: Any) -> Any:
        return _subscription(usecases.add_subscription(tx, **subscription, actor=tx.actor, now=tx.now))

    @command(commands.RemoveSubscription)
    def remove_subscription(self, tx: Transaction, **wanted: Any) -> Any:
        return _subscription(usecases.remove_subscription(tx, **wanted, actor=tx.actor, now=tx.now))

    @query(commands.Unmask)
    def unmask(self, tx: Transaction, *, reason: str, **wanted: Any) -> Any:
        """A query, so that the answer is stored nowhere; the gateway has put the reason into its audit before."""
        return shape(UnmaskedView).dump({"value": usecases.unmask(tx, **wanted, actor=tx.actor)})

    @query(commands.ShowConsent)
    def show_consent(self, tx: Transaction, **link: Any) -> Any:
        return shape(views.ConsentView).dump(usecases.show_consent(tx, **link, key=withdrawal_key()))

    @command(commands.WithdrawConsent)
    def withdraw_consent(self, tx: Transaction, **link: Any) -> Any:
        withdrawn = usecases.withdraw_consent(tx, **link, key=withdrawal_key(), now=tx.now)
        return shape(views.ConsentView).dump(withdrawn)

    @query(commands.GatherPersonal)
    def gather_personal(self, tx: Transaction, **person: Any) -> Any:
        records = usecases.gather_personal(tx, **person, actor=tx.actor)
        return shape(HeldView).dump({"records": records})

    @command(commands.ErasePersonal)
    def erase_personal(self, tx: Transaction, **person: Any) -> Any:
        removed, kept = usecases.erase_personal(tx, **person, actor=tx.actor, now=tx.now)
        return shape(ErasedView).dump({"removed": removed, "kept": kept})

    @command(commands.CorrectPersonal)
    def correct_personal(self, tx: Transaction, **wanted: Any) -> Any:
        usecases.correct_personal(tx, **wanted, actor=tx.actor)
        return shape(CorrectedView).dump(wanted)

    @every(seconds=3600)
    def forget_old_recipients(self) -> None:
        is_more = True
        while is_more:
            with self.db.transaction() as tx:
                is_more = usecases.forget_old_recipients(tx, now=tx.now) > 0

    @query(commands.ListSubscriptions)
    def list_subscriptions(self, tx: Transaction, **wanted: Any) -> Any:
        entries, following = usecases.list_subscriptions(tx, **wanted, actor=tx.actor)
        return {"items": [_subscription(one) for one in entries], "next": following}


def _tell(tx: Transaction, event: ToldEvent) -> None:
    assert tx.event_id is not None, "a consuming door's transaction knows its event"
    usecases.tell(tx, event, event_id=tx.event_id, now=tx.now)


def _notice(entry: NoticeEntry) -> dict[str, Any]:
    return {**shape(views.NoticeView).dump(entry.notice), "community_name": entry.community_name}


def _delivery(entry: DeliveryEntry) -> dict[str, Any]:
    may_resend = entry.delivery.is_resendable and not entry.is_recipient_gone
    return {
        **shape(views.DeliveryView).dump(entry.delivery),
        "title": entry.title,
        "possible_acts": ["resend_delivery"] if may_resend else [],
    }


def _subscription(subscription: Subscription) -> dict[str, Any]:
    shown: dict[str, Any] = shape(views.SubscriptionView).dump(
        {**vars(subscription), "address": subscription.masked_address}
    )
    return shown
