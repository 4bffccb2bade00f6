"""Schemes of assessment as data: what is a sound one, from when it counts, and who gives which points."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.scheme import (
    FIRST_SCHEME,
    SCHEME_ACTS,
    Criterion,
    Scheme,
    ScorerRule,
    Scoring,
    assessed,
    require_sound,
    scheme_on,
)
from services.contracts.base import Actor, Forbidden, Invalid, Role
from services.contracts.claims.errors import (
    ItemNotInState,
    SchemeNotInState,
    ScoredByParts,
    ScorerIsSame,
)
from services.contracts.claims.scheme_terms import ItemWeighting, SchemeStatus, ScorerKind
from services.contracts.claims.terms import ItemStatus, ScoreGrade
from tests.builders import NOW, TODAY, TOMORROW, XINGAN, city_officer, item_in, make_poll, worker

ADMIN = Actor(actor_id="admin", name="周主任", roles=(Role.CITY_ADMIN,))
COMMUNITY = ScorerRule(
    scorer=ScorerKind.COMMUNITY,
    weight=60,
    criteria=(Criterion(criterion="按时", most=40), Criterion(criterion="质量", most=60)),
)
CITY = ScorerRule(scorer=ScorerKind.CITY, weight=40, criteria=(Criterion(criterion="实效", most=100),))


def make_scheme(**given: Any) -> Scheme:
    """Two parties, 60 to 40; otherwise as the first."""
    fields: dict[str, Any] = {
        "scheme_id": uuid4(),
        "number": 2,
        "title": "共建考核方案",
        "assessment_weight": 50,
        "poll_weight": 40,
        "timeliness_weight": 10,
        "points_lost_per_day_late": Decimal(5),
        "excellent_from": Decimal(90),
        "good_from": Decimal(80),
        "passed_from": Decimal(60),
        "scorers": [COMMUNITY, CITY],
        "items_weight": 70,
        "item_weighting": ItemWeighting.EQUAL,
        "least_items": 3,
        "drafted_at": NOW,
    }
    return Scheme(**fields | given)


def published(effective_on: date = TOMORROW, **given: Any) -> Scheme:
    scheme = make_scheme(**given)
    scheme.publish(
        effective_on=effective_on,
        latest=date(2026, 1, 1),
        actor=ADMIN,
        today=effective_on - timedelta(days=1),
        now=NOW,
    )
    return scheme


def scoring(scorer: ScorerKind, *points: str, by: str = "") -> Scoring:
    return Scoring(
        scoring_id=uuid4(),
        scorer=scorer,
        points=[Decimal(one) for one in points],
        scored_by_id=by or f"{scorer}-person",
        scored_at=NOW,
    )


# ---- what is sound, and from when it counts ------------------------------------------------------


def test_the_first_scheme_is_that_of_the_domain_rules() -> None:
    require_sound(FIRST_SCHEME)

    rules = FIRST_SCHEME.rules
    assert (rules.assessment_weight, rules.poll_weight, rules.timeliness_weight) == (
        Decimal("0.5"),
        Decimal("0.4"),
        Decimal("0.1"),
    )
    assert [threshold for threshold, _ in rules.thresholds] == [90, 80, 60, 0]
    assert not FIRST_SCHEME.is_by_parts


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"poll_weight": 41}, "assessment_weight"),
        ({"assessment_weight": 0, "poll_weight": 90}, "assessment_weight"),
        ({"good_from": Decimal(90)}, "excellent_from"),
        ({"passed_from": Decimal(0)}, "excellent_from"),
        ({"scorers": [CITY]}, "scorers"),
        ({"scorers": [COMMUNITY, COMMUNITY]}, "scorers"),
        (
            {"scorers": [ScorerRule(scorer=ScorerKind.CITY, weight=100, criteria=COMMUNITY.criteria[:1])]},
            "scorers",
        ),
        (
            {
                "scorers": [
                    ScorerRule(
                        scorer=ScorerKind.CITY,
                        weight=100,
                        criteria=(Criterion(criterion="质量", most=50),) * 2,
                    )
                ]
            },
            "scorers",
        ),
    ],
)
def test_what_does_not_add_up_is_refused_with_the_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_sound(make_scheme(**wrong))

    assert [*refused.value.fields] == [field]


def test_a_scheme_counts_from_its_day_of_effect_on_and_not_before() -> None:
    second = published()

    assert scheme_on(TODAY, [second]) is FIRST_SCHEME
    assert scheme_on(TOMORROW, [second]) is second
    assert scheme_on(date(2020, 1, 1), [second]) is FIRST_SCHEME


@pytest.mark.parametrize("effective_on", [TODAY, TODAY - timedelta(days=1)])
def test_a_scheme_is_never_back_dated(effective_on: date) -> None:
    scheme = make_scheme()

    with pytest.raises(Invalid, match="晚于今天"):
        scheme.publish(effective_on=effective_on, latest=date(2026, 1, 1), actor=ADMIN, today=TODAY, now=NOW)

    assert scheme.status is SchemeStatus.DRAFT


def test_a_scheme_begins_after_every_one_before_it() -> None:
    with pytest.raises(Invalid, match="上一版"):
        make_scheme().publish(effective_on=TOMORROW, latest=TOMORROW, actor=ADMIN, today=TODAY, now=NOW)


def act_on(scheme: Scheme, act: str, *, actor: Actor = ADMIN, today: date = TODAY) -> None:
    match act:
        case "change_scheme":
            scheme.change(actor=actor, title="改名")
        case "publish_scheme":
            scheme.publish(
                effective_on=today + timedelta(days=1),
                latest=date(2026, 1, 1),
                actor=actor,
                today=today,
                now=NOW,
            )
        case "withdraw_scheme":
            scheme.withdraw(reason="重拟", actor=actor, today=today)


def scheme_in(status: SchemeStatus) -> Scheme:
    scheme = make_scheme()
    if status is SchemeStatus.PUBLISHED:
        act_on(scheme, "publish_scheme")
    if status is SchemeStatus.WITHDRAWN:
        act_on(scheme, "withdraw_scheme")
    return scheme


@pytest.mark.parametrize("act", SCHEME_ACTS)
@pytest.mark.parametrize("status", SchemeStatus)
def test_every_act_is_possible_in_its_states_and_refused_in_all_others(
    status: SchemeStatus, act: str
) -> None:
    scheme = scheme_in(status)

    if status in SCHEME_ACTS[act][1]:
        assert act in scheme.possible_acts(actor=ADMIN, today=TODAY)
        act_on(scheme, act)
    else:
        assert act not in scheme.possible_acts(actor=ADMIN, today=TODAY)
        with pytest.raises(SchemeNotInState, match=status.label):
            act_on(scheme, act)


def test_a_scheme_in_effect_cannot_be_taken_back() -> None:
    scheme = published()

    assert scheme.possible_acts(actor=ADMIN, today=TOMORROW) == []
    with pytest.raises(SchemeNotInState, match="已经施行"):
        scheme.withdraw(reason="重拟", actor=ADMIN, today=TOMORROW)


@pytest.mark.parametrize("act", SCHEME_ACTS)
def test_only_the_citys_administrator_manages_schemes(act: str) -> None:
    with pytest.raises(Forbidden):
        act_on(make_scheme(), act, actor=city_officer())


# ---- points by parties ---------------------------------------------------------------------------


def test_the_assessment_waits_for_every_party_and_weighs_their_points() -> None:
    scheme = published()
    community = scoring(ScorerKind.COMMUNITY, "36.00", "54.00")

    assert assessed(scheme, [community]) is None
    result = assessed(scheme, [community, scoring(ScorerKind.CITY, "80.00")])

    assert result == (
        Decimal("86.00"),
        [
            "社区评分：按时 36.00/40、质量 54.00/60，合计 90.00。",
            "市级评分：实效 80.00/100，合计 80.00。",
            "考核得分 社区 90.00 × 60% + 市级 80.00 × 40% = 86.00。",
        ],
    )


@given(
    st.decimals(0, 40, places=2),
    st.decimals(0, 60, places=2),
    st.decimals(0, 100, places=2),
)
def test_the_assessment_lies_between_what_the_parties_gave(
    in_time: Decimal, quality: Decimal, effect: Decimal
) -> None:
    given_points = [
        scoring(ScorerKind.COMMUNITY, str(in_time), str(quality)),
        scoring(ScorerKind.CITY, str(effect)),
    ]

    result = assessed(published(), given_points)

    assert result is not None
    totals = [one.total for one in given_points]
    assert min(totals) <= result[0] <= max(totals)


def test_an_item_of_two_parties_is_scored_when_both_and_the_poll_are_there() -> None:
    scheme, item = published(), item_in(ItemStatus.VERIFIED)

    first = item.add_scoring(
        scoring(ScorerKind.COMMUNITY, "36", "54"), actor=worker(), scheme=scheme, now=NOW
    )
    polled = item.hear_poll(make_poll("81.25"), scheme=scheme, now=NOW)
    waiting = item.status
    event = item.add_scoring(scoring(ScorerKind.CITY, "90"), actor=city_officer(), scheme=scheme, now=NOW)

    assert (first, polled, waiting) == (None, None, ItemStatus.VERIFIED)
    assert event is not None
    assert (event.assessment, event.total, event.grade) == (
        Decimal("90.00"),
        Decimal("87.50"),
        ScoreGrade.GOOD,
    )
    assert item.score_explanation[0].startswith("社区评分：按时")
    assert item.score_explanation[-1] == f"依据《共建考核方案》第 2 版（{TOMORROW} 起施行）。"


def test_a_party_corrects_its_own_points_and_no_one_speaks_for_two() -> None:
    scheme, item = published(), item_in(ItemStatus.VERIFIED)
    item.add_scoring(
        scoring(ScorerKind.COMMUNITY, "36", "54", by="one"), actor=worker(), scheme=scheme, now=NOW
    )

    item.add_scoring(
        scoring(ScorerKind.COMMUNITY, "30", "54", by="one"), actor=worker(), scheme=scheme, now=NOW
    )
    with pytest.raises(ScorerIsSame):
        item.add_scoring(
            scoring(ScorerKind.CITY, "90", by="one"), actor=city_officer(), scheme=scheme, now=NOW
        )

    assert [one.total for one in item.scorings] == [Decimal(84)]


@pytest.mark.parametrize(
    ("given_points", "field"),
    [(("36",), "points"), (("36", "54", "1"), "points"), (("41", "54"), "points.0")],
)
def test_points_fit_the_criteria(given_points: tuple[str, ...], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        item_in(ItemStatus.VERIFIED).add_scoring(
            scoring(ScorerKind.COMMUNITY, *given_points), actor=worker(), scheme=published(), now=NOW
        )

    assert [*refused.value.fields] == [field]


def test_each_party_scores_only_its_own_part() -> None:
    scheme, item = published(), item_in(ItemStatus.VERIFIED)

    with pytest.raises(Forbidden):
        item.add_scoring(scoring(ScorerKind.CITY, "90"), actor=worker(), scheme=scheme, now=NOW)
    with pytest.raises(Forbidden):
        item.add_scoring(
            scoring(ScorerKind.COMMUNITY, "36", "54"), actor=worker(XINGAN), scheme=scheme, now=NOW
        )
    with pytest.raises(Invalid, match="不参加评分"):
        item.add_scoring(scoring(ScorerKind.CITY, "90"), actor=city_officer(), scheme=FIRST_SCHEME, now=NOW)


def test_one_number_is_refused_where_parts_are_wanted_and_only_the_right_act_is_shown() -> None:
    scheme, item = published(), item_in(ItemStatus.VERIFIED)

    with pytest.raises(ScoredByParts):
        item.assess(assessment=Decimal(88), comment="", actor=worker(), scheme=scheme, now=NOW)

    by_parts = item.possible_acts(actor=worker(), unit=None, today=TODAY, scheme=scheme)
    by_one = item.possible_acts(actor=worker(), unit=None, today=TODAY)
    assert ("score_item" in by_parts, "assess_item" in by_parts) == (True, False)
    assert ("score_item" in by_one, "assess_item" in by_one) == (False, True)


@pytest.mark.parametrize("status", [status for status in ItemStatus if status is not ItemStatus.VERIFIED])
def test_points_are_given_only_for_verified_work_that_is_not_scored_yet(status: ItemStatus) -> None:
    with pytest.raises(ItemNotInState, match=status.label):
        item_in(status).add_scoring(
            scoring(ScorerKind.COMMUNITY, "36", "54"), actor=worker(), scheme=published(), now=NOW
        )
