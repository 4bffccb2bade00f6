"""From draft to commendation: state, history and events commit together; a refusal leaves nothing."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import Database
from services.claims import storage, usecases
from services.claims.domain.acts import CLAIM_ACTS, ITEM_ACTS
from services.claims.domain.item import Item
from services.contracts.base import ANONYMOUS, Actor, Invalid, VersionMismatch
from services.contracts.claims.errors import (
    ClaimNotInState,
    ItemAlreadyClaimed,
    ItemNotFound,
    ItemNotInState,
)
from services.contracts.claims.terms import ClaimKind, ItemStatus
from tests.builders import (
    HUAYUAN_CODE,
    NOW,
    TODAY,
    XINGAN,
    YESTERDAY,
    city_officer,
    claim,
    item_fields,
    liaison,
    make_item,
    make_unit,
    poll_closed,
    publish,
    supervisor,
    unit_fields,
    worker,
)
from tests.claims.acting import do, event_names, events, show, store

# ---- one whole life -----------------------------------------------------------------------------


def test_an_item_from_draft_to_commendation(db: Database) -> None:
    staff = worker()
    unit = do(db, usecases.register_unit, **unit_fields())
    item = do(db, usecases.create_item, **item_fields())
    step = {"item_id": item.item_id}
    do(
        db,
        usecases.publish_item,
        **step,
        party_study_on=YESTERDAY,
        claim_until_on=TODAY + timedelta(days=7),
        expected_version=1,
    )
    do(
        db,
        usecases.claim_item,
        **step,
        kind=ClaimKind.WHOLE,
        quantity=None,
        unit_id=unit.unit_id,
        supporting_unit_ids=[],
        note="",
        actor=liaison(unit),
    )
    step["claim_id"] = show(db, item.item_id)["claims"][0]["claim_id"]
    do(db, usecases.confirm_claim, **step, agreement="共建 1 号")
    do(
        db,
        usecases.report_milestone,
        **step,
        milestone_title="清完两处",
        percent=60,
        note="",
        actor=liaison(unit),
    )
    do(db, usecases.submit_claim, **step, summary="全部清完", actor=liaison(unit))
    do(db, usecases.send_back_claim, **step, reason="缺照片")
    do(db, usecases.submit_claim, **step, summary="已补照片", actor=liaison(unit))
    do(db, usecases.verify_claim, **step, note="")
    do(db, usecases.assess_item, item_id=item.item_id, score=Decimal("88.00"), comment="及时")
    with db.transaction(now=NOW) as tx:
        usecases.hear_poll(tx, poll_closed(item))
    do(db, usecases.commend_item, item_id=item.item_id, reason="清雪及时")

    shown = show(db, item.item_id, actor=staff)

    assert event_names(db) == [
        "unit_registered",
        "item_published",
        "item_claimed",
        "claim_confirmed",
        "milestone_reported",
        "claim_submitted",
        "claim_sent_back",
        "claim_submitted",
        "item_verified",
        "item_scored",
        "item_commended",
    ]
    assert [line["act"] for line in shown["history"]] == [
        "create_item",
        "publish_item",
        "claim_item",
        "confirm_claim",
        "report_milestone",
        "submit_claim",
        "send_back_claim",
        "submit_claim",
        "verify_claim",
        "assess_item",
        "hear_poll",
        "commend_item",
    ]
    assert shown["status"] is ItemStatus.COMMENDED
    assert shown["score"]["total"] == Decimal("86.50")
    assert shown["commendation"].objection_until_on == date(2026, 11, 30)
    assert shown["version"] == 12
    assert shown["history"][1]["changes"]["状态"] == ["草稿", "待认领"]
    assert dict(events(db))["item_commended"]["total"] == "86.50"


# ---- items --------------------------------------------------------------------------------------


def test_a_new_item_gets_the_next_code_of_the_local_year(db: Database) -> None:
    new_year_here = datetime.fromisoformat("2026-12-31T16:30:00+00:00")
    later = {"due_on": date(2027, 3, 1)}

    codes = [
        do(db, usecases.create_item, **item_fields(**later), now=now).code
        for now in (NOW, NOW, new_year_here)
    ]

    assert codes == ["RL-2026-0001", "RL-2026-0002", "RL-2027-0001"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"due_on": YESTERDAY}, "due_on"),
        ({"grid_code": "231102009009001"}, "grid_code"),
        ({"community_id": uuid4()}, "community_id"),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(db: Database, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        do(db, usecases.create_item, **item_fields(**given), actor=city_officer())

    assert list(refusal.value.fields) == [field]


def test_a_refused_act_leaves_neither_event_nor_history(db: Database) -> None:
    item = do(db, usecases.create_item, **item_fields(grid_code=f"{HUAYUAN_CODE}001"))

    with pytest.raises(VersionMismatch):
        do(
            db,
            usecases.publish_item,
            item_id=item.item_id,
            party_study_on=TODAY,
            claim_until_on=TODAY,
            expected_version=7,
        )
    with pytest.raises(ItemNotInState):
        do(db, usecases.assess_item, item_id=item.item_id, score=Decimal(80), comment="")

    assert event_names(db) == []
    assert [line["act"] for line in show(db, item.item_id)["history"]] == ["create_item"]


@pytest.mark.parametrize("actor", [worker(XINGAN), supervisor(), liaison(uuid4()), ANONYMOUS])
def test_whoever_may_not_see_a_draft_is_not_told_of_it(db: Database, actor: Actor) -> None:
    item = make_item()
    store(db, item)

    with pytest.raises(ItemNotFound):
        show(db, item.item_id, actor=actor)
    with pytest.raises(ItemNotFound):
        do(db, usecases.assess_item, item_id=item.item_id, score=Decimal(80), comment="", actor=actor)


def whole_claim(item: Item, unit_id: UUID) -> dict[str, Any]:
    return {
        "item_id": item.item_id,
        "kind": ClaimKind.WHOLE,
        "quantity": None,
        "unit_id": unit_id,
        "supporting_unit_ids": [],
        "note": "",
    }


def test_a_claim_that_staff_make_for_a_unit_says_so_in_the_history(db: Database) -> None:
    unit, item = make_unit(), publish(make_item())
    store(db, unit, item)

    do(db, usecases.claim_item, **whole_claim(item, unit.unit_id), actor=worker())

    assert show(db, item.item_id)["history"][-1]["summary"] == "「黑河供电公司」整体认领（社区代办）。"


def test_the_second_to_claim_is_told_who_was_first(db: Database) -> None:
    first, second = make_unit("甲单位"), make_unit("乙单位", number=2)
    item = publish(make_item())
    store(db, first, second, item)
    do(db, usecases.claim_item, **whole_claim(item, first.unit_id), actor=liaison(first))

    with pytest.raises(ItemAlreadyClaimed, match="甲单位"):
        do(db, usecases.claim_item, **whole_claim(item, second.unit_id), actor=liaison(second))

    assert event_names(db) == ["item_claimed"]


def test_a_released_item_can_be_claimed_by_another(db: Database) -> None:
    first, second = make_unit("甲单位"), make_unit("乙单位", number=2)
    item = publish(make_item())
    claimed = claim(item, first)
    store(db, second, item)

    do(
        db,
        usecases.release_claim,
        item_id=item.item_id,
        claim_id=claimed.claim_id,
        reason="人手不足",
        actor=liaison(first),
    )
    do(db, usecases.claim_item, **whole_claim(item, second.unit_id), actor=liaison(second))

    assert event_names(db) == ["claim_released", "item_claimed"]
    assert [each["status"].label for each in show(db, item.item_id)["claims"]] == ["已退领", "已认领"]


def test_a_poll_result_that_comes_twice_by_another_way_is_refused(db: Database) -> None:
    item = make_item()
    store(db, item)

    with pytest.raises(ItemNotInState), db.transaction() as tx:
        usecases.hear_poll(tx, poll_closed(item))


def test_every_act_of_the_table_has_a_use_case_of_its_name() -> None:
    assert [act for act in (*ITEM_ACTS, *CLAIM_ACTS) if not hasattr(usecases, act)] == []


# ---- what readers see ---------------------------------------------------------------------------


def test_the_public_reads_offices_instead_of_names_in_the_history(db: Database) -> None:
    item = do(db, usecases.create_item, **item_fields())
    do(db, usecases.publish_item, item_id=item.item_id, party_study_on=TODAY, claim_until_on=TODAY)

    def named(actor: Actor) -> set[str]:
        return {line["actor_name"] for line in show(db, item.item_id, actor=actor)["history"]}

    assert named(worker()) == {"王社工"}
    assert named(ANONYMOUS) == {"社区工作人员"}


def test_every_reader_is_offered_the_own_acts(db: Database) -> None:
    unit, elsewhere = make_unit(), make_unit(number=2, community_ids=[XINGAN])
    item = publish(make_item())
    store(db, unit, elsewhere, item)

    offered = {
        actor.actor_id: show(db, item.item_id, actor=actor)["possible_acts"]
        for actor in (worker(), liaison(unit), liaison(elsewhere), ANONYMOUS)
    }

    assert list(offered.values()) == [["claim_item"], ["claim_item"], [], []]


def test_waiting_for_poll_and_assessment_is_explained(db: Database) -> None:
    unit, item = make_unit(), publish(make_item())
    claimed = claim(item, unit)
    store(db, item)
    step = {"item_id": item.item_id, "claim_id": claimed.claim_id}
    do(db, usecases.confirm_claim, **step, agreement="")
    do(db, usecases.submit_claim, **step, summary="好了")
    assert show(db, item.item_id)["score"] is None

    do(db, usecases.verify_claim, **step, note="")

    assert show(db, item.item_id)["score"]["explanation"] == [
        "考核尚未完成。",
        "民意测验尚未结束。",
        "两项齐备后自动计算总分。",
    ]
    with pytest.raises(ClaimNotInState):
        do(db, usecases.verify_claim, **step, note="")


def test_storage_is_reached_by_its_functions_alone() -> None:
    assert set(storage.__all__) <= set(dir(storage))
