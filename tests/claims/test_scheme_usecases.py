"""Schemes on their database: drafted, published once, kept whole, and read by the day the work was finished."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.scheme import FIRST_SCHEME
from services.contracts.base import Actor, Invalid, Role, VersionMismatch
from services.contracts.claims.errors import SchemeNotFound, ScoredByParts
from services.contracts.claims.scheme_terms import ItemWeighting, SchemeStatus, ScorerKind
from services.contracts.claims.terms import ItemStatus, ScoreGrade
from tests.builders import NOW, TODAY, TOMORROW, city_officer, item_in, poll_closed, worker
from tests.claims.acting import do, event_names, show, store

ADMIN = Actor(actor_id="admin", name="周主任", roles=(Role.CITY_ADMIN,))


def scheme_fields(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "title": "共建考核方案",
        "assessment_weight": 60,
        "poll_weight": 30,
        "timeliness_weight": 10,
        "points_lost_per_day_late": Decimal("2.50"),
        "excellent_from": Decimal(92),
        "good_from": Decimal(82),
        "passed_from": Decimal(65),
        "scorers": [
            {
                "scorer": ScorerKind.COMMUNITY,
                "weight": 60,
                "criteria": [{"criterion": "按时", "most": 40}, {"criterion": "质量", "most": 60}],
            },
            {"scorer": ScorerKind.CITY, "weight": 40, "criteria": [{"criterion": "实效", "most": 100}]},
        ],
        "items_weight": 80,
        "item_weighting": ItemWeighting.BENEFICIARIES,
        "least_items": 2,
    }
    return fields | given


def draft(db: Database, **given: Any) -> dict[str, Any]:
    drafted: dict[str, Any] = do(db, usecases.draft_scheme, **scheme_fields(**given), actor=ADMIN)
    return drafted


def publish_one(db: Database, effective_on: date = TOMORROW, **given: Any) -> dict[str, Any]:
    scheme = draft(db, **given)
    answer: dict[str, Any] = do(
        db, usecases.publish_scheme, scheme_id=scheme["scheme_id"], effective_on=effective_on, actor=ADMIN
    )
    return answer


def listed(db: Database, *, actor: Actor = ADMIN, limit: int = 20, **given: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {"status": None, "cursor": None, "limit": limit}
    page: dict[str, Any] = do(db, usecases.list_schemes, **wanted | given, actor=actor)
    return page


def test_a_scheme_survives_the_round_trip_whole(db: Database) -> None:
    drafted = draft(db)

    kept = do(db, usecases.get_scheme, scheme_id=drafted["scheme_id"], actor=ADMIN)

    assert (kept["number"], kept["status"], kept["is_in_force"]) == (2, SchemeStatus.DRAFT, False)
    assert [(rule.scorer, rule.weight, len(rule.criteria)) for rule in kept["scorers"]] == [
        (ScorerKind.COMMUNITY, 60, 2),
        (ScorerKind.CITY, 40, 1),
    ]
    assert (kept["points_lost_per_day_late"], kept["periodic_weight"]) == (Decimal("2.50"), 20)
    assert [line["act"] for line in kept["history"]] == ["draft_scheme"]


def test_the_worked_example_shows_what_the_scheme_makes_of_the_same_work(db: Database) -> None:
    first = do(db, usecases.get_scheme, scheme_id=FIRST_SCHEME.scheme_id, actor=worker())
    second = draft(db)

    assert first["worked_example"][-2].startswith("总分 44.00 + 32.50 + 9.00 = 85.50")
    assert second["worked_example"][-2].startswith("总分 52.80 + 24.375 + 9.50 = 86.68")
    assert first["is_in_force"] is True


def test_numbers_count_on_and_the_list_goes_down_to_the_first(db: Database) -> None:
    draft(db)
    draft(db)

    first_page = listed(db, limit=2)
    rest = listed(db, limit=2, cursor=first_page["next"])

    assert [one["number"] for one in first_page["items"]] == [3, 2]
    assert [(one["number"], one["is_in_force"]) for one in rest["items"]] == [(1, True)]
    assert rest["next"] is None


def test_drafts_are_seen_by_those_who_write_them_alone(db: Database) -> None:
    drafted = draft(db)

    with pytest.raises(SchemeNotFound):
        do(db, usecases.get_scheme, scheme_id=drafted["scheme_id"], actor=worker())

    assert [one["number"] for one in listed(db, actor=worker())["items"]] == [1]
    assert listed(db, actor=worker(), status=SchemeStatus.DRAFT)["items"] == []


def test_a_published_scheme_is_in_force_from_its_day_on(db: Database) -> None:
    second = publish_one(db)

    today = do(db, usecases.get_scheme, scheme_id=second["scheme_id"], actor=ADMIN)
    tomorrow = do(
        db, usecases.get_scheme, scheme_id=second["scheme_id"], actor=ADMIN, now=NOW + timedelta(days=1)
    )

    assert (today["is_in_force"], tomorrow["is_in_force"]) == (False, True)
    assert (today["possible_acts"], tomorrow["possible_acts"]) == (["withdraw_scheme"], [])


def test_two_schemes_never_begin_on_one_day(db: Database) -> None:
    publish_one(db)

    with pytest.raises(Invalid, match="上一版"):
        publish_one(db)


def test_a_withdrawn_scheme_makes_room_for_another(db: Database) -> None:
    second = publish_one(db)
    do(db, usecases.withdraw_scheme, scheme_id=second["scheme_id"], reason="重拟", actor=ADMIN)

    third = publish_one(db)

    assert third["number"] == 3


def test_a_draft_that_somebody_else_changed_is_not_overwritten(db: Database) -> None:
    drafted = draft(db)
    step = {"scheme_id": drafted["scheme_id"], "expected_version": 1, **scheme_fields(title="新名")}
    changed = do(db, usecases.change_scheme, **step, actor=ADMIN)

    with pytest.raises(VersionMismatch):
        do(db, usecases.change_scheme, **step, actor=ADMIN)

    assert (changed["title"], changed["version"]) == ("新名", 2)
    assert changed["history"][-1]["changes"]["名称"] == ["共建考核方案", "新名"]


def finished(db: Database, on: date) -> Any:
    item = item_in(ItemStatus.VERIFIED)
    item.finished_on = on
    store(db, item)
    return item


def test_work_is_scored_by_the_scheme_of_the_day_it_was_finished(db: Database) -> None:
    publish_one(db)
    before = finished(db, TODAY)
    later = NOW + timedelta(days=3)

    do(db, usecases.assess_item, item_id=before.item_id, score=Decimal(88), comment="", now=later)
    with db.transaction() as tx:
        usecases.hear_poll(tx, poll_closed(before))

    shown = show(db, before.item_id)
    assert (shown["score"]["total"], shown["score"]["grade"]) == (Decimal("86.50"), ScoreGrade.GOOD)
    assert shown["score"]["explanation"][-1].startswith("依据《认领事项考核方案》第 1 版")
    assert shown["assessing"]["number"] == 1


def test_two_parties_score_an_item_and_their_points_are_kept_with_it(db: Database) -> None:
    publish_one(db)
    item = finished(db, TOMORROW)
    later = NOW + timedelta(days=3)
    points = {"item_id": item.item_id, "comment": "", "now": later}

    with pytest.raises(ScoredByParts):
        do(db, usecases.assess_item, item_id=item.item_id, score=Decimal(88), comment="", now=later)
    do(db, usecases.score_item, **points, scorer=ScorerKind.COMMUNITY, points=[Decimal(36), Decimal(54)])
    with db.transaction() as tx:
        usecases.hear_poll(tx, poll_closed(item))
    half = show(db, item.item_id)
    do(db, usecases.score_item, **points, scorer=ScorerKind.CITY, points=[Decimal(80)], actor=city_officer())

    whole = show(db, item.item_id)
    assert (half["assessing"]["missing"], half["score"]["total"]) == ([ScorerKind.CITY], None)
    assert "score_item" in half["possible_acts"]
    # 86.00 · 60 % + 81.25 · 30 % + 100.00 · 10 %
    assert whole["score"]["total"] == Decimal("85.98")
    assert [one.total for one in whole["assessing"]["scorings"]] == [Decimal(90), Decimal(80)]
    assert whole["score"]["explanation"][-1] == f"依据《共建考核方案》第 2 版（{TOMORROW} 起施行）。"
    assert event_names(db).count("item_scored") == 1
