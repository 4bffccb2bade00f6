"""Funds, locked before they change; their ledger, payments and sums."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.fund import Fund
from services.claims.domain.fund_ledger import Posting
from services.claims.domain.fund_payment import Payment
from services.claims.domain.fund_record import MonthSums
from services.claims.storage.tables import (
    communities,
    fund_earmarks,
    fund_entries,
    fund_payments,
    fund_postings,
    funds,
    items,
    units,
)
from services.contracts.claims.errors import FundNotFound, PaymentNotFound, PostingNotFound
from services.contracts.claims.fund_terms import (
    FundAccount,
    FundSource,
    FundStatus,
    PaymentStatus,
    PostingKind,
)


def find_fund(session: orm.Session, fund_id: UUID) -> Fund | None:
    return session.get(Fund, fund_id)


def fund_for_update(session: orm.Session, fund_id: UUID) -> Fund:
    """The fund as it is once everybody before us has finished; all its money changes under this lock."""
    fund = session.scalars(sa.select(Fund).where(funds.c.fund_id == fund_id).with_for_update()).one_or_none()
    if fund is None:
        raise FundNotFound("没有这笔资金。")
    return fund


def get_payment(session: orm.Session, fund_id: UUID, payment_id: UUID) -> Payment:
    """Of that fund; needs no lock of its own under the fund's."""
    payment = session.get(Payment, payment_id)
    if payment is None or payment.fund_id != fund_id:
        raise PaymentNotFound("没有这笔付款。")
    return payment


def get_posting(session: orm.Session, fund_id: UUID, posting_id: UUID) -> Posting:
    posting = session.get(Posting, posting_id)
    if posting is None or posting.fund_id != fund_id:
        raise PostingNotFound("没有这条分录。")
    return posting


# ---- what acts need to know ---------------------------------------------------------------------


