"""Needs: every state met with every act, and what a text may not keep."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.claims.domain.need import title_of, without_numbers, working_days_for
from services.claims.domain.need_acts import NEED_ACTS
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid, VersionMismatch
from services.contracts.claims.errors import NeedNotInState
from services.contracts.claims.need_terms import NeedSource, NeedStatus
from tests.builders import HUAYUAN, NOW, TODAY, XINGAN, city_officer, liaison, supervisor, worker
from tests.claims.need_acting import DUE_ON, act_on_need, make_need, need_in

WAITING = (NeedStatus.RECEIVED, NeedStatus.TRIAGED, NeedStatus.REFERRED)
STEPS = {
    **{("triage_need", status): NeedStatus.TRIAGED for status in WAITING},
    **{("refer_need", status): NeedStatus.REFERRED for status in WAITING},
    **{("decline_need", status): NeedStatus.DECLINED for status in WAITING},
    **{("merge_need", status): NeedStatus.MERGED for status in WAITING},
    **{("answer_need", status): NeedStatus.ANSWERED for status in WAITING},
    ("answer_need", NeedStatus.MATTER): NeedStatus.ANSWERED,
    ("turn_need_into_item", NeedStatus.TRIAGED): NeedStatus.ITEM,
    ("turn_need_into_item", NeedStatus.MATTER): NeedStatus.ITEM,
    ("turn_need_into_matter", NeedStatus.TRIAGED): NeedStatus.MATTER,
}


@pytest.mark.parametrize("status", NeedStatus)
@pytest.mark.parametrize("act", NEED_ACTS)
def test_a_need_moves_only_as_the_table_says(act: str, status: NeedStatus) -> None:
    need = need_in(status)
    version = need.version

    if (act, status) in STEPS:
        event = act_on_need(need, act)
        assert (need.status, need.version) == (STEPS[act, status], version + 1)
        assert (event.need_id, event.community_id, event.code) == (need.need_id, HUAYUAN, need.code)
    else:
        with pytest.raises(NeedNotInState, match=f"{status.label}.*{NEED_ACTS[act].label}"):
            act_on_need(need, act)
        assert (need.status, need.version) == (status, version)


@pytest.mark.parametrize("status", NeedStatus)
@pytest.mark.parametrize("act", NEED_ACTS)
@pytest.mark.parametrize(
    "actor", [worker(XINGAN), supervisor(), ANONYMOUS, liaison(uuid4())], ids=lambda actor: actor.actor_id
)
def test_no_act_on_a_need_is_open_to_strangers(act: str, status: NeedStatus, actor: Actor) -> None:
    need = need_in(status)

    with pytest.raises(Forbidden):
        act_on_need(need, act, actor=actor)

    assert need.possible_acts(actor) == []


@pytest.mark.parametrize("status", NeedStatus)
def test_the_acts_offered_to_staff_are_those_that_succeed(status: NeedStatus) -> None:
    offered = need_in(status).possible_acts(worker())

    assert set(offered) == {act for act, state in STEPS if state is status}


def test_a_need_is_seen_by_staff_and_supervisors_of_its_community_and_by_the_city() -> None:
    need = make_need()

    assert need.may_be_seen_by(worker())
    assert need.may_be_seen_by(city_officer())
    assert need.may_be_seen_by(supervisor())
    assert not any(need.may_be_seen_by(other) for other in (worker(XINGAN), ANONYMOUS, liaison(uuid4())))


def test_a_merger_leads_to_another_need_of_the_same_community_that_is_not_merged_itself() -> None:
    need, who = make_need(), {"actor": worker(), "now": NOW}

    for other in (need, make_need(number=2, community_id=XINGAN), need_in(NeedStatus.MERGED)):
        with pytest.raises(Invalid) as refusal:
            need.merge_into(other, **who)  # type: ignore[arg-type]
        assert list(refusal.value.fields) == ["into_need_id"]
    assert need.status is NeedStatus.RECEIVED


def test_days_are_counted_while_somebody_waits_for_an_answer_also_after_a_referral() -> None:
    late = DUE_ON + timedelta(days=2)

    assert need_in(NeedStatus.RECEIVED).days_left(TODAY) == 7
    assert need_in(NeedStatus.REFERRED).days_left(late) == -2
    assert need_in(NeedStatus.ANSWERED).days_left(late) is None


def test_an_act_on_what_has_changed_meanwhile_is_refused() -> None:
    need = need_in(NeedStatus.TRIAGED)

    with pytest.raises(VersionMismatch):
        need.require_version(1)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("请打 13845678901 联系", "请打 ［号码已隐去］ 联系"),
        ("电话138 4567 8901。", "电话［号码已隐去］。"),
        ("+86-138-4567-8901", "［号码已隐去］"),
        ("座机 0456-8222222", "座机 ［号码已隐去］"),
        ("身份证 23110219600101123X", "身份证 ［号码已隐去］"),
        ("工单 202611230001 号，3 号楼 2 单元 301", "工单 202611230001 号，3 号楼 2 单元 301"),
    ],
)
def test_telephone_and_identity_numbers_are_left_out_of_a_text(text: str, kept: str) -> None:
    assert without_numbers(text) == kept


def test_without_a_title_the_text_begins_it() -> None:
    assert title_of("灯不亮", "随便") == "灯不亮"
    assert title_of("", "楼道灯不亮\n请修理") == "楼道灯不亮"
    assert title_of("", "灯" * 50) == "灯" * 29 + "…"


@pytest.mark.parametrize("source", NeedSource)
def test_every_source_has_its_period_of_five_working_days(source: NeedSource) -> None:
    assert working_days_for(source, on=TODAY) == 5
