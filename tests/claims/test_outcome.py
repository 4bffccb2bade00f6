"""What follows a score: objections, a commendation taken back, and bad work put right."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.chassis import clocks
from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.item import Item
from services.contracts.base import ANONYMOUS, Actor, Forbidden
from services.contracts.claims.errors import (
    CommendationNotInForce,
    ItemNotInState,
    ObjectionAnswered,
    ObjectionNotFound,
    ObjectionPeriodOver,
    RectificationNotInState,
)
from services.contracts.claims.terms import ItemStatus, RectificationStatus
from tests.builders import (
    NOW,
    XINGAN,
    act_on_item,
    item_in,
    liaison,
    make_poll,
    make_unit,
    poll_closed,
    supervisor,
    worker,
)
from tests.claims.acting import do, event_names, store

UNTIL = date(2026, 11, 30)


@pytest.fixture
def commended(db: Database) -> Item:
    item = act_and_return("commend_item", item_in(ItemStatus.SCORED))
    store(db, *{id(unit): unit for unit in item.units}.values(), item)
    return item


def act_and_return(act: str, item: Item) -> Item:
    act_on_item(item, act)
    return item


def verified(score: str = "81.25") -> Item:
    item = item_in(ItemStatus.VERIFIED)
    item.assess(assessment=Decimal(score), comment="", actor=worker(), now=NOW)
    return item


def bad(db: Database, *, score: str = "20.00", poll: str = "20.00", **given: Any) -> Item:
    """An item in the database whose poll has just come with a bad result."""
    item = verified(score)
    store(db, *item.units, item)
    with db.transaction(now=NOW) as tx:
        usecases.hear_poll(tx, poll_closed(item, poll, **given))
    return item


def running(db: Database) -> list[tuple[str, date, str]]:
    with db.reading() as tx:
        found = clocks.list_open(tx.session, clocks.Wanted())
    return [(clock.kind, clock.due_on, clock.owner) for clock in found]


def shown(db: Database, item: Item, actor: Actor | None = None) -> dict[str, Any]:
    found: dict[str, Any] = do(db, usecases.get_item, item_id=item.item_id, actor=actor)
    return found


class TestObjections:
    def test_an_objection_starts_the_clock_of_its_answer_and_answering_stops_it(
        self, db: Database, commended: Item
    ) -> None:
        do(db, usecases.raise_objection, item_id=commended.item_id, content="未清到楼前", actor=supervisor())
        started = running(db)
        [objection] = shown(db, commended)["objections"]

        do(
            db,
            usecases.answer_objection,
            item_id=commended.item_id,
            objection_id=objection.objection_id,
            is_upheld=False,
            answer="现场复核已清净",
        )

        assert started == [("answer_objection", UNTIL, "community")]
        assert running(db) == []
        assert shown(db, commended)["status"] is ItemStatus.COMMENDED
        assert event_names(db)[-2:] == ["commendation_objected", "objection_settled"]

    def test_an_objection_that_is_upheld_takes_the_commendation_back(
        self, db: Database, commended: Item
    ) -> None:
        do(db, usecases.raise_objection, item_id=commended.item_id, content="未清到楼前")
        [objection] = shown(db, commended)["objections"]
        answer: dict[str, Any] = {
            "objection_id": objection.objection_id,
            "is_upheld": True,
            "answer": "情况属实",
        }

        do(db, usecases.answer_objection, item_id=commended.item_id, **answer)

        after = shown(db, commended)
        assert after["status"] is ItemStatus.SCORED
        assert after["commendation"].revoked_reason == "情况属实"
        assert event_names(db)[-2:] == ["objection_settled", "commendation_revoked"]
        with pytest.raises(ObjectionAnswered):
            do(db, usecases.answer_objection, item_id=commended.item_id, **answer)

    def test_objections_end_with_the_public_notice(self, db: Database, commended: Item) -> None:
        do(db, usecases.raise_objection, item_id=commended.item_id, content="x", now=NOW + timedelta(days=7))

        with pytest.raises(ObjectionPeriodOver, match="2026-11-30"):
            do(
                db,
                usecases.raise_objection,
                item_id=commended.item_id,
                content="x",
                now=NOW + timedelta(days=8),
            )

    def test_only_staff_and_supervisors_of_the_community_object(self, db: Database, commended: Item) -> None:
        strangers = (ANONYMOUS, liaison(commended.units[0]), worker(XINGAN))

        for actor in strangers:
            with pytest.raises(Forbidden):
                do(db, usecases.raise_objection, item_id=commended.item_id, content="x", actor=actor)
        assert "raise_objection" in shown(db, commended, supervisor())["possible_acts"]
        assert all(shown(db, commended, actor)["possible_acts"] == [] for actor in strangers)

    def test_an_answer_needs_its_objection(self, db: Database, commended: Item) -> None:
        assert "answer_objection" not in shown(db, commended)["possible_acts"]

        with pytest.raises(ObjectionNotFound):
            do(
                db,
                usecases.answer_objection,
                item_id=commended.item_id,
                objection_id=uuid4(),
                is_upheld=True,
                answer="x",
            )


class TestRevocation:
    def test_a_commendation_is_taken_back_once_and_never_given_again(
        self, db: Database, commended: Item
    ) -> None:
        do(db, usecases.revoke_commendation, item_id=commended.item_id, reason="材料不实")

        after = shown(db, commended)
        assert (after["status"], after["score_total"] is not None) == (ItemStatus.SCORED, True)
        assert "commend_item" not in after["possible_acts"]
        with pytest.raises(ItemNotInState):
            do(db, usecases.revoke_commendation, item_id=commended.item_id, reason="材料不实")
        with pytest.raises(CommendationNotInForce):
            do(db, usecases.commend_item, item_id=commended.item_id, reason="再表扬")


class TestRectification:
    def test_a_bad_score_opens_it_for_the_units_with_fifteen_working_days(self, db: Database) -> None:
        item = bad(db)

        assert shown(db, item)["rectification"].due_on == date(2026, 12, 14)
        assert running(db) == [("rectify", date(2026, 12, 14), f"unit:{item.units[0].unit_id}")]
        assert event_names(db)[-2:] == ["item_scored", "rectification_opened"]

    def test_unsatisfied_people_open_it_whatever_the_assessment_says(self, db: Database) -> None:
        item = bad(db, score="100.00", poll="75.00", satisfaction_percent=Decimal("55.00"))

        assert shown(db, item)["score"]["grade"].label == "优秀"
        assert shown(db, item)["rectification"] is not None

    @pytest.mark.parametrize("is_sufficient", [True, False])
    def test_too_few_answers_alone_open_nothing(self, db: Database, is_sufficient: bool) -> None:
        poll: dict[str, Any] = {
            "satisfaction_percent": Decimal("55.00"),
            "is_sample_sufficient": is_sufficient,
        }
        item = bad(db, score="100.00", poll="75.00", **poll)

        assert (shown(db, item)["rectification"] is not None) is is_sufficient

    def test_it_is_reported_called_back_and_closed(self, db: Database) -> None:
        item = bad(db)
        lead = liaison(item.units[0])

        do(db, usecases.report_rectification, item_id=item.item_id, report="已重做", actor=lead)
        waiting = running(db)
        do(db, usecases.check_rectification, item_id=item.item_id, is_passed=True, call_back="居民认可")

        assert waiting == [("check_rectification", UNTIL, "community")]
        assert running(db) == []
        assert shown(db, item)["rectification"].status is RectificationStatus.CLOSED
        assert event_names(db)[-2:] == ["rectification_reported", "rectification_closed"]

    def test_what_fails_the_call_back_begins_again(self, db: Database) -> None:
        item, later = bad(db), NOW + timedelta(days=1)
        do(db, usecases.report_rectification, item_id=item.item_id, report="已重做")

        do(
            db,
            usecases.check_rectification,
            item_id=item.item_id,
            is_passed=False,
            call_back="仍有积雪",
            now=later,
        )

        found = shown(db, item)["rectification"]
        assert (found.status, found.rounds, found.due_on) == (
            RectificationStatus.OPEN,
            1,
            date(2026, 12, 15),
        )
        assert [kind for kind, _, _ in running(db)] == ["rectify"]
        assert "report_rectification" in shown(db, item)["possible_acts"]

    def test_each_step_has_its_turn(self, db: Database) -> None:
        item = bad(db)
        check: dict[str, Any] = {"item_id": item.item_id, "is_passed": True, "call_back": "x"}

        with pytest.raises(RectificationNotInState, match="整改中"):
            do(db, usecases.check_rectification, **check)
        do(db, usecases.report_rectification, item_id=item.item_id, report="已重做")
        with pytest.raises(RectificationNotInState, match="待回访"):
            do(db, usecases.report_rectification, item_id=item.item_id, report="再报")
        do(db, usecases.check_rectification, **check)
        with pytest.raises(RectificationNotInState, match="已整改"):
            do(db, usecases.check_rectification, **check)

    def test_good_work_has_nothing_to_put_right(self, db: Database) -> None:
        item = item_in(ItemStatus.SCORED)
        store(db, *item.units, item)

        with pytest.raises(RectificationNotInState, match="没有需要整改"):
            do(db, usecases.report_rectification, item_id=item.item_id, report="x")

    def test_only_who_did_the_work_reports_it(self, db: Database) -> None:
        item = bad(db)

        for actor in (liaison(make_unit(number=9)), worker(XINGAN), supervisor()):
            with pytest.raises(Forbidden):
                do(db, usecases.report_rectification, item_id=item.item_id, report="x", actor=actor)
        assert shown(db, item, liaison(item.units[0]))["possible_acts"] == ["report_rectification"]


def test_a_poll_within_reason_needs_no_rectification() -> None:
    item = verified("88.00")
    item.hear_poll(make_poll(), now=NOW)

    assert item.rectification is None
