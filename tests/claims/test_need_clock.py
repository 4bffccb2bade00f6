"""The clock of an answer: from the day a need came until its author has an outcome."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.chassis import clocks
from services.chassis.db import Database
from services.claims import usecases
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.errors import NeedNotInState
from services.contracts.claims.need_terms import NeedPriority
from services.contracts.claims.terms import Category, ServiceClass
from tests.builders import HUAYUAN, NOW
from tests.claims.acting import do, events
from tests.claims.need_acting import item_of_need_fields, need_cells, need_fields, order_fields

TRIAGE = {
    "service_class": ServiceClass.CONVENIENCE,
    "category": Category.FACILITIES,
    "priority": NeedPriority.NORMAL,
}


def running(db: Database) -> list[clocks.Clock]:
    with db.transaction() as tx:
        return list(clocks.list_open(tx.session, clocks.Wanted(kind=ClockKind.NEED_ANSWER)))


def register(db: Database) -> UUID:
    need_id: UUID = do(db, usecases.register_need, **need_fields())["need_id"]
    return need_id


def test_a_need_starts_a_clock_of_five_working_days_for_its_community(db: Database) -> None:
    need_id = register(db)

    [clock] = running(db)

    assert (clock.record_id, clock.community_id, clock.owner) == (need_id, HUAYUAN, clocks.COMMUNITY)
    assert (clock.due_on, clock.working_days) == (date(2026, 11, 30), 5)
    assert do(db, usecases.list_clocks, cursor=None, limit=9)["items"][0]["kind_label"] == "答复需求"


def test_the_clock_of_an_order_runs_from_the_day_it_was_received_as_long_as_it_says(db: Database) -> None:
    received_at = NOW - timedelta(days=3)
    do(db, usecases.receive_order, **order_fields(received_at=received_at, working_days=2))
    do(db, usecases.receive_order, **order_fields(received_at=received_at, working_days=2))

    [clock] = running(db)

    assert (clock.started_on, clock.due_on) == (date(2026, 11, 20), date(2026, 11, 24))


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("answer_need", {"reply": "已修好"}),
        ("decline_need", {"reason": "不属于社区职责"}),
        ("turn_need_into_item", item_of_need_fields()),
        ("turn_need_into_matter", {"reason": "涉及公共收益"}),
    ],
)
def test_an_outcome_stops_the_clock(db: Database, act: str, fields: dict[str, Any]) -> None:
    need_id = register(db)
    do(db, usecases.triage_need, need_id=need_id, **TRIAGE)
    assert len(running(db)) == 1

    do(db, getattr(usecases, act), need_id=need_id, **fields)

    assert running(db) == []


def test_a_merger_stops_the_clock_of_the_one_and_leaves_that_of_the_other(db: Database) -> None:
    first, second = register(db), register(db)

    do(db, usecases.merge_need, need_id=first, into_need_id=second)

    assert [clock.record_id for clock in running(db)] == [second]


def test_a_referral_leaves_the_clock_running_until_the_answer(db: Database) -> None:
    need_id = register(db)

    do(db, usecases.refer_need, need_id=need_id, department="区住建局", reason="属市政道路")
    assert len(running(db)) == 1

    do(db, usecases.answer_need, need_id=need_id, reply="住建局已修好")
    assert running(db) == []


def test_a_need_without_an_answer_turns_overdue_and_that_is_told(db: Database) -> None:
    need_id = register(db)

    with db.transaction(now=NOW + timedelta(days=8)) as tx:
        usecases.turn_clocks(tx)

    name, told = events(db)[-1]
    assert (name, told["record_id"], told["stage"]) == ("clock_turned", str(need_id), "overdue")
    assert "楼道灯" not in str(told)


def test_a_refused_act_leaves_the_clock_as_it_was(db: Database) -> None:
    need_id = register(db)

    with pytest.raises(NeedNotInState):
        do(db, usecases.turn_need_into_matter, need_id=need_id, reason="好")

    assert len(running(db)) == 1


def test_every_imported_need_has_its_clock(db: Database) -> None:
    rows = [{"row_number": number, "cells": need_cells()} for number in range(2, 52)]

    do(db, usecases.import_needs, rows=rows, file_name="需求.xlsx", file_hash="a" * 64)

    assert len(running(db)) == 50
