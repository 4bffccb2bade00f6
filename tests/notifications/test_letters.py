"""What notices say."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from services.contracts.claims.terms import ClaimKind
from services.contracts.notifications.terms import Channel
from services.notifications import letters
from services.notifications.domain.notice import CHANNELS
from services.notifications.letters import compose
from tests.notifications import samples


@pytest.mark.parametrize("event", samples.ALL, ids=lambda event: event.name())
def test_every_event_becomes_a_letter_that_names_item_and_community(event):
    letter = compose(event, community_name="花园社区")

    assert "更换楼道照明灯" in letter.title
    assert "花园社区" in letter.body
    assert len(letter.title) <= 120


@pytest.mark.parametrize("event", samples.ALL, ids=lambda event: event.name())
def test_letters_are_clean_text(event):
    letter = compose(event, community_name="花园社区")

    for text in letter:
        assert text == text.strip()
        assert not re.search(r"[{}<>]|None|\n\n|Decimal|UUID|True|False|[ \t]\n", text)


def test_every_told_event_has_its_channels_its_sample_and_its_letter_and_no_letter_is_left_over():
    told = {event_class.name() for event_class in CHANNELS}

    assert {event.name() for event in samples.ALL} == told
    assert {path.stem for path in Path(letters.__file__).parent.glob("*.txt")} == told


def test_a_published_list_of_many_items_does_not_flood_the_groups():
    assert CHANNELS[type(samples.item_published())] == (Channel.BOARD,)


@pytest.mark.parametrize(
    "event",
    [samples.item_claimed(), samples.item_scored(), samples.item_commended(), samples.poll_closed()],
    ids=lambda event: event.name(),
)
def test_what_a_group_waits_for_goes_to_board_robot_and_mailbox(event):
    assert set(CHANNELS[type(event)]) == set(Channel)


def test_everything_stands_on_the_board():
    assert all(Channel.BOARD in channels for channels in CHANNELS.values())


def test_a_letter_is_written_the_way_people_read_it():
    letter = compose(samples.item_scored(), community_name="花园社区")

    assert letter.title == "事项评分公布：更换楼道照明灯"
    assert letter.body == (
        "花园社区事项“更换楼道照明灯”（编号 231102001001-2026-0007）综合得分 86.5 分，等次：良好。\n"
        "其中考核 88 分，民意测验 81.25 分，时效 100 分。\n"
        "承办单位：黑河供热公司。"
    )


def test_a_joint_claim_names_the_lead_first_and_a_partial_one_what_is_left():
    joint = samples.item_claimed(
        kind=ClaimKind.JOINT, unit_names=("市供热公司", "区环卫站", "某银行"), quantity=4, remaining=6
    )

    letter = compose(joint, community_name="花园社区")

    assert letter.body.startswith("市供热公司牵头、区环卫站、某银行协同，联合认领花园社区事项")
    assert "尚余 6 待认领" in letter.body


def test_times_are_told_in_local_time():
    assert "2026年11月30日 18:00 前" in compose(samples.poll_opened(), community_name="").body


def test_a_poll_that_nobody_answered_has_no_rate():
    silent = samples.poll_closed(
        answered=0, satisfaction_percent=None, score=None, is_sample_sufficient=False
    )

    letter = compose(silent, community_name="花园社区")

    assert "没有居民作答" in letter.body
    assert "样本不足" in letter.body


def test_a_score_without_any_answer_says_so():
    silent = samples.item_scored(poll=None, is_sample_sufficient=False)

    letter = compose(silent, community_name="花园社区")

    assert "其中考核 88 分，民意测验无人作答，时效 100 分。" in letter.body
    assert "样本不足" in letter.body


def test_a_small_sample_is_said():
    small = samples.item_scored(is_sample_sufficient=False, total=Decimal("60.00"))

    assert "样本不足" in compose(small, community_name="花园社区").body


def test_line_breaks_and_markup_in_a_title_change_nothing_but_spaces():
    event = samples.item_claimed(title="清理\r\n 楼道 {{ 7*7 }} <b>")

    letter = compose(event, community_name="花园\n社区")

    assert letter.title == "事项已有单位认领：清理 楼道 {{ 7*7 }} <b>"
    assert "花园 社区事项" in letter.body


def test_a_community_not_heard_of_yet_does_not_keep_a_notice_back():
    assert "认领社区事项" in compose(samples.item_claimed(), community_name="").body
