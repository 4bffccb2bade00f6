"""Lists, counts and figures: filtered, paged, and never showing what is not the reader's."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.item import Item
from services.contracts.base import ANONYMOUS, Actor, Invalid
from services.contracts.claims.terms import Category, ClaimKind, ItemStatus, ServiceClass
from tests.builders import (
    HUAYUAN,
    NOW,
    TODAY,
    XINGAN,
    act_on_claim,
    act_on_item,
    city_officer,
    claim,
    liaison,
    make_item,
    make_poll,
    make_unit,
    publish,
    supervisor,
    worker,
)
from tests.claims.acting import store

LAST_WEEK = TODAY - timedelta(days=7)


def page(db: Database, *, actor: Actor = ANONYMOUS, **wanted: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"cursor": None, "limit": 20} | wanted
    with db.reading(actor=actor, now=NOW) as tx:
        return usecases.list_items(tx, **fields, actor=actor, now=NOW)


def codes(listed: dict[str, Any]) -> list[str]:
    return [line["code"][-2:] for line in listed["items"]]


def published(number: int, **given: Any) -> Item:
    return publish(make_item(code=f"RL-2026-{number:04d}", **given))


def overdue(number: int, **given: Any) -> Item:
    item = make_item(code=f"RL-2026-{number:04d}", due_on=TODAY - timedelta(days=1), **given)
    return publish(item, today=LAST_WEEK, party_study_on=LAST_WEEK, claim_until_on=LAST_WEEK)


def test_pages_follow_each_other_without_gap_or_repetition(db: Database) -> None:
    store(db, *(published(number) for number in range(1, 8)))

    first = page(db, limit=3)
    second = page(db, limit=3, cursor=first["next"])
    third = page(db, limit=3, cursor=second["next"])

    assert [codes(each) for each in (first, second, third)] == [
        ["07", "06", "05"],
        ["04", "03", "02"],
        ["01"],
    ]
    assert third["next"] is None
    assert {each["total"] for each in (first, second, third)} == {7}


def test_a_cursor_of_another_list_is_refused(db: Database) -> None:
    with pytest.raises(Invalid):
        page(db, cursor="bm9uc2Vuc2U")


def test_filters_narrow_the_list(db: Database) -> None:
    unit = make_unit()
    mine, released = published(1, quantity=2), published(2)
    claim(mine, unit, kind=ClaimKind.PARTIAL, quantity=1)
    act_on_claim(released, claim(released, unit), "release_claim")
    store(
        db,
        mine,
        released,
        published(3, community_id=XINGAN),
        published(4, category=Category.CULTURE),
        published(5, service_class=ServiceClass.WELFARE),
        published(6, title="健身器材 100% 检修", due_on=date(2027, 1, 31)),
        overdue(7),
    )

    found = {
        name: codes(page(db, **wanted))
        for name, wanted in {
            "community": {"community_id": XINGAN},
            "category": {"category": Category.CULTURE},
            "class": {"service_class": ServiceClass.WELFARE},
            "unit": {"unit_id": unit.unit_id},
            "title": {"q": "健身"},
            "wildcard": {"q": "%"},
            "code": {"q": "2026-0003"},
            "from": {"due_from_on": date(2027, 1, 1)},
            "to": {"due_to_on": TODAY},
            "overdue": {"is_overdue": True},
            "status": {"status": ItemStatus.CLAIMED},
        }.items()
    }

    assert found == {
        "community": ["03"],
        "category": ["04"],
        "class": ["05"],
        "unit": ["01"],
        "title": ["06"],
        "wildcard": ["06"],
        "code": ["03"],
        "from": ["06"],
        "to": ["07"],
        "overdue": ["07"],
        "status": [],
    }


def test_a_line_says_who_is_at_work_how_far_and_how_long_there_is(db: Database) -> None:
    units = [make_unit("甲单位"), make_unit("乙单位", number=2)]
    item = published(1, quantity=4)
    claimed = claim(item, units[0], kind=ClaimKind.PARTIAL, quantity=1)
    claim(item, units[1], kind=ClaimKind.PARTIAL, quantity=1)
    claim(item, units[0], kind=ClaimKind.PARTIAL, quantity=1)
    act_on_claim(item, claimed, "confirm_claim")
    act_on_claim(item, claimed, "report_milestone")
    store(db, item)

    [line] = page(db)["items"]

    assert line["unit_names"] == ["甲单位", "乙单位"]
    assert (line["community_name"], line["remaining"], line["percent"]) == ("花园社区", 1, 12)
    assert line["days_left"] == 15


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (ANONYMOUS, ["03"]),
        (liaison(uuid4()), ["03"]),
        (supervisor(), ["03"]),
        (worker(), ["03", "01"]),
        (worker(XINGAN), ["03", "02"]),
        (worker(HUAYUAN, XINGAN), ["03", "02", "01"]),
        (city_officer(), ["03", "02", "01"]),
    ],
)
def test_drafts_are_listed_to_the_staff_of_their_community(
    db: Database, actor: Actor, seen: list[str]
) -> None:
    store(
        db,
        make_item(code="RL-2026-0001"),
        make_item(code="RL-2026-0002", community_id=XINGAN),
        published(3),
    )

    listed = page(db, actor=actor)

    assert codes(listed) == seen
    assert listed["total"] == len(seen)


def test_an_export_reads_like_the_sheet(db: Database) -> None:
    store(db, published(1, budget_fen=120050))
    with db.reading(now=NOW) as tx:
        exported = usecases.export_items(tx, cursor=None, limit=500, actor=ANONYMOUS, now=NOW)

    [cells] = exported["items"]
    assert (cells["code"], cells["community"], cells["budget_yuan"]) == (
        "RL-2026-0001",
        "花园社区",
        "1200.50",
    )
    assert cells["category"] == "冬季除雪"


def test_counts_are_by_status_and_add_up(db: Database) -> None:
    taken = published(3)
    claim(taken, make_unit())
    store(db, make_item(code="RL-2026-0001"), published(2), taken, overdue(4))

    with db.reading(now=NOW) as tx:
        counted = usecases.count_items(tx, actor=worker(), now=NOW)
        public = usecases.count_items(tx, actor=ANONYMOUS, now=NOW)

    assert (counted["total"], counted["overdue"]) == (4, 1)
    assert counted["by_status"] == {
        **dict.fromkeys(ItemStatus, 0),
        ItemStatus.DRAFT: 1,
        ItemStatus.PUBLISHED: 2,
        ItemStatus.CLAIMED: 1,
    }
    assert (public["total"], public["by_status"][ItemStatus.DRAFT]) == (3, 0)


def finished(number: int, *, late: bool = False, poll: tuple[int, str] | None = None, **given: Any) -> Item:
    item = published(number, **given)
    claimed = claim(item, make_unit(f"单位{number}", number=number, community_ids=[HUAYUAN, XINGAN]))
    submitted_on = item.due_on + timedelta(days=1) if late else TODAY
    for step in ("confirm_claim", "submit_claim", "verify_claim"):
        act_on_claim(item, claimed, step, today=submitted_on)
    if poll is not None:
        act_on_item(item, "assess_item")
        answered, satisfied = poll
        result = make_poll("80.00", answered=answered, satisfaction_percent=Decimal(satisfied))
        item.hear_poll(result, now=NOW)
    return item


def dashboard(db: Database, *, actor: Actor, **wanted: Any) -> dict[str, Any]:
    with db.reading(actor=actor, now=NOW) as tx:
        return usecases.get_dashboard(tx, **{"community_id": None} | wanted, actor=actor, now=NOW)


def test_the_dashboard_counts_what_the_lists_show(db: Database) -> None:
    waiting = published(2)
    claim(waiting, make_unit("等待单位", number=50))
    store(
        db,
        make_item(code="RL-2026-0001"),
        waiting,
        overdue(3),
        finished(4),
        finished(5, late=True, poll=(30, "90.00")),
        finished(6, poll=(10, "70.00"), community_id=XINGAN),
    )

    figures = dashboard(db, actor=city_officer())

    assert figures["published"] == 5
    assert figures["claim_rate"] == Decimal("80.0")
    assert figures["completion_rate"] == Decimal("75.0")
    assert figures["on_time_rate"] == Decimal("66.7")
    assert figures["satisfaction"] == Decimal("85.0")
    assert figures["waiting_for_staff"] == 2
    assert figures["overdue"] == 1
    assert figures["by_status"][ItemStatus.SCORED] == 2
    assert figures["communities"] == [
        {
            "community_id": HUAYUAN,
            "community_name": "花园社区",
            "published": 4,
            "claimed": 3,
            "done": 2,
            "overdue": 1,
        },
        {
            "community_id": XINGAN,
            "community_name": "兴安社区",
            "published": 1,
            "claimed": 1,
            "done": 1,
            "overdue": 0,
        },
    ]


def test_a_dashboard_may_be_of_one_community(db: Database) -> None:
    store(db, finished(1), finished(2, community_id=XINGAN))

    figures = dashboard(db, actor=city_officer(), community_id=XINGAN)

    assert (figures["published"], len(figures["communities"])) == (1, 1)


def test_there_is_no_rate_of_nothing(db: Database) -> None:
    figures = dashboard(db, actor=worker())

    assert [figures[name] for name in ("claim_rate", "completion_rate", "on_time_rate", "satisfaction")] == [
        None
    ] * 4


def test_a_reader_sees_no_drafts_and_no_work_of_others_in_the_figures(db: Database) -> None:
    taken = published(2)
    claim(taken, make_unit())
    store(db, make_item(code="RL-2026-0001"), taken)

    elsewhere, public = dashboard(db, actor=worker(XINGAN)), dashboard(db, actor=ANONYMOUS)

    for figures in (elsewhere, public):
        assert (figures["by_status"][ItemStatus.DRAFT], figures["waiting_for_staff"]) == (0, 0)
        assert figures["published"] == 1
