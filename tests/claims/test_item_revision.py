"""What is written of an item may be revised: as long as nobody took it on all of it, then what leaves the bargain."""

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import clocks
from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.item import OUTSIDE_THE_BARGAIN, WRITTEN, Item
from services.contracts.base import ANONYMOUS, Forbidden, Invalid, VersionMismatch
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.errors import ItemBargainFixed, ItemNotFound, ItemNotInState
from services.contracts.claims.terms import (
    Category,
    ClaimKind,
    ClaimStatus,
    ItemStatus,
    ServiceClass,
    Support,
)
from tests.builders import (
    NOW,
    TODAY,
    XINGAN,
    act_on_claim,
    act_on_item,
    claim,
    expire,
    item_in,
    item_with_claim,
    make_item,
    make_unit,
    manager,
    publish,
    worker,
)
from tests.claims.acting import do, event_names, events, show, store

LATER = TODAY + timedelta(days=40)
NEW: dict[str, Any] = {
    "title": "清雪除冰",
    "service_class": ServiceClass.WELFARE,
    "category": Category.SANITATION,
    "description": "单元门前和主路",
    "beneficiaries": 320,
    "quantity": 5,
    "measure": "片",
    "budget_fen": 120_000,
    "supports": [Support.PEOPLE],
    "place": "一至四期",
    "grid_code": "",
    "due_on": LATER,
}


def written(item: Item, **given: Any) -> dict[str, Any]:
    """All that is written of it, as a form sends it."""
    return {name: getattr(item, name) for name in WRITTEN} | given


def revise(db: Database, item: Item, *, reason: str = "写明范围", **given: Any) -> Any:
    who = {name: given.pop(name) for name in ("actor", "now", "expected_version") if name in given}
    who.setdefault("actor", manager())
    return do(db, usecases.revise_item, item_id=item.item_id, reason=reason, **written(item, **given), **who)


def test_before_anybody_claims_it_everything_may_change_and_both_wordings_stay(db: Database) -> None:
    item = publish(make_item())
    store(db, item)

    revise(db, item, **NEW)

    shown = show(db, item.item_id, actor=ANONYMOUS)
    assert {name: shown[name] for name in NEW} == NEW
    assert (shown["remaining"], shown["version"]) == (5, item.version + 1)
    line = shown["history"][-1]
    assert (line["act"], line["summary"], line["actor_name"]) == (
        "revise_item",
        "修订事项：写明范围",
        "社区工作人员",
    )
    assert line["changes"] == {
        "服务类型": ["便民利民", "福利性"],
        "事项类别": ["冬季除雪", "环境卫生"],
        "事项名称": ["冬季清雪", "清雪除冰"],
        "事项描述": ["", "单元门前和主路"],
        "受益人数": ["300", "320"],
        "数量": ["3", "5"],
        "计量单位": ["处", "片"],
        "预算（元）": ["0", "1200"],
        "所需支持": ["", "人力"],
        "实施地点": ["", "一至四期"],
        "办结期限": ["2026-12-08", str(LATER)],
    }


def test_others_are_told_which_fields_changed(db: Database) -> None:
    item = publish(make_item())
    store(db, item)

    revise(db, item, quantity=4, reason="新增一处")

    assert event_names(db) == ["item_revised"]
    told = events(db)[-1][1]
    assert (told["changed"], told["quantity"], told["reason"]) == (["quantity"], 4, "新增一处")


def test_a_draft_is_changed_without_a_reason_and_nobody_is_told(db: Database) -> None:
    item = make_item()
    store(db, item)

    revise(db, item, title="清雪除冰", reason="")

    assert show(db, item.item_id)["history"][-1]["changes"] == {"事项名称": ["冬季清雪", "清雪除冰"]}
    assert event_names(db) == []


def test_a_published_item_is_not_changed_without_a_reason(db: Database) -> None:
    item = publish(make_item())
    store(db, item)

    with pytest.raises(Invalid) as refused:
        revise(db, item, title="清雪除冰", reason="")

    assert list(refused.value.fields) == ["reason"]
    assert show(db, item.item_id)["version"] == item.version


def test_a_revision_that_changes_nothing_is_refused(db: Database) -> None:
    item = publish(make_item())
    store(db, item)

    with pytest.raises(Invalid, match="没有改动"):
        revise(db, item)


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("status", ItemStatus)
def test_what_may_change_is_what_the_item_says(status: ItemStatus, name: str) -> None:
    item = item_in(status)
    value = NEW[name] if name != "grid_code" else "231102001001001"
    attempt = {"reason": "写明", "actor": manager(), "today": TODAY, "now": NOW}

    if name in item.revisable_fields:
        item.revise({name: value}, **attempt)
        assert getattr(item, name) == value
    else:
        with pytest.raises((ItemNotInState, ItemBargainFixed)):
            item.revise({name: value}, **attempt)


