"""Needs from intake to outcome: state, history, event and what the author sees, together or not at all."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.chassis.db import Database
from services.claims import storage, usecases
from services.claims.domain.need_acts import NEED_ACTS
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid, VersionMismatch
from services.contracts.claims.errors import (
    NeedNotFound,
    NeedNotInState,
    OrderElsewhere,
)
from services.contracts.claims.need_terms import NeedPriority, NeedSource, NeedStatus
from services.contracts.claims.terms import Category, ItemStatus, ServiceClass
from tests.builders import HUAYUAN, NOW, TODAY, XINGAN, city_officer, supervisor, worker
from tests.claims.acting import do, event_names, events, show, store
from tests.claims.need_acting import (
    item_of_need_fields,
    make_need,
    need_fields,
    order_fields,
)

TRIAGE = {
    "service_class": ServiceClass.CONVENIENCE,
    "category": Category.FACILITIES,
    "priority": NeedPriority.NORMAL,
}


def register(db: Database, **given: Any) -> dict[str, Any]:
    taken: dict[str, Any] = do(db, usecases.register_need, **need_fields(**given))
    return taken


def get(db: Database, need_id: UUID, *, actor: Actor | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = do(db, usecases.get_need, need_id=need_id, actor=actor)
    return shown


def follow(db: Database, reference: str) -> dict[str, Any]:
    with db.transaction(actor=ANONYMOUS, now=NOW) as tx:
        return usecases.follow_need(tx, reference=reference)


def triaged(db: Database, **given: Any) -> dict[str, Any]:
    taken = register(db, **given)
    do(db, usecases.triage_need, need_id=taken["need_id"], **TRIAGE)
    return taken


# ---- intake -------------------------------------------------------------------------------------


def test_a_resident_tells_a_need_without_an_account_and_follows_it_by_its_reference(db: Database) -> None:
    taken = do(db, usecases.submit_need, actor=ANONYMOUS, **need_fields(title=""))

    assert re.fullmatch("[2-9A-HJKMNP-Z]{12}", taken["reference"])
    followed = follow(db, taken["reference"].lower())
    assert (followed["code"], followed["status"]) == (taken["code"], NeedStatus.RECEIVED)
    assert [step["summary"] for step in followed["steps"]] == [
        f"需求 {taken['code']} 已收到（居民网上反映）。"
    ]
    assert taken["due_on"] == date(2026, 11, 30)


def test_the_reference_is_nowhere_in_the_database_nor_in_the_news(db: Database) -> None:
    taken = do(db, usecases.submit_need, actor=ANONYMOUS, **need_fields())

    with db.transaction() as tx:
        need = storage.get_need(tx.session, taken["need_id"])
    assert taken["reference"] not in str(vars(need))
    assert taken["reference"] not in str(events(db))
    with pytest.raises(NeedNotFound):
        follow(db, "23456789ABCD")


def test_the_news_of_a_need_tells_neither_its_text_nor_its_place(db: Database) -> None:
    taken = triaged(db, description="张大爷家的灯", title="张大爷", place="张大爷家")
    do(db, usecases.refer_need, need_id=taken["need_id"], department="住建局", reason="路灯归住建局")

    assert event_names(db) == ["need_received", "need_triaged", "need_referred"]
    assert "张大爷" not in str(events(db))
    assert "住建局" not in str(events(db))


def test_telephone_numbers_do_not_get_into_a_need(db: Database) -> None:
    taken = register(db, description="请打 13845678901", title="13845678901", place="13845678901")

    assert "13845678901" not in str(get(db, taken["need_id"]))


def test_staff_register_needs_of_their_own_community_only(db: Database) -> None:
    with pytest.raises(Forbidden):
        do(db, usecases.register_need, actor=worker(XINGAN), **need_fields())
    with pytest.raises(Forbidden):
        do(db, usecases.register_need, actor=ANONYMOUS, **need_fields())

    assert event_names(db) == []


def test_a_need_of_a_community_that_is_not_there_is_refused(db: Database) -> None:
    with pytest.raises(Invalid) as refusal:
        do(
            db,
            usecases.submit_need,
            actor=ANONYMOUS,
            **need_fields(community_id=UUID(int=1)),
        )

    assert list(refusal.value.fields) == ["community_id"]


def test_an_order_that_comes_again_is_the_same_need(db: Database) -> None:
    first = do(db, usecases.receive_order, **order_fields())
    again = do(db, usecases.receive_order, **order_fields(title="另一种写法"))

    assert again["need_id"] == first["need_id"]
    assert again["title"] == "暖气不热"
    assert event_names(db) == ["need_received"]


def test_an_order_brings_its_own_period(db: Database) -> None:
    usual = do(db, usecases.receive_order, **order_fields("A-0001"))
    quick = do(db, usecases.receive_order, **order_fields("A-0002", working_days=1))

    assert (usual["due_on"], quick["due_on"]) == (date(2026, 11, 30), date(2026, 11, 24))


def test_an_order_of_another_community_is_not_shown(db: Database) -> None:
    do(db, usecases.receive_order, actor=worker(XINGAN), **order_fields(community_id=XINGAN))

    with pytest.raises(OrderElsewhere):
        do(db, usecases.receive_order, **order_fields())


def test_an_order_from_tomorrow_is_refused(db: Database) -> None:
    with pytest.raises(Invalid, match="不能晚于现在"):
        do(db, usecases.receive_order, **order_fields(received_at=NOW + timedelta(days=1)))


# ---- reading ------------------------------------------------------------------------------------


def test_a_need_of_another_community_is_not_there(db: Database) -> None:
    taken = register(db)

    with pytest.raises(NeedNotFound):
        get(db, taken["need_id"], actor=worker(XINGAN))
    with pytest.raises(NeedNotFound):
        do(
            db,
            usecases.answer_need,
            actor=worker(XINGAN),
            need_id=taken["need_id"],
            reply="好",
        )
    assert get(db, taken["need_id"], actor=supervisor())["possible_acts"] == []
    assert "triage_need" in get(db, taken["need_id"], actor=city_officer())["possible_acts"]


def test_the_list_shows_the_own_communities_newest_first_page_by_page(db: Database) -> None:
    store(
        db,
        *[make_need(number=number) for number in (1, 2, 3)],
        make_need(number=4, community_id=XINGAN),
    )

    def page(actor: Actor, cursor: str | None = None) -> dict[str, Any]:
        listed: dict[str, Any] = do(db, usecases.list_needs, actor=actor, cursor=cursor, limit=2)
        return listed

    first = page(worker())
    second = page(worker(), first["next"])

    assert [one["code"] for one in first["items"]] == ["XQ-2026-00003", "XQ-2026-00002"]
    assert ([one["code"] for one in second["items"]], second["next"]) == (["XQ-2026-00001"], None)
    assert (first["total"], page(city_officer())["total"]) == (3, 4)
    with pytest.raises(Forbidden):
        page(ANONYMOUS)


def test_filters_narrow_the_list(db: Database) -> None:
    store(
        db,
        make_need(number=1, title="楼道灯不亮"),
        make_need(number=2, description="暖气不热", category=Category.PROPERTY, source=NeedSource.HOTLINE),
        make_need(number=3, due_on=TODAY - timedelta(days=1), order_number="HH-77"),
        make_need(number=4, due_on=TODAY - timedelta(days=1), status=NeedStatus.ANSWERED),
    )

    def found(**wanted: Any) -> list[int]:
        listed = do(db, usecases.list_needs, cursor=None, limit=9, **wanted)
        return [int(one["code"][-1]) for one in listed["items"]]

    assert found(q="暖气") == [2]
    assert found(q="HH-77") == [3]
    assert found(q="xq-2026-00001") == [1]
    assert found(is_overdue=True) == [3]
    assert found(status=NeedStatus.ANSWERED) == [4]
    assert found(category=Category.PROPERTY) == [2]
    assert found(source=NeedSource.HOTLINE) == [2]
    counted = do(db, usecases.count_needs)
    assert (counted["total"], counted["overdue"], counted["by_status"][NeedStatus.RECEIVED]) == (4, 1, 3)


def test_needs_that_read_alike_are_suggested_with_how_much(db: Database) -> None:
    register(db, title="楼道灯不亮", description="3 号楼 2 单元楼道灯坏了，晚上看不见", place="")
    register(db, title="暖气不热", description="5 号楼 301 室暖气只有十五度", place="")
    do(
        db,
        usecases.register_need,
        actor=worker(XINGAN),
        **need_fields(community_id=XINGAN, description="3 号楼 2 单元楼道灯坏了一周，晚上看不见"),
    )
    taken = register(db, title="楼道灯不亮", description="3 号楼 2 单元楼道灯坏了一周，晚上看不见", place="")

    [alike] = get(db, taken["need_id"])["duplicates"]

    assert alike["title"] == "楼道灯不亮"
    assert 30 <= alike["score"] <= 100


# ---- outcomes -----------------------------------------------------------------------------------


def test_a_need_becomes_an_item_and_its_author_sees_how_it_goes_on(db: Database) -> None:
    taken = triaged(db)
    do(db, usecases.turn_need_into_item, need_id=taken["need_id"], **item_of_need_fields())

    need = get(db, taken["need_id"])
    item = need["item"]
    assert (need["status"], item.status) == (NeedStatus.ITEM, ItemStatus.DRAFT)
    assert (item.service_class, item.category) == (ServiceClass.CONVENIENCE, Category.FACILITIES)
    assert show(db, item.item_id)["need_id"] == taken["need_id"]
    followed = follow(db, taken["reference"])["item"]
    assert (followed["is_published"], followed["title"]) == (False, "")

    do(
        db,
        usecases.publish_item,
        item_id=item.item_id,
        party_study_on=TODAY,
        claim_until_on=TODAY + timedelta(days=7),
    )

    followed = follow(db, taken["reference"])
    assert followed["item"]["title"] == "更换楼道灯"
    assert followed["item"]["status"] is ItemStatus.PUBLISHED
    assert [step["summary"] for step in followed["steps"]][1:] == [
        "已分办：便民利民，公共设施，优先级一般。",
        f"已列入认领清单，事项编号 {item.code}。",
    ]
    assert event_names(db)[2] == "need_became_item"


def test_a_refused_act_leaves_neither_item_nor_event_nor_history(db: Database) -> None:
    taken = register(db)
    before = get(db, taken["need_id"])["history"]

    with pytest.raises(NeedNotInState):
        do(db, usecases.turn_need_into_item, need_id=taken["need_id"], **item_of_need_fields())

    assert get(db, taken["need_id"])["history"] == before
    assert do(db, usecases.count_items)["total"] == 0
    assert event_names(db) == ["need_received"]


def test_a_wrong_item_leaves_the_need_where_it_was(db: Database) -> None:
    taken = triaged(db)

    with pytest.raises(Invalid, match="办结期限"):
        do(
            db,
            usecases.turn_need_into_item,
            need_id=taken["need_id"],
            **item_of_need_fields(due_on=TODAY - timedelta(days=1)),
        )

    assert get(db, taken["need_id"])["status"] is NeedStatus.TRIAGED


def test_a_referral_is_answered_in_the_end(db: Database) -> None:
    taken = register(db)
    do(
        db,
        usecases.refer_need,
        need_id=taken["need_id"],
        department="区住建局",
        reason="属市政道路",
    )
    assert follow(db, taken["reference"])["is_open"]

    do(db, usecases.answer_need, need_id=taken["need_id"], reply="住建局已修好")

    followed = follow(db, taken["reference"])
    assert (followed["status"], followed["reply"]) == (NeedStatus.ANSWERED, "住建局已修好")
    assert [step["summary"] for step in followed["steps"]][1:] == [
        "转区住建局办理：属市政道路",
        "答复：住建局已修好",
    ]
    assert {step["office"] for step in followed["steps"]} == {"社区工作人员"}


def test_the_author_of_a_merged_need_follows_the_other_one(db: Database) -> None:
    first, second, third = register(db), register(db), register(db)
    do(db, usecases.merge_need, need_id=first["need_id"], into_need_id=second["need_id"])
    do(db, usecases.merge_need, need_id=second["need_id"], into_need_id=third["need_id"])
    do(db, usecases.decline_need, need_id=third["need_id"], reason="产权单位负责")

    for taken in (first, second, third):
        followed = follow(db, taken["reference"])
        assert (followed["code"], followed["status"]) == (taken["code"], NeedStatus.DECLINED)
        assert followed["steps"][-1]["summary"] == "不予办理：产权单位负责"
    absorbed = get(db, third["need_id"])
    assert [one.code for one in absorbed["merged_from"]] == [second["code"]]
    assert first["code"] not in str(follow(db, third["reference"]))


def test_a_need_of_another_community_is_no_target_for_a_merger(db: Database) -> None:
    taken = register(db)
    other = do(db, usecases.register_need, actor=worker(XINGAN), **need_fields(community_id=XINGAN))

    with pytest.raises(NeedNotFound):
        do(db, usecases.merge_need, need_id=taken["need_id"], into_need_id=other["need_id"])
    with pytest.raises(Invalid, match="不能与自己合并"):
        do(db, usecases.merge_need, need_id=taken["need_id"], into_need_id=taken["need_id"])


def test_a_matter_is_told_and_may_become_an_item_after_all(db: Database) -> None:
    taken = triaged(db)
    do(db, usecases.turn_need_into_matter, need_id=taken["need_id"], reason="涉及公共收益")
    do(db, usecases.turn_need_into_item, need_id=taken["need_id"], **item_of_need_fields())

    assert event_names(db)[2:] == ["need_became_matter", "need_became_item"]


def test_an_act_with_an_old_version_is_refused(db: Database) -> None:
    taken = triaged(db)

    with pytest.raises(VersionMismatch):
        do(db, usecases.answer_need, need_id=taken["need_id"], reply="好", expected_version=1)


def test_every_act_of_the_table_has_a_use_case_of_its_name() -> None:
    assert set(NEED_ACTS) <= set(usecases.__all__)


def test_a_need_survives_a_round_trip(db: Database) -> None:
    need = make_need(
        order_number="HH-1",
        reference_hash="a" * 64,
        category=Category.SAFETY,
        service_class=ServiceClass.SOCIAL,
        priority=NeedPriority.URGENT,
        department="住建局",
        reply="好",
        place="门前",
        community_id=HUAYUAN,
    )
    before = {name: getattr(need, name) for name in type(need).__dataclass_fields__}
    store(db, need)

    with db.transaction() as tx:
        again = storage.get_need(tx.session, need.need_id)

    assert {name: getattr(again, name) for name in type(again).__dataclass_fields__} == before
