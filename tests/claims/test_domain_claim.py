"""The rules of claims, each once, in words: who may take how much, and the work until it is verified."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.contracts.base import ANONYMOUS, Forbidden, Invalid
from services.contracts.claims.errors import (
    ClaimNotFound,
    ItemAlreadyClaimed,
    ItemNotOpen,
)
from services.contracts.claims.terms import ClaimKind, ClaimStatus, ItemStatus
from tests.builders import (
    NOW,
    TODAY,
    TOMORROW,
    XINGAN,
    act_on_claim,
    city_officer,
    claim,
    item_with_claim,
    liaison,
    make_item,
    make_milestone,
    make_unit,
    publish,
    supervisor,
    worker,
)

# ---- claiming -----------------------------------------------------------------------------------


def test_a_whole_claim_takes_all_that_remains() -> None:
    item = publish(make_item(quantity=3))

    claimed = claim(item, make_unit())

    assert (claimed.quantity, item.remaining, item.status) == (3, 0, ItemStatus.CLAIMED)


def test_what_is_claimed_cannot_be_claimed_again_and_the_refusal_names_the_holder() -> None:
    item = publish(make_item())
    claim(item, make_unit("黑河供电公司"))

    with pytest.raises(ItemAlreadyClaimed, match="「已认领」，已由「黑河供电公司」认领"):
        claim(item, make_unit("黑河学院", number=2))


def test_parts_are_claimed_until_nothing_remains() -> None:
    item = publish(make_item(quantity=3))

    claim(item, make_unit(), kind=ClaimKind.PARTIAL, quantity=2)

    assert (item.remaining, item.status) == (1, ItemStatus.PUBLISHED)
    with pytest.raises(ItemAlreadyClaimed, match="只剩 1 处，不足 2 处"):
        claim(item, make_unit(number=2), kind=ClaimKind.PARTIAL, quantity=2)
    claim(item, make_unit(number=2), kind=ClaimKind.PARTIAL, quantity=1)
    assert item.status is ItemStatus.CLAIMED


def test_a_joint_claim_has_a_lead_and_at_least_one_unit_that_supports() -> None:
    item = publish(make_item())
    lead, support = make_unit("甲单位"), make_unit("乙单位", number=2)

    with pytest.raises(Invalid, match="至少需要一个协同单位"):
        claim(item, lead, kind=ClaimKind.JOINT)
    claimed = claim(item, lead, kind=ClaimKind.JOINT, units=[lead, support])
    assert claimed.lead is lead
    assert item.unit_names == ("甲单位", "乙单位")


@pytest.mark.parametrize("kind", [ClaimKind.WHOLE, ClaimKind.PARTIAL])
def test_only_a_joint_claim_has_units_that_support(kind: ClaimKind) -> None:
    lead, support = make_unit(), make_unit(number=2)

    with pytest.raises(Invalid, match="只有联合认领"):
        claim(publish(make_item()), lead, kind=kind, units=[lead, support])


def test_a_unit_takes_part_in_a_claim_once() -> None:
    unit = make_unit()

    with pytest.raises(Invalid, match="不能重复"):
        claim(publish(make_item()), unit, kind=ClaimKind.JOINT, units=[unit, unit])


def test_a_quantity_belongs_to_partial_claims_only() -> None:
    with pytest.raises(Invalid, match="只有部分认领需要填写数量"):
        claim(publish(make_item()), make_unit(), quantity=1)
    with pytest.raises(Invalid, match="部分认领应填写数量"):
        claim(publish(make_item()), make_unit(), kind=ClaimKind.PARTIAL)


def test_the_last_day_of_the_claim_period_counts() -> None:
    item = publish(make_item(quantity=2), claim_until_on=TODAY)

    claim(item, make_unit(), kind=ClaimKind.PARTIAL, quantity=1, today=TODAY)

    with pytest.raises(ItemNotOpen, match="认领期已于 2026-11-23 截止"):
        claim(item, make_unit(number=2), today=TOMORROW)


def test_a_liaison_claims_for_the_own_unit_only() -> None:
    with pytest.raises(Forbidden, match="只能代表本单位"):
        claim(publish(make_item()), make_unit(), actor=liaison(uuid4()))


@pytest.mark.parametrize("actor", [worker(), city_officer()])
def test_staff_may_claim_on_a_units_behalf(actor) -> None:  # type: ignore[no-untyped-def]
    item = publish(make_item())

    claim(item, make_unit(), actor=actor)

    assert item.status is ItemStatus.CLAIMED


@pytest.mark.parametrize("actor", [worker(XINGAN), supervisor(), ANONYMOUS])
def test_others_may_not_claim(actor) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Forbidden):
        claim(publish(make_item()), make_unit(), actor=actor)


def test_every_unit_of_a_claim_serves_the_community() -> None:
    here, elsewhere = make_unit("甲单位"), make_unit("乙单位", number=2, community_ids=[XINGAN])

    with pytest.raises(Forbidden, match="「乙单位」没有登记为服务本社区的单位"):
        claim(publish(make_item()), elsewhere)
    with pytest.raises(Forbidden, match="「乙单位」"):
        claim(publish(make_item()), here, kind=ClaimKind.JOINT, units=[here, elsewhere])


# ---- working ------------------------------------------------------------------------------------


def test_the_first_milestone_puts_the_item_in_progress() -> None:
    item, claimed = item_with_claim(ClaimStatus.CONFIRMED)

    act_on_claim(item, claimed, "report_milestone")

    assert (item.status, item.percent) == (ItemStatus.IN_PROGRESS, 50)


def test_progress_never_goes_down() -> None:
    item, claimed = item_with_claim(ClaimStatus.IN_PROGRESS)

    with pytest.raises(Invalid, match="上次报告为 50%"):
        item.report_milestone(claimed.claim_id, milestone=make_milestone(49), actor=worker(), now=NOW)
    item.report_milestone(claimed.claim_id, milestone=make_milestone(50), actor=worker(), now=NOW)
    assert item.percent == 50


def test_an_items_progress_weighs_its_claims_by_quantity() -> None:
    item = publish(make_item(quantity=3))
    first = claim(item, make_unit(), kind=ClaimKind.PARTIAL, quantity=2)
    claim(item, make_unit(number=2))
    act_on_claim(item, first, "confirm_claim")

    act_on_claim(item, first, "report_milestone")

    assert item.percent == 33


def test_an_item_is_submitted_when_all_its_claims_are() -> None:
    item = publish(make_item(quantity=2))
    claims = [claim(item, make_unit(number=n), kind=ClaimKind.PARTIAL, quantity=1) for n in (1, 2)]
    for each in claims:
        act_on_claim(item, each, "confirm_claim")

    act_on_claim(item, claims[0], "submit_claim")
    assert item.status is ItemStatus.IN_PROGRESS
    act_on_claim(item, claims[1], "submit_claim")
    assert item.status is ItemStatus.SUBMITTED


def test_an_item_with_something_left_stays_open_however_far_the_rest_is() -> None:
    item = publish(make_item(quantity=2))
    half = claim(item, make_unit(), kind=ClaimKind.PARTIAL, quantity=1)
    for step in ("confirm_claim", "submit_claim", "verify_claim"):
        act_on_claim(item, half, step)

    assert item.status is ItemStatus.PUBLISHED


def test_the_last_verified_claim_verifies_the_item_and_tells_who_did_the_work() -> None:
    item = publish(make_item(quantity=2))
    units = [make_unit("甲单位"), make_unit("乙单位", number=2)]
    claims = [claim(item, unit, kind=ClaimKind.PARTIAL, quantity=1) for unit in units]
    for each in claims:
        act_on_claim(item, each, "confirm_claim")
        act_on_claim(item, each, "submit_claim")

    first = act_on_claim(item, claims[0], "verify_claim")
    last = act_on_claim(item, claims[1], "verify_claim")

    assert first is None
    assert (last.unit_names, last.doer_usccs) == (("甲单位", "乙单位"), tuple(unit.uscc for unit in units))
    assert (item.status, item.percent, item.finished_on) == (ItemStatus.VERIFIED, 100, TODAY)


def test_after_being_sent_back_only_the_next_submission_counts() -> None:
    item, claimed = item_with_claim(ClaimStatus.SUBMITTED)
    late = item.due_on + timedelta(days=2)

    act_on_claim(item, claimed, "send_back_claim")
    assert (item.status, claimed.submitted_at) == (ItemStatus.IN_PROGRESS, None)
    act_on_claim(item, claimed, "submit_claim", today=late)
    act_on_claim(item, claimed, "verify_claim", today=late)

    assert item.finished_on == late


def test_a_released_claim_gives_its_quantity_back() -> None:
    item, claimed = item_with_claim(ClaimStatus.IN_PROGRESS)

    event = act_on_claim(item, claimed, "release_claim")

    assert (event.remaining, item.status, item.percent) == (3, ItemStatus.PUBLISHED, 0)
    assert claim(item, make_unit("接手单位", number=2)).quantity == 3
    assert item.unit_names == ("接手单位",)


def test_a_claim_is_looked_for_in_its_own_item() -> None:
    item, _ = item_with_claim(ClaimStatus.CLAIMED)
    _, other = item_with_claim(ClaimStatus.CLAIMED)

    with pytest.raises(ClaimNotFound):
        act_on_claim(item, other, "confirm_claim")


@pytest.mark.parametrize(
    ("act", "lead_may", "support_may"),
    [
        ("confirm_claim", False, False),
        ("report_milestone", True, True),
        ("submit_claim", True, False),
        ("send_back_claim", False, False),
        ("verify_claim", False, False),
        ("release_claim", True, False),
    ],
)
def test_what_the_units_of_a_claim_may_do_themselves(act: str, *, lead_may: bool, support_may: bool) -> None:
    lead, support, stranger = make_unit("甲单位"), make_unit("乙单位", number=2), make_unit(number=3)
    may = {lead: lead_may, support: support_may, stranger: False}

    for unit, allowed in may.items():
        item = publish(make_item())
        claimed = claim(item, lead, kind=ClaimKind.JOINT, units=[lead, support])
        ready = {"confirm_claim": 0, "send_back_claim": 2, "verify_claim": 2}.get(act, 1)
        for step in ("confirm_claim", "submit_claim")[:ready]:
            act_on_claim(item, claimed, step)
        if allowed:
            act_on_claim(item, claimed, act, actor=liaison(unit))
        else:
            with pytest.raises(Forbidden):
                act_on_claim(item, claimed, act, actor=liaison(unit))
