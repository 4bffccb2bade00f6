"""The doors: shapes in, views out, and each event handled once."""

import functools
from typing import Any
from uuid import uuid4

import pytest

from services.chassis import wire
from services.chassis.db import Database
from services.chassis.inbox import Delivery as Message
from services.chassis.inbox import Handler, Inbox
from services.chassis.wire import Envelope
from services.contracts.base import ANONYMOUS, Actor, Event, Invalid
from services.contracts.notifications import views
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.notifications.domain.notice import CHANNELS
from services.notifications.service import NotificationsService
from tests.notifications import samples
from tests.notifications.builders import (
    CITY,
    OURS,
    WORKER,
    community_registered,
    deliveries,
    outbox,
    robot_key,
    subscribe,
    tell,
)


@pytest.fixture
def db(service_db) -> Database:
    return service_db("notifications")


def ask(db: Database, name: str, *, actor: Actor = CITY, **asked: Any) -> Any:
    """What the door answers to a call with these JSON fields."""
    door = getattr(NotificationsService, name)
    fields = door.schema().load(asked)
    with db.transaction(actor=actor) as tx:
        return door.__wrapped__(None, tx, **fields)


def hear(db: Database, event: Event, *, event_id: str, sequence: int = 1) -> str:
    """The event as it comes from the broker; returns what the inbox says to it."""
    name = f"on_{event.name()}"
    door = getattr(NotificationsService, name)
    envelope = Envelope(
        event_id=event_id,
        source=event.source,
        name=event.name(),
        version=event.version,
        aggregate_id=str(event.aggregate_id),
        sequence=sequence,
        occurred_at=event.occurred_at,
        traceparent="",
        body=wire.write_event(event).encode(),
    )
    handler = Handler(name=f"notifications.{name}", event_class=door.event_class)
    inbox = Inbox(db, {event.name(): handler})
    message = Message(headers=envelope.headers(), content_type=wire.JSON, body=envelope.body)
    return inbox.receive(message, functools.partial(door, None))


@pytest.mark.parametrize("event", samples.ALL, ids=lambda event: event.name())
def test_every_event_that_is_told_of_comes_in_by_its_door_and_redelivery_changes_nothing(db, event):
    event_id = str(uuid4())

    results = [hear(db, event, event_id=event_id) for _ in range(3)]

    assert results == ["ok", "duplicate", "duplicate"]
    assert [one.channel for one in deliveries(db)] == [Channel.BOARD]
    assert [name for name, _ in outbox(db)] == ["notice_published"]


def test_the_doors_hear_exactly_what_the_table_of_channels_lists():
    heard = {
        door.event_class
        for door in vars(NotificationsService).values()
        if getattr(door, "event_class", None) is not None and door.event_class.source != "staffing"
    }

    assert heard == set(CHANNELS)


def test_a_community_becomes_known_by_its_event_and_names_the_notices(db):
    hear(db, community_registered(), event_id=str(uuid4()))
    hear(db, samples.item_claimed(), event_id=str(uuid4()))

    page = ask(db, "list_notices", actor=ANONYMOUS)

    assert [one["community_name"] for one in page["items"]] == ["花园社区"]


def test_a_notice_is_shown_as_its_view_says(db):
    written = tell(db, samples.item_claimed())

    shown = ask(db, "get_notice", actor=ANONYMOUS, notice_id=str(written.notice_id))

    assert set(shown) == set(views.NoticeView().fields)
    assert shown["kind"] == "item_claimed"
    assert shown["item_id"] == str(samples.ITEM)
    assert ask(db, "list_notices", actor=ANONYMOUS) == {"items": [shown], "next": None}


def test_a_delivery_is_shown_without_its_address_and_says_what_may_be_done(db):
    subscribe(db, Channel.EMAIL, "wang@example.cn", label="王芳")
    tell(db, samples.item_claimed())
    with db.transaction() as tx:
        (one,) = [tx.session.merge(one) for one in deliveries(db, Channel.EMAIL)]
        one.start(now=tx.now)
        one.lose()

    shown = ask(db, "list_deliveries", actor=WORKER, status="uncertain")["items"]
    resent = ask(db, "resend_delivery", actor=WORKER, delivery_id=shown[0]["delivery_id"])

    assert len(shown) == 1
    assert set(shown[0]) == set(views.DeliveryView().fields)
    assert (shown[0]["recipient"], shown[0]["status"]) == ("王芳", "uncertain")
    assert shown[0]["possible_acts"] == ["resend_delivery"]
    assert "example.cn" not in str(shown)
    assert (resent["status"], resent["possible_acts"]) == (str(DeliveryStatus.WAITING), [])


def test_a_subscription_is_shown_masked_when_added_listed_and_removed(db):
    added = ask(
        db,
        "add_subscription",
        actor=WORKER,
        channel="wecom",
        address=robot_key(1),
        label="花园社区群",
        community_id=str(OURS),
    )
    listed = ask(db, "list_subscriptions", actor=WORKER)
    removed = ask(db, "remove_subscription", actor=WORKER, subscription_id=added["subscription_id"])

    assert set(added) == set(views.SubscriptionView().fields)
    assert added["address"] == "****0001"
    assert listed == {"items": [added], "next": None}
    assert removed["address"] == ""
    assert ask(db, "list_subscriptions", actor=WORKER) == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("door", "asked"),
    [
        ("add_subscription", {"channel": "board", "address": "x", "label": "y"}),
        ("add_subscription", {"channel": "email", "address": "", "label": "y"}),
        ("list_notices", {"limit": 0}),
        ("list_deliveries", {"status": "lost"}),
        ("get_notice", {"notice_id": "1"}),
        ("resend_delivery", {}),
        ("list_subscriptions", {"cursor": "???"}),
    ],
)
def test_what_cannot_mean_anything_is_refused(db, door, asked):
    with pytest.raises(Invalid):
        ask(db, door, **asked)
