"""Every entity survives a round trip, and the queries find what they should."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.chassis.ids import new_id
from services.chassis.sealing import SealBroken
from services.contracts.notifications.errors import (
    AlreadySubscribed,
    DeliveryNotFound,
    NoticeNotFound,
    SubscriptionNotFound,
)
from services.contracts.notifications.terms import Channel
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.notice import Notice
from services.notifications.domain.subscription import Subscription
from services.notifications.storage import community, delivery, notice, subscription
from services.notifications.storage.tables import metadata
from tests.notifications.builders import make_subscription

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def db(service_db) -> Database:
    return service_db("notifications")


def make_notice(**facts: object) -> Notice:
    return Notice(
        **{
            "notice_id": new_id(),
            "source_event_id": uuid4(),
            "kind": "item_claimed",
            "title": "题",
            "body": "文",
            "community_id": UUID(int=1),
            "item_id": UUID(int=2),
            "published_at": NOW,
            **facts,
        }
    )


def make_delivery(notice_id: UUID, **facts: object) -> Delivery:
    return Delivery(
        **{
            "delivery_id": new_id(),
            "notice_id": notice_id,
            "channel": Channel.WECOM,
            "subscription_id": None,
            "recipient_key": "a",
            "lane": "wecom:a",
            "recipient": "群",
            "created_at": NOW,
            "next_attempt_at": NOW,
            **facts,
        }
    )


def save(db: Database, *entities: object) -> None:
    with db.transaction() as tx:
        for entity in entities:
            tx.session.add(entity)
            tx.session.flush()


def facts_of(entity: object) -> dict[str, object]:
    return {name: value for name, value in vars(entity).items() if not name.startswith("_sa_")}


def test_the_migration_makes_exactly_the_tables_that_are_mapped(db):
    inspector = sa.inspect(db.engine)

    for table in metadata.sorted_tables:
        columns = {column["name"]: column for column in inspector.get_columns(table.name)}
        assert set(columns) == {column.name for column in table.columns}
        for column in table.columns:
            assert columns[column.name]["nullable"] == column.nullable, f"{table.name}.{column.name}"
        made = {index["name"] for index in inspector.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= made


def test_a_notice_survives_a_round_trip(db):
    written = make_notice()
    save(db, written)

    with db.reading() as tx:
        read = notice.get_notice(tx.session, written.notice_id)
        assert facts_of(read) == facts_of(written)


def test_a_delivery_survives_a_round_trip_in_every_state(db):
    about = make_notice()
    on_board = Delivery.on_board(delivery_id=new_id(), notice_id=about.notice_id, now=NOW)
    waiting = make_delivery(about.notice_id)
    sending = make_delivery(about.notice_id, recipient_key="b")
    sending.start(now=NOW)
    failed = make_delivery(about.notice_id, recipient_key="c", parts_sent=3)
    failed.start(now=NOW)
    failed.refuse("拒绝", may_retry=False, jitter=0, now=NOW)
    uncertain = make_delivery(about.notice_id, recipient_key="d")
    uncertain.start(now=NOW)
    uncertain.lose()
    written = [on_board, waiting, sending, failed, uncertain]
    save(db, about, *written)

    for one in written:
        with db.reading() as tx:
            assert facts_of(tx.session.get_one(Delivery, one.delivery_id)) == facts_of(one)


def test_every_change_of_a_delivery_raises_its_version(db):
    about = make_notice()
    one = make_delivery(about.notice_id)
    save(db, about, one)

    with db.transaction() as tx:
        delivery.delivery_for_update(tx.session, one.delivery_id).start(now=NOW)

    with db.reading() as tx:
        assert tx.session.get_one(Delivery, one.delivery_id).version == 2


def test_a_pace_survives_a_round_trip(db):
    with db.transaction() as tx:
        pace = delivery.pace_for_update(tx.session, "wecom:a")
        for second in range(20):
            pace.reserve(now=NOW + timedelta(seconds=second), most=20)

    with db.reading() as tx:
        read = delivery.pace_for_update(tx.session, "wecom:a")
        assert read.recent == [NOW + timedelta(seconds=second) for second in range(20)]
        assert read.free_at == NOW + timedelta(minutes=1)


def test_a_subscription_survives_a_round_trip_and_its_address_is_not_readable_in_the_table(db):
    written = make_subscription(db, Channel.EMAIL, "wang@example.cn", community_id=UUID(int=1))
    save(db, written)

    with db.reading() as tx:
        read = subscription.get_subscription(tx.session, written.subscription_id)
        stored = tx.session.execute(sa.text("SELECT subscriptions::text FROM subscriptions")).scalar_one()
        assert facts_of(read) == facts_of(written)
        assert subscription.open_address(tx.session, read) == "wang@example.cn"
    assert "wang" not in stored
    assert b"wang".hex() not in stored


def test_a_sealed_address_opens_in_its_own_row_only(db):
    ours = make_subscription(db, Channel.EMAIL, "wang@example.cn")
    other = make_subscription(db, Channel.EMAIL, "li@example.cn")

    other.sealed_address = ours.sealed_address

    with db.reading() as tx, pytest.raises(SealBroken):
        subscription.open_address(tx.session, other)


def test_the_same_address_subscribes_once_for_a_community_and_once_for_the_city(db):
    def subscribe(community_id: UUID | None) -> None:
        with db.transaction() as tx:
            one = make_subscription(db, Channel.EMAIL, "wang@example.cn", community_id=community_id)
            subscription.add_subscription(tx.session, one)

    for community_id in (None, UUID(int=1), UUID(int=2)):
        subscribe(community_id)
        with pytest.raises(AlreadySubscribed):
            subscribe(community_id)


def test_a_removed_address_may_subscribe_again(db):
    first = make_subscription(db, Channel.EMAIL, "wang@example.cn")
    save(db, first)
    with db.transaction() as tx:
        subscription.subscription_for_update(tx.session, first.subscription_id).remove(now=NOW)

    with db.transaction() as tx:
        subscription.add_subscription(
            tx.session, make_subscription(db, Channel.EMAIL, "wang@example.cn", label="再次")
        )

    with db.reading() as tx:
        (only,) = subscription.subscribers(tx.session, channels=[Channel.EMAIL], community_id=UUID(int=1))
        assert only.label == "再次"
        with pytest.raises(SubscriptionNotFound):
            subscription.subscription_for_update(tx.session, first.subscription_id)


def test_who_is_to_hear_is_each_recipient_once(db):
    robot = "a" * 32
    save(
        db,
        make_subscription(db, Channel.WECOM, robot, label="全市"),
        make_subscription(db, Channel.WECOM, robot, community_id=UUID(int=1), label="社区"),
        make_subscription(db, Channel.WECOM, "b" * 32, community_id=UUID(int=2), label="别的社区"),
        make_subscription(db, Channel.EMAIL, "wang@example.cn", community_id=UUID(int=1), label="王"),
    )

    with db.reading() as tx:

        def audience(*channels: Channel) -> list[str]:
            found = subscription.subscribers(tx.session, channels=channels, community_id=UUID(int=1))
            return sorted(one.label for one in found)

        assert len(audience(Channel.WECOM)) == 1
        assert audience(Channel.EMAIL) == ["王"]
        assert len(audience(Channel.WECOM, Channel.EMAIL)) == 2


def test_news_of_a_community_that_are_older_than_what_is_known_are_ignored(db):
    def hear(name: str, at: datetime) -> None:
        with db.transaction() as tx:
            community.keep_newest_community(
                tx.session, community_id=UUID(int=1), community_name=name, known_at=at
            )

    hear("花园", NOW)
    hear("花园社区", NOW + timedelta(seconds=2))
    hear("旧名", NOW + timedelta(seconds=1))

    with db.reading() as tx:
        assert community.community_name(tx.session, UUID(int=1)) == "花园社区"
        assert community.community_name(tx.session, UUID(int=9)) == ""


def test_the_longest_due_delivery_comes_first_and_busy_lanes_are_passed_over(db):
    about = make_notice()
    early = make_delivery(about.notice_id, lane="wecom:busy", next_attempt_at=NOW - timedelta(hours=1))
    middle = make_delivery(about.notice_id, recipient_key="b", next_attempt_at=NOW - timedelta(minutes=1))
    late = make_delivery(about.notice_id, recipient_key="c", next_attempt_at=NOW)
    future = make_delivery(about.notice_id, recipient_key="d", next_attempt_at=NOW + timedelta(seconds=1))
    mail = make_delivery(about.notice_id, channel=Channel.EMAIL)
    save(db, about, early, middle, late, future, mail)
    with db.transaction() as tx:
        delivery.pace_for_update(tx.session, "wecom:busy").rest(until=NOW + timedelta(seconds=1))

    taken = []
    with db.transaction() as tx:
        while (one := delivery.next_due(tx.session, channel=Channel.WECOM, now=NOW)) is not None:
            taken.append(one.delivery_id)
            one.start(now=NOW)
            tx.session.flush()

    assert taken == [middle.delivery_id, late.delivery_id]


def test_a_delivery_that_one_sender_is_taking_is_not_seen_by_another(db):
    about = make_notice()
    save(db, about, make_delivery(about.notice_id))

    with db.transaction() as first, db.transaction() as second:
        assert delivery.next_due(first.session, channel=Channel.WECOM, now=NOW) is not None
        assert delivery.next_due(second.session, channel=Channel.WECOM, now=NOW) is None


def test_a_recipient_gets_one_delivery_of_a_notice(db):
    about = make_notice()
    save(db, about, make_delivery(about.notice_id))

    with pytest.raises(sa.exc.IntegrityError):
        save(db, make_delivery(about.notice_id))


def test_an_event_makes_one_notice(db):
    event_id = uuid4()
    save(db, make_notice(source_event_id=event_id))

    with pytest.raises(sa.exc.IntegrityError):
        save(db, make_notice(source_event_id=event_id))


def test_a_waiting_delivery_without_a_time_is_refused_by_the_table(db):
    about = make_notice()

    with pytest.raises(sa.exc.IntegrityError, match="deliveries_status"):
        save(db, about, make_delivery(about.notice_id, next_attempt_at=None))


def test_only_expired_leases_are_lost(db):
    about = make_notice()
    running = make_delivery(about.notice_id)
    running.start(now=NOW)
    save(db, about, running)
    lease_until = running.lease_until

    with db.reading() as tx:
        assert delivery.lost_deliveries(tx.session, now=lease_until, limit=10) == []
        found = delivery.lost_deliveries(tx.session, now=lease_until + timedelta(seconds=1), limit=10)
        assert [one.delivery_id for one in found] == [running.delivery_id]


def test_what_is_not_there_is_said(db):
    with db.reading() as tx:
        with pytest.raises(NoticeNotFound):
            notice.get_notice(tx.session, uuid4())
        with pytest.raises(NoticeNotFound):
            notice.get_notice_entry(tx.session, uuid4())
        with pytest.raises(DeliveryNotFound):
            delivery.delivery_for_update(tx.session, uuid4())


def test_removing_a_subscription_without_wiping_its_address_is_refused_by_the_table(db):
    one: Subscription = make_subscription(db, Channel.EMAIL, "wang@example.cn")
    one.removed_at = NOW

    with pytest.raises(sa.exc.IntegrityError, match="subscriptions_address"):
        save(db, one)
