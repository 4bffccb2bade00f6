"""What notifications does: state and event commit together, and a refusal leaves nothing behind."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import Database
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Role
from services.contracts.notifications.errors import (
    AlreadySubscribed,
    DeliveryNotResendable,
    SubscriptionNotFound,
)
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.notifications import usecases
from services.notifications.domain.delivery import RECIPIENT_GONE
from tests.notifications import samples
from tests.notifications.builders import (
    CITY,
    LIAISON,
    NOW,
    OTHERS,
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


def listed(db: Database, actor: Actor = CITY, **wanted: Any) -> list[Any]:
    with db.reading(actor=actor) as tx:
        asked = {"notice_id": None, "item_id": None, "status": None, "cursor": None, "limit": 100, **wanted}
        entries, _ = usecases.list_deliveries(tx, **asked, actor=tx.actor)
        return entries


def subscriptions_seen(db: Database, actor: Actor, community_id: UUID | None = None) -> set[str]:
    with db.reading() as tx:
        entries, _ = usecases.list_subscriptions(
            tx, community_id=community_id, cursor=None, limit=100, actor=actor
        )
        return {one.label for one in entries}


class TestTelling:
    def test_notice_deliveries_and_the_news_of_it_are_one_commit(self, db):
        subscribe(db, Channel.WECOM, robot_key(1), label="花园社区群")
        subscribe(db, Channel.EMAIL, "wang@example.cn", label="王芳")

        notice = tell(db, samples.item_claimed())

        found = {one.channel: one for one in deliveries(db)}
        assert {channel: one.status for channel, one in found.items()} == {
            Channel.BOARD: DeliveryStatus.SENT,
            Channel.WECOM: DeliveryStatus.WAITING,
            Channel.EMAIL: DeliveryStatus.WAITING,
        }
        assert found[Channel.WECOM].recipient == "花园社区群"
        ((name, payload),) = outbox(db)
        assert name == "notice_published"
        assert payload["notice_id"] == str(notice.notice_id)
        assert payload["title"] == "事项已有单位认领：更换楼道照明灯"
        assert "wang" not in str(payload)

    def test_one_event_makes_one_notice_however_often_it_is_heard(self, db):
        subscribe(db, Channel.WECOM, robot_key(1))
        event_id = uuid4()

        first = tell(db, samples.item_claimed(), event_id=event_id)
        second = tell(db, samples.item_claimed(), event_id=event_id)

        assert first.notice_id == second.notice_id
        assert len(deliveries(db)) == 2
        assert len(outbox(db)) == 1

    def test_two_releases_of_one_item_at_the_same_moment_are_two_notices(self, db):
        tell(db, samples.claim_released())
        tell(db, samples.claim_released())

        assert len(outbox(db)) == 2

    def test_a_failing_transaction_leaves_neither_notice_nor_event(self, db):
        def tell_and_fail() -> None:
            with db.transaction() as tx:
                usecases.tell(tx, samples.item_claimed(), event_id=uuid4(), now=tx.now)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            tell_and_fail()

        assert deliveries(db) == []
        assert outbox(db) == []

    def test_publishing_many_items_writes_on_the_board_and_nowhere_else(self, db):
        subscribe(db, Channel.WECOM, robot_key(1))

        for number in range(30):
            tell(db, samples.item_published(title=f"事项{number}"))

        assert len(deliveries(db, Channel.BOARD)) == 30
        assert deliveries(db, Channel.WECOM) == []

    def test_only_the_communitys_own_and_the_citys_subscribers_hear_of_it(self, db):
        subscribe(db, Channel.WECOM, robot_key(1), label="本社区")
        subscribe(db, Channel.WECOM, robot_key(2), label="别的社区", community_id=OTHERS)
        subscribe(db, Channel.WECOM, robot_key(3), label="全市", community_id=None)

        tell(db, samples.item_claimed())

        assert {one.recipient for one in deliveries(db, Channel.WECOM)} == {"本社区", "全市"}

    def test_a_letter_names_the_community_by_its_newest_name(self, db):
        with db.transaction() as tx:
            usecases.hear_of_community(tx, community_registered(community_name="旧名"))
            usecases.hear_of_community(
                tx, community_registered(community_name="花园社区", occurred_at=NOW + timedelta(seconds=1))
            )

        notice = tell(db, samples.item_claimed())

        assert "花园社区事项" in notice.body


class TestNotices:
    def read(self, db: Database, **wanted: Any) -> tuple[list[str], str | None]:
        with db.reading(actor=ANONYMOUS) as tx:
            asked = {"community_id": None, "item_id": None, "cursor": None, "limit": 100, **wanted}
            entries, following = usecases.list_notices(tx, **asked)
            return [entry.notice.title.rpartition("：")[2] for entry in entries], following

    def test_everybody_reads_them_newest_first_page_by_page(self, db):
        for number in range(5):
            tell(db, samples.item_published(title=f"事项{number}"))

        first, following = self.read(db, limit=2)
        second, following = self.read(db, limit=2, cursor=following)
        third, end = self.read(db, limit=2, cursor=following)

        assert [*first, *second, *third] == ["事项4", "事项3", "事项2", "事项1", "事项0"]
        assert end is None

    def test_they_are_found_by_community_and_by_item(self, db):
        other_item = uuid4()
        tell(db, samples.item_published(title="甲"))
        tell(db, samples.item_published(title="乙", item_id=other_item))
        tell(db, samples.item_published(title="丙", community_id=OTHERS, item_id=other_item))

        assert self.read(db, community_id=OURS)[0] == ["乙", "甲"]
        assert self.read(db, item_id=other_item)[0] == ["丙", "乙"]
        assert self.read(db, community_id=OTHERS, item_id=samples.ITEM)[0] == []

    def test_one_is_read_with_the_name_of_its_community(self, db):
        with db.transaction() as tx:
            usecases.hear_of_community(tx, community_registered())
        notice = tell(db, samples.item_claimed())

        with db.reading(actor=ANONYMOUS) as tx:
            entry = usecases.get_notice(tx, notice_id=notice.notice_id)

        assert entry.community_name == "花园社区"


class TestDeliveries:
    def test_staff_see_those_of_their_own_communities_and_the_city_sees_all(self, db):
        tell(db, samples.item_claimed())
        tell(db, samples.item_claimed(community_id=OTHERS))

        assert len(listed(db, WORKER)) == 1
        assert len(listed(db, CITY)) == 2

    @pytest.mark.parametrize("actor", [ANONYMOUS, LIAISON])
    def test_others_do_not_see_them(self, db, actor):
        with pytest.raises(Forbidden):
            listed(db, actor)

    def test_they_are_found_by_notice_item_and_status(self, db):
        subscribe(db, Channel.WECOM, robot_key(1))
        notice = tell(db, samples.item_claimed())
        tell(db, samples.item_claimed(item_id=uuid4()))

        assert len(listed(db, notice_id=notice.notice_id)) == 2
        assert len(listed(db, item_id=samples.ITEM)) == 2
        assert len(listed(db, status=DeliveryStatus.WAITING)) == 2
        assert len(listed(db, status=DeliveryStatus.UNCERTAIN)) == 0

    def test_pages_follow_each_other_without_gap_or_overlap(self, db):
        for number in range(7):
            tell(db, samples.item_published(title=f"事项{number}"))

        seen, cursor = [], None
        with db.reading() as tx:
            while True:
                entries, cursor = usecases.list_deliveries(
                    tx, notice_id=None, item_id=None, status=None, cursor=cursor, limit=3, actor=CITY
                )
                seen += [entry.title for entry in entries]
                if cursor is None:
                    break

        assert seen == [f"新事项待认领：事项{number}" for number in reversed(range(7))]

    def lost_delivery(self, db: Database) -> UUID:
        subscribe(db, Channel.WECOM, robot_key(1))
        tell(db, samples.item_claimed())
        with db.transaction() as tx:
            (one,) = [one for one in deliveries(db) if one.channel is Channel.WECOM]
            one = tx.session.merge(one)
            one.start(now=tx.now)
            one.lose()
            return one.delivery_id

    def test_staff_of_the_community_may_send_an_uncertain_one_again(self, db):
        delivery_id = self.lost_delivery(db)

        with db.transaction() as tx:
            usecases.resend_delivery(tx, delivery_id=delivery_id, actor=WORKER, now=tx.now)

        assert deliveries(db, Channel.WECOM)[0].status is DeliveryStatus.WAITING

    def test_nobody_else_may(self, db):
        delivery_id = self.lost_delivery(db)
        stranger = Actor(actor_id="x", roles=(Role.COMMUNITY_MANAGER,), community_ids=(OTHERS,))

        for actor in (ANONYMOUS, LIAISON, stranger):
            with pytest.raises(Forbidden), db.transaction() as tx:
                usecases.resend_delivery(tx, delivery_id=delivery_id, actor=actor, now=tx.now)

        assert deliveries(db, Channel.WECOM)[0].status is DeliveryStatus.UNCERTAIN

    def test_what_stands_on_the_board_cannot_be_sent_again(self, db):
        tell(db, samples.item_published())
        (on_board,) = deliveries(db)

        with pytest.raises(DeliveryNotResendable), db.transaction() as tx:
            usecases.resend_delivery(tx, delivery_id=on_board.delivery_id, actor=CITY, now=tx.now)

    def test_nothing_is_sent_again_to_someone_who_unsubscribed(self, db):
        delivery_id = self.lost_delivery(db)
        (one,) = deliveries(db, Channel.WECOM)
        with db.transaction() as tx:
            usecases.remove_subscription(tx, subscription_id=one.subscription_id, actor=WORKER, now=tx.now)

        with pytest.raises(DeliveryNotResendable, match=RECIPIENT_GONE), db.transaction() as tx:
            usecases.resend_delivery(tx, delivery_id=delivery_id, actor=WORKER, now=tx.now)


class TestSubscriptions:
    def test_staff_subscribe_for_their_community_and_see_the_address_masked(self, db):
        with db.transaction(actor=WORKER) as tx:
            added = usecases.add_subscription(
                tx,
                channel=Channel.EMAIL,
                address=" Wang.Fang@Example.cn",
                label="王芳",
                community_id=OURS,
                actor=tx.actor,
                now=tx.now,
            )

        assert added.masked_address == "w***@example.cn"

    def test_the_same_address_in_another_spelling_is_the_same_address(self, db):
        subscribe(db, Channel.EMAIL, "wang@example.cn")

        with pytest.raises(AlreadySubscribed):
            subscribe(db, Channel.EMAIL, "WANG@example.cn ")

    @pytest.mark.parametrize(("actor", "community_id"), [(WORKER, None), (WORKER, OTHERS), (LIAISON, OURS)])
    def test_nobody_subscribes_beyond_his_reach(self, db, actor, community_id):
        with pytest.raises(Forbidden), db.transaction() as tx:
            usecases.add_subscription(
                tx,
                channel=Channel.WECOM,
                address=robot_key(1),
                label="群",
                community_id=community_id,
                actor=actor,
                now=tx.now,
            )

    def test_each_sees_what_is_his(self, db):
        subscribe(db, Channel.WECOM, robot_key(1), label="本社区")
        subscribe(db, Channel.WECOM, robot_key(2), label="别的社区", community_id=OTHERS)
        subscribe(db, Channel.WECOM, robot_key(3), label="全市", community_id=None)

        assert subscriptions_seen(db, CITY) == {"本社区", "别的社区", "全市"}
        assert subscriptions_seen(db, CITY, OTHERS) == {"别的社区"}
        assert subscriptions_seen(db, WORKER) == {"本社区"}
        with pytest.raises(Forbidden):
            subscriptions_seen(db, WORKER, OTHERS)
        with pytest.raises(Forbidden):
            subscriptions_seen(db, LIAISON)

    def test_removing_wipes_the_address_and_stops_what_still_waits(self, db):
        subscription_id = subscribe(db, Channel.WECOM, robot_key(1))
        tell(db, samples.item_claimed())

        with db.transaction() as tx:
            removed = usecases.remove_subscription(
                tx, subscription_id=subscription_id, actor=WORKER, now=tx.now
            )

        (one,) = deliveries(db, Channel.WECOM)
        assert (one.status, one.last_error) == (DeliveryStatus.FAILED, RECIPIENT_GONE)
        assert removed.sealed_address is None
        assert subscriptions_seen(db, CITY) == set()

    def test_what_was_removed_or_never_was_cannot_be_removed(self, db):
        subscription_id = subscribe(db, Channel.WECOM, robot_key(1))
        with db.transaction() as tx:
            usecases.remove_subscription(tx, subscription_id=subscription_id, actor=CITY, now=tx.now)

        for missing in (subscription_id, uuid4()):
            with pytest.raises(SubscriptionNotFound), db.transaction() as tx:
                usecases.remove_subscription(tx, subscription_id=missing, actor=CITY, now=tx.now)
