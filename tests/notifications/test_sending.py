"""Sending against a real robot server: once each, at the robot's pace, and no doubt is hidden."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.chassis.clock import utc_now
from services.chassis.db import Database
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.notifications import usecases
from services.notifications.channels.email import Email
from services.notifications.channels.wecom import WeCom
from services.notifications.domain.delivery import LEASE, RECIPIENT_GONE, Delivery
from services.notifications.usecases.sending import UNREADABLE_ADDRESS
from tests.notifications import samples, servers
from tests.notifications.builders import (
    CITY,
    deliveries,
    make_due,
    robot_key,
    subscribe,
    tell,
)


@pytest.fixture
def db(service_db) -> Database:
    return service_db("notifications")


def send(db: Database, server: servers.RobotServer, **options: float) -> int:
    channel = WeCom(server.url, connect_seconds=0.5, read_seconds=0.5, whole_seconds=1)
    return usecases.send_due_deliveries(db, channel, public_url="https://gongzhi.example", **options)


def one_waiting(db: Database) -> None:
    subscribe(db, Channel.WECOM, robot_key(1), label="花园社区群")
    tell(db, samples.item_claimed())


def robots(db: Database) -> list[Delivery]:
    return deliveries(db, Channel.WECOM)


def lose_and_resend(db: Database) -> None:
    with db.transaction() as tx:
        usecases.find_lost_deliveries(tx, now=utc_now() + LEASE + timedelta(seconds=1))
    with db.transaction() as tx:
        for one in robots(db):
            usecases.resend_delivery(tx, delivery_id=one.delivery_id, actor=CITY, now=tx.now)


def test_a_waiting_delivery_is_sent_with_title_body_and_link_and_then_it_is_done(db):
    one_waiting(db)

    with servers.robot_server() as server:
        first, second = send(db, server), send(db, server)

    assert (first, second) == (1, 0)
    (taken,) = server.taken
    assert taken.key == robot_key(1)
    assert taken.text.startswith("事项已有单位认领：更换楼道照明灯\n")
    assert taken.text.endswith(f"\n详情：https://gongzhi.example/public/items/{samples.ITEM}")
    (one,) = robots(db)
    assert (one.status, one.attempts, one.parts_sent) == (DeliveryStatus.SENT, 1, 1)
    assert one.sent_at is not None


def test_several_senders_send_two_hundred_deliveries_once_each(db):
    for number in range(10):
        subscribe(db, Channel.WECOM, robot_key(number))
    for number in range(20):
        tell(db, samples.item_claimed(title=f"事项{number}"))

    with servers.robot_server() as server:
        senders = [threading.Thread(target=send, args=(db, server), kwargs={"seconds": 60}) for _ in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()

    assert Counter(one.status for one in robots(db)) == {DeliveryStatus.SENT: 200}
    assert set(Counter((one.key, one.text) for one in server.taken).values()) == {1}
    assert len(server.taken) == 200


def test_all_senders_together_send_a_robot_at_most_twenty_a_minute(db):
    subscribe(db, Channel.WECOM, robot_key(1))
    for number in range(30):
        tell(db, samples.item_claimed(title=f"事项{number}"))

    with servers.robot_server() as server:
        senders = [threading.Thread(target=send, args=(db, server)) for _ in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        send(db, server)

    assert len(server.taken) == 20
    assert Counter(one.status for one in robots(db)) == {DeliveryStatus.SENT: 20, DeliveryStatus.WAITING: 10}


def test_a_robot_that_is_full_does_not_hold_up_another(db):
    for number in range(21):
        tell(db, samples.item_claimed(title=f"早先{number}"))
    subscribe(db, Channel.WECOM, robot_key(1), label="忙")
    subscribe(db, Channel.WECOM, robot_key(2), label="闲")
    for number in range(21):
        tell(db, samples.item_claimed(title=f"事项{number}"))

    with servers.robot_server() as server:
        send(db, server)

    assert Counter(one.key for one in server.taken) == {robot_key(1): 20, robot_key(2): 20}


def test_a_refusal_is_tried_again_after_its_wait_and_not_before(db):
    one_waiting(db)

    with servers.robot_server(servers.refuse(-1), servers.ACCEPT) as server:
        send(db, server)
        (refused,) = robots(db)
        too_early = send(db, server)
        make_due(db)
        send(db, server)

    assert (refused.status, refused.attempts) == (DeliveryStatus.WAITING, 1)
    assert refused.next_attempt_at - utc_now() > timedelta(seconds=5)
    assert "errcode -1" in refused.last_error
    assert too_early == 0
    (sent,) = robots(db)
    assert (sent.status, sent.attempts, sent.last_error) == (DeliveryStatus.SENT, 2, "")


def test_after_45009_the_whole_robot_rests_for_a_minute(db):
    subscribe(db, Channel.WECOM, robot_key(1))
    for number in range(3):
        tell(db, samples.item_claimed(title=f"事项{number}"))

    with servers.robot_server(servers.refuse(45009)) as server:
        tried = send(db, server)

    assert tried == 1
    refused = next(one for one in robots(db) if one.attempts == 1)
    assert timedelta(seconds=55) < refused.next_attempt_at - utc_now() < timedelta(seconds=73)


def test_a_server_that_is_away_costs_one_attempt_and_not_one_of_each_delivery(db):
    subscribe(db, Channel.EMAIL, "wang@example.cn")
    subscribe(db, Channel.EMAIL, "li@example.cn")
    tell(db, samples.item_claimed())

    with servers.closed_port() as port:
        channel = Email(f"smtp://127.0.0.1:{port}", mail_from="gongzhi@heihe.example")
        tried = usecases.send_due_deliveries(db, channel, public_url="")

    assert tried == 1
    assert sorted(one.attempts for one in deliveries(db, Channel.EMAIL)) == [0, 1]


def test_a_removed_robot_fails_for_good(db):
    one_waiting(db)

    with servers.robot_server(servers.refuse(93000)) as server:
        send(db, server)
        make_due(db)
        again = send(db, server)

    (one,) = robots(db)
    assert one.status is DeliveryStatus.FAILED
    assert "93000" in one.last_error
    assert again == 0


def test_without_configuration_a_delivery_fails_with_the_reason(db):
    one_waiting(db)

    usecases.send_due_deliveries(db, WeCom(""), public_url="")

    (one,) = robots(db)
    assert one.status is DeliveryStatus.FAILED
    assert "未配置" in one.last_error


@pytest.mark.parametrize("behaviour", [servers.say_nothing, servers.drop_after_taking])
def test_a_lost_answer_is_uncertain_and_sent_again_only_by_a_persons_word(db, behaviour):
    one_waiting(db)

    with servers.robot_server(behaviour, servers.ACCEPT) as server:
        send(db, server)
        (uncertain,) = robots(db)
        make_due(db)
        by_itself = send(db, server)
        with db.transaction() as tx:
            usecases.resend_delivery(tx, delivery_id=uncertain.delivery_id, actor=CITY, now=tx.now)
        by_word = send(db, server)

    assert uncertain.status is DeliveryStatus.UNCERTAIN
    assert (by_itself, by_word) == (0, 1)
    assert len(server.taken) == 2
    assert robots(db)[0].status is DeliveryStatus.SENT


def test_a_provider_that_does_not_answer_does_not_turn_everything_into_doubt(db):
    subscribe(db, Channel.WECOM, robot_key(1))
    for number in range(5):
        tell(db, samples.item_claimed(title=f"事项{number}"))

    with servers.robot_server(servers.drop_after_taking) as server:
        send(db, server)

    assert Counter(one.status for one in robots(db)) == {
        DeliveryStatus.UNCERTAIN: 1,
        DeliveryStatus.WAITING: 4,
    }


def test_a_split_message_goes_on_at_the_part_that_was_refused(db):
    subscribe(db, Channel.WECOM, robot_key(1))
    tell(db, samples.item_commended(reason="优" * 1500))

    with servers.robot_server(servers.ACCEPT, servers.refuse(-1), servers.ACCEPT) as server:
        send(db, server)
        (halfway,) = robots(db)
        make_due(db)
        send(db, server)

    assert (halfway.status, halfway.parts_sent) == (DeliveryStatus.WAITING, 1)
    assert len(server.texts) == 3
    assert "优" * 1500 in "".join(server.texts)
    assert robots(db)[0].status is DeliveryStatus.SENT


def test_the_parts_of_a_message_keep_the_robots_pace_too(db):
    subscribe(db, Channel.WECOM, robot_key(1))
    tell(db, samples.item_commended(reason="优" * 682 * 25))

    with servers.robot_server() as server:
        send(db, server)
        (paused,) = robots(db)
        with db.transaction() as tx:
            tx.session.execute(sa.text("DELETE FROM paces"))
        make_due(db)
        send(db, server)

    assert (paused.status, paused.parts_sent) == (DeliveryStatus.WAITING, 20)
    assert "优" * 682 * 25 in "".join(server.texts)
    assert robots(db)[0].status is DeliveryStatus.SENT


def test_an_answer_that_comes_after_the_lease_still_counts(db):
    one_waiting(db)

    def accept_late(handler: servers.RobotHandler) -> None:
        with db.transaction() as tx:
            usecases.find_lost_deliveries(tx, now=utc_now() + LEASE + timedelta(seconds=1))
        servers.ACCEPT(handler)

    with servers.robot_server(accept_late) as server:
        send(db, server)

    assert robots(db)[0].status is DeliveryStatus.SENT


def test_an_answer_to_an_attempt_that_was_given_up_does_not_disturb_the_next(db):
    one_waiting(db)

    with ExitStack() as stack:
        second = stack.enter_context(servers.robot_server())

        def refuse_late(handler: servers.RobotHandler) -> None:
            lose_and_resend(db)
            send(db, second)
            servers.refuse(93000)(handler)

        first = stack.enter_context(servers.robot_server(refuse_late))
        channel = WeCom(first.url, read_seconds=10)
        usecases.send_due_deliveries(db, channel, public_url="")

    (one,) = robots(db)
    assert (one.status, one.attempts) == (DeliveryStatus.SENT, 2)


def test_nothing_is_sent_to_someone_who_unsubscribed_meanwhile(db):
    one_waiting(db)
    (one,) = robots(db)
    with db.transaction() as tx:
        usecases.remove_subscription(tx, subscription_id=one.subscription_id, actor=CITY, now=tx.now)
        tx.session.flush()
        # As if the delivery had been written by a transaction that did not see the removal.
        tx.session.execute(sa.text("UPDATE deliveries SET status = 'waiting', next_attempt_at = now()"))

    with servers.robot_server() as server:
        send(db, server)

    assert server.taken == []
    assert robots(db)[0].last_error == RECIPIENT_GONE


def test_an_address_sealed_with_another_secret_fails_alone(db):
    one_waiting(db)
    subscribe(db, Channel.WECOM, robot_key(2))
    tell(db, samples.item_claimed(title="另一件"))
    with db.transaction() as tx:
        tx.session.execute(
            sa.text(
                "UPDATE subscriptions SET sealed_address = "
                "set_byte(sealed_address, 14, 255 - get_byte(sealed_address, 14)) WHERE label = '花园社区群'"
            )
        )

    with servers.robot_server() as server:
        send(db, server)

    assert [one.key for one in server.taken] == [robot_key(2)]
    assert {one.last_error for one in robots(db) if one.status is DeliveryStatus.FAILED} == {
        UNREADABLE_ADDRESS
    }


SENDER = """
import sys
from services.chassis.db import Database
from services.notifications import usecases
from services.notifications.channels.wecom import WeCom

