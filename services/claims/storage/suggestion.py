"""What the units of a community have in hand and have done."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.claims.domain.suggestion import Candidate
from services.claims.domain.unit import Unit
from services.claims.storage.tables import claim_parties, claims, items, units
from services.contracts.claims.terms import Category, ClaimStatus, UnitStatus

_OPEN = (ClaimStatus.CLAIMED, ClaimStatus.CONFIRMED, ClaimStatus.IN_PROGRESS, ClaimStatus.SUBMITTED)


def candidates_of(session: orm.Session, community_id: UUID, category: Category) -> list[Candidate]:
    """Every member that serves the community; its claims count in all communities, as lead and in support."""
    verified = claims.c.status == ClaimStatus.VERIFIED
    scored = sa.and_(verified, items.c.score_total.is_not(None))
    done = (
        sa.select(
            claim_parties.c.unit_id,
            sa.func.count().filter(claims.c.status.in_(_OPEN)).label("open_claims"),
            sa.func.count().filter(verified, items.c.category == category).label("done_in_category"),
            sa.func.count().filter(scored).label("scored"),
            sa.func.avg(items.c.score_total).filter(scored).label("average_score"),
        )
        .join(claims, claims.c.claim_id == claim_parties.c.claim_id)
        .join(items, items.c.item_id == claims.c.item_id)
        .where(
            claim_parties.c.unit_id.in_(
                sa.select(units.c.unit_id).where(units.c.community_ids.contains([community_id]))
            )
        )
        .group_by(claim_parties.c.unit_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(Unit, done)
        .outerjoin(done, done.c.unit_id == units.c.unit_id)
        .where(units.c.community_ids.contains([community_id]), units.c.status == UnitStatus.MEMBER)
    )
    return [
        Candidate(
            unit=row.Unit,
            open_claims=row.open_claims or 0,
            done_in_category=row.done_in_category or 0,
            scored=row.scored or 0,
            average_score=row.average_score,
        )
        for row in rows
    ]
