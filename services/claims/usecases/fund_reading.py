"""Funds are read: whole by those who work with them, in sums and payments by everybody."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.fund import Fund
from services.claims.domain.fund_ledger import Posting
from services.claims.domain.fund_payment import Payment
from services.claims.usecases.showing import line_shown
from services.contracts.base import Actor
from services.contracts.claims.errors import FundNotFound
from services.contracts.claims.fund_terms import FundAccount, PaymentStatus

SHOWN_HISTORY = 50
OF_THE_FUND = (
    "fund_id",
    "fund_name",
    "community_id",
    "fund_source",
    "purpose",
    "category",
    "status",
    "partner_name",
    "partner_uscc",
    "certificate_number",
    "filing_number",
    "opened_at",
    "closed_through_on",
    "version",
    "received_fen",
    "available_fen",
    "earmarked_fen",
    "committed_fen",
    "spent_fen",
)
OF_THE_POSTING = (
    "posting_id",
    "number",
    "kind",
    "posted_on",
    "recorded_at",
    "recorded_by",
    "summary",
    "amount_fen",
    "entries",
    "receipt_number",
    "payer_kind",
    "payer_name",
    "payment_id",
    "reverses_id",
    "available_fen",
    "earmarked_fen",
    "committed_fen",
    "spent_fen",
)
OF_THE_PUBLIC_PAYMENT = (
    "payment_id",
    "amount_fen",
    "refunded_fen",
    "payee_kind",
    "payee_name",
    "purpose",
    "item_id",
    "paid_on",
)
OF_THE_PAYMENT = (
    *OF_THE_PUBLIC_PAYMENT,
    "status",
    "voucher_number",
    "is_payee_independent",
    "proposed_by",
    "proposed_at",
    "decided_by",
    "decided_at",
    "rejection_reason",
)


def get_fund(tx: Transaction, *, fund_id: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    return show_fund(tx, _seen(tx, fund_id, actor=actor), actor=actor, now=now)


def show_fund(tx: Transaction, fund: Fund, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The fund whole, with what this reader may do."""
    tx.session.flush()
    unit_ids = [one.unit_id for one in fund.consents if one.unit_id is not None]
    names = {unit.unit_id: unit.unit_name for unit in storage.get_units(tx.session, unit_ids)}
    history = storage.latest_history_of(tx.session, fund.fund_id, limit=SHOWN_HISTORY)
    return {
        **_public(tx, fund),
        "earmarks": storage.list_earmarks(tx.session, fund.fund_id),
        "consents": [
            {
                "consent_id": one.consent_id,
                "kind": one.kind,
                "unit_id": one.unit_id,
                "unit_name": names.get(one.unit_id, "") if one.unit_id else "",
                "reference": one.reference,
                "consented_on": one.consented_on,
                "amount_fen": one.amount_fen,
                "wording": one.wording,
            }
            for one in fund.consents
        ],
        "history": [line_shown(line, actor) for line in history],
        "possible_acts": fund.possible_acts(actor=actor, today=local_date(now)),
    }


def get_public_fund(tx: Transaction, *, fund_id: UUID) -> dict[str, Any]:
    return _public(tx, _any(tx, fund_id))


def _public(tx: Transaction, fund: Fund) -> dict[str, Any]:
    community = storage.find_community(tx.session, fund.community_id) if fund.community_id else None
    return {
        **{name: getattr(fund, name) for name in OF_THE_FUND},
        "community_name": community.community_name if community else "",
        "months": sorted(fund.months, key=lambda month: month.month_on, reverse=True),
    }


def list_funds(
    tx: Transaction, *, cursor: str | None, limit: int, **wanted: Any
) -> tuple[list[Any], str | None]:
    """Newest first; every fund publishes its balances."""
    after = decode_cursor(cursor, UUID)
    found = storage.list_fund_lines(
        tx.session, storage.WantedFunds(**wanted), after=after[0] if after else None, limit=limit + 1
    )
    page = list(found[:limit])
    return page, encode_cursor(page[-1]["fund_id"]) if len(found) > limit else None


def count_funds(tx: Transaction, **wanted: Any) -> dict[str, Any]:
    sums = storage.sums_by_source(tx.session, storage.WantedFunds(**wanted))
    return {
        "total": sum(line["funds"] for line in sums),
        "by_source": sorted(sums, key=lambda line: line["fund_source"].value),
    }