@pytest.mark.parametrize("status", [ItemStatus.CLAIMED, ItemStatus.IN_PROGRESS, ItemStatus.FUNDED])
def test_what_was_agreed_with_those_who_do_it_stays(status: ItemStatus) -> None:
    item = item_in(status)

    assert item.revisable_fields == OUTSIDE_THE_BARGAIN
    with pytest.raises(ItemBargainFixed, match="已有单位承办") as refused:
        item.revise({"quantity": 9, "place": "东侧"}, reason="多", actor=manager(), today=TODAY, now=NOW)

    assert list(refused.value.fields) == ["quantity"]
    assert (item.quantity, item.place) == (3, "")


def test_a_claim_of_a_part_is_enough_to_fix_the_bargain_until_it_is_released() -> None:
    item = publish(make_item())
    claimed = claim(item, make_unit(), kind=ClaimKind.PARTIAL, quantity=1)
    assert item.revisable_fields == OUTSIDE_THE_BARGAIN

    act_on_claim(item, claimed, "release_claim")

    assert item.revisable_fields == WRITTEN


@pytest.mark.parametrize(
    ("days", "due_in", "sentence"),
    [
        (0, -1, "不能早于原期限"),
        (60, 90, "已过，不能再延期"),
    ],
)
def test_who_took_it_on_never_gets_less_time_and_what_is_overdue_stays_so(
    days: int, due_in: int, sentence: str
) -> None:
    item, _ = item_with_claim(ClaimStatus.IN_PROGRESS)
    today = TODAY + timedelta(days=days)

    with pytest.raises(Invalid, match=sentence):
        item.revise(
            {"due_on": item.due_on + timedelta(days=due_in)},
            reason="天气",
            actor=manager(),
            today=today,
            now=NOW,
        )


def test_a_deadline_lies_after_the_claim_period() -> None:
    item = publish(make_item())
    assert item.claim_until_on is not None

    with pytest.raises(Invalid, match="不能早于认领截止日期"):
        item.revise(
            {"due_on": item.claim_until_on - timedelta(days=1)},
            reason="提前",
            actor=manager(),
            today=TODAY,
            now=NOW,
        )


def test_the_units_clock_follows_a_later_deadline_and_a_new_name_is_read_in_the_inbox(db: Database) -> None:
    item = publish(make_item())
    claimed = claim(item, make_unit())
    act_on_claim(item, claimed, "confirm_claim")
    store(db, item)
    with db.transaction(now=NOW) as tx:
        usecases.clock.follow_claim(tx, item, claimed)

    revise(db, item, due_on=LATER)

    with db.reading() as tx:
        running = clocks.find(tx.session, ClockKind.FINISH_CLAIM, claimed.claim_id)
    assert running is not None
    assert running.due_on == LATER


def test_what_nobody_claimed_waits_under_its_new_name(db: Database) -> None:
    item = expire(publish(make_item()))
    store(db, item)
    with db.transaction(now=NOW) as tx:
        usecases.clock.follow_item(tx, item)

    revise(db, item, title="清雪除冰")

    with db.reading() as tx:
        running = clocks.find(tx.session, ClockKind.DECIDE_EXPIRED, item.item_id)
    assert running is not None
    assert running.title == "清雪除冰"


def test_a_grid_of_another_community_and_a_past_deadline_are_refused(db: Database) -> None:
    item = publish(make_item())
    store(db, item)

    with pytest.raises(Invalid) as refused:
        revise(db, item, grid_code="110101001001001", due_on=TODAY - timedelta(days=1))

    assert set(refused.value.fields) == {"grid_code", "due_on"}


def test_whoever_saw_an_older_version_does_not_overwrite_the_newer_one(db: Database) -> None:
    item = publish(make_item())
    store(db, item)
    revise(db, item, title="清雪除冰")

    with pytest.raises(VersionMismatch):
        revise(db, item, title="别的", expected_version=item.version)

    assert show(db, item.item_id)["title"] == "清雪除冰"


def test_nobody_else_revises_it(db: Database) -> None:
    item = publish(make_item())
    draft = make_item(code="RL-2026-0002")
    store(db, item, draft)

    with pytest.raises(Forbidden):
        revise(db, item, title="别的", actor=manager(XINGAN))
    with pytest.raises(ItemNotFound):
        revise(db, draft, title="别的", actor=manager(XINGAN))


@pytest.mark.parametrize("status", ItemStatus)
def test_a_worker_changes_drafts_and_leaves_what_is_published_to_the_head(status: ItemStatus) -> None:
    item = item_in(status)

    offered = "revise_item" in item.possible_acts(actor=worker(), unit=None, today=TODAY)

    assert offered == (status is ItemStatus.DRAFT)
    if offered:
        act_on_item(item, "revise_item", actor=worker())
    else:
        with pytest.raises((Forbidden, ItemNotInState)):
            act_on_item(item, "revise_item", actor=worker())
