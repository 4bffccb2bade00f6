"""Periods and units' results on their database: opened, scored, closed for good, objected to, commended."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.chassis.clock import LOCAL
from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.item import Item
from services.claims.domain.unit import Unit
from services.contracts.base import ANONYMOUS, Actor, Invalid
from services.contracts.claims.errors import (
    PeriodAlreadyOpened,
    PeriodNotFound,
    PeriodNotInState,
    ScoringIncomplete,
    UnitAssessmentNotFound,
)
from services.contracts.claims.scheme_terms import PeriodKind, ResultStatus, ScorerKind
from services.contracts.claims.terms import ClaimStatus
from tests.builders import (
    HUAYUAN,
    NOW,
    STEPS_TO_CLAIM,
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
    worker,
)
from tests.claims.acting import do, event_names, events, store
from tests.claims.test_scheme_usecases import publish_one

AFTER_PERIOD = datetime.combine(date(2027, 1, 4), time(9), LOCAL)
AFTER_NOTICE = datetime.combine(date(2027, 1, 12), time(9), LOCAL)
OF_THE_QUARTER: dict[str, Any] = {
    "community_id": HUAYUAN,
    "kind": PeriodKind.QUARTER,
    "year": 2026,
    "quarter": 4,
}


def scored_item(unit: Unit, number: int, **given: Any) -> Item:
    item = publish(make_item(code=f"RL-2026-{number:04d}", **given))
    claimed = claim(item, unit)
    for step in STEPS_TO_CLAIM[ClaimStatus.VERIFIED]:
        act_on_claim(item, claimed, step)
    act_on_item(item, "assess_item")
    item.hear_poll(make_poll(), now=NOW)
    return item


def settled_world(db: Database, items: int = 3) -> Unit:
    unit = make_unit()
    store(db, unit)
    with db.transaction() as tx:
        kept = tx.session.merge(unit)
        tx.session.add_all(scored_item(kept, number) for number in range(1, items + 1))
    return unit


def open_period(db: Database, **given: Any) -> dict[str, Any]:
    opened: dict[str, Any] = do(db, usecases.open_period, **OF_THE_QUARTER | given)
    return opened


def close(db: Database, period_id: UUID, now: datetime = AFTER_PERIOD) -> dict[str, Any]:
    closed: dict[str, Any] = do(db, usecases.close_period, period_id=period_id, now=now)
    return closed


def give(db: Database, assessment_id: UUID, score: str = "90.00", **given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "scorer": ScorerKind.COMMUNITY,
        "points": [Decimal(score)],
        "comment": "",
    }
    scored: dict[str, Any] = do(db, usecases.score_unit, assessment_id=assessment_id, **fields | given)
    return scored


def closed_result(db: Database) -> UUID:
    settled_world(db)
    period = open_period(db)
    assessment_id: UUID = period["results"][0]["assessment_id"]
    give(db, assessment_id)
    close(db, period["period_id"])
    return assessment_id


def get(db: Database, assessment_id: UUID, *, actor: Actor | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = do(
        db, usecases.get_unit_assessment, assessment_id=assessment_id, actor=actor, now=AFTER_PERIOD
    )
    return shown


def clock_kinds(db: Database) -> list[str]:
    wanted: dict[str, Any] = {"kind": None, "stage": None, "is_late": False, "community_id": HUAYUAN}
    page = do(db, usecases.list_clocks, cursor=None, limit=50, **wanted)
    return [one["kind"] for one in page["items"]]


def test_a_period_takes_in_every_unit_that_serves_the_community_and_starts_its_clock(db: Database) -> None:
    store(db, make_unit("甲单位", number=1), make_unit("乙单位", number=2, community_ids=[XINGAN]))

    period = open_period(db)

    assert [one["unit_name"] for one in period["results"]] == ["甲单位"]
    assert (period["label"], period["scheme_number"]) == ("2026 年第 4 季度", 1)
    assert "close_period" in clock_kinds(db)


def test_a_period_is_opened_once_and_not_before_it_begins(db: Database) -> None:
    open_period(db)

    with pytest.raises(PeriodAlreadyOpened):
        open_period(db)
    with pytest.raises(Invalid, match="还没有开始"):
        open_period(db, year=2027, quarter=1)


def test_the_figures_run_along_until_the_period_is_closed(db: Database) -> None:
    settled_world(db, items=2)
    period = open_period(db)
    [line] = period["results"]

    assert (line["item_count"], line["items_score"], line["is_sample_sufficient"]) == (
        2,
        Decimal("86.50"),
        False,
    )
    assert line["missing"] == [ScorerKind.COMMUNITY]
    scored = give(db, line["assessment_id"])
    assert scored["total"] == Decimal("87.55")
    assert scored["explanation"][0] == "事项 RL-2026-0001「冬季清雪」86.50 分。"


def test_closing_freezes_the_lines_whatever_becomes_of_the_items_later(db: Database) -> None:
    assessment_id = closed_result(db)
    before = get(db, assessment_id)

    with db.transaction() as tx:
        tx.session.add(scored_item(tx.session.get(Unit, before["unit_id"]), 9))

    after = get(db, assessment_id)
    assert (after["status"], after["total"]) == (ResultStatus.FROZEN, Decimal("87.55"))
    assert after["explanation"] == before["explanation"]
    assert [one.code for one in after["items"]] == ["RL-2026-0001", "RL-2026-0002", "RL-2026-0003"]
    assert [name for name in event_names(db) if name.startswith("unit_")] == ["unit_scored"]


def test_a_period_with_work_that_nobody_scored_is_not_closed_and_nothing_changes(db: Database) -> None:
    settled_world(db)
    period = open_period(db)

    with pytest.raises(ScoringIncomplete, match="「黑河供电公司」缺社区的评分"):
        close(db, period["period_id"])
    with pytest.raises(PeriodNotInState):
        close(db, period["period_id"], now=NOW)

    shown = do(db, usecases.get_period, period_id=period["period_id"])
    assert (shown["closed_at"], shown["results"][0]["status"]) == (None, ResultStatus.OPEN)
    assert event_names(db) == []


def test_items_count_in_the_period_in_which_they_were_verified_by_local_days(db: Database) -> None:
    unit = settled_world(db, items=2)
    with db.transaction() as tx:
        first, second = tx.session.query(Item).order_by(Item.code).all()  # type: ignore[arg-type]
        # A second before midnight here is still this quarter, midnight is the next.
        first.verified_at = datetime(2026, 12, 31, 23, 59, 59, tzinfo=LOCAL)
        second.verified_at = datetime(2027, 1, 1, tzinfo=LOCAL)

    period = open_period(db)

    assert [(one["unit_id"], one["item_count"]) for one in period["results"]] == [(unit.unit_id, 1)]


def test_a_unit_that_released_its_claim_has_no_part_in_the_item(db: Database) -> None:
    unit = make_unit()
    store(db, unit)
    with db.transaction() as tx:
        kept = tx.session.merge(unit)
        item = publish(make_item())
        act_on_claim(item, claim(item, kept), "release_claim")
        item.verified_at = NOW
        tx.session.add(item)

    assert open_period(db)["results"][0]["item_count"] == 0


def test_objections_are_answered_in_time_and_an_upheld_one_is_settled_anew(db: Database) -> None:
    assessment_id = closed_result(db)
    step = {"assessment_id": assessment_id, "now": AFTER_PERIOD}
    own = liaison(get(db, assessment_id)["unit_id"])

    objected = do(db, usecases.object_to_result, **step, content="漏计一项", actor=own)
    assert "answer_result_objection" in clock_kinds(db)
    objection_id = objected["objections"][0].objection_id
    answered = do(
        db,
        usecases.answer_result_objection,
        **step,
        objection_id=objection_id,
        is_upheld=True,
        answer="确有遗漏",
    )
    assert (answered["status"], clock_kinds(db)) == (ResultStatus.REVIEW, ["review_result"])
    with pytest.raises(UnitAssessmentNotFound):
        get(db, assessment_id, actor=ANONYMOUS)
    give(db, assessment_id, "100.00", now=AFTER_PERIOD)
    settled = do(db, usecases.settle_unit_assessment, **step)

    assert (settled["status"], settled["total"]) == (ResultStatus.FROZEN, Decimal("90.55"))
    assert clock_kinds(db) == []
    assert event_names(db).count("unit_scored") == 2


def test_a_commendation_follows_the_notice_is_told_and_can_be_taken_back(db: Database) -> None:
    assessment_id = closed_result(db)
    step = {"assessment_id": assessment_id, "now": AFTER_NOTICE}

    commended = do(db, usecases.commend_unit, **step, reason="清雪及时")
    told = do(db, usecases.record_feedback, assessment_id=assessment_id, recipient="市直机关工委",
              now=AFTER_NOTICE + timedelta(days=10))  # fmt: skip
    revoked = do(db, usecases.revoke_unit_commendation, **step, reason="材料不实")

    assert commended["status"] is ResultStatus.COMMENDED
    assert (told["feedback_to"], told["feedback_on"]) == ("市直机关工委", date(2027, 1, 22))
    assert (revoked["status"], revoked["commendation"].revoked_reason) == (ResultStatus.FROZEN, "材料不实")
    sent = [(name, said["unit_name"], said["period"]) for name, said in events(db)]
    assert sent == [
        ("unit_scored", "黑河供电公司", "2026 年第 4 季度"),
        ("unit_commended", "黑河供电公司", "2026 年第 4 季度"),
        ("unit_commendation_revoked", "黑河供电公司", "2026 年第 4 季度"),
    ]
    acts = [line["act"] for line in revoked["history"]]
    assert acts == [
        "score_unit",
        "close_period",
        "commend_unit",
        "record_feedback",
        "revoke_unit_commendation",
    ]


def test_what_is_settled_is_public_and_what_is_in_the_making_is_not(db: Database) -> None:
    settled_world(db)
    period = open_period(db)
    assessment_id = period["results"][0]["assessment_id"]

    for stranger in (ANONYMOUS, worker(XINGAN), liaison(make_unit().unit_id)):
        with pytest.raises(UnitAssessmentNotFound):
            get(db, assessment_id, actor=stranger)
    with pytest.raises(PeriodNotFound):
        do(db, usecases.get_period, period_id=period["period_id"], actor=worker(XINGAN))
    give(db, assessment_id)
    close(db, period["period_id"])

    public = get(db, assessment_id, actor=ANONYMOUS)
    assert (public["total"], public["assessing"]["scorings"]) == (Decimal("87.55"), [])
    wanted: dict[str, Any] = {"unit_id": None, "cursor": None, "limit": 20}
    with db.reading() as tx:
        here = usecases.list_unit_assessments(tx, **wanted, community_id=HUAYUAN, now=AFTER_PERIOD)
        elsewhere = usecases.list_unit_assessments(tx, **wanted, community_id=XINGAN, now=AFTER_PERIOD)
    assert [(one["unit_name"], one["is_in_notice"]) for one in here["items"]] == [("黑河供电公司", True)]
    assert elsewhere["items"] == []


def test_a_period_keeps_the_scheme_of_its_first_day(db: Database) -> None:
    publish_one(db, effective_on=TODAY + timedelta(days=1))
    settled_world(db)

    running = open_period(db)

    assert running["scheme_number"] == 1
    next_year = do(
        db,
        usecases.open_period,
        **OF_THE_QUARTER | {"year": 2027, "quarter": 1},
        now=datetime(2027, 1, 2, 9, tzinfo=LOCAL),
    )
    assert next_year["scheme_number"] == 2


def test_a_unit_is_scored_by_both_parties_of_a_scheme(db: Database) -> None:
    publish_one(db, effective_on=TODAY + timedelta(days=1))
    store(db, make_unit())
    later = datetime(2027, 1, 5, 9, tzinfo=LOCAL)
    period = do(db, usecases.open_period, **OF_THE_QUARTER | {"year": 2027, "quarter": 1}, now=later)
    assessment_id = period["results"][0]["assessment_id"]

    give(db, assessment_id, points=[Decimal(36), Decimal(54)])
    whole = give(db, assessment_id, scorer=ScorerKind.CITY, points=[Decimal(80)], actor=city_officer())

    assert (whole["periodic_score"], whole["missing"]) == (Decimal("86.00"), [])
