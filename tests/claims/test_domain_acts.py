"""Every state met with every act: what the table of acts does not allow is refused, and says why."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.claims.domain.acts import CLAIM_ACTS, ITEM_ACTS
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Role
from services.contracts.claims.errors import ClaimNotInState, ItemAlreadyClaimed, ItemNotInState
from services.contracts.claims.terms import ClaimKind, ClaimStatus, ItemStatus
from tests.builders import (
    NOW,
    TODAY,
    XINGAN,
    act_on_claim,
    act_on_item,
    claim,
    item_in,
    item_with_claim,
    liaison,
    make_item,
    make_poll,
    make_unit,
    manager,
    publish,
    supervisor,
    worker,
)

ITEM_STEPS = {
    ("publish_item", ItemStatus.DRAFT): ItemStatus.PUBLISHED,
    ("publish_item", ItemStatus.EXPIRED): ItemStatus.PUBLISHED,
    **{
        ("revise_item", status): status
        for status in (
            ItemStatus.DRAFT,
            ItemStatus.PUBLISHED,
            ItemStatus.EXPIRED,
            ItemStatus.CLAIMED,
            ItemStatus.IN_PROGRESS,
            ItemStatus.FUNDED,
        )
    },
    ("claim_item", ItemStatus.PUBLISHED): ItemStatus.CLAIMED,
    ("plan_purchase", ItemStatus.DRAFT): ItemStatus.PURCHASED,
    ("plan_purchase", ItemStatus.EXPIRED): ItemStatus.PURCHASED,
    ("fund_item", ItemStatus.EXPIRED): ItemStatus.FUNDED,
    ("withdraw_item", ItemStatus.EXPIRED): ItemStatus.WITHDRAWN,
    ("finish_item", ItemStatus.FUNDED): ItemStatus.VERIFIED,
    ("assess_item", ItemStatus.VERIFIED): ItemStatus.VERIFIED,
    ("commend_item", ItemStatus.SCORED): ItemStatus.COMMENDED,
    ("raise_objection", ItemStatus.COMMENDED): ItemStatus.COMMENDED,
    ("revoke_commendation", ItemStatus.COMMENDED): ItemStatus.SCORED,
}
# The others need an objection, a rectification or a claim besides a state: `test_outcome.py`, `test_item_expiry.py`.
ALONE = [act for act in ITEM_ACTS if act in {name for name, _ in ITEM_STEPS}]
CLAIM_STEPS = {
    ("confirm_claim", ClaimStatus.CLAIMED): ClaimStatus.CONFIRMED,
    ("report_milestone", ClaimStatus.CONFIRMED): ClaimStatus.IN_PROGRESS,
    ("report_milestone", ClaimStatus.IN_PROGRESS): ClaimStatus.IN_PROGRESS,
    **{
        (act, status): status
        for act in ("attach_evidence", "withdraw_evidence", "show_evidence")
        for status in (
            ClaimStatus.CONFIRMED,
            ClaimStatus.IN_PROGRESS,
            ClaimStatus.SUBMITTED,
            ClaimStatus.VERIFIED,
        )
        if status is not ClaimStatus.VERIFIED or act == "show_evidence"
    },
    ("submit_claim", ClaimStatus.CONFIRMED): ClaimStatus.SUBMITTED,
    ("submit_claim", ClaimStatus.IN_PROGRESS): ClaimStatus.SUBMITTED,
    ("send_back_claim", ClaimStatus.SUBMITTED): ClaimStatus.IN_PROGRESS,
    ("verify_claim", ClaimStatus.SUBMITTED): ClaimStatus.VERIFIED,
    ("release_claim", ClaimStatus.CLAIMED): ClaimStatus.RELEASED,
    ("release_claim", ClaimStatus.CONFIRMED): ClaimStatus.RELEASED,
    ("release_claim", ClaimStatus.IN_PROGRESS): ClaimStatus.RELEASED,
}


@pytest.mark.parametrize("status", ItemStatus)
@pytest.mark.parametrize("act", ALONE)
def test_an_item_moves_only_as_the_table_says(act: str, status: ItemStatus) -> None:
    item = item_in(status)
    version = item.version

    if (act, status) in ITEM_STEPS:
        act_on_item(item, act)
        assert item.status is ITEM_STEPS[act, status]
        assert item.version == version + 1
    else:
        with pytest.raises((ItemNotInState, ItemAlreadyClaimed), match=status.label):
            act_on_item(item, act)
        assert (item.status, item.version) == (status, version)


@pytest.mark.parametrize("status", ClaimStatus)
@pytest.mark.parametrize("act", CLAIM_ACTS)
def test_a_claim_moves_only_as_the_table_says(act: str, status: ClaimStatus) -> None:
    item, claimed = item_with_claim(status)
    version = item.version

    if (act, status) in CLAIM_STEPS:
        act_on_claim(item, claimed, act)
        assert claimed.status is CLAIM_STEPS[act, status]
        assert item.version == version + 1
    else:
        with pytest.raises(ClaimNotInState, match=status.label):
            act_on_claim(item, claimed, act)
        assert (claimed.status, item.version) == (status, version)


BY_STAFF = {"confirm_claim", "send_back_claim", "verify_claim", "show_evidence"}
STRANGERS = [worker(XINGAN), supervisor(), liaison(uuid4()), ANONYMOUS]


@pytest.mark.parametrize("actor", STRANGERS, ids=["other community", "supervisor", "other unit", "public"])
@pytest.mark.parametrize(("act", "status"), ITEM_STEPS)
def test_no_act_on_an_item_is_open_to_strangers(act: str, status: ItemStatus, actor: Actor) -> None:
    item = item_in(status)
    is_theirs = actor.has_role(Role.SUPERVISOR) and status is ItemStatus.COMMENDED
    theirs = ["raise_objection"] if is_theirs else []

    if act not in theirs:
        with pytest.raises(Forbidden):
            act_on_item(item, act, actor=actor)

    assert item.possible_acts(actor=actor, unit=None, today=TODAY) == theirs


@pytest.mark.parametrize("actor", STRANGERS, ids=["other community", "supervisor", "other unit", "public"])
@pytest.mark.parametrize(("act", "status"), CLAIM_STEPS)
def test_no_act_on_a_claim_is_open_to_strangers(act: str, status: ClaimStatus, actor: Actor) -> None:
    item, claimed = item_with_claim(status)

    with pytest.raises(Forbidden):
        act_on_claim(item, claimed, act, actor=actor)

    assert claimed.possible_acts(actor=actor, community_id=item.community_id) == []


@pytest.mark.parametrize("status", [status for status in ItemStatus if status is not ItemStatus.VERIFIED])
def test_a_polls_result_is_heard_only_while_it_is_awaited(status: ItemStatus) -> None:
    item = item_in(status)

    with pytest.raises(ItemNotInState, match=status.label):
        item.hear_poll(make_poll(), now=NOW)


@pytest.mark.parametrize("status", ItemStatus)
def test_the_acts_offered_to_staff_are_those_that_succeed(status: ItemStatus) -> None:
    offered = item_in(status).possible_acts(actor=manager(), unit=None, today=TODAY)

    succeeding = []
    for act in ALONE:
        try:
            act_on_item(item_in(status), act)
        except (ItemNotInState, ItemAlreadyClaimed):
            continue
        succeeding.append(act)
    assert offered == succeeding


@pytest.mark.parametrize("status", ClaimStatus)
def test_the_acts_offered_on_a_claim_are_those_that_succeed(status: ClaimStatus) -> None:
    item, claimed = item_with_claim(status)

    staff = claimed.possible_acts(actor=worker(), community_id=item.community_id)
    lead = claimed.possible_acts(actor=liaison(claimed.lead), community_id=item.community_id)

    assert staff == [act for act in CLAIM_ACTS if (act, status) in CLAIM_STEPS]
    assert lead == [act for act in staff if act not in BY_STAFF]
    assert claimed.possible_acts(actor=ANONYMOUS, community_id=item.community_id) == []


def test_a_liaison_is_offered_claiming_only_where_the_unit_serves_and_only_in_time() -> None:
    item, unit, elsewhere = publish(make_item()), make_unit(), make_unit(number=2, community_ids=[])
    after = TODAY + timedelta(days=8)

    assert item.possible_acts(actor=liaison(unit), unit=unit, today=TODAY) == ["claim_item"]
    assert item.possible_acts(actor=liaison(unit), unit=unit, today=after) == []
    assert item.possible_acts(actor=liaison(elsewhere), unit=elsewhere, today=TODAY) == []
    assert item.possible_acts(actor=worker(), unit=None, today=after) == ["publish_item"]


def test_commending_is_offered_only_for_good_work_on_a_sufficient_sample() -> None:
    item = item_in(ItemStatus.VERIFIED)
    act_on_item(item, "assess_item")
    item.hear_poll(make_poll(is_sample_sufficient=False), now=NOW)

    assert item.possible_acts(actor=worker(), unit=None, today=TODAY) == []


class ItemLife(RuleBasedStateMachine):
    """Units and staff do anything at any time; nothing is promised twice, and the status never lies."""

    @initialize(quantity=st.integers(1, 6))
    def begin(self, quantity: int) -> None:
        self.item = make_item(quantity=quantity)
        self.units = [make_unit(f"单位{number}", number=number) for number in range(1, 4)]
        self.times_verified = 0
        self.highest: dict[object, int] = {}

    @rule()
    def publish(self) -> None:
        self.attempt(lambda: act_on_item(self.item, "publish_item"))

    @rule(who=st.integers(0, 2), quantity=st.none() | st.integers(1, 6))
    def claim(self, who: int, quantity: int | None) -> None:
        kind = ClaimKind.WHOLE if quantity is None else ClaimKind.PARTIAL
        self.attempt(lambda: claim(self.item, self.units[who], kind=kind, quantity=quantity))

    @precondition(lambda self: self.item.claims)
    @rule(which=st.integers(0, 20), act=st.sampled_from(list(CLAIM_ACTS)))
    def step(self, which: int, act: str) -> None:
        claimed = self.item.claims[which % len(self.item.claims)]
        event = self.attempt(lambda: act_on_claim(self.item, claimed, act))
        if act == "verify_claim" and event is not None:
            self.times_verified += 1

    @rule()
    def assess(self) -> None:
        self.attempt(lambda: act_on_item(self.item, "assess_item"))

    @rule(score=st.none() | st.just("81.25"))
    def close_poll(self, score: str | None) -> None:
        self.attempt(lambda: self.item.hear_poll(make_poll(score), now=NOW))

    def attempt(self, act):  # type: ignore[no-untyped-def]
        """A refused act must leave no trace."""
        before = self.item.facts(), self.item.version
        try:
            return act()
        except (ItemNotInState, ItemAlreadyClaimed, ClaimNotInState):
            assert (self.item.facts(), self.item.version) == before
            return None

    @invariant()
    def nothing_is_promised_twice(self) -> None:
        promised = sum(claimed.quantity for claimed in self.item.active_claims)
        assert promised == self.item.claimed_quantity <= self.item.quantity

    @invariant()
    def the_status_follows_from_the_facts(self) -> None:
        assert self.item.status is self.item.derived_status
        assert (self.item.status is ItemStatus.VERIFIED) <= (self.item.finished_on is not None)
        is_over = self.item.status in {ItemStatus.VERIFIED, ItemStatus.SCORED}
        assert is_over == (self.times_verified == 1)

    @invariant()
    def progress_never_goes_down(self) -> None:
        for claimed in self.item.claims:
            assert claimed.percent >= self.highest.get(claimed.claim_id, 0)
            self.highest[claimed.claim_id] = claimed.percent


TestItemLife = ItemLife.TestCase
TestItemLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
