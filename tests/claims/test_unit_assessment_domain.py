"""A unit's result of a period: every act on it in every state."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from services.claims.domain.period import (
    AssessedItem,
)
from services.claims.domain.unit_assessment import RESULT_ACTS
from services.contracts.base import Actor, Forbidden, Invalid
from services.contracts.claims.errors import (
    CommendationNotInForce,
    GradeTooLow,
    ObjectionPeriodOver,
    ResultInNotice,
    ResultNotInState,
    SampleInsufficient,
    ScoringIncomplete,
)
from services.contracts.claims.events import UnitCommendationRevoked
from services.contracts.claims.scheme_terms import (
    ResultStatus,
)
from services.contracts.working_days import WorkCalendar
from tests.builders import NOW, XINGAN, liaison, supervisor, worker
from tests.claims.unit_results import (
    AFTER,
    CLOSED,
    NOTICE_END,
    act_on,
    freeze,
    good_items,
    make_assessed,
    make_result,
    result_in,
)


@pytest.mark.parametrize("act", RESULT_ACTS)
@pytest.mark.parametrize("status", ResultStatus)
def test_every_act_outside_its_states_is_refused_with_the_state(status: ResultStatus, act: str) -> None:
    result = result_in(status)
    if status in RESULT_ACTS[act][1]:
        return

    assert act not in result.possible_acts(actor=worker(), today=AFTER)
    with pytest.raises(ResultNotInState, match=status.label):
        act_on(result, act)


@pytest.mark.parametrize("act", RESULT_ACTS)
@pytest.mark.parametrize("status", ResultStatus)
@pytest.mark.parametrize("today", [CLOSED, AFTER])
def test_every_act_that_is_shown_as_possible_is_possible(status: ResultStatus, act: str, today: date) -> None:
    result = result_in(status)

    if act in result.possible_acts(actor=worker(), today=today):
        act_on(result, act, today=today)


@pytest.mark.parametrize("act", RESULT_ACTS)
@pytest.mark.parametrize("actor", [worker(XINGAN), liaison(uuid4())])
def test_strangers_do_nothing_with_a_result(actor: Actor, act: str) -> None:
    for status in RESULT_ACTS[act][1]:
        result = result_in(status)
        assert act not in result.possible_acts(actor=actor, today=CLOSED)
        with pytest.raises(Forbidden):
            act_on(result, act, actor=actor, today=CLOSED)


def test_the_unit_itself_and_supervisors_may_object_in_the_notice_and_not_after() -> None:
    result = result_in(ResultStatus.FROZEN)
    own = liaison(result.unit)

    assert result.possible_acts(actor=own, today=CLOSED) == ["object_to_result"]
    act_on(result, "object_to_result", actor=own, today=NOTICE_END)
    act_on(result, "object_to_result", actor=supervisor(), today=NOTICE_END)
    with pytest.raises(ObjectionPeriodOver):
        act_on(result, "object_to_result", actor=own, today=AFTER)

    assert len(result.objections) == 2


def test_a_result_waits_for_the_points_of_every_party() -> None:
    result = make_result()

    with pytest.raises(ScoringIncomplete, match="社区"):
        freeze(result, *good_items())
    assert freeze(result) is None

    assert (result.status, result.total, result.notice_until_on) == (ResultStatus.FROZEN, None, None)


def test_the_notice_lasts_five_working_days() -> None:
    result = result_in(ResultStatus.FROZEN)

    assert result.notice_until_on == NOTICE_END
    with pytest.raises(ResultInNotice, match="公示期"):
        act_on(result, "commend_unit", today=NOTICE_END)
    with pytest.raises(ResultInNotice):
        act_on(result, "record_feedback", today=NOTICE_END)


def test_an_open_objection_keeps_from_commending() -> None:
    result = result_in(ResultStatus.FROZEN)
    act_on(result, "object_to_result", today=NOTICE_END)

    with pytest.raises(ResultInNotice, match="异议"):
        act_on(result, "commend_unit")
    act_on(result, "answer_result_objection")

    assert act_on(result, "commend_unit").total == Decimal("90.00")


def test_an_upheld_objection_takes_the_commendation_and_reopens_the_result() -> None:
    result = result_in(ResultStatus.COMMENDED)
    act_on(result, "object_to_result", today=AFTER)

    event = result.answer(
        result.objections[0].objection_id, is_upheld=True, answer="材料不实", actor=worker(), now=NOW
    )
    rescored = act_on(result, "settle_unit_assessment")

    assert isinstance(event, UnitCommendationRevoked)
    assert rescored.notice_until_on > NOTICE_END
    with pytest.raises(CommendationNotInForce):
        act_on(result, "commend_unit", today=rescored.notice_until_on + timedelta(days=1))


@pytest.mark.parametrize(
    ("items", "refusal"),
    [
        ([make_assessed("70.00")] * 3, GradeTooLow),
        ([make_assessed("95.00")] * 2, SampleInsufficient),
    ],
)
def test_only_good_work_that_enough_people_rated_is_commended(
    items: list[AssessedItem], refusal: type[Exception]
) -> None:
    result = make_result()
    act_on(result, "score_unit")
    freeze(result, *items)

    assert "commend_unit" not in result.possible_acts(actor=worker(), today=AFTER)
    with pytest.raises(refusal):
        act_on(result, "commend_unit")


@pytest.mark.parametrize("words", ["发给奖金 500 元", "评比第一", "授予荣誉称号"])
def test_praise_is_in_words_and_never_money_or_titles(words: str) -> None:
    with pytest.raises(Invalid, match="评比达标表彰须经"):
        result_in(ResultStatus.FROZEN).commend(
            commendation_id=uuid4(),
            reason=words,
            calendar=WorkCalendar(),
            actor=worker(),
            today=AFTER,
            now=NOW,
        )
