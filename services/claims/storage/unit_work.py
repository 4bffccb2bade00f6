"""What a unit has claimed, done and earned, counted."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.storage.tables import claim_parties, claims, commendations, items, rectifications
from services.contracts.claims.terms import ClaimStatus, RectificationStatus

_CLOSED = (ClaimStatus.VERIFIED, ClaimStatus.RELEASED)


def sums_of_unit(session: orm.Session, unit_id: UUID) -> dict[str, Any]:
    """Claims as lead and in support; an item counts once for its score, however many claims of it there are."""
    of_unit = (
        sa.select(claims.c.item_id, claims.c.status)
        .join(claim_parties, claim_parties.c.claim_id == claims.c.claim_id)
        .where(claim_parties.c.unit_id == unit_id)
        .subquery()
    )
    counted = session.execute(
        sa.select(
            sa.func.count().label("claims"),
            sa.func.count().filter(of_unit.c.status.not_in(_CLOSED)).label("open"),
            sa.func.count().filter(of_unit.c.status == ClaimStatus.VERIFIED).label("done"),
            sa.func.count().filter(of_unit.c.status == ClaimStatus.RELEASED).label("released"),
        ).select_from(of_unit)
    ).mappings()
    done = sa.select(of_unit.c.item_id).where(of_unit.c.status == ClaimStatus.VERIFIED)
    earned = session.execute(
        sa.select(
            sa.func.count(items.c.score_total).label("scored"),
            sa.func.round(sa.func.avg(items.c.score_total), 2).label("average_score"),
            sa.func.count(commendations.c.commendation_id).label("commended"),
            sa.func.count(rectifications.c.rectification_id).label("rectifying"),
        )
        .select_from(
            items.outerjoin(
                commendations,
                (commendations.c.item_id == items.c.item_id) & commendations.c.revoked_at.is_(None),
            ).outerjoin(
                rectifications,
                (rectifications.c.item_id == items.c.item_id)
                & (rectifications.c.status != RectificationStatus.CLOSED),
            )
        )
        .where(items.c.item_id.in_(done))
    ).mappings()
    return {**counted.one(), **earned.one()}
