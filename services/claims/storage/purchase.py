"""Purchases, locked after their items and before their funds; and lists of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.purchase import Purchase
from services.claims.domain.purchase_rules import LIVE
from services.claims.storage.tables import (
    communities,
    fund_payments,
    purchase_instalments,
    purchases,
    units,
)
from services.contracts.claims.errors import PurchaseNotFound
from services.contracts.claims.fund_terms import PaymentStatus
from services.contracts.claims.purchase_terms import PurchaseStatus


def get_purchase(session: orm.Session, purchase_id: UUID) -> Purchase:
    purchase = session.get(Purchase, purchase_id)
    if purchase is None:
        raise PurchaseNotFound("没有这个采购。")
    return purchase


def item_of_purchase(session: orm.Session, purchase_id: UUID) -> UUID:
    """Which item's lock has to be taken first; that never changes."""
    wanted = sa.select(purchases.c.item_id).where(purchases.c.purchase_id == purchase_id)
    item_id: UUID | None = session.execute(wanted).scalar_one_or_none()
    if item_id is None:
        raise PurchaseNotFound("没有这个采购。")
    return item_id


def purchase_for_update(session: orm.Session, purchase_id: UUID) -> Purchase:
    """As it is once everybody before us has finished; its parts are read by the statements that follow."""
    wanted = (
        sa.select(Purchase)
        .where(purchases.c.purchase_id == purchase_id)
        .with_for_update(of=purchases)
        .execution_options(populate_existing=True)
    )
    purchase = session.scalars(wanted).one_or_none()
    if purchase is None:
        raise PurchaseNotFound("没有这个采购。")
    return purchase


def purchase_of_payment(session: orm.Session, payment_id: UUID) -> Purchase | None:
    wanted = (
        sa.select(Purchase)
        .join(purchase_instalments, purchase_instalments.c.purchase_id == purchases.c.purchase_id)
        .where(purchase_instalments.c.payment_id == payment_id)
    )
    return session.scalars(wanted).one_or_none()


def purchase_reserving(session: orm.Session, *, fund_id: UUID, item_id: UUID) -> str | None:
    """The code of the running purchase that what this fund keeps for this item belongs to."""
    wanted = sa.select(purchases.c.code).where(
        purchases.c.fund_id == fund_id, purchases.c.item_id == item_id, purchases.c.status.in_(LIVE)
    )
    code: str | None = session.execute(wanted).scalar_one_or_none()
    return code


# ---- lists --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WantedPurchases:
    """`community_ids`: those the reader may see (None: all); `supplier_id`: a liaison's own unit."""

    community_ids: Collection[UUID] | None
    supplier_id: UUID | None = None
    community_id: UUID | None = None
    item_id: UUID | None = None
    status: PurchaseStatus | None = None
    is_signed: bool = False

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = []
        if self.community_ids is not None:
            found.append(purchases.c.community_id.in_(self.community_ids))
        if self.supplier_id is not None:
            found.append(purchases.c.supplier_unit_id == self.supplier_id)
        for name in ("community_id", "item_id", "status"):
            if (value := getattr(self, name)) is not None:
                found.append(purchases.c[name] == value)
        if self.is_signed:
            found.append(purchases.c.contract_fen > 0)
        return found


def list_purchase_lines(
    session: orm.Session, wanted: WantedPurchases, *, after: UUID | None, limit: int
) -> Sequence[sa.RowMapping]:
    """Newest first, with the names that a list shows and what was paid so far."""
    paid = (
        sa.select(sa.func.coalesce(sa.func.sum(fund_payments.c.amount_fen - fund_payments.c.refunded_fen), 0))
        .join(purchase_instalments, purchase_instalments.c.payment_id == fund_payments.c.payment_id)
        .where(
            purchase_instalments.c.purchase_id == purchases.c.purchase_id,
            fund_payments.c.status == PaymentStatus.PAID,
        )
        .correlate(purchases)
        .scalar_subquery()
    )
    lines = (
        sa.select(
            purchases,
            communities.c.community_name,
            sa.func.coalesce(units.c.unit_name, "").label("supplier_name"),
            sa.cast(paid, sa.BigInteger).label("paid_fen"),
        )
        .join(communities, communities.c.community_id == purchases.c.community_id)
        .outerjoin(units, units.c.unit_id == purchases.c.supplier_unit_id)
        .where(*wanted.conditions())
        .order_by(purchases.c.purchase_id.desc())
        .limit(limit)
    )
    if after is not None:
        lines = lines.where(purchases.c.purchase_id < after)
    return session.execute(lines).mappings().all()
