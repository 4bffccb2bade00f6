"""Figures for the dashboard; what a figure counts is a condition that its list uses too."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.storage.admission import reached
from services.claims.storage.figure import figure_condition
from services.claims.storage.item import WantedItems
from services.claims.storage.tables import (
    communities,
    fund_entries,
    fund_postings,
    funds,
    items,
    poll_results,
)
from services.contracts.claims.dashboard_terms import Figure
from services.contracts.claims.fund_terms import FundAccount


def sums_by_community_and_status(session: orm.Session, wanted: WantedItems) -> Sequence[sa.RowMapping]:
    """How many items, how many of each figure, poll answers, and answers times percent satisfied."""
    answered = sa.func.coalesce(sa.func.sum(poll_results.c.answered), 0)
    satisfied = sa.func.coalesce(
        sa.func.sum(poll_results.c.answered * poll_results.c.satisfaction_percent), 0
    )
    sums = (
        sa.select(
            items.c.community_id,
            items.c.status,
            sa.func.count().label("items"),
            *(
                sa.func.count()
                .filter(figure_condition(figure, today=wanted.today, staff_of=wanted.drafts_of))
                .label(figure.value)
                for figure in Figure
            ),
            answered.label("answered"),
            satisfied.label("satisfied"),
        )
        .outerjoin(poll_results, poll_results.c.item_id == items.c.item_id)
        .where(*wanted.conditions())
        .group_by(items.c.community_id, items.c.status)
    )
    return session.execute(sums).mappings().all()


def money_of_funds(
    session: orm.Session,
    *,
    community_ids: Collection[UUID] | None,
    first: date | None,
    last: date | None,
) -> Sequence[sa.RowMapping]:
    """Fund by fund: what came in and went out in these days, by how many postings, and what was left then."""
    amount, account, day = fund_entries.c.amount_fen, fund_entries.c.account, fund_postings.c.posted_on
    since = sa.true() if first is None else day >= first
    until = sa.true() if last is None else day <= last

    def total(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
        return sa.cast(sa.func.coalesce(sa.func.sum(amount).filter(*conditions), 0), sa.BigInteger)

    def postings(of: FundAccount) -> sa.ColumnElement[Any]:
        return sa.func.count(sa.distinct(fund_postings.c.posting_id)).filter(account == of, since)

    lines = (
        sa.select(
            funds.c.fund_id,
            funds.c.fund_name,
            funds.c.fund_source,
            funds.c.community_id,
            sa.func.coalesce(communities.c.community_name, "").label("community_name"),
            (-total(account == FundAccount.INCOME, since)).label("received_fen"),
            postings(FundAccount.INCOME).label("receipts"),
            total(account == FundAccount.SPENT, since).label("spent_fen"),
            postings(FundAccount.SPENT).label("payments"),
            (-total(account.in_((FundAccount.INCOME, FundAccount.SPENT)))).label("balance_fen"),
        )
        .outerjoin(communities, communities.c.community_id == funds.c.community_id)
        .outerjoin(fund_postings, (fund_postings.c.fund_id == funds.c.fund_id) & until)
        .outerjoin(fund_entries, fund_entries.c.posting_id == fund_postings.c.posting_id)
        .where(*reached(funds.c.community_id, community_ids))
        .group_by(funds.c.fund_id, communities.c.community_name)
        .order_by(funds.c.fund_source, funds.c.fund_id)
    )
    return session.execute(lines).mappings().all()
