"""The roll. Identity numbers are stored sealed, and as a keyed hash by which a person is known again."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pypinyin import Style, lazy_pinyin
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.chassis.sealing import Sealer
from services.consultation.domain import Resident
from services.consultation.storage.registry import metadata

residents = sa.Table(
    "residents",
    metadata,
    sa.Column("resident_id", sa.Uuid, primary_key=True),
    sa.Column("community_id", sa.Uuid, nullable=False),
    sa.Column("resident_name", sa.Text, nullable=False),
    sa.Column("identity_sealed", sa.LargeBinary, nullable=False),
    sa.Column("identity_hash", sa.LargeBinary, nullable=False),
    sa.Column("grid_code", sa.Text, nullable=False),
    sa.Column("employer_uscc", sa.Text, nullable=False),
    sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
    sa.UniqueConstraint("identity_hash", name="residents_identity_hash"),
)
# Drawing a sample reads ids and employers of one community, nothing else.
sa.Index(
    "residents_of_community", residents.c.community_id, postgresql_include=["resident_id", "employer_uscc"]
)


def sort_key(name: str) -> str:
    """Sorts Chinese names by their sound, as people look them up, without any locale of the database."""
    return f"{' '.join(lazy_pinyin(name, style=Style.TONE3))} {name}".lower()[:100]


def add_residents(session: orm.Session, newcomers: Sequence[tuple[Resident, str]], *, sealer: Sealer) -> int:
    """Put people with their identity numbers on the roll; how many were added.

    Those known already (same identity number) stay as they are.
    """
    rows: list[dict[str, Any]] = [
        {
            "resident_id": resident.resident_id,
            "community_id": resident.community_id,
            "resident_name": resident.resident_name,
            "identity_sealed": sealer.seal(identity_number, context=_context(resident.resident_id)),
            "identity_hash": sealer.keyed_hash(identity_number),
            "grid_code": resident.grid_code,
            "employer_uscc": resident.employer_uscc,
            "sort_key": resident.sort_key,
        }
        for resident, identity_number in newcomers
    ]
    # Always in the same order: two imports of the same people at once then wait for each other, never in a circle.
    rows.sort(key=lambda row: row["identity_hash"])
    added = session.execute(
        pg.insert(residents)
        .values(rows)
        .on_conflict_do_nothing(constraint="residents_identity_hash")
        .returning(residents.c.resident_id)
    )
    return len(added.all())


def identity_number_of(session: orm.Session, resident_id: UUID, *, sealer: Sealer) -> str:
    sealed = session.execute(
        sa.select(residents.c.identity_sealed).where(residents.c.resident_id == resident_id)
    ).scalar_one()
    return sealer.unseal(sealed, context=_context(resident_id))


def count_residents(session: orm.Session, *, community_ids: Collection[UUID] | None) -> int:
    """`community_ids` None means everywhere."""
    wanted = sa.select(sa.func.count()).select_from(residents)
    if community_ids is not None:
        wanted = wanted.where(residents.c.community_id.in_(community_ids))
    return session.execute(wanted).scalar_one()


def eligible_resident_ids(
    session: orm.Session, community_id: UUID, *, doer_usccs: Collection[str]
) -> Sequence[UUID]:
    """Everybody of the community who does not work for a doer."""
    return session.scalars(
        sa.select(residents.c.resident_id).where(
            residents.c.community_id == community_id, residents.c.employer_uscc.not_in(doer_usccs)
        )
    ).all()


def _context(resident_id: UUID) -> str:
    return f"residents.identity_sealed:{resident_id}"
