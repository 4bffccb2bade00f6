"""The clocks of claims: which one runs in which state, whose it is, and what is told when it turns."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.contracts.base import Actor, Forbidden
from services.contracts.claims.terms import ClaimKind
from tests.builders import (
    HUAYUAN,
    NOW,
    TODAY,
    XINGAN,
    city_officer,
    liaison,
    make_item,
    make_unit,
    publish,
    supervisor,
    worker,
)
from tests.claims.acting import do, event_names, events, store

FRIDAY_AFTER = NOW + timedelta(days=4)


@pytest.fixture
def step(db: Database) -> dict[str, Any]:
    """A claim that has just been made."""
    unit, item = make_unit(), publish(make_item(due_on=TODAY + timedelta(days=30)))
    store(db, unit, item)
    claimed = do(
        db,
        usecases.claim_item,
        item_id=item.item_id,
        kind=ClaimKind.WHOLE,
        quantity=None,
        unit_id=unit.unit_id,
        supporting_unit_ids=[],
        note="",
    )
    return {"item_id": item.item_id, "claim_id": claimed.claims[0].claim_id}


def running(db: Database, actor: Actor | None = None, **wanted: Any) -> list[tuple[str, date]]:
    with db.reading() as tx:
        page = usecases.list_clocks(tx, cursor=None, limit=50, actor=actor or worker(), now=NOW, **wanted)
    return [(clock["kind"], clock["due_on"]) for clock in page["items"]]


def test_each_state_of_a_claim_has_its_clock(db: Database, step: dict[str, Any]) -> None:
    seen = [running(db)]

    for act, words in (
        (usecases.confirm_claim, {"agreement": ""}),
        (usecases.report_milestone, {"milestone_title": "开工", "percent": 10, "note": ""}),
        (usecases.submit_claim, {"summary": "已完成"}),
        (usecases.send_back_claim, {"reason": "缺照片"}),
        (usecases.submit_claim, {"summary": "已补照片"}),
        (usecases.verify_claim, {"note": ""}),
    ):
        do(db, act, **step, **words)
        seen.append(running(db))
    do(db, usecases.assess_item, item_id=step["item_id"], score=Decimal(90), comment="")

    finish = ("finish_claim", TODAY + timedelta(days=30))
    assert seen == [
        [("confirm_claim", date(2026, 11, 26))],
        [finish],
        [finish],
        [("verify_claim", date(2026, 11, 30))],
        [finish],
        [("verify_claim", date(2026, 11, 30))],
        [("assess_item", date(2026, 12, 7))],
    ]
    assert running(db) == []


def test_what_is_released_waits_for_nobody(db: Database, step: dict[str, Any]) -> None:
    do(db, usecases.release_claim, **step, reason="设备损坏")

    assert running(db) == []


def test_staff_see_their_communities_units_their_own_and_nobody_else_sees_any(
    db: Database, step: dict[str, Any]
) -> None:
    do(db, usecases.confirm_claim, **step, agreement="")
    with db.reading() as tx:
        item = usecases.get_item(tx, item_id=step["item_id"], actor=worker(), now=NOW)
    unit_id = item["claims"][0]["units"][0].unit_id

    assert len(running(db, worker(HUAYUAN))) == len(running(db, city_officer())) == 1
    assert len(running(db, liaison(unit_id))) == 1
    assert running(db, worker(XINGAN)) == running(db, worker(XINGAN), community_id=HUAYUAN) == []
    assert running(db, liaison(make_unit().unit_id)) == []
    with pytest.raises(Forbidden):
        running(db, supervisor())


def test_a_clock_that_turns_is_told_once_and_counted(db: Database, step: dict[str, Any]) -> None:
    before = len(event_names(db))
    late: datetime = FRIDAY_AFTER

    for _ in range(2):
        with db.transaction(now=late) as tx:
            usecases.turn_clocks(tx)
    with db.reading() as tx:
        counted = usecases.count_clocks(tx, actor=worker())

    told = events(db)[before:]
    assert [(name, body["stage"], body["kind"]) for name, body in told] == [
        ("clock_turned", "overdue", "confirm_claim")
    ]
    assert (counted["total"], counted["late"]) == (1, 1)
    assert counted["by_stage"]["overdue"] == counted["by_kind"]["confirm_claim"] == 1
    assert running(db, is_late=True) == [("confirm_claim", date(2026, 11, 26))]


def test_pages_of_clocks_leave_none_out(db: Database) -> None:
    unit = make_unit()
    items = [publish(make_item(code=f"RL-2026-{number:04d}")) for number in range(1, 8)]
    store(db, unit, *items)
    for item in items:
        do(
            db,
            usecases.claim_item,
            item_id=item.item_id,
            kind=ClaimKind.WHOLE,
            quantity=None,
            unit_id=unit.unit_id,
            supporting_unit_ids=[],
            note="",
        )

    found, cursor = [], None
    while True:
        with db.reading() as tx:
            page = usecases.list_clocks(tx, cursor=cursor, limit=3, actor=worker(), now=NOW)
        found += [clock["code"] for clock in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert sorted(found) == [item.code for item in items]
