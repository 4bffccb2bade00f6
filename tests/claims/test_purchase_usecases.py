"""Purchases in the database: state, money, clocks and events in one transaction, and races that nobody wins twice."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.chassis import clocks
from services.chassis.db import Database
from services.claims import usecases
from services.contracts.base import Actor, Conflict
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.errors import (
    BudgetMissing,
    EarmarkReserved,
    InstalmentNotPayable,
    PayeeIsDonor,
    PurchaseNotFound,
)
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundAccount,
    FundSource,
    PayeeKind,
    PayerKind,
    PostingKind,
)
from services.contracts.claims.purchase_terms import InstalmentStatus, PurchaseMethod, PurchaseStatus
from services.contracts.claims.terms import ItemStatus
from tests.builders import TODAY, XINGAN, item_fields, liaison, make_unit, supervisor, worker
from tests.claims.acting import do, event_names, events, show
from tests.claims.fund_acting import PAYMENT, balances, ledger, opened, receive, reverse
from tests.claims.purchase_acting import Deal
from tests.fund_builders import manager
from tests.purchase_builders import BUDGET, FROM_ON, TO_ON


@pytest.fixture
def deal(db: Database) -> Deal:
    return Deal(db)


def running(deal: Deal, kind: ClockKind, subject_id: UUID | None = None) -> clocks.Clock | None:
    with deal.db.reading() as tx:
        return clocks.find(tx.session, kind, subject_id or deal.purchase_id)


def test_story_five_nobody_claims_it_and_a_bad_poll_holds_the_money_back(deal: Deal) -> None:
    assert show(deal.db, deal.item.item_id)["status"] is ItemStatus.EXPIRED
    deal.contracted().work()
    deal.pay(1)
    deal.pay(2)
    deal.accept()
    assert show(deal.db, deal.item.item_id)["status"] is ItemStatus.VERIFIED

    deal.score("35.00")
    held = deal.shown()
    with pytest.raises(InstalmentNotPayable, match="未达标"):
        deal.ask(3)
    deal.rectify()
    deal.pay(3)
    deal.act(usecases.close_purchase)

    assert (held["status"], held["paid_fen"]) == (PurchaseStatus.HELD_BACK, 72_000)
    assert (deal.shown()["status"], deal.shown()["paid_fen"], deal.spent()) == (
        PurchaseStatus.CLOSED,
        80_000,
        80_000,
    )
    assert balances(deal.db, deal.fund_id)[FundAccount.EARMARKED] == BUDGET - 80_000
    told = [name for name in event_names(deal.db) if name.startswith(("item", "purchase", "rect"))]
    assert told == [
        "item_expired",
        "purchase_planned",
        "purchase_contracted",
        "purchase_milestone_reported",
        "purchase_milestone_reported",
        "purchase_paid",
        "purchase_paid",
        "purchase_accepted",
        "item_verified",
        "item_scored",
        "rectification_opened",
        "purchase_held_back",
        "rectification_reported",
        "rectification_closed",
        "purchase_paid",
        "purchase_closed",
    ]


def test_a_purchase_survives_a_round_trip_with_all_that_belongs_to_it(deal: Deal) -> None:
    deal.contracted().work()
    deal.ask(1)

    shown = deal.shown()

    assert (shown["code"], shown["title"]) == ("CG-2026-0001", deal.item.title)
    assert (shown["supplier_name"], shown["buyer_name"]) == (deal.supplier.unit_name, "花园街道办事处")
    assert [one["status"] for one in shown["instalments"]] == [
        InstalmentStatus.ASKED,
        InstalmentStatus.PAYABLE,
        InstalmentStatus.HELD,
    ]
    assert (shown["from_on"], shown["to_on"], shown["holdback_percent"]) == (FROM_ON, TO_ON, 10)
    assert [line["act"] for line in shown["history"]] == [
        "plan_purchase",
        "record_offer",
        "choose_supplier",
        "sign_contract",
        *["report_purchase_milestone", "check_purchase_milestone"] * 2,
        "pay_instalment",
    ]


def test_the_item_shows_its_purchase_and_is_due_when_the_contract_ends(deal: Deal) -> None:
    deal.contracted()

    item = show(deal.db, deal.item.item_id)

    assert (item["status"], item["purchase_id"]) == (ItemStatus.PURCHASED, deal.purchase_id)
    assert item["due_on"] == TO_ON
    assert running(deal, ClockKind.DECIDE_EXPIRED, deal.item.item_id) is None


def test_without_an_earmark_nothing_is_planned(db: Database) -> None:
    deal = Deal(db, earmarked_fen=0)

    with pytest.raises(BudgetMissing, match=r"预留了 0\.00 元"):
        deal.plan()

    assert show(db, deal.item.item_id)["status"] is ItemStatus.EXPIRED


def test_a_draft_of_a_plan_is_bought_without_going_on_the_list(deal: Deal) -> None:
    draft = do(deal.db, usecases.create_item, **item_fields(plan_reference="2026 年购买服务目录第 3 项"))
    deal.by(
        usecases.earmark_money,
        fund_id=deal.fund_id,
        item_id=draft.item_id,
        amount_fen=BUDGET,
        note="",
        posted_on=None,
    )

    deal.plan(item_id=draft.item_id)

    assert show(deal.db, draft.item_id)["status"] is ItemStatus.PURCHASED


def test_an_item_is_bought_once_at_a_time(deal: Deal) -> None:
    deal.plan()

    with pytest.raises(Conflict, match="购买服务"):
        deal.plan()


def test_the_donor_of_a_fund_is_not_chosen(deal: Deal, db: Database) -> None:
    deal.fund_id = opened(db, fund_source=FundSource.UNIT_SPONSORSHIP)
    giver = {"kind": ConsentKind.SPONSORSHIP, "unit_id": deal.supplier.unit_id, "wording": ""}
    paper = {"reference": "同意书 1 号", "consented_on": TODAY, "amount_fen": BUDGET}
    deal.by(usecases.record_consent, fund_id=deal.fund_id, **giver, **paper)
    receive(
        db,
        deal.fund_id,
        BUDGET,
        payer_kind=PayerKind.UNIT,
        payer_unit_id=deal.supplier.unit_id,
        payer_name="",
    )
    kept = {"fund_id": deal.fund_id, "item_id": deal.item.item_id, "amount_fen": BUDGET}
    deal.by(usecases.earmark_money, **kept, note="", posted_on=None)

    with pytest.raises(PayeeIsDonor):
        deal.plan().choose()


# ---- the earmark belongs to the purchase --------------------------------------------------------


def test_what_is_kept_for_a_purchase_is_neither_released_nor_paid_past_it(deal: Deal) -> None:
    deal.plan()
    kept = {"fund_id": deal.fund_id, "item_id": deal.item.item_id, "posted_on": None}

    with pytest.raises(EarmarkReserved, match="CG-2026-0001"):
        deal.by(usecases.release_earmark, **kept, amount_fen=1, note="")
    with pytest.raises(EarmarkReserved):
        deal.by(usecases.propose_payment, amount_fen=1, **PAYMENT | kept)
    earmark = next(one for one in ledger(deal.db, deal.fund_id) if one["kind"] is PostingKind.EARMARK)
    with pytest.raises(EarmarkReserved):
        reverse(deal.db, deal.fund_id, earmark["posting_id"])


def test_after_the_end_what_is_left_is_free_again(deal: Deal) -> None:
    deal.plan()
    deal.act(usecases.terminate_purchase, reason="预算调整")

    deal.by(
        usecases.release_earmark,
        fund_id=deal.fund_id,
        item_id=deal.item.item_id,
        amount_fen=BUDGET,
        note="",
        posted_on=None,
    )

    assert balances(deal.db, deal.fund_id)[FundAccount.EARMARKED] == 0


def test_a_terminated_purchase_gives_the_item_back_to_be_decided(deal: Deal) -> None:
    deal.contracted()

    deal.act(usecases.terminate_purchase, reason="承接方无力履约")

    item = show(deal.db, deal.item.item_id)
    assert (item["status"], item["purchase_id"]) == (ItemStatus.EXPIRED, None)
    assert running(deal, ClockKind.DECIDE_EXPIRED, deal.item.item_id) is not None
    assert running(deal, ClockKind.PURCHASE_MILESTONE) is None
    assert events(deal.db)[-1][1]["reason"] == "承接方无力履约"
    assert deal.plan().shown()["code"] == "CG-2026-0002"


def test_an_instalment_is_paid_to_the_supplier_out_of_the_earmark(deal: Deal) -> None:
    deal.contracted().work()
    payment_id = deal.ask(1)

    with deal.db.reading() as tx:
        [payment], _ = usecases.list_payments(
            tx, fund_id=deal.fund_id, status=None, cursor=None, limit=10, actor=manager()
        )

    assert payment["payment_id"] == payment_id
    assert (payment["payee_kind"], payment["payee_name"]) == (PayeeKind.UNIT, deal.supplier.unit_name)
    assert (payment["item_id"], payment["amount_fen"]) == (deal.item.item_id, 30_000)
    assert "HT-2026-01 第 1 期" in payment["purpose"]


def test_a_rejected_payment_is_asked_for_again(deal: Deal) -> None:
    deal.contracted().work()
    deal.by(
        usecases.reject_payment,
        fund_id=deal.fund_id,
        payment_id=deal.ask(1),
        reason="发票不符",
        posted_on=None,
    )

    deal.pay(1)

    assert (deal.shown()["paid_fen"], deal.spent()) == (30_000, 30_000)


# ---- clocks -------------------------------------------------------------------------------------


def test_the_clock_goes_to_and_fro_between_supplier_and_community(deal: Deal) -> None:
    deal.contracted()
    first = running(deal, ClockKind.PURCHASE_MILESTONE)
    assert first is not None
    assert first.owner == clocks.unit_owner(deal.supplier.unit_id)
    assert first.due_on == FROM_ON + timedelta(days=30)

    deal.act(usecases.report_purchase_milestone, number=1, report="已清完", actor=liaison(deal.supplier))
    looking = running(deal, ClockKind.CHECK_PURCHASE)
    assert looking is not None
    assert (looking.owner, looking.working_days) == (clocks.COMMUNITY, 5)
    assert running(deal, ClockKind.PURCHASE_MILESTONE) is None

    deal.act(usecases.check_purchase_milestone, number=1, is_passed=True, note="")
    second = running(deal, ClockKind.PURCHASE_MILESTONE)
    assert second is not None
    assert second.due_on == FROM_ON + timedelta(days=120)


def test_the_supplier_of_bad_work_has_fifteen_working_days(deal: Deal) -> None:
    deal.contracted().work().accept()

    deal.score("35.00")

    rectification = show(deal.db, deal.item.item_id)["rectification"]
    clock = running(deal, ClockKind.RECTIFY, rectification.rectification_id)
    assert clock is not None
    assert (clock.working_days, clock.owner) == (15, clocks.unit_owner(deal.supplier.unit_id))


# ---- who reads ----------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [worker(XINGAN), liaison(make_unit())], ids=["elsewhere", "other unit"])
def test_others_are_not_told_that_a_purchase_exists(deal: Deal, actor: Actor) -> None:
    deal.contracted()

    with pytest.raises(PurchaseNotFound):
        deal.shown(actor=actor)
    with pytest.raises(PurchaseNotFound):
        deal.act(usecases.accept_purchase, note="", actor=actor)
    assert listed(deal.db, actor) == []


def test_supervisors_read_and_the_supplier_reads_its_own_offer_alone(deal: Deal) -> None:
    deal.plan(method=PurchaseMethod.CONSULTATION, method_reason="")

    with pytest.raises(PurchaseNotFound):
        deal.shown(actor=liaison(deal.supplier))
    assert deal.shown(actor=supervisor())["possible_acts"] == []
    assert len(listed(deal.db, supervisor())) == 1
    assert listed(deal.db, liaison(deal.supplier)) == []


def test_everybody_reads_what_is_contracted_and_nothing_before(deal: Deal, db: Database) -> None:
    deal.plan().choose()
    with db.reading() as tx:
        assert usecases.list_contracts(tx, community_id=None, cursor=None, limit=10) == ([], None)

    deal.sign().work()
    deal.pay(1)

    with db.reading() as tx:
        [contract], _ = usecases.list_contracts(tx, community_id=None, cursor=None, limit=10)
    assert (contract["supplier_name"], contract["contract_fen"], contract["paid_fen"]) == (
        deal.supplier.unit_name,
        80_000,
        30_000,
    )
    assert len(listed(db, liaison(deal.supplier))) == 1


def listed(db: Database, actor: Actor) -> list[Any]:
    asked: dict[str, Any] = {"community_id": None, "item_id": None, "status": None}
    with db.reading() as tx:
        return usecases.list_purchases(tx, **asked, cursor=None, limit=10, actor=actor)[0]


def test_pages_of_purchases_follow_each_other(deal: Deal, db: Database) -> None:
    for _ in range(3):
        deal.plan()
        deal.act(usecases.terminate_purchase, reason="预算调整")
    asked: dict[str, Any] = {"community_id": None, "item_id": deal.item.item_id, "status": None, "limit": 2}

    with db.reading() as tx:
        first, cursor = usecases.list_purchases(tx, **asked, cursor=None, actor=manager())
        second, end = usecases.list_purchases(tx, **asked, cursor=cursor, actor=manager())

    assert [one["code"] for one in [*first, *second]] == ["CG-2026-0003", "CG-2026-0002", "CG-2026-0001"]
    assert end is None
