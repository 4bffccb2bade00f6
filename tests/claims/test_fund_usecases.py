"""Acts on funds: state, ledger, history and event in one transaction, and the database as the net below them."""

from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.claims import storage, usecases
from services.claims.storage.tables import funds
from services.contracts.base import Actor, Invalid
from services.contracts.claims.errors import (
    ApproverIsProposer,
    ConsentMissing,
    FundNotFound,
    FundShort,
    MonthIsClosed,
    PayeeIsDonor,
    PostingAlreadyReversed,
    PostingNotFound,
    ReceiptAlreadyRecorded,
)
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundAccount,
    FundSource,
    PayeeKind,
    PayerKind,
    PostingKind,
)
from tests.builders import (
    HUAYUAN,
    TODAY,
    XINGAN,
    liaison,
    make_item,
    make_unit,
    publish,
    supervisor,
    worker,
)
from tests.claims.acting import do, event_names, events, statements, store
from tests.claims.fund_acting import RECEIPT, approve, balances, ledger, opened, propose, receive, reverse
from tests.claims.test_storage import facts
from tests.fund_builders import charity_papers, city_admin, manager


def test_a_fund_survives_a_round_trip_with_all_that_belongs_to_it(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    store(db, item := publish(make_item()))
    do(
        db,
        usecases.earmark_money,
        fund_id=fund_id,
        item_id=item.item_id,
        amount_fen=40,
        note="",
        posted_on=None,
    )
    with db.transaction() as tx:
        kept = facts(storage.fund_for_update(tx.session, fund_id))

    with db.transaction() as tx:
        assert facts(storage.fund_for_update(tx.session, fund_id)) == kept
    assert (kept["available_fen"], kept["earmarked_fen"]) == (60, 40)


def test_opening_receiving_and_paying_are_told_with_public_facts_alone(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    approve(db, fund_id, propose(db, fund_id, 60))

    told = dict(events(db))
    assert list(told) == ["fund_opened", "money_received", "payment_made"]
    assert told["payment_made"]["payee_name"] == "黑河市政工程有限公司"
    assert told["payment_made"]["amount_fen"] == 60
    assert told["payment_made"]["available_fen"] == 40
    assert "王社工" not in str(told)
    assert "陈书记" not in str(told)


def test_every_act_leaves_a_line_of_history(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    approve(db, fund_id, propose(db, fund_id, 60))

    with db.reading() as tx:
        acts = [line.act for line in storage.history_of(tx.session, fund_id)]
        [last] = storage.latest_history_of(tx.session, fund_id, limit=1)
    assert acts == ["open_fund", "receive_money", "propose_payment", "approve_payment"]
    assert last.changes["已支出"] == ["0.00 元", "0.60 元"]


def test_a_refused_payment_leaves_nothing_behind(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    told = event_names(db)

    with pytest.raises(FundShort):
        propose(db, fund_id, 101)

    assert event_names(db) == told
    assert [posting["kind"] for posting in ledger(db, fund_id)] == [PostingKind.RECEIPT]


def test_the_proposer_does_not_approve_and_the_ledger_does_not_move(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    payment_id = propose(db, fund_id, 60, actor=manager())

    with pytest.raises(ApproverIsProposer):
        approve(db, fund_id, payment_id, actor=manager())

    assert balances(db, fund_id)[FundAccount.SPENT] == 0


def test_the_ledger_shows_the_balances_after_each_posting(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    payment_id = propose(db, fund_id, 60)
    approve(db, fund_id, payment_id)

    shown = [
        (line["number"], line["kind"], line["available_fen"], line["committed_fen"], line["spent_fen"])
        for line in ledger(db, fund_id)
    ]
    assert shown == [
        (3, PostingKind.PAYMENT, 40, 0, 60),
        (2, PostingKind.PROPOSAL, 40, 60, 0),
        (1, PostingKind.RECEIPT, 100, 0, 0),
    ]


def test_the_ledger_is_read_page_by_page(db: Database) -> None:
    fund_id = opened(db)
    for number in range(5):
        receive(db, fund_id, 10, receipt_number=f"PJ-{number}")
    numbers, cursor = [], None
    with db.reading() as tx:
        for _page in range(3):
            page, cursor = usecases.list_postings(
                tx, fund_id=fund_id, from_on=None, to_on=None, cursor=cursor, limit=2, actor=manager()
            )
            numbers.append([line["number"] for line in page])

    assert (numbers, cursor) == ([[5, 4], [3, 2], [1]], None)


def test_a_posting_is_reversed_once_and_points_to_the_original(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    [receipt] = ledger(db, fund_id)

    reverse(db, fund_id, receipt["posting_id"])
    with pytest.raises(PostingAlreadyReversed):
        reverse(db, fund_id, receipt["posting_id"])

    reversal, original = ledger(db, fund_id)
    assert reversal["reverses_id"] == original["posting_id"]
    assert original["reversed_by_id"] == reversal["posting_id"]
    assert original["possible_acts"] == []
    assert set(balances(db, fund_id).values()) == {0}


def test_a_posting_of_another_fund_is_not_reversed_here(db: Database) -> None:
    fund_id, other_id = opened(db, received_fen=100), opened(db, received_fen=100)
    [posting] = ledger(db, other_id)

    with pytest.raises(PostingNotFound):
        reverse(db, fund_id, posting["posting_id"])


def test_a_receipt_is_recorded_once_unless_it_was_reversed(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    with pytest.raises(ReceiptAlreadyRecorded):
        receive(db, fund_id, 200)
    [posting] = ledger(db, fund_id)
    reverse(db, fund_id, posting["posting_id"])

    receive(db, fund_id, 200)

    assert balances(db, fund_id)[FundAccount.AVAILABLE] == 200


def test_a_unit_gives_within_its_recorded_consent_and_never_benefits(db: Database) -> None:
    store(db, unit := make_unit())
    fund_id = opened(db, fund_source=FundSource.UNIT_SPONSORSHIP)
    giving = {"payer_kind": PayerKind.UNIT, "payer_unit_id": unit.unit_id, "payer_name": ""}
    with pytest.raises(ConsentMissing):
        receive(db, fund_id, 60, **giving)
    do(
        db,
        usecases.record_consent,
        fund_id=fund_id,
        kind=ConsentKind.SPONSORSHIP,
        unit_id=unit.unit_id,
        reference="同意书 1 号",
        consented_on=TODAY,
        amount_fen=100,
        wording="",
    )
    receive(db, fund_id, 60, **giving)

    with pytest.raises(ConsentMissing):
        receive(db, fund_id, 41, **giving | {"receipt_number": "PJ-002"})
    with pytest.raises(PayeeIsDonor):
        propose(db, fund_id, 10, payee_kind=PayeeKind.UNIT, payee_unit_id=unit.unit_id, payee_name="")
    with pytest.raises(PayeeIsDonor):
        propose(db, fund_id, 10, payee_name=unit.unit_name)


def test_an_earmark_is_for_an_item_of_the_funds_community(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    store(db, item := publish(make_item(community_id=XINGAN)))

    for item_id in (item.item_id, uuid4()):
        with pytest.raises(Invalid) as refusal:
            do(
                db,
                usecases.earmark_money,
                actor=city_admin(),
                fund_id=fund_id,
                item_id=item_id,
                amount_fen=10,
                note="",
                posted_on=None,
            )
        assert list(refusal.value.fields) == ["item_id"]


def test_a_closed_month_keeps_its_sums_and_takes_no_more_postings(db: Database) -> None:
    fund_id = opened(db)
    with db.transaction() as tx:
        tx.session.execute(sa.update(funds).values(opened_on=date(2026, 10, 2)))
    receive(db, fund_id, 100, posted_on=date(2026, 10, 20))
    payment_id = propose(db, fund_id, 60, posted_on=date(2026, 10, 21))
    do(
        db,
        usecases.approve_payment,
        actor=manager(),
        fund_id=fund_id,
        payment_id=payment_id,
        posted_on=date(2026, 10, 31),
    )
    receive(db, fund_id, 7, receipt_number="PJ-002", posted_on=date(2026, 11, 1))
    do(db, usecases.close_month, actor=manager(), fund_id=fund_id, month_on=date(2026, 10, 5))
    with pytest.raises(MonthIsClosed):
        receive(db, fund_id, 1, receipt_number="PJ-003", posted_on=date(2026, 10, 31))

    name, told = events(db)[-1]
    assert name == "month_closed"
    assert (told["month_on"], told["received_fen"], told["spent_fen"], told["balance_fen"]) == (
        "2026-10-01",
        100,
        60,
        40,
    )


@pytest.mark.parametrize("actor", [worker(XINGAN), liaison(uuid4()), supervisor()], ids=lambda a: a.actor_id)
def test_the_ledger_is_for_those_of_the_community(db: Database, actor: Actor) -> None:
    fund_id = opened(db, received_fen=100)

    if actor.reaches(HUAYUAN):
        assert len(ledger(db, fund_id, actor=actor)) == 1
        return
    with pytest.raises(FundNotFound):
        ledger(db, fund_id, actor=actor)
    with pytest.raises(FundNotFound):
        do(db, usecases.receive_money, actor=actor, fund_id=fund_id, amount_fen=1, **RECEIPT)


def test_everybody_reads_balances_and_payments_and_no_person_in_them(db: Database) -> None:
    fund_id = opened(db, received_fen=100)
    approve(
        db,
        fund_id,
        propose(db, fund_id, 60, payee_kind=PayeeKind.PERSON, payee_name="", voucher_number="FK-1"),
    )
    propose(db, fund_id, 10)

    with db.reading() as tx:
        fund = usecases.get_public_fund(tx, fund_id=fund_id)
        payments, _ = usecases.list_public_payments(tx, fund_id=fund_id, cursor=None, limit=20)
    assert (fund["received_fen"], fund["spent_fen"], fund["committed_fen"]) == (100, 60, 10)
    assert [(one["amount_fen"], one["payee_name"]) for one in payments] == [(60, "")]
    assert not any("by" in name for one in payments for name in one)


def test_funds_are_summed_by_their_source(db: Database) -> None:
    opened(db, received_fen=1373_0000_00)
    opened(db, received_fen=75_0000_00, fund_source=FundSource.PROVINCE_CITY, community_id=None)
    opened(db, **charity_papers())

    with db.reading() as tx:
        summed = usecases.count_funds(tx)
        [county], _ = usecases.list_funds(tx, cursor=None, limit=20, fund_source=FundSource.COUNTY)
    assert [(line["fund_source"], line["received_fen"]) for line in summed["by_source"]] == [
        (FundSource.COUNTY, 1373_0000_00),
        (FundSource.HELD_DONATION, 0),
        (FundSource.PROVINCE_CITY, 75_0000_00),
    ]
    assert (county["received_fen"], county["community_name"]) == (1373_0000_00, "花园社区")


def test_receiving_money_takes_the_same_few_statements_however_long_the_ledger_is(db: Database) -> None:
    fund_id = opened(db, received_fen=100)

    def count(number: int) -> int:
        with statements(db) as sent:
            receive(db, fund_id, 1, receipt_number=f"PJ-1{number}")
        return len(sent)

    first = count(1)
    for number in range(2, 12):
        receive(db, fund_id, 1, receipt_number=f"PJ-1{number}")

    assert count(12) == first
