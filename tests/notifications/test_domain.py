"""The rules of deliveries, paces, subscriptions and texts."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.base import ANONYMOUS, Actor, Forbidden, Role
from services.contracts.notifications.errors import AddressInvalid, DeliveryNotResendable
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.notifications.domain.delivery import BACK_OFF, LEASE, MOST_REFUSALS, Delivery
from services.notifications.domain.pace import Pace, lane_of
from services.notifications.domain.subscription import normal_address, require_staff
from services.notifications.domain.text import split_bytes

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ROBOT = "693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa"


def make_delivery(**facts: object) -> Delivery:
    return Delivery(
        **{
            "delivery_id": uuid4(),
            "notice_id": uuid4(),
            "channel": Channel.WECOM,
            "subscription_id": uuid4(),
            "recipient_key": "key",
            "lane": "wecom:key",
            "recipient": "花园社区群",
            "created_at": NOW,
            "next_attempt_at": NOW,
            **facts,
        }
    )


def refuse(delivery: Delivery, *, now: datetime = NOW, jitter: float = 0.0, may_retry: bool = True) -> None:
    delivery.start(now=now)
    delivery.refuse("忙", may_retry=may_retry, jitter=jitter, now=now)


class TestSplitting:
    def test_three_thousand_chinese_characters_make_five_messages_of_at_most_2048_bytes(self):
        pieces = split_bytes("共" * 3000, 2048)

        assert [len(piece) for piece in pieces] == [682, 682, 682, 682, 272]
        assert max(len(piece.encode()) for piece in pieces) == 2046

    def test_a_text_of_exactly_the_limit_is_one_piece_and_one_byte_more_makes_two(self):
        assert split_bytes("a" * 2048, 2048) == ["a" * 2048]
        assert split_bytes("a" * 2049, 2048) == ["a" * 2048, "a"]

    def test_a_character_across_the_limit_moves_whole_into_the_next_piece(self):
        assert split_bytes("a" * 2047 + "治", 2048) == ["a" * 2047, "治"]
        assert split_bytes("a" * 2045 + "𠮷", 2048) == ["a" * 2045, "𠮷"]

    def test_an_empty_text_is_one_empty_piece(self):
        assert split_bytes("", 2048) == [""]

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), st.integers(4, 50))
    def test_pieces_join_to_the_text_and_none_is_too_long_or_wasteful(self, text, most):
        pieces = split_bytes(text, most)

        assert "".join(pieces) == text
        assert all(len(piece.encode()) <= most for piece in pieces)
        assert all(len(piece.encode()) > most - 4 for piece in pieces[:-1])


class TestDelivery:
    def test_waits_grow_from_ten_seconds_to_two_hours(self):
        delivery = make_delivery()
        waits = []
        for _ in range(MOST_REFUSALS - 1):
            refuse(delivery)
            waits.append(delivery.next_attempt_at - NOW)

        assert waits == [*BACK_OFF, *[timedelta(hours=2)] * 6]

    def test_jitter_adds_up_to_a_fifth_of_the_wait(self):
        delivery = make_delivery()

        refuse(delivery, jitter=1.0)

        assert delivery.next_attempt_at == NOW + timedelta(seconds=12)

    def test_a_provider_may_ask_for_a_longer_wait_but_not_for_a_shorter_one(self):
        longer, shorter = make_delivery(), make_delivery(refusals=2)

        for delivery in (longer, shorter):
            delivery.start(now=NOW)
            delivery.refuse("慢", may_retry=True, retry_after=timedelta(minutes=1), jitter=0, now=NOW)

        assert longer.next_attempt_at == NOW + timedelta(minutes=1)
        assert shorter.next_attempt_at == NOW + timedelta(minutes=5)

    def test_the_twelfth_refusal_in_a_row_is_the_last(self):
        delivery = make_delivery()

        for _ in range(MOST_REFUSALS):
            refuse(delivery)

        assert delivery.status is DeliveryStatus.FAILED
        assert delivery.next_attempt_at is None
        assert delivery.attempts == 12

    def test_a_final_refusal_ends_at_once_and_keeps_its_reason(self):
        delivery = make_delivery()

        refuse(delivery, may_retry=False)

        assert delivery.status is DeliveryStatus.FAILED
        assert delivery.last_error == "忙"

    def test_while_sending_there_is_a_lease_and_no_next_attempt(self):
        delivery = make_delivery()

        attempt = delivery.start(now=NOW)

        assert attempt == 1
        assert delivery.lease_until == NOW + LEASE
        assert delivery.next_attempt_at is None

    def test_it_is_sent_with_its_last_part(self):
        delivery = make_delivery()
        delivery.start(now=NOW)

        delivery.accept_part(of=2, now=NOW)
        after_first = delivery.status
        delivery.accept_part(of=2, now=NOW + timedelta(seconds=1))

        assert after_first is DeliveryStatus.SENDING
        assert delivery.status is DeliveryStatus.SENT
        assert delivery.sent_at == NOW + timedelta(seconds=1)

    def test_an_accepted_part_starts_the_count_of_refusals_anew(self):
        delivery = make_delivery(refusals=11)
        delivery.start(now=NOW)
        delivery.accept_part(of=2, now=NOW)

        delivery.refuse("忙", may_retry=True, jitter=0, now=NOW)

        assert delivery.status is DeliveryStatus.WAITING

    def test_an_outcome_counts_even_after_it_was_taken_for_lost(self):
        delivery = make_delivery()
        attempt = delivery.start(now=NOW)
        delivery.lose()

        assert delivery.is_attempt(attempt)

    def test_an_outcome_does_not_count_once_another_attempt_was_handed_out(self):
        delivery = make_delivery()
        attempt = delivery.start(now=NOW)
        delivery.lose()
        delivery.resend(now=NOW)
        delivery.start(now=NOW)

        assert not delivery.is_attempt(attempt)

    @pytest.mark.parametrize("status", [DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN])
    def test_what_failed_or_is_uncertain_may_be_sent_again_from_the_part_it_reached(self, status):
        delivery = make_delivery(status=status, parts_sent=2, refusals=12, next_attempt_at=None)

        delivery.resend(now=NOW)

        assert delivery.status is DeliveryStatus.WAITING
        assert (delivery.parts_sent, delivery.refusals, delivery.next_attempt_at) == (2, 0, NOW)

    @pytest.mark.parametrize("status", [DeliveryStatus.WAITING, DeliveryStatus.SENDING, DeliveryStatus.SENT])
    def test_nothing_else_may_be_sent_again(self, status):
        delivery = make_delivery(status=status)

        with pytest.raises(DeliveryNotResendable, match=status.label):
            delivery.resend(now=NOW)

    def test_standing_on_the_board_is_being_delivered(self):
        delivery = Delivery.on_board(delivery_id=uuid4(), notice_id=uuid4(), now=NOW)

        assert delivery.status is DeliveryStatus.SENT
        assert delivery.sent_at == NOW
        assert delivery.recipient == "公示栏"


class TestPace:
    def test_twenty_a_minute_and_the_twenty_first_when_the_first_is_a_minute_old(self):
        pace = Pace(lane="wecom:key")

        taken = [pace.reserve(now=NOW + timedelta(seconds=second), most=20) for second in range(25)]

        assert taken == [True] * 20 + [False] * 5
        assert pace.free_at == NOW + timedelta(minutes=1)
        assert pace.reserve(now=NOW + timedelta(minutes=1), most=20)

    @given(st.lists(st.integers(0, 20_000), min_size=1, max_size=120))
    def test_no_sixty_seconds_hold_more_than_twenty(self, gaps):
        pace = Pace(lane="wecom:key")
        now = NOW
        taken = []
        for gap in gaps:
            now += timedelta(milliseconds=gap)
            if pace.reserve(now=now, most=20):
                taken.append(now)

        for start in taken:
            assert sum(start <= at < start + timedelta(minutes=1) for at in taken) <= 20

    def test_a_resting_lane_is_left_alone_also_without_a_limit(self):
        pace = Pace(lane="email")

        pace.rest(until=NOW + timedelta(seconds=10))

        assert not pace.reserve(now=NOW, most=None)
        assert pace.reserve(now=NOW + timedelta(seconds=10), most=None)

    def test_a_shorter_rest_does_not_shorten_a_longer_one(self):
        pace = Pace(lane="email")

        pace.rest(until=NOW + timedelta(seconds=60))
        pace.rest(until=NOW + timedelta(seconds=10))

        assert pace.free_at == NOW + timedelta(seconds=60)

    def test_each_robot_has_its_own_lane_and_all_mail_shares_one(self):
        assert lane_of(Channel.WECOM, "a") != lane_of(Channel.WECOM, "b")
        assert lane_of(Channel.EMAIL, "a") == lane_of(Channel.EMAIL, "b")


class TestAddresses:
    def test_a_robots_key_may_be_pasted_with_its_whole_webhook_address(self):
        pasted = f" https://robots.example/cgi-bin/webhook/send?key={ROBOT}&debug=1 "

        assert normal_address(Channel.WECOM, pasted) == ROBOT

    @pytest.mark.parametrize(
        "address", ["", "short", "https://robots.example/send", "a" * 20 + "&key=b", "键" * 20, ROBOT + "\n1"]
    )
    def test_what_is_no_robot_key_is_refused(self, address):
        with pytest.raises(AddressInvalid):
            normal_address(Channel.WECOM, address)

    def test_mail_addresses_have_one_spelling(self):
        assert normal_address(Channel.EMAIL, " Wang.Fang@Example.CN ") == "wang.fang@example.cn"

    @pytest.mark.parametrize(
        "address",
        ["", "wang", "wang@", "@example.cn", "wang@example", "a@b@example.cn", "a b@example.cn",
         "a@-example.cn", "a@example..cn", "a@example.cn\nBcc: b@example.cn", "王@example.cn",
         "a" * 65 + "@example.cn"],
    )  # fmt: skip
    def test_what_is_no_mail_address_is_refused(self, address):
        with pytest.raises(AddressInvalid):
            normal_address(Channel.EMAIL, address)

    def test_a_subscription_for_the_whole_city_is_the_citys_business(self):
        community_id = uuid4()
        worker = Actor(actor_id="w", roles=(Role.COMMUNITY_WORKER,), community_ids=(community_id,))
        officer = Actor(actor_id="o", roles=(Role.CITY_OFFICER,))

        require_staff(worker, community_id)
        require_staff(officer, None)
        for actor, where in ((worker, None), (worker, uuid4()), (ANONYMOUS, community_id)):
            with pytest.raises(Forbidden):
                require_staff(actor, where)
