"""The rules of items, each once, in words: publishing, scores, commendation, who sees what."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from services.claims.domain.history import changes_between, office_of
from services.claims.domain.item import objections
from services.contracts.base import ANONYMOUS, SYSTEM, Forbidden, Invalid, VersionMismatch
from services.contracts.claims.errors import (
    GradeTooLow,
    ItemNotInState,
    PartyStudyMissing,
    SampleInsufficient,
)
from services.contracts.claims.terms import ItemStatus, ScoreGrade
from tests.builders import (
    HUAYUAN_CODE,
    NOW,
    TODAY,
    TOMORROW,
    XINGAN,
    YESTERDAY,
    act_on_item,
    city_officer,
    item_in,
    liaison,
    make_item,
    make_poll,
    publish,
    supervisor,
    worker,
)

# ---- publishing ---------------------------------------------------------------------------------


def test_an_item_is_published_after_the_party_organisation_studied_it() -> None:
    item = make_item()

    with pytest.raises(PartyStudyMissing, match="党组织研究"):
        publish(item, party_study_on=TOMORROW)
    assert publish(item, party_study_on=TODAY).status is ItemStatus.PUBLISHED


@pytest.mark.parametrize("claim_until_on", [YESTERDAY, date(2026, 12, 9)])
def test_a_claim_period_ends_between_today_and_the_deadline(claim_until_on: date) -> None:
    with pytest.raises(Invalid) as refusal:
        publish(make_item(due_on=date(2026, 12, 8)), claim_until_on=claim_until_on)

    assert list(refusal.value.fields) == ["claim_until_on"]


def test_an_item_still_open_is_not_published_again() -> None:
    with pytest.raises(ItemNotInState, match="期满后才能重新发布"):
        publish(publish(make_item()))


def test_what_nobody_claimed_in_time_is_published_again_with_a_later_deadline() -> None:
    item = publish(make_item(due_on=TODAY), claim_until_on=TODAY)
    later = TODAY + timedelta(days=30)

    publish(item, today=TOMORROW, claim_until_on=later, due_on=later)

    assert (item.status, item.due_on, item.claim_until_on) == (ItemStatus.PUBLISHED, later, later)


def test_only_a_draft_can_be_rewritten() -> None:
    item = make_item()

    item.rewrite(title="清雪除冰", quantity=5)

    assert (item.title, item.quantity, item.version) == ("清雪除冰", 5, 2)
    with pytest.raises(ItemNotInState, match="不能修改内容"):
        publish(item).rewrite(title="改")


def test_only_staff_of_the_community_publish() -> None:
    with pytest.raises(Forbidden, match="没有这个社区的权限"):
        publish(make_item(), actor=worker(XINGAN))
    with pytest.raises(Forbidden, match="只有社区或市级工作人员"):
        publish(make_item(), actor=supervisor())


def test_a_new_draft_has_a_deadline_ahead_and_a_grid_of_its_community() -> None:
    sound = {
        "due_on": TODAY,
        "grid_code": f"{HUAYUAN_CODE}001",
        "community_code": HUAYUAN_CODE,
        "today": TODAY,
    }

    assert objections(**sound) == {}  # type: ignore[arg-type]
    assert [*objections(**sound | {"due_on": YESTERDAY})] == ["due_on"]  # type: ignore[arg-type]
    assert [*objections(**sound | {"grid_code": "231102009009001"})] == ["grid_code"]  # type: ignore[arg-type]


# ---- score and commendation ---------------------------------------------------------------------


@pytest.mark.parametrize("poll_first", [True, False], ids=["poll first", "assessment first"])
def test_an_item_is_scored_when_assessment_and_poll_are_both_there(*, poll_first: bool) -> None:
    item = item_in(ItemStatus.VERIFIED)
    steps = [
        lambda: act_on_item(item, "assess_item"),
        lambda: item.hear_poll(make_poll("81.25"), now=NOW),
    ]

    first, second = (step() for step in (reversed(steps) if poll_first else steps))

    assert first is None
    assert (second.total, second.grade, item.status) == (
        Decimal("86.50"),
        ScoreGrade.GOOD,
        ItemStatus.SCORED,
    )


def test_an_assessment_may_be_corrected_until_the_poll_has_closed() -> None:
    item = item_in(ItemStatus.VERIFIED)
    act_on_item(item, "assess_item")

    item.assess(assessment=Decimal("60.00"), comment="", actor=worker(), now=NOW)
    item.hear_poll(make_poll("81.25"), now=NOW)

    assert item.score_total == Decimal("72.50")
    with pytest.raises(ItemNotInState, match="已办结"):
        act_on_item(item, "assess_item")


def test_a_poll_that_nobody_answered_scores_nothing_and_forbids_commendation() -> None:
    item = item_in(ItemStatus.VERIFIED)
    item.hear_poll(make_poll(None), now=NOW)
    assert item.status is ItemStatus.VERIFIED

    event = act_on_item(item, "assess_item")

    assert (event.poll, event.total, event.is_sample_sufficient) == (None, Decimal("90.00"), False)
    with pytest.raises(SampleInsufficient):
        act_on_item(item, "commend_item")


def test_a_second_result_of_a_poll_is_refused() -> None:
    item = item_in(ItemStatus.VERIFIED)
    item.hear_poll(make_poll(), now=NOW)

    with pytest.raises(ItemNotInState, match="不再接受"):
        item.hear_poll(make_poll(), now=NOW)


def test_a_commendation_is_open_to_objections_for_five_working_days() -> None:
    item = item_in(ItemStatus.SCORED)

    event = act_on_item(item, "commend_item")

    assert item.status is ItemStatus.COMMENDED
    assert event.objection_until_on == date(2026, 11, 30)


def test_only_good_work_is_commended() -> None:
    item = item_in(ItemStatus.VERIFIED)
    item.assess(assessment=Decimal("70.00"), comment="", actor=worker(), now=NOW)
    item.hear_poll(make_poll("70.00"), now=NOW)

    with pytest.raises(GradeTooLow, match="「合格」"):
        act_on_item(item, "commend_item")


# ---- reading ------------------------------------------------------------------------------------


def test_drafts_are_for_the_staff_of_their_community() -> None:
    draft = make_item()

    assert [
        draft.may_be_seen_by(actor)
        for actor in (worker(), city_officer(), worker(XINGAN), supervisor(), liaison(uuid4()), ANONYMOUS)
    ] == [True, True, False, False, False, False]
    assert item_in(ItemStatus.PUBLISHED).may_be_seen_by(ANONYMOUS)


def test_the_deadlines_clock_runs_from_publication_to_verification() -> None:
    left = {status: item_in(status).days_left(TODAY) for status in ItemStatus}

    running = {
        ItemStatus.PUBLISHED,
        ItemStatus.EXPIRED,
        ItemStatus.CLAIMED,
        ItemStatus.IN_PROGRESS,
        ItemStatus.SUBMITTED,
        ItemStatus.PURCHASED,
        ItemStatus.FUNDED,
    }
    assert {status for status, days in left.items() if days == 15} == running
    assert {status for status, days in left.items() if days is None} == set(ItemStatus) - running


def test_an_older_version_is_refused() -> None:
    item = publish(make_item())

    item.require_version(None)
    item.require_version(2)
    with pytest.raises(VersionMismatch):
        item.require_version(1)


def test_history_keeps_what_changed_and_only_that() -> None:
    before = {"状态": "草稿", "余量": "3 处", "总分": ""}
    after = {"状态": "待认领", "余量": "3 处", "总分": "", "新": "是"}

    assert changes_between(before, after) == {"状态": ["草稿", "待认领"], "新": ["", "是"]}


def test_the_public_reads_offices_instead_of_names() -> None:
    assert [office_of(actor) for actor in (SYSTEM, city_officer(), worker(), liaison(uuid4()))] == [
        "系统",
        "市级工作人员",
        "社区工作人员",
        "驻地单位",
    ]
