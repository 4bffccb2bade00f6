"""Funds are opened and closed; money comes in and is kept for items."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.fund import Fund, Payer
from services.claims.domain.fund_book import Hands
from services.claims.domain.fund_ledger import yuan
from services.claims.domain.fund_record import Consent, end_of_month
from services.claims.usecases.history import record, recorded
from services.contracts.base import Actor, invalid_field
from services.contracts.claims.errors import EarmarkReserved, FundNotFound
from services.contracts.claims.fund_terms import (
    ConsentKind,
    FundSource,
    PayerKind,
)
from services.contracts.claims.terms import Category


def open_fund(
    tx: Transaction,
    *,
    community_id: UUID | None,
    fund_source: FundSource,
    actor: Actor,
    now: datetime,
    **fields: Any,
) -> Fund:
    if community_id is not None and storage.find_community(tx.session, community_id) is None:
        raise invalid_field("community_id", "所选社区不存在。")
    fund, opened = Fund.open(
        fund_id=new_id(),
        community_id=community_id,
        fund_source=fund_source,
        actor=actor,
        today=local_date(now),
        now=now,
        **fields,
    )
    tx.session.add(fund)
    tx.emit(opened)
    summary = f"设立资金「{fund.fund_name}」（{fund.fund_source.label}）。"
    record(tx, fund.fund_id, "open_fund", summary, actor=actor, now=now)
    tx.audited(record_id=fund.fund_id, community_id=fund.community_id, after=fund.facts())
    return fund


def close_fund(
    tx: Transaction, *, fund_id: UUID, expected_version: int | None = None, actor: Actor, now: datetime
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    with recorded(tx, fund, "close_fund", "关闭资金。", actor=actor, now=now):
        fund.close(actor=actor)
    return fund


def record_consent(
    tx: Transaction,
    *,
    fund_id: UUID,
    kind: ConsentKind,
    unit_id: UUID | None,
    reference: str,
    consented_on: date,
    amount_fen: int | None,
    wording: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    unit = None if unit_id is None else storage.get_unit(tx.session, unit_id)
    consent = Consent(
        consent_id=new_id(),
        kind=kind,
        unit_id=unit_id,
        reference=reference,
        consented_on=consented_on,
        amount_fen=amount_fen,
        wording=wording,
        recorded_at=now,
        recorded_by_id=actor.actor_id,
    )
    who = f"「{unit.unit_name}」" if unit else "捐赠人"
    summary = f"登记{who}的同意书（{kind.label}）：{reference}"
    with recorded(tx, fund, "record_consent", summary, actor=actor, now=now):
        fund.record_consent(consent, actor=actor, today=local_date(now))
    return fund


def change_purpose(
    tx: Transaction,
    *,
    fund_id: UUID,
    purpose: str,
    category: Category | None,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    donors = storage.donors_of(tx.session, fund_id)
    summary = f"变更用途，原因：{reason}"
    with recorded(tx, fund, "change_purpose", summary, actor=actor, now=now, reason=reason):
        fund.change_purpose(purpose=purpose, category=category, donor_units=donors.keys(), actor=actor)
    return fund


def receive_money(
    tx: Transaction,
    *,
    fund_id: UUID,
    amount_fen: int,
    receipt_number: str,
    payer_kind: PayerKind,
    payer_unit_id: UUID | None,
    payer_name: str,
    is_payer_public: bool,
    resolution_id: UUID | None,
    posted_on: date | None,
    note: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    """Under the fund's lock, so a receipt is recorded once and no unit gives more than it agreed to."""
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    given_fen = 0
    if payer_unit_id is not None:
        payer_name = storage.get_unit(tx.session, payer_unit_id).unit_name
        given_fen = storage.received_from(tx.session, fund_id, payer_unit_id)
    payer = Payer(
        kind=payer_kind,
        unit_id=payer_unit_id,
        name=payer_name,
        is_public=is_payer_public,
        given_fen=given_fen,
    )
    summary = f"登记收入 {yuan(amount_fen)}，票据 {receipt_number}。"
    with recorded(tx, fund, "receive_money", summary, actor=actor, now=now):
        posting, received = fund.receive(
            posting_id=new_id(),
            amount_fen=amount_fen,
            receipt_number=receipt_number,
            is_receipt_known=storage.is_receipt_known(tx.session, fund_id, receipt_number),
            payer=payer,
            resolution_id=resolution_id,
            note=note,
            hands=hands_of(actor, now, posted_on),
        )
        tx.session.add(posting)
        tx.emit(received)
    return fund