def reversals_of(session: orm.Session, posting_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Which of these postings were reversed, and by which."""
    wanted = sa.select(fund_postings.c.reverses_id, fund_postings.c.posting_id).where(
        fund_postings.c.reverses_id.in_(posting_ids)
    )
    return dict(session.execute(wanted).all())


def _standing_receipts(fund_id: UUID) -> list[sa.ColumnElement[bool]]:
    """Money received and not recorded by mistake."""
    reversal = fund_postings.alias()
    return [
        fund_postings.c.fund_id == fund_id,
        fund_postings.c.kind == PostingKind.RECEIPT,
        ~sa.exists().where(reversal.c.reverses_id == fund_postings.c.posting_id),
    ]


def is_receipt_known(session: orm.Session, fund_id: UUID, receipt_number: str) -> bool:
    """A number may be used again once the posting that used it was reversed."""
    same = sa.exists().where(*_standing_receipts(fund_id), fund_postings.c.receipt_number == receipt_number)
    return bool(session.scalar(sa.select(same)))


def donors_of(session: orm.Session, fund_id: UUID) -> dict[UUID, str]:
    wanted = (
        sa.select(units.c.unit_id, units.c.unit_name)
        .join(fund_postings, fund_postings.c.payer_unit_id == units.c.unit_id)
        .where(*_standing_receipts(fund_id))
        .distinct()
    )
    return dict(session.execute(wanted).all())


def received_from(session: orm.Session, fund_id: UUID, unit_id: UUID) -> int:
    wanted = sa.select(sa.func.coalesce(sa.func.sum(fund_postings.c.amount_fen), 0)).where(
        *_standing_receipts(fund_id), fund_postings.c.payer_unit_id == unit_id
    )
    return int(session.execute(wanted).scalar_one())


def sums_of_month(session: orm.Session, fund_id: UUID, *, first: date, last: date) -> MonthSums:
    """What came in and went out from `first` to `last`, and what was left at the end of it."""
    amount, account, day = fund_entries.c.amount_fen, fund_entries.c.account, fund_postings.c.posted_on
    outside = account.in_((FundAccount.INCOME, FundAccount.SPENT))

    def total(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(amount).filter(*conditions), 0)

    wanted = (
        sa.select(
            total(account == FundAccount.INCOME, day >= first),
            total(account == FundAccount.SPENT, day >= first),
            total(outside),
        )
        .join(fund_postings, fund_postings.c.posting_id == fund_entries.c.posting_id)
        .where(fund_postings.c.fund_id == fund_id, day <= last)
    )
    income, spent, both = session.execute(wanted).one()
    return MonthSums(received_fen=-int(income), spent_fen=int(spent), balance_fen=-int(both))


# ---- lists --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WantedFunds:
    community_id: UUID | None = None
    fund_source: FundSource | None = None
    status: FundStatus | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        equal: dict[sa.Column[Any], Any] = {
            funds.c.community_id: self.community_id,
            funds.c.fund_source: self.fund_source,
            funds.c.status: self.status,
        }
        return [column == value for column, value in equal.items() if value is not None]


def list_fund_lines(
    session: orm.Session, wanted: WantedFunds, *, after: UUID | None, limit: int
) -> Sequence[sa.RowMapping]:
    """Newest first, with the names of their communities."""
    lines = (
        sa.select(
            funds,
            (-funds.c.income_fen).label("received_fen"),
            sa.func.coalesce(communities.c.community_name, "").label("community_name"),
        )
        .outerjoin(communities, communities.c.community_id == funds.c.community_id)
        .where(*wanted.conditions())
        .order_by(funds.c.fund_id.desc())
        .limit(limit)
    )
    if after is not None:
        lines = lines.where(funds.c.fund_id < after)
    return session.execute(lines).mappings().all()


def sums_by_source(session: orm.Session, wanted: WantedFunds) -> Sequence[sa.RowMapping]:
    def total(column: sa.Column[int]) -> sa.ColumnElement[int]:
        return sa.cast(sa.func.sum(column), sa.BigInteger)

    sums = (
        sa.select(
            funds.c.fund_source,
            sa.func.count().label("funds"),
            (-total(funds.c.income_fen)).label("received_fen"),
            total(funds.c.available_fen).label("available_fen"),
            total(funds.c.earmarked_fen).label("earmarked_fen"),
            total(funds.c.committed_fen).label("committed_fen"),
            total(funds.c.spent_fen).label("spent_fen"),
        )
        .where(*wanted.conditions())
        .group_by(funds.c.fund_source)
    )
    return session.execute(sums).mappings().all()


def list_earmarks(session: orm.Session, fund_id: UUID) -> Sequence[sa.RowMapping]:
    """What is kept for which item, as far as anything is left."""
    wanted = (
        sa.select(
            fund_earmarks.c.item_id,
            fund_earmarks.c.amount_fen,
            items.c.code.label("item_code"),
            items.c.title.label("item_title"),
        )
        .join(items, items.c.item_id == fund_earmarks.c.item_id)
        .where(fund_earmarks.c.fund_id == fund_id, fund_earmarks.c.amount_fen > 0)
        .order_by(items.c.code)
    )
    return session.execute(wanted).mappings().all()


def list_postings(
    session: orm.Session,
    fund_id: UUID,
    *,
    from_on: date | None,
    to_on: date | None,
    account: FundAccount | None = None,
    after: int | None,
    limit: int,
) -> list[Posting]:
    """Newest number first."""
    wanted = (
        sa.select(Posting)
        .where(fund_postings.c.fund_id == fund_id)
        .order_by(fund_postings.c.number.desc())
        .limit(limit)
    )
    if from_on is not None:
        wanted = wanted.where(fund_postings.c.posted_on >= from_on)
    if to_on is not None:
        wanted = wanted.where(fund_postings.c.posted_on <= to_on)
    if account is not None:
        moved = sa.exists().where(
            fund_entries.c.posting_id == fund_postings.c.posting_id, fund_entries.c.account == account
        )
        wanted = wanted.where(moved)
    if after is not None:
        wanted = wanted.where(fund_postings.c.number < after)
    return list(session.scalars(wanted))


def list_payments(
    session: orm.Session, fund_id: UUID, *, status: PaymentStatus | None, after: UUID | None, limit: int
) -> list[Payment]:
    """Newest first."""
    wanted = (
        sa.select(Payment)
        .where(fund_payments.c.fund_id == fund_id)
        .order_by(fund_payments.c.payment_id.desc())
        .limit(limit)
    )
    if status is not None:
        wanted = wanted.where(fund_payments.c.status == status)
    if after is not None:
        wanted = wanted.where(fund_payments.c.payment_id < after)
    return list(session.scalars(wanted))
