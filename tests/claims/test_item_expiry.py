"""Nobody claimed it in time: it expires once, somebody has to decide, and every way out is told."""

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import clocks
from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.item import Item
from services.contracts.base import Forbidden
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.errors import FundShort, ItemNotFound, ItemNotInState
from services.contracts.claims.fund_terms import FundAccount, FundSource
from services.contracts.claims.terms import ClaimKind, ItemStatus, ItemWay
from tests.builders import (
    NOW,
    TODAY,
    XINGAN,
    act_on_claim,
    act_on_item,
    claim,
    expire,
    item_fields,
    make_item,
    make_poll,
    make_unit,
    poll_closed,
    publish,
    worker,
)
from tests.claims.acting import do, event_names, events, show, store
from tests.claims.fund_acting import balances, opened

AFTER = NOW + timedelta(days=8)
AFTER_ON = TODAY + timedelta(days=8)


def partly_claimed() -> Item:
    """Two of three places are claimed."""
    item = publish(make_item())
    claim(item, make_unit(), kind=ClaimKind.PARTIAL, quantity=2)
    return item


def expired(db: Database, item: Item | None = None) -> Item:
    item = item or publish(make_item())
    store(db, item)
    run_timer(db)
    return item


def run_timer(db: Database, now: Any = AFTER) -> bool:
    with db.transaction(now=now) as tx:
        return usecases.expire_items(tx, now=now)


def decide(db: Database, act: Any, item: Item, **fields: Any) -> Any:
    return do(db, act, item_id=item.item_id, now=AFTER, **fields)


def running(db: Database, item: Item) -> clocks.Clock | None:
    with db.reading() as tx:
        return clocks.find(tx.session, ClockKind.DECIDE_EXPIRED, item.item_id)


# ---- the rules ----------------------------------------------------------------------------------


def test_an_item_does_not_expire_on_the_last_day_of_its_claim_period() -> None:
    item = publish(make_item())
    assert item.claim_until_on is not None

    with pytest.raises(ItemNotInState, match="尚未到期"):
        item.expire(today=item.claim_until_on, now=NOW)

    event = item.expire(today=item.claim_until_on + timedelta(days=1), now=NOW)
    assert (item.status, event.remaining) == (ItemStatus.EXPIRED, 3)


def test_an_expired_item_cannot_be_claimed() -> None:
    item = expire(publish(make_item()))

    with pytest.raises(ItemNotInState, match="认领到期"):
        claim(item, make_unit())


def test_what_is_claimed_of_an_expired_item_goes_on() -> None:
    item = expire(partly_claimed())
    claimed = item.claims[0]

    act_on_claim(item, claimed, "confirm_claim")
    act_on_claim(item, claimed, "report_milestone")

    assert (item.status, item.percent) == (ItemStatus.EXPIRED, 33)


@pytest.mark.parametrize("act", ["plan_purchase", "fund_item", "withdraw_item"])
def test_an_item_claimed_in_part_stays_on_the_list(act: str) -> None:
    item = expire(partly_claimed())

    with pytest.raises(ItemNotInState, match="已有单位认领 2 处"):
        act_on_item(item, act)

    assert act not in item.possible_acts(actor=worker(), unit=None, today=AFTER_ON)


def test_an_item_of_which_nothing_is_claimed_is_not_closed_short() -> None:
    item = expire(publish(make_item()))

    with pytest.raises(ItemNotInState, match="可以撤回"):
        item.close_short(reason="两处即可", actor=worker(), now=NOW)


def test_closing_short_leaves_what_is_claimed() -> None:
    item = expire(partly_claimed())

    [closed] = item.close_short(reason="两处即可", actor=worker(), now=NOW)

    assert (item.status, item.quantity, item.unclaimed_quantity) == (ItemStatus.CLAIMED, 2, 1)
    assert (closed.quantity, closed.unclaimed) == (2, 1)  # type: ignore[union-attr]


def test_closing_short_what_is_all_done_makes_the_item_verified_and_says_so() -> None:
    item = expire(partly_claimed())
    for act in ("confirm_claim", "submit_claim", "verify_claim"):
        act_on_claim(item, item.claims[0], act)

    told = item.close_short(reason="两处即可", actor=worker(), now=NOW)

    assert item.status is ItemStatus.VERIFIED
    assert [event.name() for event in told] == ["item_closed_short", "item_verified"]


def test_an_item_closed_short_that_is_released_expires_again() -> None:
    item = expire(partly_claimed())
    item.close_short(reason="两处即可", actor=worker(), now=NOW)
    act_on_claim(item, item.claims[0], "release_claim")

    assert item.status is ItemStatus.PUBLISHED
    assert expire(item).status is ItemStatus.EXPIRED


def test_an_item_done_with_a_funds_money_is_assessed_like_every_other() -> None:
    item = expire(publish(make_item()))
    item.fund(fund_id=make_item().item_id, amount_fen=1, actor=worker(), now=NOW)

    verified = item.finish(actor=worker(), today=TODAY, now=NOW)

    assert (item.status, item.percent, item.way) == (ItemStatus.VERIFIED, 100, ItemWay.FUND)
    assert (verified.doer_usccs, verified.unit_names) == ((), ())


