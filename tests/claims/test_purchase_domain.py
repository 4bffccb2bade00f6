"""The rules of buying services: who may buy and sell, budget first, days, sums, and what holds the money back."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.claims.domain.purchase_rules import PURCHASE_ACTS, holdback_of, last_day_of_years
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid
from services.contracts.claims.errors import (
    BudgetMissing,
    BuyerNotAllowed,
    OffersMissing,
    PayeeIsDonor,
    PurchaseNotInState,
    SupplierNotAllowed,
)
from services.contracts.claims.purchase_terms import (
    PurchaseMethod,
    PurchaseParty,
    PurchaseStatus,
)
from services.contracts.claims.terms import UnitKind
from tests.builders import NOW, XINGAN, liaison, make_unit, supervisor, worker
from tests.fund_builders import manager
from tests.purchase_builders import (
    BUDGET,
    FROM_ON,
    act_on_purchase,
    make_organisation,
    make_purchase,
    make_terms,
    milestones,
    offer,
    pass_milestones,
    pay,
    purchase_in,
)

S = PurchaseStatus
STEPS = {
    ("record_offer", S.PLANNED): S.PLANNED,
    ("choose_supplier", S.PLANNED): S.CHOSEN,
    ("sign_contract", S.CHOSEN): S.CONTRACTED,
    ("report_purchase_milestone", S.CONTRACTED): S.CONTRACTED,
    ("check_purchase_milestone", S.CONTRACTED): S.CONTRACTED,
    ("accept_purchase", S.CONTRACTED): S.ACCEPTED,
    ("pay_instalment", S.CONTRACTED): S.CONTRACTED,
    ("pay_instalment", S.ACCEPTED): S.ACCEPTED,
    ("pay_instalment", S.HELD_BACK): S.HELD_BACK,
    ("close_purchase", S.ACCEPTED): S.CLOSED,
    ("terminate_purchase", S.PLANNED): S.TERMINATED,
    ("terminate_purchase", S.CHOSEN): S.TERMINATED,
    ("terminate_purchase", S.CONTRACTED): S.TERMINATED,
    ("terminate_purchase", S.HELD_BACK): S.TERMINATED,
}


def ready(act: str, status: PurchaseStatus) -> Any:
    """A purchase in that state, with what the act needs besides the state."""
    item, purchase = purchase_in(status)
    if (act, status) == ("record_offer", S.PLANNED):
        item, purchase = make_purchase()
    if status is S.CONTRACTED:
        if act == "check_purchase_milestone":
            act_on_purchase(item, purchase, "report_purchase_milestone")
        if act in ("accept_purchase", "pay_instalment"):
            pass_milestones(item, purchase)
    if (act, status) == ("close_purchase", S.ACCEPTED):
        for one in purchase.instalments:
            pay(purchase, item, one.number)
    return item, purchase


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("act", PURCHASE_ACTS)
def test_a_purchase_moves_only_as_the_table_says(act: str, status: PurchaseStatus) -> None:
    item, purchase = ready(act, status)
    version, is_offered = purchase.version, act in purchase.possible_acts(item, actor=manager())

    if (act, status) in STEPS:
        assert is_offered
        act_on_purchase(item, purchase, act)
        assert purchase.status is STEPS[act, status]
        assert purchase.version == version + 1
    else:
        assert not is_offered
        with pytest.raises(PurchaseNotInState, match=status.label):
            act_on_purchase(item, purchase, act)
        assert (purchase.status, purchase.version) == (status, version)


@pytest.mark.parametrize("status", S)
def test_the_builder_comes_to_every_state(status: PurchaseStatus) -> None:
    assert purchase_in(status)[1].status is status


@pytest.mark.parametrize(
    "actor",
    [worker(XINGAN), supervisor(), liaison(make_unit()), ANONYMOUS],
    ids=["other community", "supervisor", "other unit", "public"],
)
@pytest.mark.parametrize(("act", "status"), STEPS)
def test_no_act_on_a_purchase_is_open_to_strangers(act: str, status: PurchaseStatus, actor: Actor) -> None:
    item, purchase = ready(act, status)

    with pytest.raises(Forbidden):
        act_on_purchase(item, purchase, act, actor=actor)

    assert purchase.possible_acts(item, actor=actor) == []


@pytest.mark.parametrize(
    "act", ["choose_supplier", "sign_contract", "accept_purchase", "close_purchase", "terminate_purchase"]
)
def test_what_binds_the_community_is_for_its_leaders(act: str) -> None:
    status = next(status for name, status in STEPS if name == act)
    item, purchase = ready(act, status)

    with pytest.raises(Forbidden, match="社区书记/主任"):
        act_on_purchase(item, purchase, act, actor=worker())


def test_the_supplier_reports_its_own_milestones_and_does_nothing_else() -> None:
    item, purchase = purchase_in(S.CONTRACTED)
    assert purchase.supplier is not None
    own = liaison(purchase.supplier)

    assert purchase.possible_acts(item, actor=own) == ["report_purchase_milestone"]
    act_on_purchase(item, purchase, "report_purchase_milestone", actor=own)
    with pytest.raises(Forbidden):
        act_on_purchase(item, purchase, "check_purchase_milestone", actor=own)


# ---- plan ---------------------------------------------------------------------------------------


def test_budget_first() -> None:
    with pytest.raises(BudgetMissing, match="先有预算后购买"):
        make_purchase(earmarked_fen=BUDGET - 1)


@pytest.mark.parametrize("kind", [kind for kind in PurchaseParty if kind is not PurchaseParty.STATE_ORGAN])
def test_only_state_organs_buy(kind: PurchaseParty) -> None:
    with pytest.raises(BuyerNotAllowed, match="财政部令第102号"):
        make_purchase(buyer_kind=kind)


def test_a_single_source_needs_its_reason() -> None:
    with pytest.raises(Invalid) as refused:
        make_purchase(method_reason="")

    assert [*refused.value.fields] == ["method_reason"]


def test_a_plan_that_everybody_will_read_names_no_telephone_number() -> None:
    with pytest.raises(Invalid, match="手机号码"):
        make_purchase(content="联系 13904561234")


def test_planning_is_for_leaders() -> None:
    with pytest.raises(Forbidden):
        make_purchase(actor=worker())


# ---- choice -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit_kind", "supplier_kind", "is_allowed"),
    [
        (UnitKind.SOCIAL_ORGANISATION, PurchaseParty.SOCIAL_ORGANISATION, True),
        (UnitKind.SOCIAL_ORGANISATION, PurchaseParty.RESIDENTS_COMMITTEE, True),
        (UnitKind.SOCIAL_ORGANISATION, PurchaseParty.MASS_ORGANISATION, False),
        (UnitKind.ENTERPRISE, PurchaseParty.ENTERPRISE, True),
        (UnitKind.INSTITUTION, PurchaseParty.PUBLIC_TWO, True),
        (UnitKind.INSTITUTION, PurchaseParty.PUBLIC_ONE, False),
        (UnitKind.GOVERNMENT, PurchaseParty.STATE_ORGAN, False),
    ],
)
def test_who_may_be_a_supplier(unit_kind: UnitKind, supplier_kind: PurchaseParty, is_allowed: bool) -> None:
    _item, purchase = make_purchase()
    unit = make_unit(kind=unit_kind)

    if is_allowed:
        offer(purchase, unit, supplier_kind=supplier_kind)
        assert [one.unit for one in purchase.offers] == [unit]
    else:
        with pytest.raises(SupplierNotAllowed, match="财政部令第102号"):
            offer(purchase, unit, supplier_kind=supplier_kind)


def test_a_unit_cannot_call_itself_what_it_is_not() -> None:
    _item, purchase = make_purchase()

    with pytest.raises(SupplierNotAllowed, match="登记为事业单位"):
        offer(purchase, make_unit(kind=UnitKind.INSTITUTION), supplier_kind=PurchaseParty.ENTERPRISE)


@pytest.mark.parametrize(
    "method", [PurchaseMethod.OPEN_TENDER, PurchaseMethod.CONSULTATION, PurchaseMethod.INQUIRY]
)
def test_competition_needs_three_offers(method: PurchaseMethod) -> None:
    item, purchase = make_purchase(method=method, method_reason="")
    for _ in range(2):
        offer(purchase)
    with pytest.raises(OffersMissing, match="须有 3 家"):
        act_on_purchase(item, purchase, "choose_supplier")

    offer(purchase)
    act_on_purchase(item, purchase, "choose_supplier")

    assert purchase.supplier is purchase.offers[0].unit


def test_a_unit_offers_once_and_a_single_source_is_one() -> None:
    _item, tender = make_purchase(method=PurchaseMethod.OPEN_TENDER)
    unit = make_organisation()
    offer(tender, unit)
    with pytest.raises(Invalid, match="每家只报一次"):
        offer(tender, unit)

    _item, single = make_purchase()
    offer(single)
    with pytest.raises(Invalid, match="只有一家"):
        offer(single)


def test_an_offer_above_the_budget_is_not_chosen() -> None:
    item, purchase = make_purchase()
    offer(purchase, amount_fen=BUDGET + 1)

    with pytest.raises(BudgetMissing, match="超过预算"):
        act_on_purchase(item, purchase, "choose_supplier")


def test_who_gave_the_fund_its_money_does_not_earn_it_back() -> None:
    _item, purchase = make_purchase()
    offer(purchase)
    chosen = purchase.offers[0]

    with pytest.raises(PayeeIsDonor):
        purchase.choose_supplier(
            offer_id=chosen.offer_id, reason="", donors={chosen.unit.unit_id}, actor=manager()
        )


# ---- contract -----------------------------------------------------------------------------------


def test_a_contract_stays_within_the_offer() -> None:
    _item, purchase = purchase_in(S.CHOSEN)

    with pytest.raises(Invalid, match="不能超过成交报价"):
        purchase.sign_contract(
            make_terms(amount_fen=90_001, milestones=milestones((30, 81_000))), actor=manager(), now=NOW
        )
    assert purchase.status is S.CHOSEN


@pytest.mark.parametrize(
    ("from_on", "years", "last"),
    [
        (date(2026, 12, 1), 1, date(2027, 11, 30)),
        (date(2026, 12, 1), 3, date(2029, 11, 30)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
    ],
)
def test_the_last_day_of_years(from_on: date, years: int, last: date) -> None:
    assert last_day_of_years(from_on, years) == last


@pytest.mark.parametrize(
    ("days_more", "years", "reason", "wrong"),
    [
        (0, 1, "", None),
        (1, 1, "", "long_term_reason"),
        (1, 1, "服务固定、经费稳定", None),
        (0, 3, "服务固定、经费稳定", None),
        (1, 3, "服务固定、经费稳定", "to_on"),
        (-366, 1, "", "to_on"),
    ],
)
def test_a_contract_lasts_a_year_and_three_with_a_reason(
    days_more: int, years: int, reason: str, wrong: str | None
) -> None:
    to_on = last_day_of_years(FROM_ON, years) + timedelta(days=days_more)
    terms = make_terms(to_on=to_on, long_term_reason=reason, milestones=milestones((0, 72_000)))

    if wrong is None:
        terms.require_sound()
    else:
        with pytest.raises(Invalid) as refused:
            terms.require_sound()
        assert [*refused.value.fields] == [wrong]


@pytest.mark.parametrize(
    ("amount", "percent", "held"), [(80_000, 10, 8_000), (99, 5, 5), (1, 50, 1), (101, 10, 11)]
)
def test_the_holdback_is_rounded_up_to_the_fen(amount: int, percent: int, held: int) -> None:
    assert holdback_of(amount, percent) == held


@pytest.mark.parametrize(
    "parts",
    [
        milestones((30, 30_000), (120, 41_999)),
        milestones((30, 30_000), (120, 42_001)),
        milestones((120, 30_000), (30, 42_000)),
        milestones((30, 30_000), (181, 42_000)),
    ],
    ids=["a fen too little", "a fen too much", "out of order", "after the end"],
)
def test_instalments_fit_the_sum_and_the_days(parts: Any) -> None:
    with pytest.raises(Invalid):
        make_terms(milestones=parts).require_sound()


def test_a_contract_is_paid_in_as_many_parts_as_milestones_and_one_that_is_held() -> None:
    _item, purchase = purchase_in(S.CONTRACTED)

    parts = [(one.number, one.amount_fen, one.is_holdback) for one in purchase.instalments]
    assert parts == [(1, 30_000, False), (2, 42_000, False), (3, 8_000, True)]
    assert sum(amount for _, amount, _ in parts) == purchase.contract_fen