usecases.send_due_deliveries(
    Database(sys.argv[1], service="notifications"), WeCom(sys.argv[2]), public_url="https://gongzhi.example"
)
"""


@pytest.mark.fault
@pytest.mark.parametrize(
    ("faultpoint", "taken", "status"),
    [
        ("delivery.before_send", 0, DeliveryStatus.UNCERTAIN),
        ("delivery.after_send", 1, DeliveryStatus.UNCERTAIN),
        ("delivery.marked", 1, DeliveryStatus.SENT),
    ],
)
def test_a_sender_that_is_killed_leaves_no_second_message_and_no_hidden_doubt(db, faultpoint, taken, status):
    one_waiting(db)

    with servers.robot_server() as server:
        killed = subprocess.run(
            [sys.executable, "-c", SENDER, db.url, server.url],
            env={**os.environ, "GONGZHI_FAULTPOINT": faultpoint},
            timeout=60,
            check=False,
        )
        with db.transaction() as tx:
            too_early = usecases.find_lost_deliveries(tx, now=tx.now)
        with db.transaction() as tx:
            usecases.find_lost_deliveries(tx, now=tx.now + LEASE + timedelta(seconds=1))
        make_due(db)
        send(db, server)

    assert killed.returncode == -signal.SIGKILL
    assert too_early == 0
    assert len(server.taken) == taken
    assert robots(db)[0].status is status