def list_postings(
    tx: Transaction,
    *,
    fund_id: UUID,
    from_on: date | None,
    to_on: date | None,
    account: FundAccount | None = None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> tuple[list[dict[str, Any]], str | None]:
    """The ledger, newest first, each posting with the balances after it."""
    fund = _seen(tx, fund_id, actor=actor)
    page, more = _postings(tx, fund_id, from_on, to_on, account, cursor=cursor, limit=limit)
    reversals = storage.reversals_of(tx.session, [posting.posting_id for posting in page])
    return [_posting_shown(posting, fund, reversals, actor) for posting in page], more


def export_postings(
    tx: Transaction,
    *,
    fund_id: UUID,
    from_on: date | None,
    to_on: date | None,
    account: FundAccount | None = None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> tuple[list[dict[str, str]], str | None]:
    _seen(tx, fund_id, actor=actor)
    page, more = _postings(tx, fund_id, from_on, to_on, account, cursor=cursor, limit=limit)
    return [_cells(posting) for posting in page], more


def list_payments(
    tx: Transaction,
    *,
    fund_id: UUID,
    status: PaymentStatus | None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> tuple[list[dict[str, Any]], str | None]:
    fund = _seen(tx, fund_id, actor=actor)
    page, more = _payments(tx, fund_id, status, cursor=cursor, limit=limit)
    shown = [
        {
            **{name: getattr(payment, name) for name in OF_THE_PAYMENT},
            "possible_acts": fund.possible_acts_on_payment(payment, actor=actor),
        }
        for payment in page
    ]
    return shown, more


def list_public_payments(
    tx: Transaction, *, fund_id: UUID, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """What was paid to whom and for what; people who are paid have no name in it."""
    _any(tx, fund_id)
    page, more = _payments(tx, fund_id, PaymentStatus.PAID, cursor=cursor, limit=limit)
    return [{name: getattr(payment, name) for name in OF_THE_PUBLIC_PAYMENT} for payment in page], more


def _any(tx: Transaction, fund_id: UUID) -> Fund:
    fund = storage.find_fund(tx.session, fund_id)
    if fund is None:
        raise FundNotFound("没有这笔资金。")
    return fund


def _seen(tx: Transaction, fund_id: UUID, *, actor: Actor) -> Fund:
    fund = _any(tx, fund_id)
    if not fund.may_be_seen_by(actor):
        raise FundNotFound("没有这笔资金。")
    return fund


def _postings(
    tx: Transaction,
    fund_id: UUID,
    from_on: date | None,
    to_on: date | None,
    account: FundAccount | None = None,
    *,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[Posting], str | None]:
    after = decode_cursor(cursor, int)
    found = storage.list_postings(
        tx.session,
        fund_id,
        from_on=from_on,
        to_on=to_on,
        account=account,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    page = found[:limit]
    return page, encode_cursor(page[-1].number) if len(found) > limit else None


def _payments(
    tx: Transaction, fund_id: UUID, status: PaymentStatus | None, *, cursor: str | None, limit: int
) -> tuple[Sequence[Payment], str | None]:
    after = decode_cursor(cursor, UUID)
    found = storage.list_payments(
        tx.session, fund_id, status=status, after=after[0] if after else None, limit=limit + 1
    )
    page = found[:limit]
    return page, encode_cursor(page[-1].payment_id) if len(found) > limit else None


def _posting_shown(posting: Posting, fund: Fund, reversals: dict[UUID, UUID], actor: Actor) -> dict[str, Any]:
    reversed_by_id = reversals.get(posting.posting_id)
    return {
        **{name: getattr(posting, name) for name in OF_THE_POSTING},
        "received_fen": -posting.income_fen,
        "reversed_by_id": reversed_by_id,
        "possible_acts": fund.possible_acts_on_posting(
            posting, is_reversed=reversed_by_id is not None, actor=actor
        ),
    }


def _cells(posting: Posting) -> dict[str, str]:
    """One row of the ledger's sheet; yuan with two decimals, as accountants read them."""
    moved = dict.fromkeys(FundAccount, 0)
    for entry in posting.entries:
        moved[entry.account] += entry.amount_fen
    return {
        "number": str(posting.number),
        "posted_on": str(posting.posted_on),
        "kind": posting.kind.label,
        "summary": posting.summary,
        "receipt_number": posting.receipt_number,
        "received": plain_yuan(-moved[FundAccount.INCOME]),
        **{
            account.value: plain_yuan(moved[account])
            for account in FundAccount
            if account is not FundAccount.INCOME
        },
        "balance": plain_yuan(posting.available_fen + posting.earmarked_fen + posting.committed_fen),
    }


def plain_yuan(fen: int) -> str:
    """-7505 -> -75.05; nought is empty, so that the eye finds what moved."""
    if fen == 0:
        return ""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