def return_money(
    tx: Transaction,
    *,
    fund_id: UUID,
    amount_fen: int,
    reason: str,
    posted_on: date | None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    summary = f"退还来款 {yuan(amount_fen)}，原因：{reason}"
    with recorded(tx, fund, "return_money", summary, actor=actor, now=now, reason=reason):
        hands = hands_of(actor, now, posted_on)
        tx.session.add(fund.give_back(posting_id=new_id(), amount_fen=amount_fen, reason=reason, hands=hands))
    return fund


def earmark_money(
    tx: Transaction,
    *,
    fund_id: UUID,
    item_id: UUID,
    amount_fen: int,
    note: str,
    posted_on: date | None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    words = _item_words(tx, fund, item_id, actor=actor)
    summary = f"为{words}预留 {yuan(amount_fen)}。"
    with recorded(tx, fund, "earmark_money", summary, actor=actor, now=now):
        tx.session.add(
            fund.earmark(
                posting_id=new_id(),
                item_id=item_id,
                item_words=words,
                amount_fen=amount_fen,
                note=note,
                hands=hands_of(actor, now, posted_on),
            )
        )
    return fund


def release_earmark(
    tx: Transaction,
    *,
    fund_id: UUID,
    item_id: UUID,
    amount_fen: int,
    note: str,
    posted_on: date | None,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    require_unreserved(tx, fund_id, item_id)
    words = _item_words(tx, fund, item_id, actor=actor)
    summary = f"解除为{words}的预留 {yuan(amount_fen)}。"
    with recorded(tx, fund, "release_earmark", summary, actor=actor, now=now):
        tx.session.add(
            fund.release(
                posting_id=new_id(),
                item_id=item_id,
                item_words=words,
                amount_fen=amount_fen,
                note=note,
                hands=hands_of(actor, now, posted_on),
            )
        )
    return fund


def close_month(
    tx: Transaction,
    *,
    fund_id: UUID,
    month_on: date,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Fund:
    fund = held_fund(tx, fund_id, expected_version, actor=actor)
    first = month_on.replace(day=1)
    sums = storage.sums_of_month(tx.session, fund_id, first=first, last=end_of_month(first))
    with recorded(tx, fund, "close_month", f"月结 {first:%Y 年 %m 月}。", actor=actor, now=now):
        tx.emit(fund.close_month(month_on=first, sums=sums, actor=actor, today=local_date(now), now=now))
    return fund


def held_fund(tx: Transaction, fund_id: UUID, expected_version: int | None, *, actor: Actor) -> Fund:
    """The fund under its lock; whoever may not see it is not told what of it is not public."""
    fund = storage.fund_for_update(tx.session, fund_id)
    if not fund.may_be_seen_by(actor):
        raise FundNotFound("没有这笔资金。")
    fund.require_version(expected_version)
    return fund


def require_unreserved(tx: Transaction, fund_id: UUID, item_id: UUID | None) -> None:
    """What is kept for a running purchase leaves the fund by its instalments only; under the fund's lock."""
    if item_id is None:
        return
    code = storage.purchase_reserving(tx.session, fund_id=fund_id, item_id=item_id)
    if code is not None:
        raise EarmarkReserved(f"这笔预留属于采购 {code}，只能按合同分期支付；终止或结清采购后才能另行使用。")


def hands_of(actor: Actor, now: datetime, posted_on: date | None) -> Hands:
    return Hands(actor=actor, now=now, today=local_date(now), posted_on=posted_on)


def _item_words(tx: Transaction, fund: Fund, item_id: UUID, *, actor: Actor) -> str:
    item = storage.find_item(tx.session, item_id)
    if item is None or not item.may_be_seen_by(actor):
        raise invalid_field("item_id", "没有这个事项。")
    if fund.community_id not in (None, item.community_id):
        raise invalid_field("item_id", f"事项 {item.code} 不属于本资金所在社区。")
    return f"事项 {item.code}「{item.title}」"
