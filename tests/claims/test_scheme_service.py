"""The doors to schemes and units' results: shapes, and many who come at once."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.clock import local_today
from services.chassis.db import Database
from services.contracts.base import Actor, Invalid, Role
from services.contracts.claims.terms import ItemStatus
from tests.builders import HUAYUAN, city_officer, item_in, poll_closed, worker
from tests.claims.test_service import Doors, at_once
from tests.claims.test_unit_assessment_usecases import settled_world

ADMIN = Actor(actor_id="admin", name="周主任", roles=(Role.CITY_ADMIN,))
TOMORROW = local_today() + timedelta(days=1)
FIELDS: dict[str, Any] = {
    "title": "共建考核方案",
    "assessment_weight": 50,
    "poll_weight": 40,
    "timeliness_weight": 10,
    "points_lost_per_day_late": "5",
    "excellent_from": "90",
    "good_from": "80",
    "passed_from": "60",
    "scorers": [
        {"scorer": "community", "weight": 60, "criteria": [{"criterion": "质量", "most": 100}]},
        {"scorer": "city", "weight": 40, "criteria": [{"criterion": "实效", "most": 100}]},
    ],
    "items_weight": 70,
    "item_weighting": "equal",
    "least_items": 3,
}


@pytest.fixture
def doors(db: Database) -> Doors:
    return Doors(db)


def draft(doors: Doors, number: int = 0) -> dict[str, Any]:
    drafted: dict[str, Any] = doors.ask("draft_scheme", FIELDS, actor=ADMIN, key=f"draft-{number}")
    return drafted


def codes(outcomes: list[Any]) -> Counter[str]:
    return Counter(getattr(outcome, "code", "done") for outcome in outcomes)


def last_quarter() -> dict[str, Any]:
    today = local_today()
    number = (today.month + 2) // 3 - 1
    year, quarter = (today.year, number) if number else (today.year - 1, 4)
    return {"community_id": str(HUAYUAN), "kind": "quarter", "year": year, "quarter": quarter}


# ---- many at once --------------------------------------------------------------------------------


def test_drafts_that_are_written_at_once_get_numbers_of_their_own(doors: Doors) -> None:
    drafted = at_once(6, lambda number: draft(doors, number))

    assert sorted(one["number"] for one in drafted) == [2, 3, 4, 5, 6, 7]


def test_of_schemes_that_are_published_at_once_for_one_day_one_is(doors: Doors) -> None:
    drafted = [draft(doors, number) for number in range(5)]

    outcomes = at_once(
        5,
        lambda number: doors.ask(
            "publish_scheme",
            {"scheme_id": drafted[number]["scheme_id"], "effective_on": str(TOMORROW)},
            actor=ADMIN,
            key=f"publish-{number}",
        ),
    )

    assert codes(outcomes) == {"done": 1, "invalid": 4}


def two_party_item(doors: Doors) -> str:
    scheme = draft(doors)
    doors.ask(
        "publish_scheme", {"scheme_id": scheme["scheme_id"], "effective_on": str(TOMORROW)}, actor=ADMIN
    )
    item = item_in(ItemStatus.VERIFIED)
    item.finished_on = TOMORROW
    doors.store(item)
    doors.hear(poll_closed(item))
    return str(item.item_id)


def test_parties_that_score_at_once_complete_the_assessment_once(doors: Doors) -> None:
    item_id = two_party_item(doors)
    parties = [("community", worker()), ("city", city_officer())]

    at_once(
        2,
        lambda number: doors.ask(
            "score_item",
            {"item_id": item_id, "scorer": parties[number][0], "points": ["90.00"]},
            actor=parties[number][1],
            key=f"score-{number}",
        ),
    )

    shown = doors.ask("get_item", {"item_id": item_id})
    assert doors.event_names().count("item_scored") == 1
    assert (shown["score"]["assessment"], shown["score"]["total"]) == ("90.00", "87.50")


def test_a_score_that_is_sent_twice_counts_once(doors: Doors) -> None:
    item_id = two_party_item(doors)
    points = {"item_id": item_id, "scorer": "community", "points": ["90.00"]}

    at_once(4, lambda _: doors.ask("score_item", points, key="one-key"))

    shown = doors.ask("get_item", {"item_id": item_id})
    assert len(shown["assessing"]["scorings"]) == 1
    assert [line["act"] for line in shown["history"]].count("score_item") == 1


def test_a_period_that_many_open_and_many_close_has_one_result_for_each_unit(doors: Doors) -> None:
    settled_world(doors.database, items=0)

    opened = at_once(5, lambda number: doors.ask("open_period", last_quarter(), key=f"open-{number}"))
    period = next(one for one in opened if isinstance(one, dict))
    assessment = {"assessment_id": period["results"][0]["assessment_id"]}
    doors.ask("score_unit", {**assessment, "scorer": "community", "points": ["90"]})
    closed = at_once(
        5, lambda number: doors.ask("close_period", {"period_id": period["period_id"]}, key=f"close-{number}")
    )

    assert codes(opened) == {"done": 1, "period_already_opened": 4}
    assert codes(closed) == {"done": 1, "period_not_in_state": 4}
    assert doors.event_names() == ["unit_scored"]


def test_points_that_race_the_closing_are_in_the_result_or_refused(doors: Doors) -> None:
    settled_world(doors.database, items=0)
    period = doors.ask("open_period", last_quarter())
    assessment = {"assessment_id": period["results"][0]["assessment_id"]}
    points = {**assessment, "scorer": "community"}
    doors.ask("score_unit", {**points, "points": ["60"]})

    scored, _ = at_once(
        2,
        lambda number: (
            doors.ask("close_period", {"period_id": period["period_id"]}, key="close")
            if number
            else doors.ask("score_unit", {**points, "points": ["90"]}, key="score")
        ),
    )

    result = doors.ask("get_unit_assessment", assessment)
    was_refused = getattr(scored, "code", "") == "result_not_in_state"
    assert result["total"] == ("60.00" if was_refused else "90.00")
    assert result["assessing"]["scorings"][0]["total"] == result["total"]


# ---- shapes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "data", "field"),
    [
        ("draft_scheme", {**FIELDS, "poll_weight": 101}, "poll_weight"),
        ("draft_scheme", {**FIELDS, "poll_weight": 40.5}, "poll_weight"),
        ("draft_scheme", {**FIELDS, "scorers": []}, "scorers"),
        ("draft_scheme", {**FIELDS, "money": 1}, "money"),
        ("score_item", {"item_id": str(uuid4()), "scorer": "city", "points": ["100.01"]}, "points.0"),
        ("score_item", {"item_id": str(uuid4()), "scorer": "mayor", "points": ["1"]}, "scorer"),
        ("open_period", {**last_quarter(), "quarter": 5}, "quarter"),
        ("open_period", {**last_quarter(), "kind": "week"}, "kind"),
        ("commend_unit", {"assessment_id": str(uuid4())}, "reason"),
        ("list_items", {"figure": "everything"}, "figure"),
        ("get_dashboard", {"period": "2026-13"}, "period"),
        ("get_money_figures", {"period": "2026-Q5"}, "period"),
    ],
)
def test_what_no_shape_allows_is_refused_with_its_field(
    doors: Doors, method: str, data: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        doors.ask(method, data, actor=ADMIN)

    assert field in refused.value.fields


@pytest.mark.parametrize(
    "method", ["get_scheme", "get_period", "get_unit_assessment", "publish_scheme", "score_unit"]
)
def test_what_is_not_there_is_not_found(doors: Doors, method: str) -> None:
    more = {
        "publish_scheme": {"effective_on": str(TOMORROW)},
        "score_unit": {"scorer": "community", "points": ["1"]},
    }
    name = {"get_period": "period_id", "get_unit_assessment": "assessment_id", "score_unit": "assessment_id"}

    with pytest.raises(Exception, match="没有这"):
        doors.ask(method, {name.get(method, "scheme_id"): str(uuid4()), **more.get(method, {})}, actor=ADMIN)


def test_periods_are_paged_the_latest_first(doors: Doors) -> None:
    year = last_quarter()["year"] - 1
    for quarter in (1, 2, 3):
        doors.ask("open_period", {**last_quarter(), "year": year, "quarter": quarter})

    first = doors.ask("list_periods", {"limit": 2})
    rest = doors.ask("list_periods", {"limit": 2, "cursor": first["next"]})

    assert [one["label"][-6:] for one in (*first["items"], *rest["items"])] == [
        "第 3 季度",
        "第 2 季度",
        "第 1 季度",
    ]
    assert rest["next"] is None


def test_public_results_are_paged(doors: Doors) -> None:
    settled_world(doors.database, items=0)
    year = last_quarter()["year"] - 1
    for quarter in (1, 2, 3):
        period = doors.ask("open_period", {**last_quarter(), "year": year, "quarter": quarter})
        assessment_id: UUID = period["results"][0]["assessment_id"]
        doors.ask("score_unit", {"assessment_id": assessment_id, "scorer": "community", "points": ["90"]})
        doors.ask("close_period", {"period_id": period["period_id"]})

    first = doors.ask("list_unit_assessments", {"limit": 2})
    rest = doors.ask("list_unit_assessments", {"limit": 2, "cursor": first["next"]})

    shown = [one["period"] for one in (*first["items"], *rest["items"])]
    assert len(set(shown)) == 3
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