def test_a_purchase_that_ends_without_its_work_gives_the_item_back() -> None:
    drafted, listed = make_item(), expire(publish(make_item()))
    for item in (drafted, listed):
        item.buy(purchase_id=make_item().item_id, actor=worker())
        item.drop_purchase()

    assert (drafted.status, listed.status) == (ItemStatus.DRAFT, ItemStatus.EXPIRED)
    assert drafted.purchase_id is None


def test_the_supplier_of_a_purchase_is_the_one_who_did_it() -> None:
    item, supplier = expire(publish(make_item())), make_unit()
    item.buy(purchase_id=make_item().item_id, actor=worker())

    verified = item.accept_purchase(supplier, finished_on=TODAY, now=NOW)

    assert item.units == [supplier]
    assert verified.doer_usccs == (supplier.uscc,)


# ---- in the database ----------------------------------------------------------------------------


def test_the_timer_expires_what_is_over_once_and_gives_the_community_five_working_days(
    db: Database,
) -> None:
    item, still_open = (
        publish(make_item()),
        publish(make_item(code="RL-2026-0002", due_on=AFTER_ON), claim_until_on=AFTER_ON),
    )
    store(db, item, still_open)

    run_timer(db)
    run_timer(db)

    assert event_names(db) == ["item_expired"]
    assert show(db, item.item_id)["status"] is ItemStatus.EXPIRED
    assert show(db, still_open.item_id)["status"] is ItemStatus.PUBLISHED
    clock = running(db, item)
    assert clock is not None
    assert (clock.working_days, clock.owner) == (5, clocks.COMMUNITY)
    assert show(db, item.item_id)["history"][-1]["actor_name"] == "系统"


def test_publishing_again_stops_the_clock_and_opens_a_new_period(db: Database) -> None:
    item = expired(db)

    decide(
        db,
        usecases.publish_item,
        item,
        party_study_on=TODAY,
        claim_until_on=AFTER_ON + timedelta(days=3),
    )

    assert running(db, item) is None
    assert show(db, item.item_id)["possible_acts"] == ["claim_item"]
    run_timer(db, AFTER + timedelta(days=4))
    assert event_names(db) == ["item_expired", "item_published", "item_expired"]


def test_withdrawing_needs_a_reason_that_everybody_reads(db: Database) -> None:
    item = expired(db)

    decide(db, usecases.withdraw_item, item, reason="居民已自行解决")

    shown = show(db, item.item_id)
    assert (shown["status"], shown["withdrawn_reason"]) == (ItemStatus.WITHDRAWN, "居民已自行解决")
    assert shown["possible_acts"] == []
    assert events(db)[-1][1]["reason"] == "居民已自行解决"
    assert running(db, item) is None


def test_a_fund_keeps_the_money_for_an_item_that_becomes_its_project(db: Database) -> None:
    item = expired(db)
    fund_id = opened(db, received_fen=5000, fund_source=FundSource.COUNTY)

    decide(db, usecases.fund_item, item, fund_id=fund_id, amount_fen=3000)

    shown = show(db, item.item_id)
    assert (shown["status"], shown["fund_id"]) == (ItemStatus.FUNDED, fund_id)
    assert balances(db, fund_id)[FundAccount.EARMARKED] == 3000
    assert event_names(db)[-1] == "item_funded"


def test_without_the_money_the_item_does_not_become_a_project(db: Database) -> None:
    item = expired(db)
    fund_id = opened(db, received_fen=100, fund_source=FundSource.COUNTY)

    with pytest.raises(FundShort):
        decide(db, usecases.fund_item, item, fund_id=fund_id, amount_fen=3000)

    assert show(db, item.item_id)["status"] is ItemStatus.EXPIRED
    assert running(db, item) is not None


def test_a_finished_project_is_polled_and_scored(db: Database) -> None:
    item = expired(db)
    fund_id = opened(db, received_fen=5000, fund_source=FundSource.COUNTY)
    decide(db, usecases.fund_item, item, fund_id=fund_id, amount_fen=3000)

    decide(db, usecases.finish_item, item, summary="社区自行清雪完毕")
    with db.transaction(now=AFTER) as tx:
        usecases.hear_poll(tx, poll_closed(item))
    do(db, usecases.assess_item, item_id=item.item_id, score=make_poll().score, comment="", now=AFTER)

    assert show(db, item.item_id)["status"] is ItemStatus.SCORED


def test_closing_short_is_told_and_stops_the_clock(db: Database) -> None:
    item = expired(db, partly_claimed())

    decide(db, usecases.close_item_short, item, reason="两处即可")

    assert event_names(db) == ["item_expired", "item_closed_short"]
    assert running(db, item) is None


@pytest.mark.parametrize("act", ["withdraw_item", "close_item_short", "finish_item", "fund_item"])
def test_no_decision_is_open_to_another_community(db: Database, act: str) -> None:
    item = expired(db)
    given: dict[str, Any] = {
        "fund_item": {"fund_id": item.item_id, "amount_fen": 1},
        "finish_item": {"summary": "完工"},
    }.get(act, {"reason": "不再需要"})

    with pytest.raises((Forbidden, ItemNotFound)):
        do(db, getattr(usecases, act), item_id=item.item_id, actor=worker(XINGAN), now=AFTER, **given)


def test_an_item_remembers_the_plan_it_comes_from(db: Database) -> None:
    item = do(db, usecases.create_item, **item_fields(plan_reference="2026 年购买服务目录第 3 项"))

    assert show(db, item.item_id)["plan_reference"] == "2026 年购买服务目录第 3 项"
