"""Purchases as readers see them: one whole, and lists; of contracts everybody may know the main facts."""

from typing import Any
from uuid import UUID

from services.chassis.db import Transaction
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.purchase import Purchase
from services.claims.usecases.showing import line_shown
from services.contracts.base import Actor, Role
from services.contracts.claims.errors import PurchaseNotFound
from services.contracts.claims.purchase_terms import PurchaseStatus

OF_THE_PURCHASE = (
    "purchase_id",
    "code",
    "title",
    "community_id",
    "item_id",
    "fund_id",
    "status",
    "method",
    "method_reason",
    "buyer_name",
    "buyer_kind",
    "supplier_name",
    "content",
    "budget_fen",
    "contract_fen",
    "paid_fen",
    "asked_fen",
    "from_on",
    "to_on",
    "version",
    "planned_at",
    "offers_missing",
    "choice_reason",
    "contract_number",
    "long_term_reason",
    "holdback_percent",
    "signed_at",
    "accepted_at",
    "acceptance_note",
    "hold_reason",
    "ended_at",
    "termination_reason",
)
OF_THE_INSTALMENT = (
    "number",
    "title",
    "amount_fen",
    "is_holdback",
    "due_on",
    "report",
    "reported_at",
    "check_note",
    "passed_at",
    "payment_id",
)


def get_purchase(tx: Transaction, *, purchase_id: UUID, actor: Actor) -> dict[str, Any]:
    purchase = storage.get_purchase(tx.session, purchase_id)
    if not purchase.may_be_seen_by(actor):
        raise PurchaseNotFound("没有这个采购。")
    return show_purchase(tx, purchase, actor=actor)


def show_purchase(tx: Transaction, purchase: Purchase, *, actor: Actor) -> dict[str, Any]:
    """The purchase whole; a supplier does not read what others offered."""
    tx.session.flush()
    item = storage.find_item(tx.session, purchase.item_id)
    assert item is not None
    community = storage.find_community(tx.session, purchase.community_id)
    sees_offers = not (actor.has_role(Role.UNIT_LIAISON) and not actor.is_staff)
    return {
        **{name: getattr(purchase, name) for name in OF_THE_PURCHASE},
        "community_name": community.community_name if community else "",
        "supplier_unit_id": purchase.supplier.unit_id if purchase.supplier else None,
        "why_held": purchase.why_held(item) if purchase.instalments else "",
        "offers": [
            {
                **vars(offer),
                "unit_id": offer.unit.unit_id,
                "unit_name": offer.unit.unit_name,
                "is_chosen": offer.offer_id == purchase.chosen_offer_id,
            }
            for offer in purchase.offers
            if sees_offers or offer.offer_id == purchase.chosen_offer_id
        ],
        "instalments": [
            {
                **{name: getattr(one, name) for name in OF_THE_INSTALMENT},
                "status": purchase.instalment_status(one, item),
            }
            for one in purchase.instalments
        ],
        "history": [line_shown(line, actor) for line in storage.history_of(tx.session, purchase.purchase_id)],
        "possible_acts": purchase.possible_acts(item, actor=actor),
    }


def list_purchases(
    tx: Transaction,
    *,
    community_id: UUID | None,
    item_id: UUID | None,
    status: PurchaseStatus | None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> tuple[list[Any], str | None]:
    """Of the reader's communities; a liaison's are the unit's own contracts."""
    is_unit = actor.has_role(Role.UNIT_LIAISON) and not actor.is_staff
    return _page(
        tx,
        storage.WantedPurchases(
            community_ids=None if is_unit or actor.reaches_whole_city else actor.community_ids,
            supplier_id=actor.unit_id if is_unit else None,
            community_id=community_id,
            item_id=item_id,
            status=status,
        ),
        cursor=cursor,
        limit=limit,
    )


def list_contracts(
    tx: Transaction, *, community_id: UUID | None, cursor: str | None, limit: int
) -> tuple[list[Any], str | None]:
    wanted = storage.WantedPurchases(community_ids=None, community_id=community_id, is_signed=True)
    return _page(tx, wanted, cursor=cursor, limit=limit)


def _page(
    tx: Transaction, wanted: storage.WantedPurchases, *, cursor: str | None, limit: int
) -> tuple[list[Any], str | None]:
    after = decode_cursor(cursor, str)
    found = storage.list_purchase_lines(
        tx.session, wanted, after=UUID(after[0]) if after else None, limit=limit + 1
    )
    page = list(found[:limit])
    more = encode_cursor(str(page[-1]["purchase_id"])) if len(found) > limit else None
    return page, more
