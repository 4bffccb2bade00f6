"""The life of a unit in the alliance: which act fits which state, and who may do it."""

from typing import Any
from uuid import uuid4

import pytest

from services.claims.domain.unit import Unit
from services.claims.domain.unit_acts import UNIT_ACTS, Who
from services.contracts.base import ANONYMOUS, Actor, Event, Forbidden, Invalid
from services.contracts.claims.errors import UnitHasOpenClaims, UnitNotFound, UnitNotInState, UnitNotMember
from services.contracts.claims.terms import ClaimKind, UnitStatus
from tests.builders import (
    HUAYUAN,
    NOW,
    TODAY,
    XINGAN,
    city_officer,
    liaison,
    make_item,
    make_unit,
    make_uscc,
    supervisor,
    worker,
)

PUBLISHED = {UnitStatus.MEMBER, UnitStatus.SUSPENDED, UnitStatus.LEFT}


def act_on(unit: Unit, act: str, *, actor: Actor) -> Event | None:
    """Any act, with arguments that only the unit's state or the actor could make wrong."""
    match act:
        case "apply_again":
            fields: dict[str, Any] = {"functions": [], "community_ids": [HUAYUAN], "introduction": ""}
            return unit.apply_again(**fields, reference_hash="a" * 64, actor=actor, now=NOW)
        case "approve_unit":
            return unit.approve(actor=actor, today=TODAY, now=NOW)
        case "refuse_unit":
            return unit.refuse(reason="材料不全", actor=actor, now=NOW)
        case "suspend_unit":
            return unit.suspend(reason="两次未办结", actor=actor, now=NOW)
        case "reinstate_unit":
            return unit.reinstate(actor=actor, now=NOW)
        case "leave_alliance":
            return unit.leave(reason="迁出", open_claims=0, actor=actor, now=NOW)
        case "change_unit":
            unit.change(
                unit_name="新名",
                sort_key="xin ming",
                kind=unit.kind,
                functions=[],
                community_ids=[HUAYUAN],
                introduction="",
                actor=actor,
            )
            return None
        case _:
            unit.touch(act, actor)
            return None


@pytest.mark.parametrize("status", UnitStatus)
@pytest.mark.parametrize("act", UNIT_ACTS)
def test_an_act_succeeds_exactly_in_the_states_of_the_table(act: str, status: UnitStatus) -> None:
    unit, rule = make_unit(status=status), UNIT_ACTS[act]
    before = unit.version

    if status in rule.states:
        event = act_on(unit, act, actor=worker())

        assert unit.status is (rule.leads_to or status)
        assert unit.version == before + 1
        assert (event is None) == (rule.leads_to is None)
    else:
        with pytest.raises(UnitNotInState, match=rf"现为「{status.label}」，不能{rule.label}"):
            act_on(unit, act, actor=worker())

        assert (unit.status, unit.version) == (status, before)


@pytest.mark.parametrize("act", UNIT_ACTS)
@pytest.mark.parametrize("status", UnitStatus)
def test_what_is_offered_is_what_would_succeed(act: str, status: UnitStatus) -> None:
    for make_actor in (worker, city_officer, supervisor, lambda: worker(XINGAN), lambda: liaison(uuid4())):
        unit, actor = make_unit(status=status), make_actor()
        is_offered = act in unit.possible_acts(actor)
        try:
            act_on(unit, act, actor=actor)
        except (Forbidden, UnitNotInState):
            assert not is_offered
        else:
            assert is_offered or UNIT_ACTS[act].who is Who.ANYBODY


def test_its_own_liaison_keeps_the_contacts_and_may_leave_but_decides_nothing() -> None:
    unit = make_unit()

    assert unit.possible_acts(liaison(unit)) == ["leave_alliance", "add_unit_contact", "remove_unit_contact"]
    assert unit.possible_acts(liaison(uuid4())) == []
    with pytest.raises(Forbidden):
        unit.suspend(reason="x", actor=liaison(unit), now=NOW)


@pytest.mark.parametrize("actor", [worker(XINGAN), supervisor(), liaison(uuid4()), ANONYMOUS])
@pytest.mark.parametrize("status", UnitStatus)
def test_who_applied_or_was_refused_does_not_exist_for_others(actor: Actor, status: UnitStatus) -> None:
    unit = make_unit(status=status)

    if status in PUBLISHED:
        unit.require_seen_by(actor)
    else:
        with pytest.raises(UnitNotFound):
            unit.require_seen_by(actor)
    unit.require_seen_by(worker())
    unit.require_seen_by(liaison(unit))


def test_a_unit_leaves_only_when_nothing_it_claimed_is_open() -> None:
    unit = make_unit()

    with pytest.raises(UnitHasOpenClaims, match="还有 2 项认领"):
        unit.leave(reason="迁出", open_claims=2, actor=worker(), now=NOW)

    assert unit.status is UnitStatus.MEMBER


def test_an_application_names_a_sound_code_and_becomes_no_member_by_itself() -> None:
    unit, applied = Unit.apply(
        unit_id=uuid4(),
        uscc=make_uscc(),
        unit_name=" 黑河学院 ",
        sort_key="",
        kind=make_unit().kind,
        functions=[],
        community_ids=[HUAYUAN, HUAYUAN],
        introduction="可出人清雪",
        reference_hash="b" * 64,
        today=TODAY,
        now=NOW,
    )

    assert (unit.status, unit.joined_on, unit.unit_name) == (UnitStatus.APPLIED, None, "黑河学院")
    assert applied.community_ids == (HUAYUAN,)
    unit.approve(actor=worker(), today=TODAY, now=NOW)
    assert (unit.status, unit.joined_on) == (UnitStatus.MEMBER, TODAY)


def test_whoever_applies_again_does_not_rewrite_the_name_on_record() -> None:
    unit = make_unit("市中医院", status=UnitStatus.REFUSED, reason="材料不全")

    act_on(unit, "apply_again", actor=ANONYMOUS)

    assert (unit.unit_name, unit.reason, unit.status) == ("市中医院", "", UnitStatus.APPLIED)


def test_staff_do_not_move_a_unit_out_of_their_own_reach() -> None:
    unit = make_unit()

    with pytest.raises(Invalid) as refusal:
        unit.change(
            unit_name="x",
            sort_key="x",
            kind=unit.kind,
            functions=[],
            community_ids=[XINGAN],
            introduction="",
            actor=worker(),
        )

    assert list(refusal.value.fields) == ["community_ids"]


@pytest.mark.parametrize("status", set(UnitStatus) - {UnitStatus.MEMBER})
def test_only_members_claim_and_are_offered_to_claim(status: UnitStatus) -> None:
    unit = make_unit(status=status)
    item = make_item()
    item.publish(party_study_on=TODAY, claim_until_on=TODAY, actor=worker(), today=TODAY, now=NOW)

    with pytest.raises(UnitNotMember, match=f"为「{status.label}」，只有成员单位可以认领"):
        item.claim(
            claim_id=uuid4(),
            kind=ClaimKind.WHOLE,
            quantity=None,
            units=[unit],
            note="",
            actor=worker(),
            today=TODAY,
            now=NOW,
        )

    assert "claim_item" not in item.possible_acts(actor=liaison(unit), unit=unit, today=TODAY)
    assert item.claims == []
